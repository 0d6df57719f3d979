import { z } from 'zod/v4';
import type { ColumnSchema } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import { takeName } from '../data/columnNames.js';
import { allNumbers, eachCodes, numbersInto } from '../data/derived.js';
import { columnIndex, isNumberVector, vectorOf, type Frame, type NumberVector, type StringVector, type Vector } from '../data/frame.js';
import { shareNumbers } from '../data/sharedNumbers.js';
import type { ColumnCrew } from './contract.js';
import type { FiguresTask, FillTask } from './crewTasks.js';
import { indicatorOf, numberFigures, numberOf, type NumberFigures } from './encodeNumbers.js';
import { choosePairs, fillPairs, pairCodes, pairColumn, type Answers, type PairColumn } from './encodePairs.js';
import type { KeptColumns } from './keptColumns.js';
import type { Column, Matrix, Needs } from './matrix.js';
import { compareText, levelsOf } from './stats.js';

/** Categories with more values than this share a column "other" when a learner wants one column a value. */
export const MAX_ONEHOT = 100;

const numberColumn = z.object({
	kind: z.literal('number'),
	source: z.string(),
	name: z.string(),
	/** Value for gaps; null leaves them. */
	fill: z.number().nullable(),
	mean: z.number(),
	std: z.number(),
});
/** 1 where the source is missing. */
const indicatorColumn = z.object({ kind: z.literal('indicator'), source: z.string(), name: z.string(), mean: z.number(), std: z.number() });
const codesColumn = z.object({ kind: z.literal('codes'), source: z.string(), name: z.string(), levels: z.array(z.string()) });
/**
 * One column for each level, then "other" (if `other`), then "missing" (if `missing`). Values are 0/1, or scaled by `mean` and `std` of
 * each.
 */
const onehotColumns = z.object({
	kind: z.literal('onehot'),
	source: z.string(),
	levels: z.array(z.string()),
	other: z.boolean(),
	missing: z.boolean(),
	names: z.array(z.string()),
	mean: z.array(z.number()),
	std: z.array(z.number()),
});
const part = z.discriminatedUnion('kind', [numberColumn, indicatorColumn, codesColumn, onehotColumns, pairColumn]);
type Part = z.infer<typeof part>;
type OneHot = z.infer<typeof onehotColumns>;

/** What turns a recipe's output into a learner's matrix; JSON, kept in the model's manifest. */
export const encoderState = z.object({
	v: z.literal(1),
	features: z.array(z.object({ name: z.string(), type: z.string() })),
	parts: z.array(part),
});
export type EncoderState = z.infer<typeof encoderState>;

/** Columns that become features when none are named: role `feature`, and no free text. */
export const featuresOf = (schema: readonly ColumnSchema[]): string[] =>
	schema.filter((c) => c.role === 'feature' && c.type !== 'text').map((c) => c.name);

/**
 * Learns the encoding from training rows: category levels (sorted), fill values, means and spreads.
 * @param features columns to use; all of role `feature` but free text if undefined
 * @param answers what the rows answered, which pairs of columns are chosen by; without them there are none
 * @throws `learn.no_features`, `data.column_unknown`
 */
export function fitEncoder(frame: Frame, features: readonly string[] | undefined, needs: Needs, answers?: Answers): EncoderState {
	const names = namesOf(frame, features);
	const vectors = names.map((name) => vectorOf(frame, name));
	return stateOf(
		frame,
		names,
		needs,
		vectors.map((v) => (isNumberVector(v) ? numberFigures(v, needs) : undefined)),
		answers,
	);
}

/** The same, to the bit, by several threads. */
export async function fitEncoderBy(
	crew: ColumnCrew,
	frame: Frame,
	features: readonly string[] | undefined,
	needs: Needs,
	answers?: Answers,
): Promise<EncoderState> {
	const names = namesOf(frame, features);
	const vectors = names.map((name) => vectorOf(frame, name));
	const figures = await crew.run(
		vectors.map((v): FiguresTask | undefined => (isNumberVector(v) ? { kind: 'figures', vector: shareNumbers(v), needs } : undefined)),
		(i) => {
			const v = vectors[i];
			return isNumberVector(v) ? numberFigures(v, needs) : undefined;
		},
	);
	return stateOf(frame, names, needs, figures, answers);
}

function namesOf(frame: Frame, features: readonly string[] | undefined): readonly string[] {
	const names = features ?? featuresOf(frame.schema);
	if (names.length) return names;
	throw new MlopsError('learn.no_features', 'No column is left to learn from.', {
		remedy: 'Keep at least one column with the role "feature" that is not free text.',
	});
}

function stateOf(
	frame: Frame,
	names: readonly string[],
	needs: Needs,
	figures: ReadonlyArray<NumberFigures | undefined>,
	answers: Answers | undefined,
): EncoderState {
	const taken = new Set<string>();
	const parts: Part[] = [];
	const chosen = names.map((name) => frame.schema[columnIndex(frame.schema, name)]);
	for (const { name } of chosen) taken.add(name);
	for (const [i, { name }] of chosen.entries()) {
		const vector = vectorOf(frame, name);
		if (isNumberVector(vector)) parts.push(...numberParts(name, frame.rows, figures[i]!, needs, taken));
		else if (needs.categories === 'onehot') parts.push(fitOneHot(name, vector, needs, taken));
		else parts.push({ kind: 'codes', source: name, name, levels: levelsOf(vector).levels.map((l) => l.level) });
	}
	if (needs.pairs && needs.categories !== 'onehot' && answers) {
		const categories = chosen.flatMap(({ name }) => {
			const vector = vectorOf(frame, name);
			return isNumberVector(vector) ? [] : [{ name, vector }];
		});
		for (const pair of choosePairs(categories, answers, needs.pairs)) parts.push({ ...pair, name: takeName(pair.name, taken) });
	}
	return { v: 1, features: chosen.map(({ name, type }) => ({ name, type })), parts };
}

function numberParts(name: string, rows: number, { fill, missing, mean, std }: NumberFigures, needs: Needs, taken: Set<string>): Part[] {
	const parts: Part[] = [{ kind: 'number', source: name, name, fill, mean, std }];
	if (missing > 0) {
		const [m, s] = needs.scaled ? spreadOfShare(missing / rows) : [0, 1];
		parts.push({ kind: 'indicator', source: name, name: takeName(`${name}_missing`, taken), mean: m, std: s });
	}
	return parts;
}

const spreadOfShare = (share: number): [mean: number, std: number] => [share, share > 0 && share < 1 ? Math.sqrt(share * (1 - share)) : 1];

function fitOneHot(name: string, vector: StringVector, needs: Needs, taken: Set<string>): OneHot {
	const { levels, missing, rows } = levelsOf(vector);
	const kept =
		levels.length <= MAX_ONEHOT
			? levels
			: levels
					.slice()
					.sort((a, b) => b.count - a.count || compareText(a.level, b.level))
					.slice(0, MAX_ONEHOT - 1)
					.sort((a, b) => compareText(a.level, b.level));
	const other = kept.length < levels.length;
	const counts = [
		...kept.map((l) => l.count),
		...(other ? [rows - missing - kept.reduce((n, l) => n + l.count, 0)] : []),
		...(missing ? [missing] : []),
	];
	const labels = [...kept.map((l) => l.level), ...(other ? ['other'] : []), ...(missing ? ['missing'] : [])];
	const spreads = counts.map((n) => (needs.scaled ? spreadOfShare(n / rows) : [0, 1]));
	return {
		kind: 'onehot',
		source: name,
		levels: kept.map((l) => l.level),
		other,
		missing: missing > 0,
		names: labels.map((label) => takeName(`${name}_${label}`, taken)),
		mean: spreads.map(([m]) => m),
		std: spreads.map(([, s]) => s),
	};
}

/** Names of the encoded columns, in matrix order. */
export const encodedNames = (state: EncoderState): string[] => state.parts.flatMap((p) => (p.kind === 'onehot' ? p.names : [p.name]));

/** For each encoded column the features it comes from, so that importances and reasons can be told in people's column names. */
export const encodedFeatures = (state: EncoderState): string[][] =>
	state.parts.flatMap((p) => (p.kind === 'onehot' ? p.names.map(() => [p.source]) : p.kind === 'pair' ? [[...p.sources]] : [[p.source]]));

/** The columns of which two together make one more, a pair each; earlier versions of this package do not know such encoders. */
export const pairsIn = (state: EncoderState): Array<[string, string]> =>
	state.parts.flatMap((p): Array<[string, string]> => (p.kind === 'pair' ? [p.sources] : []));

/** An encoded column for people who make it themselves: what it holds of its feature. */
export type EncodedInput = { name: string; source: string } & (
	| { holds: 'number'; fill: number | null; mean: number; std: number }
	| { holds: 'category'; levels: string[] }
	| { holds: 'pair'; sources: [string, string]; levels: Array<[string | null, string | null]> }
	| { holds: 'flag'; when: string; mean: number; std: number }
);

/** How each encoded column is made, in matrix order. */
export const inputsOf = (state: EncoderState): EncodedInput[] =>
	state.parts.flatMap((p): EncodedInput[] => {
		const source = p.kind === 'pair' ? p.sources.join(' and ') : p.source;
		switch (p.kind) {
			case 'pair':
				return [{ name: p.name, source, holds: 'pair', sources: p.sources, levels: p.levels }];
			case 'number':
				return [{ name: p.name, source, holds: 'number', fill: p.fill, mean: p.mean, std: p.std }];
			case 'indicator':
				return [{ name: p.name, source, holds: 'flag', when: `${source} is missing`, mean: p.mean, std: p.std }];
			case 'codes':
				return [{ name: p.name, source, holds: 'category', levels: p.levels }];
			case 'onehot': {
				const cases = [
					...p.levels.map((level) => `${source} is ${JSON.stringify(level)}`),
					...(p.other ? [`${source} is none of these`] : []),
					...(p.missing ? [`${source} is missing`] : []),
				];
				return p.names.map((name, k) => ({ name, source, holds: 'flag', when: cases[k], mean: p.mean[k], std: p.std[k] }));
			}
		}
	});

/** Codes below it: 0 missing, 1 unseen. */
export const FIRST_LEVEL = 2;

/** Code of each dictionary entry (index: dictionary code): 0 missing, 1 unseen, 2.. levels. */
function codeTable(dictionary: readonly string[], levels: readonly string[]): Uint32Array {
	const index = new Map(levels.map((level, k) => [level, k + FIRST_LEVEL]));
	const table = new Uint32Array(dictionary.length + 1);
	for (let k = 0; k < dictionary.length; k++) table[k + 1] = index.get(dictionary[k]) ?? 1;
	return table;
}

/** Index into a one-hot group of each code (0 missing, 1 unseen, 2.. levels); -1 sets none of its columns. */
export function slots(p: OneHot): Int32Array {
	const slot = new Int32Array(p.levels.length + FIRST_LEVEL);
	for (let k = 0; k < p.levels.length; k++) slot[k + FIRST_LEVEL] = k;
	slot[1] = p.other ? p.levels.length : -1;
	slot[0] = p.missing ? p.levels.length + (p.other ? 1 : 0) : -1;
	return slot;
}

/** Where an array of so many bytes lies. */
type Memory = (bytes: number) => ArrayBuffer | SharedArrayBuffer;

const smallest = (levels: number, memory: Memory, rows: number): Uint8Array | Uint16Array | Uint32Array =>
	levels <= 256 ? new Uint8Array(memory(rows)) : levels <= 65_536 ? new Uint16Array(memory(2 * rows)) : new Uint32Array(memory(4 * rows));

/** An array of numbers of the width asked for. */
type Numbers = Float32Array | Float64Array;

/** How the columns of a matrix come about. */
interface EncodeOptions {
	/** Width of numbers. */
	float: 32 | 64;
	/** Columns keep no values and work them out each time they are read. */
	anew?: boolean;
	/** Columns that were made of the same vectors before, which are given once more. */
	kept?: KeptColumns;
}

/**
 * Fills a learner's matrix block by block. Codes take the smallest integer type that holds them; numbers are 32 or 64 bits wide.
 * @throws `data.column_unknown`, `learn.columns_mismatch` when a column changed between text and numbers
 */
export function encode(frame: Frame, state: EncoderState, options: EncodeOptions): Matrix {
	const { columns, fills } = planned(frame, state, options, false);
	for (const { own } of fills) own();
	return { rows: frame.rows, columns, rowId: frame.rowId };
}

/** The same, to the bit, by several threads into shared memory. */
export async function encodeBy(crew: ColumnCrew, frame: Frame, state: EncoderState, options: EncodeOptions): Promise<Matrix> {
	const { columns, fills } = planned(frame, state, options, true);
	await crew.run(
		fills.map(({ numbers }): FillTask | undefined => numbers && { kind: 'fill', vector: shareNumbers(numbers.from), out: numbers.out }),
		(i) => fills[i].own(),
	);
	return { rows: frame.rows, columns, rowId: frame.rowId };
}

/** What is left to do of an array: `numbers` where a thread can do it as well. */
interface Fill {
	own(): void;
	numbers?: { from: NumberVector; out: Numbers };
}

/** The columns of a matrix, and what fills those that are not worked out anew. */
function planned(
	frame: Frame,
	state: EncoderState,
	{ float, anew = false, kept }: EncodeOptions,
	shared: boolean,
): { columns: Column[]; fills: Fill[] } {
	const { rows } = frame;
	const fills: Fill[] = [];
	const memory: Memory = (bytes) => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
	const numbers = (): Numbers => (float === 32 ? new Float32Array(memory(4 * rows)) : new Float64Array(memory(8 * rows)));
	const lazy = <D>(column: object, data: () => D) =>
		Object.defineProperty({ ...column, anew: true }, 'data', { get: data, enumerable: true }) as Column;
	const numeric = (name: string, from: NumberVector): Column => {
		if (anew) return lazy({ name, kind: 'number' }, () => (float === 64 ? allNumbers(from) : numbersInto(from, numbers())));
		const out = numbers();
		fills.push({ own: () => void numbersInto(from, out), numbers: { from, out } });
		return { name, kind: 'number', data: out };
	};
	const coded = (name: string, known: number, filled: (out: Uint8Array | Uint16Array | Uint32Array) => typeof out): Column => {
		const levels = known + FIRST_LEVEL;
		if (anew) return lazy({ name, kind: 'category', levels }, () => filled(smallest(levels, memory, rows)));
		const data = smallest(levels, memory, rows);
		fills.push({ own: () => void filled(data) });
		return { name, kind: 'category', data, levels };
	};
	const made = (p: Exclude<Part, PairColumn>, vector: Vector): Column[] => {
		switch (p.kind) {
			case 'number':
				return [numeric(p.name, numberOf(asNumbers(p.source, vector), p))];
			case 'indicator':
				return [numeric(p.name, indicatorOf(asNumbers(p.source, vector), p))];
			case 'codes': {
				const from = asText(p.source, vector);
				const table = codeTable(from.dictionary, p.levels);
				return [coded(p.name, p.levels.length, (out) => fillCodes(out, from, table))];
			}
			case 'onehot': {
				const from = asText(p.source, vector);
				const slot = slots(p);
				const table = Int32Array.from(codeTable(from.dictionary, p.levels), (c) => slot[c]);
				if (anew) return p.names.map((name, k) => lazy({ name, kind: 'number' }, () => fillOneHot([numbers()], from, table, p, k)[0]));
				const group = p.names.map(() => numbers());
				fills.push({ own: () => void fillOneHot(group, from, table, p, 0) });
				return p.names.map((name, k) => ({ name, kind: 'number', data: group[k] }));
			}
		}
	};
	const pairs = (p: PairColumn): Column[] => {
		const [a, b] = p.sources.map((source) => asText(source, vectorOf(frame, source)));
		return [coded(p.name, p.levels.length, (out) => fillPairs(out, a, b, pairCodes(p, FIRST_LEVEL, 1)))];
	};
	const single = state.parts.flatMap((p) => (p.kind === 'pair' ? [] : [p]));
	const vectors = single.map((p) => vectorOf(frame, p.source));
	const column = (i: number): Column[] => made(single[i], vectors[i]);
	const columns = kept ? kept.each(frame, state, state, vectors, column) : single.map((_, i) => column(i));
	let next = 0;
	return { columns: state.parts.flatMap((p) => (p.kind === 'pair' ? pairs(p) : columns[next++])), fills };
}

function fillCodes<T extends Uint8Array | Uint16Array | Uint32Array>(out: T, from: StringVector, table: Uint32Array): T {
	eachCodes(from, (codes, at) => {
		for (let i = 0, n = codes.length; i < n; i++) out[at + i] = table[codes[i]];
	});
	return out;
}

/** Columns of a one-hot group from the column `first` on; `table` has the place of each code in the group, -1 for none. */
function fillOneHot(group: Numbers[], from: StringVector, table: Int32Array, p: OneHot, first: number): Numbers[] {
	const on = group.map((column, k) => {
		column.fill((0 - p.mean[first + k]) / p.std[first + k]);
		return (1 - p.mean[first + k]) / p.std[first + k];
	});
	eachCodes(from, (codes, at) => {
		for (let i = 0, n = codes.length; i < n; i++) {
			const k = table[codes[i]] - first;
			if (k >= 0 && k < group.length) group[k][at + i] = on[k];
		}
	});
	return group;
}

const mismatch = (name: string, expected: string): MlopsError =>
	new MlopsError('learn.columns_mismatch', `Column "${name}" changed its kind since training.`, {
		column: name,
		expected,
		remedy: 'Read the data with the same column types as the training data.',
	});

function asNumbers(name: string, v: Vector): NumberVector {
	if (!isNumberVector(v)) throw mismatch(name, 'numbers');
	return v;
}

function asText(name: string, v: Vector): StringVector {
	if (isNumberVector(v)) throw mismatch(name, 'text');
	return v;
}

/** Checks an encoder read from a model package. @throws `learn.model_invalid` */
export function readEncoder(value: unknown): EncoderState {
	const parsed = encoderState.safeParse(value);
	if (parsed.success) return parsed.data;
	throw new MlopsError('learn.model_invalid', `The model's encoder cannot be read: ${parsed.error.issues[0].message}.`, {
		remedy: 'Train the model again.',
	});
}
