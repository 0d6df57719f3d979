import type { Dictionary } from '../../../domain/dictionary.js';
import type { Column, Labels, Matrix } from '../../contract.js';
import { CLIP, WIDTH, type Form, type Input } from './networkForm.js';

/** A category with more levels than this gets an embedding. */
const MOST_ONEHOT = 9;
/** Levels of an embedding at most: the most frequent ones; all others are one. */
const MOST_SLOTS = 2048;
/** A level of fewer rows says nothing by itself: it is one with the others. */
const LEAST_ROWS = 3;
/** Rows that quantiles are taken of, at most. */
const SAMPLE = 200_000;

/** How the network sees its columns, learned from the training rows: `slots` by the column's place, for categories. */
export interface Inputs {
	inputs: Input[];
	slots: Map<number, Int32Array>;
}

export function fitInputs({ columns, rows }: Matrix): Inputs {
	const slots = new Map<number, Int32Array>();
	const inputs = columns.map((column, j): Input => {
		if (column.kind === 'number') return { kind: 'number', ...robust(column.data, rows) };
		const known = slotsOf(column, rows);
		slots.set(j, known.of);
		return { kind: known.embedded ? 'embedding' : 'onehot', levels: column.levels, slots: known.count };
	});
	return { inputs, slots };
}

/**
 * Median, and 1 / (distance of the quartiles); where that is 0, 2 / (greatest - least); where that is 0 as well, the column says
 * nothing.
 */
function robust(data: Float32Array | Float64Array, rows: number): { center: number; factor: number } {
	const step = Math.ceil(rows / SAMPLE);
	const sorted = Float64Array.from({ length: Math.ceil(rows / step) }, (_, i) => data[i * step]).sort();
	const at = (share: number): number => {
		const place = share * (sorted.length - 1);
		const below = Math.floor(place);
		return sorted[below] + (place - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
	};
	const [quartiles, range] = [at(0.75) - at(0.25), sorted[sorted.length - 1] - sorted[0]];
	const factor = quartiles > 0 ? 1 / quartiles : range > 0 ? 2 / range : 0;
	return { center: at(0.5), factor: Number.isFinite(factor) ? factor : 0 };
}

/**
 * The slot of each code. Few levels: those that rows have, -1 for others. Many: the frequent ones, then one for all others, which a code
 * that no row had gets as well.
 */
function slotsOf(column: Column & { kind: 'category' }, rows: number): { of: Int32Array; count: number; embedded: boolean } {
	const { data, levels } = column;
	const counts = new Uint32Array(levels);
	for (let i = 0; i < rows; i++) counts[data[i]]++;
	const seen = Array.from(counts.keys()).filter((code) => counts[code] > 0);
	const embedded = seen.length > MOST_ONEHOT;
	const frequent = embedded
		? seen
				.filter((code) => counts[code] >= LEAST_ROWS)
				.sort((a, b) => counts[b] - counts[a] || a - b)
				.slice(0, MOST_SLOTS - 1)
		: seen;
	const of = new Int32Array(levels).fill(embedded ? frequent.length : -1);
	frequent.forEach((code, slot) => {
		of[code] = slot;
	});
	return { of, count: frequent.length + Number(embedded), embedded };
}

/** From here on a number is at the edge, as far as numbers tell. */
export const FAR = 1e9;

/** A number as the network takes it. */
export function scaled(value: number, center: number, factor: number): number {
	const x = (value - center) * factor;
	const q = x / CLIP;
	return Math.abs(x) > FAR ? Math.sign(x) * CLIP : x / Math.sqrt(1 + q * q);
}

/** A matrix as the network takes it: scaled numbers, and slots in the place of codes. */
export function networkMatrix({ rows, columns }: Matrix, { inputs, slots }: Inputs): Matrix {
	return {
		rows,
		columns: columns.map((column, j): Column => {
			const input = inputs[j];
			if (input.kind === 'number') {
				const from = column.data;
				const data = new Float32Array(rows);
				for (let i = 0; i < rows; i++) data[i] = scaled(from[i], input.center, input.factor);
				return { name: column.name, kind: 'number', data };
			}
			const slot = slots.get(j)!;
			const data = new Uint32Array(rows);
			// What has no slot gets one behind the last, which is no column of the network.
			for (let i = 0; i < rows; i++) data[i] = slot[column.data[i]] < 0 ? input.slots : slot[column.data[i]];
			return { name: column.name, kind: 'category', data, levels: input.slots + 1 };
		}),
	};
}

/** Mean and spread of the target by the rows' weights, its least and greatest value; 0 and 1 for classes. */
export function targetOf({ y, weight, classes }: Labels): Form['target'] {
	if (classes) return { center: 0, scale: 1, low: 0, high: 0 };
	let [sum, total, low, high] = [0, 0, Infinity, -Infinity];
	for (let i = 0, n = y.length; i < n; i++) {
		const w = weight ? weight[i] : 1;
		sum += w * y[i];
		total += w;
		low = Math.min(low, y[i]);
		high = Math.max(high, y[i]);
	}
	const center = sum / total;
	// By the farthest: squares of 1e200 are no numbers, those of 1e-200 nothing.
	const far = Math.max(high - center, center - low);
	let squares = 0;
	for (let i = 0, n = y.length; i < n; i++) squares += (weight ? weight[i] : 1) * ((y[i] - center) / far) ** 2;
	return { center, scale: (far > 0 && far * Math.sqrt(squares / total)) || 1, low, high };
}

/** Where every level of an embedding is frequent, the row of all others learned nothing: it gets the mean of the training rows. */
export function fillOthers(arrays: Dictionary<Float32Array>, { inputs, slots }: Inputs, { columns, rows }: Matrix): void {
	inputs.forEach((input, j) => {
		if (input.kind !== 'embedding') return;
		const [table, slot, { data }] = [arrays[`e${j}`]!, slots.get(j)!, columns[j]];
		const others = input.slots - 1;
		const sums = new Float64Array(WIDTH);
		for (let i = 0; i < rows; i++) {
			if (slot[data[i]] === others) return;
			for (let d = 0; d < WIDTH; d++) sums[d] += table[slot[data[i]] * WIDTH + d];
		}
		for (let d = 0; d < WIDTH; d++) table[others * WIDTH + d] = sums[d] / rows;
	});
}
