import { MlopsError } from '../../domain/errors.js';
import type { Design } from './design.js';
import type { Objective } from './objective.js';

export interface SolverOptions {
	maxIter: number;
	/** Stop when no optimality condition is violated by more than this. */
	tol: number;
	/** Called after each iteration with the objective and the largest slope; true stops and keeps what there is. */
	step(iteration: number, value: number, slope: number): Promise<boolean>;
}
export interface Solution {
	coef: Float64Array;
	/** Of the smooth part, there. */
	gradient: Float64Array;
	iterations: number;
	converged: boolean;
	stopped: boolean;
}

/** Above this many coefficients a p x p matrix costs more than it saves. */
const GRAM_WIDTH = 1500;
/** With more entries a row, a Hessian costs more than the extra iterations of L-BFGS. */
const GRAM_COLUMNS = 64;

/** Whether the whole Hessian is worth its price. */
export const isQuadratic = ({ width, outputs, columns, loss }: Design, l1: number): boolean =>
	outputs === 1 && width <= GRAM_WIDTH && (l1 > 0 || loss === 'squared' || columns.length <= GRAM_COLUMNS);

/** Minimises the objective by the method that fits its size and penalty. Deterministic. */
export function minimise(objective: Objective, options: SolverOptions, start: Float64Array): Promise<Solution> {
	if (objective.quadratic) return proximalNewton(objective, options, start);
	return objective.l1 > 0 ? fista(objective, options, start) : lbfgs(objective, options, start);
}

/**
 * Proximal Newton: a quadratic model at each step, minimised exactly (Cholesky) without L1 and by coordinate descent with it,
 * then a backtracking line search (Lee, Sun, Saunders 2014). A handful of passes over the data.
 */
async function proximalNewton(f: Objective, options: SolverOptions, coef: Float64Array): Promise<Solution> {
	const n = f.size;
	const gradient = new Float64Array(n);
	const hessian = new Float64Array(n * n);
	const trial = new Float64Array(n);
	for (let iteration = 1; ; iteration++) {
		const value = f.smooth(coef, gradient, hessian) + f.rough(coef);
		const slope = f.violation(coef, gradient);
		const converged = slope <= options.tol;
		const stopped = !converged && iteration <= options.maxIter && (await options.step(iteration, value, slope));
		if (converged || stopped || iteration > options.maxIter) return { coef, gradient, iterations: iteration - 1, converged, stopped };
		for (let j = 0; j < n; j++) if (f.penalised(j)) hessian[j * n + j] += f.l2;
		const direction = f.l1 > 0 ? coordinateDescent(f, hessian, gradient, coef, options.tol / 10) : solvePositive(hessian, gradient, n);
		let promised = -f.rough(coef);
		for (let j = 0; j < n; j++) {
			promised += gradient[j] * direction[j];
			trial[j] = coef[j] + direction[j];
		}
		promised += f.rough(trial);
		let size = 1;
		let better = false;
		for (let tries = 0; tries < 30; tries++, size /= 2) {
			for (let j = 0; j < n; j++) trial[j] = coef[j] + size * direction[j];
			if (f.smooth(trial) + f.rough(trial) <= value + 1e-4 * size * promised) {
				better = true;
				break;
			}
		}
		// No step helps any more: the value is as low as doubles can tell.
		if (!better) return { coef, gradient, iterations: iteration, converged: true, stopped: false };
		coef = trial.slice();
	}
}

/** Minimises g'd + d'Hd/2 + l1 |coef + d| over d, one coordinate at a time over the coordinates that still move. */
function coordinateDescent(f: Objective, hessian: Float64Array, gradient: Float64Array, coef: Float64Array, tol: number): Float64Array {
	const n = f.size;
	const d = new Float64Array(n);
	const slope = gradient.slice(); // g + H d
	const sweep = (over: readonly number[]): number => {
		let worst = 0;
		for (const j of over) {
			const h = hessian[j * n + j];
			if (!(h > 0)) continue; // a level that no row has
			const at = coef[j] + d[j];
			const goal = at - slope[j] / h;
			const l1 = f.penalised(j) ? f.l1 / h : 0;
			const next = Math.sign(goal) * Math.max(0, Math.abs(goal) - l1);
			const change = next - at;
			if (change === 0) continue;
			d[j] += change;
			for (let k = 0; k < n; k++) slope[k] += hessian[j * n + k] * change;
			worst = Math.max(worst, Math.abs(change) * h);
		}
		return worst;
	};
	const all = Array.from({ length: n }, (_, j) => j);
	for (let round = 0; round < 200; round++) {
		if (sweep(all) <= tol) break;
		const active = all.filter((j) => coef[j] + d[j] !== 0);
		for (let inner = 0; inner < 1000; inner++) if (sweep(active) <= tol) break;
	}
	return d;
}

/** For values whose squares no number holds: no step leads anywhere then. */
export const diverged = (): MlopsError =>
	new MlopsError('learn.diverged', 'The training ran away: squares of the values are more than a number can hold.', {
		remedy: 'Clip values that are far too large, or scale the columns (Feature Engineer).',
	});

/** Solves H d = -g by Cholesky; a singular H (columns that say the same) gets the least diagonal that makes it positive. */
function solvePositive(hessian: Float64Array, gradient: Float64Array, n: number): Float64Array {
	let top = 0;
	for (let j = 0; j < n; j++) top = Math.max(top, hessian[j * n + j]);
	// No diagonal makes that positive.
	if (!(top < Infinity)) throw diverged();
	for (let extra = 0; ; extra = Math.max(extra * 100, 1e-12 * (top || 1))) {
		const l = hessian.slice();
		let ok = true;
		for (let j = 0; j < n && ok; j++) {
			let pivot = l[j * n + j] + extra;
			for (let k = 0; k < j; k++) pivot -= l[j * n + k] * l[j * n + k];
			if (!(pivot > 1e-14 * top)) {
				// A coordinate that nothing depends on stays where it is.
				if (top === 0 || hessian[j * n + j] === 0) pivot = Infinity;
				else {
					ok = false;
					break;
				}
			}
			const root = Math.sqrt(pivot);
			l[j * n + j] = root;
			for (let i = j + 1; i < n; i++) {
				let sum = l[i * n + j];
				for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
				l[i * n + j] = root === Infinity ? 0 : sum / root;
			}
		}
		if (!ok) continue;
		const d = new Float64Array(n);
		for (let i = 0; i < n; i++) {
			let sum = -gradient[i];
			for (let k = 0; k < i; k++) sum -= l[i * n + k] * d[k];
			d[i] = sum / l[i * n + i];
		}
		for (let i = n - 1; i >= 0; i--) {
			let sum = d[i];
			for (let k = i + 1; k < n; k++) sum -= l[k * n + i] * d[k];
			d[i] = sum / l[i * n + i];
		}
		return d;
	}
}

/** True once the value has not moved for some iterations by more than doubles can tell: the gradient's last digits are noise then. */
function plateau(patience: number): (value: number) => boolean {
	let best = Infinity;
	let since = 0;
	return (value) => {
		since = value < best - 4 * Number.EPSILON * Math.abs(best) || best === Infinity ? 0 : since + 1;
		best = Math.min(best, value);
		return since >= patience;
	};
}

const dot = (a: Float64Array, b: Float64Array): number => {
	let sum = 0;
	for (let i = 0, n = a.length; i < n; i++) sum += a[i] * b[i];
	return sum;
};

/**
 * Limited-memory BFGS, 10 pairs, with a backtracking-and-doubling search for the weak Wolfe conditions (Nocedal and Wright, chapters 3 and
 * 7). The first guess of the inverse Hessian is its diagonal: levels that few rows have, and those that many have, then move alike, where
 * steps of one length need hundreds of iterations.
 */
async function lbfgs(f: Objective, options: SolverOptions, coef: Float64Array): Promise<Solution> {
	const n = f.size;
	const memory = 10;
	const pairs: Array<{ s: Float64Array; y: Float64Array; rho: number }> = [];
	const metric = metricOf(f, coef);
	let gradient = new Float64Array(n);
	let value = f.smooth(coef, gradient);
	const flat = plateau(3);
	for (let iteration = 1; ; iteration++) {
		const slope = f.violation(coef, gradient);
		const converged = slope <= options.tol || flat(value);
		const stopped = !converged && iteration <= options.maxIter && (await options.step(iteration, value, slope));
		if (converged || stopped || iteration > options.maxIter) return { coef, gradient, iterations: iteration - 1, converged, stopped };

		const d = gradient.map((g) => -g);
		const alphas: number[] = [];
		for (let i = pairs.length - 1; i >= 0; i--) {
			const { s, y, rho } = pairs[i];
			const alpha = rho * dot(s, d);
			alphas[i] = alpha;
			addTimes(d, -alpha, y);
		}
		// A row adds to one coefficient of each column, so a step along the diagonal alone would go too far by as much.
		const scale = pairs.length ? 1 / (pairs.at(-1)!.rho * dotBy(pairs.at(-1)!.y, metric)) : 1 / (f.design.columns.length + 1);
		for (let j = 0; j < n; j++) d[j] *= scale / metric[j];
		for (let i = 0; i < pairs.length; i++) {
			const { s, y, rho } = pairs[i];
			addTimes(d, alphas[i] - rho * dot(y, d), s);
		}

		const descent = dot(gradient, d);
		let low = 0;
		let high = Infinity;
		let size = 1;
		let found: { trial: Float64Array; value: number; gradient: Float64Array<ArrayBuffer> } | undefined;
		for (let tries = 0; tries < 40; tries++) {
			const trial = coef.map((c, j) => c + size * d[j]);
			const g = new Float64Array(n);
			const v = f.smooth(trial, g);
			if (!(v <= value + 1e-4 * size * descent)) high = size;
			else {
				found = { trial, value: v, gradient: g };
				if (dot(g, d) >= 0.9 * descent) break;
				low = size;
			}
			size = high < Infinity ? (low + high) / 2 : size * 2;
		}
		if (!found) return { coef, gradient, iterations: iteration, converged: true, stopped: false };
		const before = gradient;
		const from = coef;
		const { trial, gradient: after } = found;
		const s = trial.map((t, j) => t - from[j]);
		const y = after.map((g, j) => g - before[j]);
		const sy = dot(s, y);
		if (sy > 1e-16 * dot(y, y)) {
			pairs.push({ s, y, rho: 1 / sy });
			if (pairs.length > memory) pairs.shift();
		}
		coef = trial;
		gradient = after;
		value = found.value;
	}
}

/** The diagonal of the Hessian at a start, where nothing depends on a coefficient something that divides. */
function metricOf(f: Objective, coef: Float64Array): Float64Array {
	const metric = new Float64Array(f.size);
	f.diagonal(coef, metric);
	const top = metric.reduce((a, b) => Math.max(a, b), 0) || 1;
	return metric.map((h) => Math.max(h, 1e-12 * top));
}

/** y' M^-1 y */
function dotBy(y: Float64Array, metric: Float64Array): number {
	let sum = 0;
	for (let j = 0, n = y.length; j < n; j++) sum += (y[j] * y[j]) / metric[j];
	return sum;
}

function addTimes(to: Float64Array, by: number, what: Float64Array): void {
	for (let j = 0, n = to.length; j < n; j++) to[j] += by * what[j];
}

/**
 * Accelerated proximal gradient with backtracking and restart (Beck and Teboulle 2009; O'Donoghue and Candes 2015), its steps in the metric
 * of the Hessian's diagonal: for L1 with many coefficients or classes.
 */
async function fista(f: Objective, options: SolverOptions, coef: Float64Array): Promise<Solution> {
	const n = f.size;
	const gradient = new Float64Array(n);
	const metric = metricOf(f, coef);
	let curvature = 1;
	let ahead = coef.slice();
	let momentum = 1;
	let last = Infinity;
	const flat = plateau(20);
	for (let iteration = 1; ; iteration++) {
		const base = f.smooth(ahead, gradient);
		const slope = f.violation(ahead, gradient);
		const converged = slope <= options.tol || flat(last);
		const stopped = !converged && iteration <= options.maxIter && (await options.step(iteration, base + f.rough(ahead), slope));
		if (converged || stopped || iteration > options.maxIter)
			return { coef: ahead, gradient, iterations: iteration - 1, converged, stopped };
		let next = ahead;
		let value = base;
		for (curvature /= 1.5; ; curvature *= 2) {
			next = new Float64Array(n);
			let model = base;
			for (let j = 0; j < n; j++) {
				const bend = curvature * metric[j];
				const goal = ahead[j] - gradient[j] / bend;
				next[j] = f.penalised(j) ? Math.sign(goal) * Math.max(0, Math.abs(goal) - f.l1 / bend) : goal;
				const move = next[j] - ahead[j];
				model += gradient[j] * move + 0.5 * bend * move * move;
			}
			value = f.smooth(next);
			if (value <= model + 1e-12 * Math.abs(model)) break;
		}
		value += f.rough(next);
		if (value > last) momentum = 1; // went uphill: forget the speed
		const faster = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
		const pull = momentum === 1 ? 0 : (momentum - 1) / faster;
		const from = coef;
		ahead = next.map((v, j) => v + pull * (v - from[j]));
		coef = next;
		momentum = faster;
		last = value;
	}
}
