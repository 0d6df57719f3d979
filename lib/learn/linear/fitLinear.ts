import { stopAsked } from '../../domain/cancel.js';
import { breathe } from '../check.js';
import type { FitContext, FitInput, Fitted, State } from '../contract.js';
import { stripsOf, threadsFor } from './crew.js';
import { designOf, type Design, type LossName } from './design.js';
import { groupLevels } from './levels.js';
import { FORMAT, VERSION } from './model.js';
import { Objective } from './objective.js';
import { diverged, isQuadratic, minimise, type Solution } from './solvers.js';

export interface LinearOptions {
	loss: LossName;
	l1: number;
	l2: number;
	maxIter: number;
	tol: number;
	/** Levels of a category with a coefficient of their own, at most. */
	maxLevels: number;
	stage: string;
}

/** Fits a penalised linear model and packs it as a state with coefficients for uncentred inputs. */
export async function fitLinear(input: FitInput, options: LinearOptions, context: FitContext): Promise<Fitted> {
	const { train, labels } = input;
	const { x, codes } = groupLevels(train, options.maxLevels, (text) => context.note('learn.levels_grouped', text));
	const threads = threadsFor(train.rows, train.columns.length, context.threads);
	const design = designOf(x, labels, options.loss, threads > 1);
	const objective = new Objective(design, options.l1, options.l2, isQuadratic(design, options.l1), threads, context.cancelled, () => {
		stopAsked(context, 'The training');
	});
	let solution: Solution;
	try {
		solution = await minimise(objective, { maxIter: options.maxIter, tol: options.tol, step: stepOf(options, context) }, startOf(design));
	} finally {
		objective.close();
	}
	const { converged, stopped, iterations, gradient } = solution;
	if (!converged && !stopped)
		context.note(
			'learn.not_converged',
			`The solver used all ${options.maxIter} iterations before it reached tol ${options.tol}: raise max_iter, or scale the columns.`,
		);
	const gap = objective.gap(solution.coef, gradient);
	const state = pack(input, design, codes, solution);
	if (Object.values(state.arrays).some((numbers) => !numbers.every((v) => Number.isFinite(v)))) throw diverged();
	return {
		state,
		stopped: stopped ? 'cancelled' : 'done',
		bestIteration: iterations,
		backend: threads > 1 ? `js, ${threads} threads` : 'js',
		solver: { iterations, converged, slope: objective.violation(solution.coef, gradient), ...(gap === undefined ? {} : { gap }) },
	};
}

/** Coefficients for the columns as they were given: uncentred, and of grouped levels each with the one that they share. */
function pack({ train, labels: { weight } }: FitInput, design: Design, codes: Array<Uint32Array | undefined>, solution: Solution): State {
	const { outputs, loss, means, offsets } = design;
	const levels = train.columns.map((c) => (c.kind === 'number' ? 0 : c.levels));
	const width = levels.reduce((sum, l) => sum + (l || 1), 0);
	const coef = new Float64Array(outputs * width);
	const intercept = new Float64Array(outputs);
	const center = new Float64Array(outputs * levels.length);
	const shares = train.columns.map((c) => (c.kind === 'category' ? sharesOf(c.data, train.rows, c.levels, weight) : undefined));
	for (let k = 0; k < outputs; k++) {
		const solved = solution.coef.subarray(k * design.width, (k + 1) * design.width);
		intercept[k] = solved[design.width - 1];
		let at = k * width;
		levels.forEach((l, j) => {
			const own = coef.subarray(at, (at += l || 1));
			const share = shares[j];
			if (!share) {
				own[0] = solved[offsets[j]];
				intercept[k] -= own[0] * means[j];
				center[k * levels.length + j] = own[0] * means[j];
				return;
			}
			for (let code = 0; code < l; code++) own[code] = solved[offsets[j] + (codes[j] ? codes[j][code] : code)];
			let sum = 0;
			for (let code = 0; code < l; code++) sum += own[code] * share.of[code];
			center[k * levels.length + j] = sum / share.total;
		});
	}
	return {
		format: FORMAT,
		version: VERSION,
		meta: { columns: train.columns.map((c) => c.name), levels, loss, outputs, iterations: solution.iterations },
		arrays: { coef, intercept, center },
	};
}

/**
 * Weight of each code over the training rows: the mean contribution of a column is what explanations are measured from
 * (`center[k * columns + j]`).
 */
function sharesOf(codes: ArrayLike<number>, rows: number, levels: number, weight: Float64Array | undefined) {
	const of = new Float64Array(levels);
	let total = 0;
	for (let i = 0; i < rows; i++) {
		const w = weight ? weight[i] : 1;
		of[codes[i]] += w;
		total += w;
	}
	return { of, total };
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

/**
 * Bytes at peak: the columns once more as the passes read them (8 a number, 4 a code), the solver's vectors, and for small widths the
 * Hessian, once for each strip of rows.
 */
export function linearBytes(rows: number, columns: number, outputs: number): number {
	// Before encoding the number of levels is not known; 300 a column is generous for most data.
	const width = columns * 300 + 1;
	const sums = Math.max(outputs === 1 ? Math.min(width, 1500) ** 2 : 0, 2 * width * outputs);
	return 8 * (rows * (columns + 2) + (2 + stripsOf(rows, sums).length - 1) * sums + width * outputs * 30);
}
