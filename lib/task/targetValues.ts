import type { ColumnSchema } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import { isNumberVector, vectorOf, type Frame } from '../data/frame.js';
import { compareText } from '../recipe/stats.js';
import type { ClassLabel } from './contract.js';

/** The values of a target, before a task makes labels of them. */
export interface TargetValues {
	column: ColumnSchema;
	/** The column's own numbers, where it has any. */
	numbers: Float64Array | undefined;
	/** Distinct values in sorted order, and the place of each row's value among them, -1 where missing. */
	values: ClassLabel[];
	code: Int32Array;
	/** How many rows that may be learned from have each value. */
	counts: Float64Array;
	/** Places of the values that such rows have. */
	present: number[];
}

export const invalidTarget = (column: ColumnSchema, expected: string, found: string, remedy: string): MlopsError =>
	new MlopsError('learn.target_invalid', `The target "${column.name}" does not fit the task.`, {
		column: column.name,
		expected,
		found,
		remedy,
	});

/**
 * Sorted distinct values and the index of each row's value, -1 where missing. Numbers stop being counted one by one when they are too many
 * for classes.
 */
export function distinctValues(frame: Frame, column: ColumnSchema): { values: ClassLabel[]; code: Int32Array } {
	const v = vectorOf(frame, column.name);
	const code = new Int32Array(frame.rows).fill(-1);
	if (!isNumberVector(v)) {
		const used = new Uint8Array(v.dictionary.length + 1);
		for (let i = 0; i < frame.rows; i++) used[v.codes[i]] = 1;
		const entries = v.dictionary
			.map((text, k) => ({ text, k: k + 1 }))
			.filter((e) => used[e.k])
			.sort((a, b) => compareText(a.text, b.text));
		const place = new Int32Array(v.dictionary.length + 1).fill(-1);
		entries.forEach((e, at) => {
			place[e.k] = at;
		});
		for (let i = 0; i < frame.rows; i++) code[i] = place[v.codes[i]];
		return { values: entries.map((e) => e.text), code };
	}
	const index = new Map<number, number>();
	for (let i = 0; i < frame.rows; i++) {
		const x = v.data[i] + 0;
		if (Number.isNaN(x)) continue;
		let at = index.get(x);
		if (at === undefined) {
			// More than this are no classes; the rest share a place, which regression does not look at.
			if (index.size > 2000) at = 2000;
			else index.set(x, (at = index.size));
		}
		code[i] = at;
	}
	const sorted = [...index.keys()].sort((a, b) => a - b);
	const place = new Int32Array(index.size + 1);
	sorted.forEach((x, at) => {
		place[index.get(x)!] = at;
	});
	for (let i = 0; i < frame.rows; i++) if (code[i] >= 0) code[i] = place[code[i]];
	return { values: sorted.map((x) => (column.type === 'boolean' ? x === 1 : x)), code };
}
