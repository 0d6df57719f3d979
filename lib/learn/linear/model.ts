import { checkColumns, checkState, codeOutOfRange, modelInvalid, namesIn } from '../check.js';
import type { Predictor, State } from '../contract.js';
import { rowPredictor } from '../predict.js';
import type { LossName } from './design.js';

export const FORMAT = 'linear';
export const VERSION = 1;

interface LinearMeta {
	columns: string[];
	levels: number[];
	loss: LossName;
	outputs: number;
}

export function validateLinear(state: State): State {
	checkState(state, FORMAT, VERSION, ['coef', 'intercept', 'center']);
	const meta = metaOf(state);
	const width = meta.levels.reduce((sum, l) => sum + (l === 0 ? 1 : l), 0);
	const { coef, intercept, center } = state.arrays;
	if (coef.length !== width * meta.outputs || intercept.length !== meta.outputs || center.length !== meta.columns.length * meta.outputs)
		throw modelInvalid('coefficients that do not match the columns');
	for (const a of [coef, intercept, center]) {
		if (!(a instanceof Float64Array)) throw modelInvalid('coefficients of the wrong type');
		for (let i = 0, n = a.length; i < n; i++) if (!Number.isFinite(a[i])) throw modelInvalid('a coefficient that is no number');
	}
	return state;
}

/** What a state that `validateLinear` accepted says of its columns. @throws `learn.model_invalid` */
export function metaOf(state: State): LinearMeta {
	const columns = namesIn(state);
	const { levels, loss, outputs } = state.meta;
	const integers = (a: unknown): a is number[] => Array.isArray(a) && a.every((v) => Number.isInteger(v) && v >= 0);
	if (!integers(levels) || levels.length !== columns.length) throw modelInvalid('levels that do not match the columns');
	if (loss !== 'squared' && loss !== 'logistic' && loss !== 'softmax') throw modelInvalid(`loss ${String(loss)}`);
	if (!Number.isInteger(outputs) || (outputs as number) < 1 || (loss !== 'softmax' && outputs !== 1))
		throw modelInvalid(`${String(outputs)} outputs`);
	return { columns, levels, loss, outputs: outputs as number };
}

export function linearPredictor(state: State, given: readonly string[]): Predictor {
	const { columns, levels, loss, outputs } = metaOf(validateLinear(state));
	checkColumns(columns, given);
	const { coef, intercept, center } = state.arrays as Record<string, Float64Array>;
	const offsets = new Uint32Array(levels.length + 1);
	levels.forEach((l, j) => {
		offsets[j + 1] = offsets[j] + (l === 0 ? 1 : l);
	});
	const width = offsets[levels.length];
	const p = levels.length;

	const term = (k: number, j: number, v: number): number => {
		const first = k * width + offsets[j];
		if (levels[j] === 0) return coef[first] * v;
		if (!(v >= 0 && v < levels[j])) throw codeOutOfRange(columns[j], v, levels[j]);
		return coef[first + v];
	};
	const score = (k: number, values: Float64Array, at: number): number => {
		let sum = intercept[k];
		for (let j = 0; j < p; j++) sum += term(k, j, values[at + j]);
		return sum;
	};
	const base = Float64Array.from(intercept, (b, k) => {
		let sum = b;
		for (let j = 0; j < p; j++) sum += center[k * p + j];
		return sum;
	});
	return rowPredictor({
		columns: p,
		outputs,
		rowAt(values, at, out, to) {
			if (loss !== 'softmax') {
				const s = score(0, values, at);
				out[to] = loss === 'squared' ? s : sigmoid(s);
				return;
			}
			let top = -Infinity;
			for (let k = 0; k < outputs; k++) {
				out[to + k] = score(k, values, at);
				if (out[to + k] > top) top = out[to + k];
			}
			let sum = 0;
			for (let k = 0; k < outputs; k++) sum += out[to + k] = Math.exp(out[to + k] - top);
			for (let k = 0; k < outputs; k++) out[to + k] /= sum;
		},
		contributions(values, output) {
			const k = loss === 'softmax' ? output : 0;
			const phi = new Float64Array(p + 1);
			for (let j = 0; j < p; j++) phi[j] = term(k, j, values[j]) - center[k * p + j];
			phi[p] = base[k];
			return phi;
		},
	});
}

export const sigmoid = (s: number): number => {
	const e = Math.exp(-Math.abs(s));
	return s >= 0 ? 1 / (1 + e) : e / (1 + e);
};
