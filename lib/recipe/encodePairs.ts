import { z } from 'zod/v4';
import { eachCodes, lengthOf } from '../data/derived.js';
import type { StringVector } from '../data/frame.js';
import { murmurMix } from '../domain/random.js';

/** The values of two category columns together as one category; null is missing. Other pairs of values are unseen. */
export const pairColumn = z.object({
	kind: z.literal('pair'),
	sources: z.tuple([z.string(), z.string()]),
	name: z.string(),
	levels: z.array(z.tuple([z.string().nullable(), z.string().nullable()])),
});
export type PairColumn = z.infer<typeof pairColumn>;
type Level = PairColumn['levels'][number];

/** What the rows answered: numbers, or codes of so many classes. */
export interface Answers {
	y: Float64Array;
	classes: number;
}

export interface NamedCodes {
	name: string;
	vector: StringVector;
}

/** Rows that pairs are chosen by. */
const JUDGED = 50_000;
/** Columns whose pairs are looked at: those of most values. */
const LOOKED_AT = 16;
/** Columns of more values are names of things rather than kinds of them. */
const MOST_VALUES = 10_000;
/** Fewer pairs of values than this a few splits tell apart. */
const FEWEST_LEVELS = 10;
/** Pairs of values that are kept, the most frequent ones; one that a single row has says nothing. */
const MOST_LEVELS = 5_000;
const FEWEST_ROWS = 2;
/** Of more classes the first have a say. */
const MOST_CLASSES = 10;
const FOLDS = 5;
/** A pair has to explain this share of what its columns leave unexplained, and more than rows explain by luck. */
const LEAST = 5e-4;
const BY_LUCK = 10;

/**
 * The pairs of columns whose values together tell what neither tells alone: the mean answers of the pairs of values, found on other rows,
 * explain most of what the sum of both columns' mean answers leaves of the squares of the answers. None where none explains enough.
 * @param most pairs at most
 */
export function choosePairs(columns: readonly NamedCodes[], { y, classes }: Answers, most: number): PairColumn[] {
	const step = Math.max(1, Math.ceil(y.length / JUDGED));
	const looked = columns
		// Of thousands of columns the codes of few are kept.
		.map((column) => ({ ...column, values: dense(sampled(column.vector, step)).values }))
		.filter(({ values }) => values > 1 && values <= MOST_VALUES)
		.sort((a, b) => b.values - a.values)
		.slice(0, LOOKED_AT)
		.map((column) => ({ ...column, codes: dense(sampled(column.vector, step)).codes }));
	if (looked.length < 2) return [];
	const rows = looked[0].codes.length;
	const fold = Uint8Array.from({ length: rows }, (_, i) => murmurMix(0x9a17, i) % FOLDS);
	const targets = targetsOf(y, classes, step, rows);
	const alone = looked.map(({ codes, values }) => targets.map((target) => crossedMeans(codes, values, target, fold)));
	const found: Array<{ gain: number; a: number; b: number }> = [];
	for (let a = 0; a < looked.length; a++) {
		for (let b = a + 1; b < looked.length; b++) {
			const { codes, values } = dense(looked[a].codes.map((code, i) => code * looked[b].values + looked[b].codes[i]));
			if (values <= FEWEST_LEVELS) continue;
			let [gained, left] = [0, 0];
			for (const [k, target] of targets.entries()) {
				const rest = residuals(target, alone[a][k], alone[b][k]);
				gained += explained(rest, crossedMeans(codes, values, rest, fold));
				left += dot(rest, rest);
			}
			found.push({ gain: left > 0 ? gained / left : 0, a, b });
		}
	}
	return found
		.filter(({ gain }) => gain > Math.max(LEAST, BY_LUCK / rows))
		.sort((one, other) => other.gain - one.gain)
		.slice(0, most)
		.map(({ a, b }) => pairOf(looked[a], looked[b]))
		.filter(({ levels }) => levels.length > 0);
}

/** Every so manieth code. */
function sampled(vector: StringVector, step: number): Float64Array {
	const out = new Float64Array(Math.ceil(lengthOf(vector) / step));
	eachCodes(vector, (codes, from) => {
		for (let i = (step - (from % step)) % step, n = codes.length; i < n; i += step) out[(from + i) / step] = codes[i];
	});
	return out;
}

/** Keys as whole numbers from 0 on, in the order in which they come. */
function dense(keys: Float64Array): { codes: Float64Array; values: number } {
	const places = new Map<number, number>();
	const codes = new Float64Array(keys.length);
	for (let i = 0, n = keys.length; i < n; i++) {
		let at = places.get(keys[i]);
		if (at === undefined) places.set(keys[i], (at = places.size));
		codes[i] = at;
	}
	return { codes, values: places.size };
}

/** Each target around its mean; of classes one target each, the second alone of two. */
function targetsOf(y: Float64Array, classes: number, step: number, rows: number): Float64Array[] {
	const wanted = classes === 0 ? [-1] : classes === 2 ? [1] : Array.from({ length: Math.min(classes, MOST_CLASSES) }, (_, k) => k);
	return wanted.map((k) => {
		const target = Float64Array.from({ length: rows }, (_, i) => (k < 0 ? y[i * step] : Number(y[i * step] === k)));
		const mean = target.reduce((sum, v) => sum + v, 0) / rows;
		return target.map((v) => v - mean);
	});
}

/** For each row the mean of the rows of its code in the other folds, smoothed by one row of 0. */
function crossedMeans(codes: Float64Array, values: number, target: Float64Array, fold: Uint8Array): Float64Array {
	const sums = new Float64Array(values * (FOLDS + 1));
	const counts = new Float64Array(values * (FOLDS + 1));
	for (let i = 0, n = codes.length; i < n; i++) {
		const at = codes[i] * (FOLDS + 1);
		for (const place of [at + fold[i], at + FOLDS]) {
			sums[place] += target[i];
			counts[place]++;
		}
	}
	return Float64Array.from(codes, (code, i) => {
		const at = code * (FOLDS + 1);
		return (sums[at + FOLDS] - sums[at + fold[i]]) / (counts[at + FOLDS] - counts[at + fold[i]] + 1);
	});
}

function dot(a: Float64Array, b: Float64Array): number {
	let sum = 0;
	for (let i = 0, n = a.length; i < n; i++) sum += a[i] * b[i];
	return sum;
}

/** What least squares by both leave; a little is added to the diagonal, since columns may say the same. */
function residuals(target: Float64Array, a: Float64Array, b: Float64Array): Float64Array {
	const [aa, ab, bb, at, bt] = [dot(a, a), dot(a, b), dot(b, b), dot(a, target), dot(b, target)];
	const ridge = 1e-9 * (aa + bb) + Number.MIN_VALUE;
	const determinant = (aa + ridge) * (bb + ridge) - ab * ab;
	const wa = determinant > 0 ? (at * (bb + ridge) - bt * ab) / determinant : 0;
	const wb = determinant > 0 ? (bt * (aa + ridge) - at * ab) / determinant : 0;
	return target.map((v, i) => v - wa * a[i] - wb * b[i]);
}

/** Squares of the residuals that a multiple of `by`, between none and all of it, takes away. */
function explained(rest: Float64Array, by: Float64Array): number {
	const [both, own] = [dot(rest, by), dot(by, by)];
	const weight = own > 0 ? Math.min(1, Math.max(0, both / own)) : 0;
	return 2 * weight * both - weight * weight * own;
}

/** A pair of columns with its most frequent pairs of values, by count and then by text. */
function pairOf(a: NamedCodes, b: NamedCodes): PairColumn {
	const counts = new Map<number, number>();
	const width = b.vector.dictionary.length + 1;
	eachPair(a.vector, b.vector, (one, other) => {
		const key = one * width + other;
		counts.set(key, (counts.get(key) ?? 0) + 1);
	});
	const valueOf = ({ vector }: NamedCodes, code: number): string | null => (code === 0 ? null : vector.dictionary[code - 1]);
	const kept = [...counts]
		.filter(([, count]) => count >= FEWEST_ROWS)
		.map(([key, count]) => ({ level: [valueOf(a, Math.floor(key / width)), valueOf(b, key % width)] satisfies Level, count }))
		.sort((x, y) => y.count - x.count || byText(x.level, y.level))
		.slice(0, MOST_LEVELS)
		.map(({ level }) => level)
		.sort(byText);
	return { kind: 'pair', sources: [a.name, b.name], name: `${a.name} x ${b.name}`, levels: kept };
}

function byText(a: Level, b: Level): number {
	for (const side of [0, 1] as const) {
		const [x, y] = [a[side] ?? '', b[side] ?? ''];
		if (x !== y) return x < y ? -1 : 1;
		if ((a[side] === null) !== (b[side] === null)) return a[side] === null ? -1 : 1;
	}
	return 0;
}

function eachPair(a: StringVector, b: StringVector, work: (one: number, other: number, row: number) => void): void {
	const first = new Uint32Array(lengthOf(a));
	eachCodes(a, (codes, from) => first.set(codes, from));
	eachCodes(b, (codes, from) => {
		for (let i = 0, n = codes.length; i < n; i++) work(first[from + i], codes[i], from + i);
	});
}

/** The code of a pair of values; `unseen` where it has none. */
export function pairCodes({ levels }: PairColumn, firstLevel: number, unseen: number): (a: string | null, b: string | null) => number {
	const codes = new Map<string | null, Map<string | null, number>>();
	for (const [k, [a, b]] of levels.entries()) {
		const of = codes.get(a) ?? new Map<string | null, number>();
		codes.set(a, of.set(b, k + firstLevel));
	}
	return (a, b) => codes.get(a)?.get(b) ?? unseen;
}

/** Fills the codes of all rows; `code` is asked once for each pair of values. */
export function fillPairs<T extends Uint8Array | Uint16Array | Uint32Array>(
	out: T,
	a: StringVector,
	b: StringVector,
	code: (a: string | null, b: string | null) => number,
): T {
	const width = b.dictionary.length + 1;
	const known = new Map<number, number>();
	eachPair(a, b, (one, other, row) => {
		const key = one * width + other;
		let found = known.get(key);
		if (found === undefined) {
			found = code(one === 0 ? null : a.dictionary[one - 1], other === 0 ? null : b.dictionary[other - 1]);
			known.set(key, found);
		}
		out[row] = found;
	});
	return out;
}
