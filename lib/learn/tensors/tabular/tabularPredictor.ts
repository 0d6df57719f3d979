import { checkColumns, codeOutOfRange } from '../../check.js';
import type { Predictor, State } from '../../contract.js';
import { sigmoid } from '../../linear/model.js';
import { rowPredictor } from '../../predict.js';
import { EMBEDDED, FREQUENCIES, formOf, numbersOf, oneHotOf, validateTabular, WIDTH, widthsOf, type Form } from './networkForm.js';
import { scaled } from './networkInputs.js';
import { MISH_FROM, SELU } from './units.js';

/** Outputs of a layer that are added up together: as many as a core has room for. */
const TOGETHER = 4;

type Arrays = State['arrays'];

/** The network as plain JavaScript, ready for single rows: no tensor library. */
export function tabularPredictor(state: State, given: readonly string[]): Predictor {
	const form = formOf(validateTabular(state));
	checkColumns(form.columns, given);
	const { arrays } = state;
	const numbers = numberReader(form, arrays);
	const layers = layersOf(form, arrays);
	const tables = categoryTables(form, arrays);
	const activate = ACTIVATE[form.activation];
	const answer = answerOf(form);
	const last = layers.length - 1;
	return rowPredictor({
		columns: form.columns.length,
		outputs: form.outputs,
		rowAt(row, at, out, to) {
			let h = numbers(row, at);
			for (let l = 0; l <= last; l++) {
				const { z, multiply, a } = layers[l];
				multiply(h);
				if (l === 0) for (let t = 0; t < tables.length; t++) addCategory(tables[t], row[at + tables[t].column], z);
				if (a) for (let o = 0; o < a.length; o++) z[o] += a[o] * (activate(z[o]) - z[o]);
				h = z;
			}
			answer(h, out, to);
		},
	});

	function addCategory({ column, slots, rows, width }: CategoryTable, code: number, z: Float64Array): void {
		if (!(code >= 0 && code < slots.length)) throw codeOutOfRange(form.columns[column], code, slots.length);
		const slot = slots[code];
		if (slot < 0) return;
		const from = slot * width;
		for (let o = 0; o < width; o++) z[o] += rows[from + o];
	}
}

const ACTIVATE: Record<Form['activation'], (z: number) => number> = {
	selu: (z) => SELU.lambda * (z > 0 ? z : SELU.alpha * (Math.exp(z) - 1)),
	mish: (z) => {
		const e = Math.exp(Math.min(z, MISH_FROM));
		const n = e * (e + 2);
		return (z * n) / (n + 2);
	},
};

/** Fills one vector with all numbers of a row as the first layer takes them, but for `scale`: scaled, then embedded. */
function numberReader(form: Form, arrays: Arrays): (row: Float64Array, at: number) => Float64Array {
	const { inputs, periodic } = form;
	const columns = numbersOf(form);
	const vector = new Float64Array(columns * (periodic ? 1 + EMBEDDED : 1));
	const places = inputs.flatMap((input, j) => (input.kind === 'number' ? [{ ...input, j }] : []));
	const [pw, pb, lw, lb] = ['pw', 'pb', 'lw', 'lb'].map((name) => Float64Array.from(periodic ? arrays[name] : []));
	return (row, at) => {
		for (let c = 0; c < columns; c++) {
			const { j, center, factor } = places[c];
			const x = scaled(row[at + j], center, factor);
			vector[c] = x;
			if (!periodic) continue;
			const to = columns + c * EMBEDDED;
			for (let d = 0; d < EMBEDDED; d++) vector[to + d] = lb[c * EMBEDDED + d];
			for (let k = c * FREQUENCIES; k < (c + 1) * FREQUENCIES; k++) {
				const cosine = Math.cos(x * pw[k] + pb[k]);
				for (let d = 0; d < EMBEDDED; d++) vector[to + d] += cosine * lw[k * EMBEDDED + d];
			}
		}
		return vector;
	};
}

interface Layer {
	z: Float64Array;
	/** Fills `z` from what goes into the layer. */
	multiply(h: Float64Array): void;
	a?: Float64Array;
}

/** The layers; the first one takes the numbers alone, with `scale` multiplied into it. */
function layersOf(form: Form, arrays: Arrays): Layer[] {
	const widths = widthsOf(form);
	const numbers = numbersOf(form) * (form.periodic ? 1 + EMBEDDED : 1);
	return widths.slice(1).map((out, l): Layer => {
		const w = arrays[`w${l}`];
		const into = l === 0 ? numbers : widths[l];
		const weight = (i: number, o: number): number => w[i * out + o] * (l === 0 ? arrays.scale[i] : 1);
		const z = new Float64Array(Math.ceil(out / TOGETHER) * TOGETHER);
		const a = l < form.hidden.length ? Float64Array.from(arrays[`a${l}`]) : undefined;
		return { z, a, multiply: multiplier(into, out, weight, arrays[`b${l}`], z) };
	});
}

/** `z = h w + b`, four outputs at a time, their weights side by side. */
function multiplier(
	into: number,
	out: number,
	weight: (i: number, o: number) => number,
	b: ArrayLike<number>,
	z: Float64Array,
): Layer['multiply'] {
	const blocks = z.length / TOGETHER;
	const w = new Float64Array(into * z.length);
	const bias = new Float64Array(z.length);
	for (let o = 0; o < out; o++) {
		const block = Math.floor(o / TOGETHER);
		bias[o] = b[o];
		for (let i = 0; i < into; i++) w[(block * into + i) * TOGETHER + (o % TOGETHER)] = weight(i, o);
	}
	return (h) => {
		let at = 0;
		for (let block = 0; block < blocks; block++) {
			const o = block * TOGETHER;
			let s0 = bias[o];
			let s1 = bias[o + 1];
			let s2 = bias[o + 2];
			let s3 = bias[o + 3];
			for (let i = 0; i < into; i++, at += TOGETHER) {
				const v = h[i];
				s0 += v * w[at];
				s1 += v * w[at + 1];
				s2 += v * w[at + 2];
				s3 += v * w[at + 3];
			}
			z[o] = s0;
			z[o + 1] = s1;
			z[o + 2] = s2;
			z[o + 3] = s3;
		}
	};
}

/** What a category adds to the first layer: a row for each slot, since what goes into the layer is known. */
interface CategoryTable {
	column: number;
	slots: Int32Array;
	rows: Float64Array;
	width: number;
}

function categoryTables(form: Form, arrays: Arrays): CategoryTable[] {
	const width = widthsOf(form)[1];
	const w = arrays.w0;
	let flag = numbersOf(form) * (form.periodic ? 1 + EMBEDDED : 1);
	let embedding = flag + oneHotOf(form);
	return form.inputs.flatMap((input, column): CategoryTable[] => {
		if (input.kind === 'number') return [];
		const rows = new Float64Array(input.slots * width);
		const add = (slot: number, from: number, value: number): void => {
			for (let o = 0; o < width; o++) rows[slot * width + o] += value * arrays.scale[from] * w[from * width + o];
		};
		for (let slot = 0; slot < input.slots; slot++) {
			if (input.kind === 'onehot') add(slot, flag + slot, 1);
			else for (let d = 0; d < WIDTH; d++) add(slot, embedding + d, arrays[`e${column}`][slot * WIDTH + d]);
		}
		if (input.kind === 'onehot') flag += input.slots;
		else embedding += WIDTH;
		return [{ column, slots: arrays[`m${column}`] as Int32Array, rows, width }];
	});
}

/** Turns raw outputs into answers. */
export function answerOf({ output, outputs, target }: Form): (raw: ArrayLike<number>, out: Float64Array, to: number) => void {
	const { center, scale, low, high } = target;
	if (output === 'value')
		return (raw, out, to) => {
			out[to] = Math.min(high, Math.max(low, raw[0] * scale + center));
		};
	if (output === 'probability')
		return (raw, out, to) => {
			out[to] = sigmoid(raw[0]);
		};
	return (raw, out, to) => {
		let top = -Infinity;
		for (let k = 0; k < outputs; k++) if (raw[k] > top) top = raw[k];
		let sum = 0;
		for (let k = 0; k < outputs; k++) sum += out[to + k] = Math.exp(raw[k] - top);
		for (let k = 0; k < outputs; k++) out[to + k] /= sum;
	};
}
