import type { RunRecord } from '../domain/run.js';
import type { ColumnSchema } from '../domain/column.js';
import type { SplitCopies } from '../domain/split.js';
import { isNumberVector, vectorOf, type Frame, type Vector } from './frame.js';

/** Rows that are the same but for ids, and whether that can be chance. */
export interface Copies {
	/** For each row the first row with the same content: itself where there is none before it. */
	first: Uint32Array;
	/** Rows that have a copy. */
	rows: number;
	/** Different contents among these. */
	distinct: number;
	/** Pairs of equal rows that there are, and about how many chance would make among rows like these. */
	pairs: number;
	expected: number;
	/** Whether there are more than chance would make. */
	beyondChance: boolean;
}

/** Fewer pairs than this are not worth a rule. */
const LEAST_PAIRS = 10;
/** With fewer different contents rows are equal because there is so little to tell them apart by. */
const LEAST_CONTENTS = 30;
/**
 * How many times more pairs than chance would make. Chance is estimated from pairs of columns, so dependence of many columns has to fit in.
 */
const BEYOND = 3;
const BEYOND_CATEGORIES = 10;
/** Columns by which chance is estimated (those that tell most), and rows. */
const MOST_COLUMNS = 12;
const MOST_ROWS = 20_000;
/** A whole number or text with more different values than this share of the rows is an id, whatever its role says. */
const ID_SHARE = 0.95;

/**
 * Looks for rows whose features are all equal. Ids (by role, or by having another value in nearly each row), times, weights, ignored
 * columns and the target tell no rows apart. Undefined where there are none, or no column to tell by.
 */
export function findCopies(frame: Frame): Copies | undefined {
	const columns = frame.schema
		.map((_, i) => i)
		.filter((i) => frame.schema[i].role === 'feature' && !identifies(frame.schema[i], frame.vectors[i], frame.rows));
	if (columns.length === 0 || frame.rows < 2) return undefined;
	const keys = keysOf(
		columns.map((i) => frame.vectors[i]),
		frame.rows,
	);
	const sorted = keys.slice().sort();
	let pairs = 0;
	let distinct = 0;
	let rows = 0;
	let contents = 0;
	for (let i = 0, n = sorted.length; i < n; ) {
		let j = i + 1;
		while (j < sorted.length && sorted[j] === sorted[i]) j++;
		contents++;
		if (j - i > 1) {
			distinct++;
			rows += j - i;
			pairs += ((j - i) * (j - i - 1)) / 2;
		}
		i = j;
	}
	if (pairs === 0) return undefined;
	const first = firstOf(keys, repeated(sorted));
	const chance =
		pairs >= LEAST_PAIRS && contents >= LEAST_CONTENTS
			? expectedPairs(
					columns.map((i) => frame.schema[i]),
					columns.map((i) => frame.vectors[i]),
					first,
				)
			: undefined;
	const expected = chance?.pairs ?? pairs;
	return { first, rows, distinct, pairs, expected, beyondChance: chance !== undefined && isBeyond(chance, pairs, contents, frame.rows) };
}

/**
 * Whether so many pairs are more than chance. Either there are several times more than expected; with few values a column only if some
 * contents are not far commoner than others, as they are where answers go together. Or contents occur more evenly than chance would have it
 * (every row five times): a mixture of Poisson counts varies at least as much as one Poisson.
 */
function isBeyond({ pairs: expected, fine }: { pairs: number; fine: boolean }, pairs: number, contents: number, rows: number): boolean {
	const mean = rows / contents;
	const spread = ((2 * pairs + rows) / contents - mean ** 2) / truncatedPoissonVariance(mean);
	const even = mean >= 1.5 && spread < Math.min(0.7, 1 - 3 * Math.sqrt(2 / contents)) && pairs > LEAST_PAIRS + 1.3 * expected;
	return even || (fine ? pairs > LEAST_PAIRS + BEYOND * expected : spread <= 2 && pairs > LEAST_PAIRS + BEYOND_CATEGORIES * expected);
}

/** Variance of a Poisson count that is not 0, by its mean (above 1). */
function truncatedPoissonVariance(mean: number): number {
	let low = 0;
	let high = mean;
	for (let i = 0; i < 60; i++) {
		const rate = (low + high) / 2;
		if (rate / -Math.expm1(-rate) < mean) low = rate;
		else high = rate;
	}
	return mean * (1 + low - mean);
}

/** Keys that occur more than once, each once, in the memory of the sorted ones. */
function repeated(sorted: Float64Array): Float64Array {
	let n = 0;
	for (let i = 1, end = sorted.length; i < end; i++)
		if (sorted[i] === sorted[i - 1] && (n === 0 || sorted[n - 1] !== sorted[i])) sorted[n++] = sorted[i];
	return sorted.subarray(0, n);
}

/** The first row with each row's key; rows whose key is not among those that are repeated are their own. */
function firstOf(keys: Float64Array, among: Float64Array): Uint32Array {
	const NONE = 0xffffffff;
	const first = new Uint32Array(among.length).fill(NONE);
	return Uint32Array.from(keys, (key, i) => {
		const at = placeIn(among, key);
		if (at === undefined) return i;
		if (first[at] === NONE) first[at] = i;
		return first[at];
	});
}

/** Where a number is among rising ones. A set of millions of numbers would take many times their memory. */
export function placeIn(rising: Float64Array, value: number): number | undefined {
	let low = 0;
	let high = rising.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (rising[middle] < value) low = middle + 1;
		else high = middle;
	}
	return rising[low] === value ? low : undefined;
}

/** Whether a column has another value in nearly every row, as an id has. Fractions do too, and tell rows apart rightly. */
function identifies(schema: ColumnSchema, vector: Vector, rows: number): boolean {
	if (schema.type === 'number' && isNumberVector(vector) && !vector.data.every((v) => Number.isNaN(v) || Number.isInteger(v))) return false;
	if (schema.type === 'boolean') return false;
	return rows >= LEAST_CONTENTS && different(vector) >= ID_SHARE * rows;
}

function different(vector: Vector): number {
	if (!isNumberVector(vector)) {
		const used = new Uint8Array(vector.dictionary.length + 1);
		for (const code of vector.codes) used[code] = 1;
		return used.reduce((n, u) => n + u, 0);
	}
	const sorted = vector.data.slice().sort();
	let n = 0;
	for (let i = 0, end = sorted.length; i < end; i++) if (i === 0 || (sorted[i] !== sorted[i - 1] && !Number.isNaN(sorted[i]))) n++;
	return n;
}

const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

function mixed(h: number, word: number): number {
	h = Math.imul(h ^ word, 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return h ^ (h >>> 16);
}

/** 53 bits that stand for the values of each row in these columns, the same in every frame. */
export const contentKeys = (frame: Frame, columns: readonly string[]): Float64Array =>
	keysOf(
		columns.map((name) => vectorOf(frame, name)),
		frame.rows,
	);

function keysOf(vectors: readonly Vector[], rows: number): Float64Array {
	const high = new Int32Array(rows).fill(0x2c1b3c6d);
	const low = new Int32Array(rows).fill(0x811c9dc5 | 0);
	vectors.forEach((vector, c) => {
		const data = isNumberVector(vector) ? vector.data : undefined;
		const texts = isNumberVector(vector) ? [] : [[0, 0], ...vector.dictionary.map(textWords)];
		const codes = isNumberVector(vector) ? new Uint32Array(0) : vector.codes;
		for (let i = 0; i < rows; i++) {
			if (data) {
				scratch[0] = data[i] + 0;
				if (Number.isNaN(scratch[0])) scratch[0] = NaN;
			}
			const [a, b] = data ? words : texts[codes[i]];
			high[i] = mixed(mixed(high[i], a), b ^ c);
			low[i] = mixed(mixed(low[i] ^ 0x9e3779b9, b), a + c);
		}
	});
	return Float64Array.from(high, (h, i) => (h >>> 11) * 4294967296 + (low[i] >>> 0));
}

function textWords(text: string): [number, number] {
	let [a, b] = [0x811c9dc5 ^ text.length, 0x1b873593];
	for (let i = 0; i < text.length; i++) {
		a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
		b = mixed(b, text.charCodeAt(i));
	}
	return [a, b];
}

interface Estimated {
	/** Codes of the sampled rows, and of one row of each content among them. */
	all: Uint32Array;
	once: Uint32Array;
	/** Many values, so that agreement is judged among different contents: copies would make it look common. */
	fine: boolean;
	/** Chance that two rows agree in this column alone. */
	agree: number;
}

/**
 * Pairs of equal rows that chance would make. Two rows agree in all columns with the chance that they agree in the first, times for each
 * other column the chance that they agree there when they agree in the column that tells most about it (a tree of columns, as Chow & Liu
 * 1968). Columns with few values are counted over all rows, others over different contents, where copies cannot
 * make their own excuse; there no two values are likelier to agree than the steps of the column's own scale allow.
 */
function expectedPairs(schema: readonly ColumnSchema[], vectors: readonly Vector[], first: Uint32Array): { pairs: number; fine: boolean } {
	const rows = first.length;
	const step = Math.ceil(rows / MOST_ROWS);
	const all = Uint32Array.from({ length: Math.floor((rows - 1) / step) + 1 }, (_, i) => i * step);
	const firsts = first.filter((f, i) => f === i);
	const stride = Math.ceil(firsts.length / MOST_ROWS);
	const once = firsts.filter((_, i) => i % stride === 0);
	const columns = vectors
		.map((v, i) => estimated(schema[i], v, all, once))
		.sort((a, b) => a.agree - b.agree)
		.slice(0, MOST_COLUMNS);
	// Few values first: what they tell of the others is known best.
	columns.sort((a, b) => Number(a.fine) - Number(b.fine) || a.agree - b.agree);
	let share = 1;
	columns.forEach((column, at) => {
		let chance = column.agree;
		for (const other of columns.slice(0, at)) chance = Math.max(chance, agreeGiven(column, other));
		share *= chance;
	});
	return { pairs: share * ((rows * (rows - 1)) / 2), fine: columns.some((c) => c.fine) };
}

function estimated(schema: ColumnSchema, vector: Vector, all: Uint32Array, once: Uint32Array): Estimated {
	const pick = codesIn(vector);
	const cells = isNumberVector(vector) && schema.type !== 'boolean' ? steps(vector.data) : different(vector);
	// A scale whose steps nearly all occur has no room for chance to avoid: a zip of 400 towns.
	const fine = isNumberVector(vector) && cells > once.length / 2 && different(vector) < cells / 4;
	const column = { all: pick(all), once: pick(once), fine };
	return { ...column, agree: fine ? Math.max(1 / cells, agreement(column.once)) : agreement(column.all) };
}

/** Chance that two rows agree in `column` when they agree in `other`. */
function agreeGiven(column: Estimated, other: Estimated): number {
	const [a, b] = column.fine || other.fine ? [column.once, other.once] : [column.all, other.all];
	const both = new Float64Array(a.length);
	for (let i = 0, n = both.length; i < n; i++) both[i] = b[i] * 4294967296 + a[i];
	const given = pairsIn(Float64Array.from(b));
	// Without a pair to learn from, the two may say the same.
	return column.fine && other.fine && given < LEAST_PAIRS ? 1 : (pairsIn(both) + 1) / (given + 1);
}

const agreement = (codes: Uint32Array): number => pairsIn(Float64Array.from(codes)) / Math.max(1, (codes.length * (codes.length - 1)) / 2);

function pairsIn(values: Float64Array): number {
	values.sort();
	let pairs = 0;
	for (let i = 0, n = values.length; i < n; ) {
		let j = i + 1;
		while (j < values.length && values[j] === values[i]) j++;
		pairs += ((j - i) * (j - i - 1)) / 2;
		i = j;
	}
	return pairs;
}

/** Codes of some rows, equal where their values are. */
function codesIn(vector: Vector): (rows: Uint32Array) => Uint32Array {
	if (!isNumberVector(vector)) return (rows) => Uint32Array.from(rows, (i) => vector.codes[i]);
	const index = new Map<number, number>();
	const { data } = vector;
	return (rows) =>
		Uint32Array.from(rows, (i) => {
			const v = data[i] + 0;
			let code = index.get(v);
			if (code === undefined) index.set(v, (code = index.size));
			return code;
		});
}

/** How many values a column could have between its least and its greatest, by the decimals that it is written with (at most 15 digits). */
function steps(data: Float64Array): number {
	let low = Infinity;
	let high = -Infinity;
	let decimals = 0;
	for (const v of data) {
		if (Number.isNaN(v)) continue;
		if (v < low) low = v;
		if (v > high) high = v;
		while (
			decimals < 12 &&
			Math.abs(v * 10 ** decimals - Math.round(v * 10 ** decimals)) > 1e-9 * Math.max(1, Math.abs(v * 10 ** decimals))
		)
			decimals++;
	}
	return high > low ? Math.min(1e15, (high - low) * 10 ** decimals + 1) : 1;
}

/** What a person should know of copies and how they were divided. */
export function copiesText({ rows, distinct, expected, across }: SplitCopies, used: RunRecord['split']['used']): string {
	const n = (x: number): string => Math.round(x).toLocaleString('en-US');
	const what =
		`${n(rows)} rows are copies of one another, ids aside (${n(distinct)} different ones; chance would make about ` +
		`${n(expected)} ${Math.round(expected) === 1 ? 'pair' : 'pairs'})`;
	if (used === 'random')
		return `${what}. Copies were kept on one side of the split, so that the test does not ask for rows that were learned by heart.`;
	const told = across
		? `${n(across)} test rows have a copy among the rows that were learned from, so scores look better than they are`
		: 'no test row has a copy among the rows that were learned from';
	return (
		`${what}. Rows were divided by ${used}, which copies do not change: ` +
		`${told}.${across ? ' Drop duplicates with Clean if they are no separate cases.' : ''}`
	);
}
