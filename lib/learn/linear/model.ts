import { stopAsked } from '../../domain/cancel.js';
import { breathe, checkColumns, checkState, codeOutOfRange, modelInvalid, namesIn } from '../check.js';
import type { FitContext, FitInput, Fitted, Predictor, State } from '../contract.js';
import { rowPredictor } from '../predict.js';
import { threadsFor } from './crew.js';
import { designOf, type Design, type LossName } from './design.js';
import { Objective } from './objective.js';
import { isQuadratic, minimise, type Solution } from './solvers.js';

const FORMAT = 'linear';
const VERSION = 1;

export interface LinearOptions {
	loss: LossName;
	l1: number;
	l2: number;
	maxIter: number;
	tol: number;
	stage: string;
}

/** Fits a penalised linear model and packs it as a state with coefficients for uncentred inputs. */
export async function fitLinear(input: FitInput, options: LinearOptions, context: FitContext): Promise<Fitted> {
	const { train, labels } = input;
	const threads = threadsFor(train.rows, train.columns.length, context.threads);
	const design = designOf(train, labels, options.loss, threads > 1);
	const objective = new Objective(design, options.l1, options.l2, isQuadratic(design, options.l1), threads, context.cancelled, () => {
		stopAsked(context, 'The training');
	});
	let solution: Solution;
	try {
		solution = await minimise(objective, { maxIter: options.maxIter, tol: options.tol, step: stepOf(options, context) }, startOf(design));
	} finally {
		objective.close();
	}
	if (!solution.converged && !solution.stopped)
		context.note(
			'learn.not_converged',
			`The solver used all ${options.maxIter} iterations before it reached tol ${options.tol}: raise max_iter, or scale the columns.`,
		);

	const { outputs } = design;
	const width = design.width - 1;
	const coef = new Float64Array(outputs * width);
	const intercept = new Float64Array(outputs);
	for (let k = 0; k < outputs; k++) {
		coef.set(solution.coef.subarray(k * design.width, k * design.width + width), k * width);
		intercept[k] = solution.coef[k * design.width + width];
		train.columns.forEach((c, j) => {
			if (c.kind === 'number') intercept[k] -= coef[k * width + design.offsets[j]] * design.means[j];
		});
	}
	const state: State = {
		format: FORMAT,
		version: VERSION,
		meta: {
			columns: train.columns.map((c) => c.name),
			levels: train.columns.map((c) => (c.kind === 'number' ? 0 : c.levels)),
			loss: options.loss,
			outputs,
			iterations: solution.iterations,
		},
		arrays: { coef, intercept, center: centers(design, input, coef, outputs) },
	};
	return {
		state,
		stopped: solution.stopped ? 'cancelled' : 'done',
		bestIteration: solution.iterations,
		backend: threads > 1 ? `js, ${threads} threads` : 'js',
	};
}

/** Tells people how far the solver is, and asks whether it is to stop. */
function stepOf(options: LinearOptions, context: FitContext) {
	let first = 0;
	let share = 0;
	return async (iteration: number, value: number, slope: number): Promise<boolean> => {
		first ||= slope;
		// Slopes shrink by about the same factor in each iteration.
		const way = first > options.tol && slope > 0 ? Math.log(first / slope) / Math.log(first / options.tol) : 0;
		share = Math.min(0.99, Math.max(share, way, iteration / options.maxIter));
		context.progress({ stage: options.stage, share, metric: { name: 'loss', value }, curve: { step: iteration, train: value } });
		await breathe();
		return stopAsked(context, 'The training');
	};
}

/** Starts at the answer that uses no column: saves an iteration and keeps rare classes stable. */
function startOf({ y, weight, offset, rows, loss, outputs, width }: Design): Float64Array {
	const start = new Float64Array(outputs * width);
	if (offset) return start;
	const sums = new Float64Array(outputs);
	let total = 0;
	for (let i = 0; i < rows; i++) {
		const w = weight ? weight[i] : 1;
		total += w;
		if (loss === 'softmax') sums[y[i]] += w;
		else sums[0] += w * y[i];
	}
	const at = (k: number): number => (k + 1) * width - 1;
	if (loss === 'squared') start[at(0)] = sums[0] / total;
	else if (loss === 'logistic') {
		const p = Math.min(1 - 1e-9, Math.max(1e-9, sums[0] / total));
		start[at(0)] = Math.log(p / (1 - p));
	} else {
		// The intercepts of a softmax are free up to a constant: keep their sum at zero, as a start from zeros would.
		const logs = Array.from(sums, (s) => Math.log(Math.max(s / total, 1e-9)));
		const mean = logs.reduce((a, b) => a + b, 0) / outputs;
		logs.forEach((l, k) => {
			start[at(k)] = l - mean;
		});
	}
	return start;
}

/** Mean contribution of each column over the training rows, `center[k * columns + j]`: what explanations are measured from. */
function centers(design: Design, { train, labels: { weight } }: FitInput, coef: Float64Array, outputs: number): Float64Array {
	const width = design.width - 1;
	const center = new Float64Array(outputs * train.columns.length);
	train.columns.forEach((c, j) => {
		if (c.kind === 'number') {
			for (let k = 0; k < outputs; k++) center[k * train.columns.length + j] = coef[k * width + design.offsets[j]] * design.means[j];
			return;
		}
		const share = new Float64Array(c.levels);
		let total = 0;
		for (let i = 0; i < train.rows; i++) {
			const w = weight ? weight[i] : 1;
			share[c.data[i]] += w;
			total += w;
		}
		for (let k = 0; k < outputs; k++) {
			let sum = 0;
			for (let l = 0; l < c.levels; l++) sum += coef[k * width + design.offsets[j] + l] * share[l];
			center[k * train.columns.length + j] = sum / total;
		}
	});
	return center;
}

/** Bytes at peak: solver vectors and, for small widths, the Hessian; the data themselves are not copied. */
export function linearBytes(columns: number, outputs: number): number {
	// Before encoding the number of levels is not known; 300 a column is generous for most data.
	const width = columns * 300 + 1;
	return 8 * (Math.min(width, 1500) ** 2 * 2 + width * outputs * 30 + 1024 * outputs);
}

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
		for (let i = 0; i < a.length; i++) if (!Number.isFinite(a[i])) throw modelInvalid('a coefficient that is no number');
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
