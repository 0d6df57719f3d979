import type { SeenColumn } from '../../domain/model.js';
import { compareText } from '../sortDictionary.js';
import { columnIndex, isNumberVector, type Frame } from '../frame.js';

/** Values kept of a text column, the most frequent ones: a package grows by about ten bytes for each. */
export const KEPT_LEVELS = 5_000;
/** A text column with more values than this, most of them different, is free text. */
const FREE_TEXT = 50;
/** Quantiles kept of a column of numbers: sixteenths. */
const KEPT_QUANTILES = 17;
/** Rows that quantiles are told from. */
const MOST_SORTED = 20_000;

/** What some rows hold in some columns, for a model's package. */
export function seenIn(frame: Frame, rows: Uint32Array, names: readonly string[]): SeenColumn[] {
	return names.map((name) => {
		const at = columnIndex(frame.schema, name);
		const vector = frame.vectors[at];
		if (isNumberVector(vector)) return { name, ...numbersSeen(vector.data, rows, frame.schema[at].type !== 'boolean') };
		const counts = new Uint32Array(vector.dictionary.length + 1);
		for (const i of rows) counts[vector.codes[i]]++;
		const missing = rows.length ? counts[0] / rows.length : 0;
		const present = rows.length - counts[0];
		const used = vector.dictionary.flatMap((value, k) => (counts[k + 1] ? [{ value, rows: counts[k + 1] }] : []));
		if (frame.schema[at].type === 'text' || (used.length > FREE_TEXT && used.length > present / 2)) return { name, missing };
		const kept = used
			.sort((a, b) => b.rows - a.rows || compareText(a.value, b.value))
			.slice(0, KEPT_LEVELS)
			.sort((a, b) => compareText(a.value, b.value));
		return { name, missing, levels: { values: kept.map((l) => l.value), rows: kept.map((l) => l.rows), more: used.length - kept.length } };
	});
}

function numbersSeen(data: Float64Array, rows: Uint32Array, ranged: boolean): Omit<SeenColumn, 'name'> {
	let min = Infinity;
	let max = -Infinity;
	let missing = 0;
	for (const i of rows) {
		const x = data[i];
		if (Number.isNaN(x)) missing++;
		else if (Number.isFinite(x)) {
			if (x < min) min = x;
			if (x > max) max = x;
		}
	}
	const there = min <= max;
	return {
		missing: rows.length ? missing / rows.length : 0,
		...(ranged && there ? { range: { min, max } } : {}),
		...(there ? { quantiles: quantilesOf(data, rows, min, max) } : {}),
	};
}

/** Values that occur, at even steps of their order. */
function quantilesOf(data: Float64Array, rows: Uint32Array, min: number, max: number): number[] {
	const step = Math.ceil(rows.length / MOST_SORTED);
	const sample: number[] = [];
	for (let i = 0, n = rows.length; i < n; i += step) if (Number.isFinite(data[rows[i]])) sample.push(data[rows[i]]);
	const sorted = Float64Array.from(sample).sort();
	return Array.from({ length: KEPT_QUANTILES }, (_, k) => {
		if (k === 0 || sorted.length === 0) return min;
		return k === KEPT_QUANTILES - 1 ? max : sorted[Math.round((k / (KEPT_QUANTILES - 1)) * (sorted.length - 1))];
	});
}
