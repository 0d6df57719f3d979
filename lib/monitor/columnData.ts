import type { ColumnSchema, ColumnType } from '../domain/column.js';
import { isNumberVector, vectorOf, type Frame, type StringVector } from '../data/frame.js';
import { weightedOf, type CategoricalPair, type NumericPair, type Weighted } from './table.js';

/** Counts of text values, keys in rising order. `otherRows` lie in values that were not kept. */
export interface Levels {
	keys: string[];
	counts: Float64Array;
	otherRows: number;
}

/** One column as drift tests see it: counted values, whether they came from rows or from a stored sketch. */
export interface ColumnData {
	name: string;
	type: ColumnType;
	rows: number;
	/** Missing and infinite values. */
	missing: number;
	values: { kind: 'numbers'; numbers: Weighted } | { kind: 'levels'; levels: Levels };
	/** Bounds of what counting lost: `mean` of how far a value was moved, `rank` of how far a cumulative share is off. 0 from rows. */
	error: { distance: number; rank: number };
}

/** What is known of a column without its values. */
export type ColumnFacts = Omit<ColumnData, 'values'> & { kind: ColumnData['values']['kind'] };

export const present = (column: Pick<ColumnData, 'rows' | 'missing'>): number => column.rows - column.missing;
export const isExact = ({ error }: ColumnData): boolean => error.distance === 0 && error.rank === 0;
export const distinctOf = ({ values }: ColumnData): number =>
	values.kind === 'numbers' ? values.numbers.values.length : values.levels.keys.length;

/** Counts a frame's column. */
export function columnData(frame: Frame, schema: ColumnSchema): ColumnData {
	const vector = vectorOf(frame, schema.name);
	const base = { name: schema.name, type: schema.type, rows: frame.rows, error: { distance: 0, rank: 0 } };
	if (isNumberVector(vector)) {
		const numbers = weightedOf(vector.data);
		return { ...base, missing: frame.rows - numbers.n, values: { kind: 'numbers', numbers } };
	}
	return { ...base, ...countedLevels(vector) };
}

/** Counts of the values that occur, and how many rows have none. */
function countedLevels({ codes, dictionary }: StringVector): Pick<ColumnData, 'missing' | 'values'> {
	const byCode = new Float64Array(dictionary.length + 1);
	for (let i = 0, n = codes.length; i < n; i++) byCode[codes[i]]++;
	const occur: number[] = [];
	for (let k = 0; k < dictionary.length; k++) if (byCode[k + 1] > 0) occur.push(k);
	const levels = orderedLevels(
		occur.map((k) => dictionary[k]),
		occur.map((k) => byCode[k + 1]),
	);
	return { missing: byCode[0], values: { kind: 'levels', levels } };
}

/** Different texts and their rows, in rising order. */
export function orderedLevels(keys: string[], counts: ArrayLike<number>): Levels {
	// Most come in order; a million texts take a second to sort.
	if (keys.every((key, k) => k === 0 || keys[k - 1] < key)) return { keys, counts: Float64Array.from(counts), otherRows: 0 };
	const order = keys.map((_, k) => k).sort((a, b) => (keys[a] < keys[b] ? -1 : 1));
	return { keys: order.map((k) => keys[k]), counts: Float64Array.from(order, (k) => counts[k]), otherRows: 0 };
}

/** A column without any value is of no kind: it is the reference's, empty. */
export const likeReference = (reference: ColumnData, current: ColumnData): ColumnData =>
	present(current) === 0 ? { ...current, type: reference.type, values: emptyValues(reference) } : current;

const emptyValues = ({ values }: ColumnData): ColumnData['values'] =>
	values.kind === 'numbers'
		? { kind: 'numbers', numbers: { values: new Float64Array(), counts: new Float64Array(), n: 0 } }
		: { kind: 'levels', levels: { keys: [], counts: new Float64Array(), otherRows: 0 } };

export function numericPair(reference: ColumnData, current: ColumnData): NumericPair | undefined {
	if (reference.values.kind !== 'numbers' || current.values.kind !== 'numbers') return undefined;
	// A pandas column of whole numbers with gaps holds floats.
	const integers = [reference, current].every((c) => c.type === 'integer' && c.missing === 0);
	return { kind: 'numeric', reference: reference.values.numbers, current: current.values.numbers, integers };
}

/**
 * The same keys on both sides; rows in values a sketch did not keep are one key of their own, compared with the current values not kept.
 */
export function levelsPair(reference: Levels, current: Levels): CategoricalPair {
	const keys: string[] = [];
	const a: number[] = [];
	const b: number[] = [];
	let other = current.otherRows;
	let i = 0;
	let j = 0;
	while (i < reference.keys.length || j < current.keys.length) {
		const x = reference.keys[i];
		const y = current.keys[j];
		const key = y === undefined || (x !== undefined && x <= y) ? x : y;
		const inA = x === key ? reference.counts[i++] : 0;
		const inB = y === key ? current.counts[j++] : 0;
		if (inA === 0 && reference.otherRows > 0) {
			other += inB;
			continue;
		}
		keys.push(key);
		a.push(inA);
		b.push(inB);
	}
	if (reference.otherRows > 0 || other > 0) {
		keys.push('(other values)');
		a.push(reference.otherRows);
		b.push(other);
	}
	return { kind: 'categorical', keys, reference: Float64Array.from(a), current: Float64Array.from(b) };
}
