import { type Dictionary } from '../../domain/dictionary.js';
import type { Column } from '../contract.js';
import { checkColumns, checkState, codeOutOfRange, modelInvalid, namesIn } from '../check.js';
import type { Predictor, State } from '../contract.js';
import { sigmoid } from '../linear/model.js';
import { rowPredictor } from '../predict.js';

/**
 * Shape of a multi-layer perceptron on a table. Inputs: the number columns in order, then for each category column the row of
 * its embedding table; each hidden layer is affine, then the activation; the output layer is affine.
 */
export const activations = ['relu', 'tanh', 'sigmoid'] as const;
export type Activation = (typeof activations)[number];

export interface Shape {
	/** For each column 0 (a number) or its number of codes. */
	levels: number[];
	/** Width of each category column's embedding, 0 for numbers. */
	embedding: number[];
	/** Widths of the hidden layers. */
	hidden: number[];
	outputs: number;
	activation: Activation;
}

/** Arrays of a network: `e<column>` embedding tables (levels x width), `w<layer>` weights (in x out), `b<layer>` biases, all row-major. */
export type Arrays = Dictionary<Float32Array>;

/** Writes the answer whose raw outputs begin at `from` to `out[to...]`. */
export type Answering = (raw: ArrayLike<number>, from: number, out: Float64Array, to: number) => void;

/** Probabilities of so many classes from their logits. */
export function softmaxInto(raw: ArrayLike<number>, from: number, out: Float64Array, to: number, classes: number): void {
	let top = -Infinity;
	for (let k = 0; k < classes; k++) if (raw[from + k] > top) top = raw[from + k];
	let sum = 0;
	for (let k = 0; k < classes; k++) sum += out[to + k] = Math.exp(raw[from + k] - top);
	for (let k = 0; k < classes; k++) out[to + k] /= sum;
}

/** About 1.6 n^0.56, a usual rule for the width of an embedding of n levels. */
export const embeddingWidth = (levels: number): number => Math.max(2, Math.min(50, Math.round(1.6 * (levels - 2) ** 0.56)));

export const shapeOf = (columns: readonly Column[], hidden: number[], outputs: number, activation: Activation): Shape => {
	const levels = columns.map((c) => (c.kind === 'number' ? 0 : c.levels));
	return { levels, embedding: levels.map((l) => (l ? embeddingWidth(l) : 0)), hidden, outputs, activation };
};

/** Widths of all layers, inputs first. */
export const widthsOf = (s: Shape): number[] => [
	s.levels.filter((l) => l === 0).length + s.embedding.reduce((a, b) => a + b, 0),
	...s.hidden,
	s.outputs,
];

/** Name and dimensions of each array. */
export function dimensionsOf(s: Shape): Array<{ name: string; rows: number; columns: number }> {
	const widths = widthsOf(s);
	return [
		...s.levels.flatMap((l, j) => (l ? [{ name: `e${j}`, rows: l, columns: s.embedding[j] }] : [])),
		...widths.slice(1).flatMap((out, l) => [
			{ name: `w${l}`, rows: widths[l], columns: out },
			{ name: `b${l}`, rows: 1, columns: out },
		]),
	];
}

/** Multiplications of one row, forward. */
export const multiplicationsOf = (s: Shape): number => widthsOf(s).reduce((sum, w, l, all) => (l ? sum + w * all[l - 1] : 0), 0);

export const FORMAT = 'neuralNetwork';
export const VERSION = 1;
export type Output = 'probability' | 'probabilities' | 'value';

/** A state's description of the network besides its arrays. `center`, `scale`: the target was standardised with these. */
export interface Meta {
	columns: string[];
	shape: Shape;
	output: Output;
	center: number;
	scale: number;
}

export function readMeta(state: State): Meta {
	const columns = namesIn(state);
	const { shape, output, center, scale } = state.meta as Partial<Meta>;
	const whole = (a: unknown, least: number): boolean =>
		Array.isArray(a) && a.every((v) => Number.isInteger(v) && v >= least && v <= 2 ** 31);
	if (
		!shape ||
		!whole(shape.levels, 0) ||
		!whole(shape.embedding, 0) ||
		!whole(shape.hidden, 1) ||
		!whole([shape.outputs], 1) ||
		!activations.includes(shape.activation)
	)
		throw modelInvalid('a network without a shape');
	if (shape.levels.length !== columns.length || shape.embedding.length !== columns.length)
		throw modelInvalid('a shape that does not match the columns');
	if (output !== 'probability' && output !== 'probabilities' && output !== 'value') throw modelInvalid(`output ${String(output)}`);
	if (output !== 'probabilities' && shape.outputs !== 1) throw modelInvalid(`${shape.outputs} outputs`);
	if (!Number.isFinite(center) || !Number.isFinite(scale)) throw modelInvalid('no scale');
	return { columns, shape, output, center: center!, scale: scale! };
}

export function validateNetwork(state: State): State {
	checkState(state, FORMAT, VERSION, []);
	const { shape } = readMeta(state);
	for (const { name, rows, columns } of dimensionsOf(shape)) {
		const a = state.arrays[name];
		if (!(a instanceof Float32Array) || a.length !== rows * columns) throw modelInvalid(`array "${name}" of the wrong size`);
		for (let i = 0, n = a.length; i < n; i++)
			if (!Number.isFinite(a[i])) throw modelInvalid(`array "${name}" with something that is no number`);
	}
	return state;
}

const ACTIVATE: Record<Activation, (x: number) => number> = { relu: (x) => (x > 0 ? x : 0), tanh: Math.tanh, sigmoid };

/**
 * The network as plain JavaScript, ready for single rows: embeddings are multiplied into the first layer once, so that a category
 * costs one addition of a row. No tensor library at prediction.
 */
export function networkPredictor(state: State, given: readonly string[]): Predictor {
	const meta = readMeta(validateNetwork(state));
	checkColumns(meta.columns, given);
	const { shape } = meta;
	const { levels, embedding } = shape;
	const answer = answerOf(meta);
	const widths = widthsOf(shape);
	const layers = widths.length - 1;
	const weights = Array.from({ length: layers }, (_, l) => Float64Array.from(state.arrays[`w${l}`]));
	const biases = Array.from({ length: layers }, (_, l) => Float64Array.from(state.arrays[`b${l}`]));
	const first = widths[1];

	// First row of `w0` that each column feeds: numbers first, then embeddings.
	const place = new Uint32Array(levels.length);
	let next = 0;
	levels.forEach((l, j) => {
		if (l === 0) place[j] = next++;
	});
	const tables = levels.map((l, j): Float64Array | undefined => {
		if (l === 0) return undefined;
		const at = next;
		place[j] = at;
		next += embedding[j];
		const table = new Float64Array(l * first);
		const e = state.arrays[`e${j}`];
		for (let k = 0; k < l; k++)
			for (let d = 0; d < embedding[j]; d++) {
				const v = e[k * embedding[j] + d];
				for (let o = 0; o < first; o++) table[k * first + o] += v * weights[0][(at + d) * first + o];
			}
		return table;
	});
	const values = widths.map((w) => new Float64Array(w));
	const activate = ACTIVATE[shape.activation];

	return rowPredictor({
		columns: levels.length,
		outputs: shape.outputs,
		rowAt(row, at, out, to) {
			let h = values[1];
			h.set(biases[0]);
			for (let j = 0; j < levels.length; j++) {
				const v = row[at + j];
				const table = tables[j];
				if (table) {
					if (!(v >= 0 && v < levels[j])) throw codeOutOfRange(meta.columns[j], v, levels[j]);
					const from = v * first;
					for (let o = 0; o < first; o++) h[o] += table[from + o];
				} else {
					const from = place[j] * first;
					const w = weights[0];
					for (let o = 0; o < first; o++) h[o] += v * w[from + o];
				}
			}
			for (let l = 1; l < layers; l++) {
				const w = weights[l];
				const width = widths[l + 1];
				const result = values[l + 1];
				result.set(biases[l]);
				for (let i = 0, n = h.length; i < n; i++) {
					const v = activate(h[i]);
					if (v === 0) continue;
					const from = i * width;
					for (let o = 0; o < width; o++) result[o] += v * w[from + o];
				}
				h = result;
			}
			answer(h, 0, out, to);
		},
	});
}

/** Turns raw outputs, those from `from` on, into answers. */
export function answerOf({ output, center, scale, shape: { outputs } }: Meta): Answering {
	if (output === 'value')
		return (raw, from, out, to) => {
			out[to] = raw[from] * scale + center;
		};
	if (output === 'probability')
		return (raw, from, out, to) => {
			out[to] = sigmoid(raw[from]);
		};
	return (raw, from, out, to) => softmaxInto(raw, from, out, to, outputs);
}
