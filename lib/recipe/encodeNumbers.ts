import { changedNumbers, lengthOf, type Change } from '../data/derived.js';
import type { NumberVector } from '../data/frame.js';
import type { Needs } from './matrix.js';
import { medianOf, moments } from './stats.js';

/** What an encoder changes in a column of numbers: fills gaps, then scales; or flags for them. Plain data, for threads. */
export type EncoderAgain = { fill: number } | { mean: number; std: number } | { no: number; yes: number };

/** What an encoder learns of a column of numbers. */
export interface NumberFigures {
	/** Value for gaps; null leaves them. */
	fill: number | null;
	missing: number;
	mean: number;
	std: number;
}

/** Learns the value for gaps, their number, mean and spread. */
export function numberFigures(vector: NumberVector, needs: Needs): NumberFigures {
	let fill: number | null = null;
	let missing = 0;
	if (needs.missing === 'imputed') {
		const { present, median } = medianOf(vector);
		missing = lengthOf(vector) - present;
		fill = Number.isFinite(median) ? median : 0;
	}
	const [mean, std] = needs.scaled ? spread(missing ? numberOf(vector, { fill, mean: 0, std: 1 }) : vector) : [0, 1];
	return { fill, missing, mean, std };
}

function spread(vector: NumberVector): [mean: number, std: number] {
	const { count, mean, deviation: std } = moments(vector);
	if (!count || !Number.isFinite(mean)) return [0, 1];
	return [mean, std > 10 * Number.EPSILON * Math.abs(mean) && Number.isFinite(std) ? std : 1];
}

/** Fills the gaps of a number, and scales it. */
export function numberOf(from: NumberVector, { fill, mean, std }: { fill: number | null; mean: number; std: number }): NumberVector {
	const filled = fill === null ? from : changed(from, { fill });
	return mean === 0 && std === 1 ? filled : changed(filled, { mean, std });
}

/** 1 where a number is missing, else 0, both scaled. */
export const indicatorOf = (from: NumberVector, { mean, std }: { mean: number; std: number }): NumberVector =>
	changed(from, { no: (0 - mean) / std, yes: (1 - mean) / std });

const changed = (from: NumberVector, again: EncoderAgain): NumberVector => changedNumbers(from, changeInEncoder(again), again);

/** The change itself. */
export function changeInEncoder(again: EncoderAgain): Change {
	if ('fill' in again) return (values) => fillGaps(values, again.fill);
	if ('yes' in again) return (values) => flag(values, again.no, again.yes);
	return (values) => standardise(values, again.mean, again.std);
}

function fillGaps(values: Float64Array, fill: number): void {
	for (let i = 0, n = values.length; i < n; i++) if (values[i] !== values[i]) values[i] = fill;
}

function standardise(values: Float64Array, mean: number, std: number): void {
	for (let i = 0, n = values.length; i < n; i++) values[i] = (values[i] - mean) / std;
}

function flag(values: Float64Array, no: number, yes: number): void {
	for (let i = 0, n = values.length; i < n; i++) values[i] = values[i] !== values[i] ? yes : no;
}
