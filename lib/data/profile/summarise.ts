import type { ColumnSchema } from '../../domain/column.js';
import { QUANTILES, type ColumnProfile } from '../../domain/profile.js';
import { compareText } from '../sortDictionary.js';
import { isNumberVector, type StringVector, type Vector } from '../frame.js';
import { cutText } from '../../domain/text.js';

const BINS = 20;
const TOP = 10;
/** Numeric columns with this many different values at most also list their most frequent ones. */
const TOP_NUMBERS = 50;

/** Statistics of one column, exact: numbers are sorted once. */
export function summarise(column: ColumnSchema, vector: Vector): ColumnProfile {
	const base = { name: column.name, type: column.type, role: column.role, warnings: [] };
	return isNumberVector(vector) ? { ...base, ...summariseNumbers(vector.data) } : { ...base, ...summariseStrings(vector) };
}

type Summary = Omit<ColumnProfile, 'name' | 'type' | 'role' | 'warnings'>;

function summariseNumbers(data: Float64Array): Summary {
	// A typed array sorts NaN to the end, infinities to both ends.
	const sorted = Float64Array.from(data).sort();
	let end = sorted.length;
	while (end > 0 && Number.isNaN(sorted[end - 1])) end--;
	const missing = sorted.length - end;
	let distinct = 0;
	for (let i = 0; i < end; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) distinct++;
	let from = 0;
	let to = end;
	while (from < to && sorted[from] === -Infinity) from++;
	while (to > from && sorted[to - 1] === Infinity) to--;
	const finite = sorted.subarray(from, to);
	if (finite.length === 0) return { missing, distinct };
	const { mean, std } = moments(finite);
	const summary: Summary = {
		missing,
		distinct,
		min: finite[0],
		max: finite[finite.length - 1],
		mean,
		std,
		quantiles: QUANTILES.map((q) => quantile(finite, q)),
		histogram: histogram(finite),
	};
	if (distinct <= TOP_NUMBERS) summary.top = topNumbers(finite);
	return summary;
}

/** Two passes, first the mean, then the squares around it. */
function moments(values: Float64Array): { mean: number; std?: number } {
	let sum = 0;
	for (let i = 0; i < values.length; i++) sum += values[i];
	const mean = sum / values.length;
	if (!Number.isFinite(mean)) return { mean: values[values.length >> 1] };
	let squares = 0;
	for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
	const std = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : undefined;
	return std !== undefined && Number.isFinite(std) ? { mean, std } : { mean };
}

/** Quantile of sorted values, linear between neighbours (Hyndman and Fan's type 7). */
export function quantile(sorted: Float64Array, q: number): number {
	const at = q * (sorted.length - 1);
	const low = Math.floor(at);
	const high = Math.min(low + 1, sorted.length - 1);
	return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

function histogram(sorted: Float64Array): { edges: number[]; counts: number[] } | undefined {
	const min = sorted[0];
	const max = sorted[sorted.length - 1];
	if (min === max) return { edges: [min, max], counts: [sorted.length] };
	const width = (max - min) / BINS;
	if (!Number.isFinite(width) || width === 0) return undefined;
	const edges = Array.from({ length: BINS + 1 }, (_, i) => (i === BINS ? max : min + i * width));
	const counts: number[] = [];
	let before = 0;
	for (let b = 1; b <= BINS; b++) {
		const at = b === BINS ? sorted.length : lowerBound(sorted, edges[b]);
		counts.push(at - before);
		before = at;
	}
	return { edges, counts };
}

/** First place whose value is not below `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
	let low = 0;
	let high = sorted.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (sorted[middle] < value) low = middle + 1;
		else high = middle;
	}
	return low;
}

function topNumbers(sorted: Float64Array): Array<{ value: number; count: number }> {
	const runs: Array<{ value: number; count: number }> = [];
	for (const value of sorted) {
		const last = runs.at(-1);
		if (last?.value === value) last.count++;
		else runs.push({ value, count: 1 });
	}
	return runs.sort((a, b) => b.count - a.count || a.value - b.value).slice(0, TOP);
}

function summariseStrings({ codes, dictionary }: StringVector): Summary {
	const counts = new Uint32Array(dictionary.length + 1);
	for (let i = 0; i < codes.length; i++) counts[codes[i]]++;
	const used: number[] = [];
	for (let c = 1; c < counts.length; c++) if (counts[c] > 0) used.push(c);
	const top = used
		.sort((a, b) => counts[b] - counts[a] || compareText(dictionary[a - 1], dictionary[b - 1]))
		.slice(0, TOP)
		.map((c) => ({ value: cutText(dictionary[c - 1], 200), count: counts[c] }));
	return { missing: counts[0], distinct: used.length, top };
}
