import { z } from 'zod/v4';

/**
 * How probabilities are put right. `temperature`: p^(1/t), made to add up to one (Guo, Pleiss, Sun and Weinberger 2017). `beta`: logit q =
 * a ln p - b ln(1 - p) + c (Kull, Silva Filho and Flach 2017). `isotonic`: straight lines between points (Zadrozny and Elkan 2002). The
 * last two are for two classes. None changes which of two rows comes first.
 */
export const calibration = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('temperature'), t: z.number().positive() }),
	z.object({ kind: z.literal('beta'), a: z.number().min(0), b: z.number().min(0), c: z.number() }),
	z.object({ kind: z.literal('isotonic'), x: z.array(z.number()).min(2), y: z.array(z.number()).min(2) }),
]);
export type Calibration = z.infer<typeof calibration>;

/** Probabilities are kept so far from 0 and 1 before their logarithms are taken. */
export const EDGE = 1e-15;
/** Share of the probability as it was that isotonic answers keep, so that rows it would make equal stay in their order. */
export const KEPT = 1e-3;
const clamp = (p: number): number => Math.min(1 - EDGE, Math.max(EDGE, p));

/** Puts the answers of one row right, in place: `outputs` numbers from `at`. */
export function calibrator(how: Calibration): (p: Float64Array, at: number, outputs: number) => void {
	switch (how.kind) {
		case 'temperature':
			return (p, at, outputs) => {
				if (outputs === 1) p[at] = sigmoid(logit(p[at]) / how.t);
				else temper(p, at, outputs, how.t);
			};
		case 'beta':
			return (p, at) => {
				const v = clamp(p[at]);
				p[at] = sigmoid(how.a * Math.log(v) - how.b * Math.log1p(-v) + how.c);
			};
		case 'isotonic':
			return (p, at) => {
				p[at] = (1 - KEPT) * along(how, p[at]) + KEPT * p[at];
			};
	}
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const logit = (p: number): number => Math.log(clamp(p)) - Math.log1p(-clamp(p));

function temper(p: Float64Array, at: number, outputs: number, t: number): void {
	let top = -Infinity;
	for (let k = 0; k < outputs; k++) top = Math.max(top, p[at + k]);
	let sum = 0;
	for (let k = 0; k < outputs; k++) sum += p[at + k] = (clamp(p[at + k]) / clamp(top)) ** (1 / t);
	for (let k = 0; k < outputs; k++) p[at + k] /= sum;
}

function along({ x, y }: { x: readonly number[]; y: readonly number[] }, v: number): number {
	if (v <= x[0]) return y[0];
	const last = x.length - 1;
	if (v >= x[last]) return y[last];
	let low = 0;
	let high = last;
	while (high - low > 1) {
		const middle = (low + high) >>> 1;
		if (x[middle] <= v) low = middle;
		else high = middle;
	}
	return y[low] + ((y[high] - y[low]) * (v - x[low])) / (x[high] - x[low]);
}

/** The same for all rows, as new numbers. */
export function calibrated(scores: Float64Array, outputs: number, how: Calibration | undefined): Float64Array {
	const out = scores.slice();
	if (!how) return out;
	const put = calibrator(how);
	for (let i = 0, n = out.length; i < n; i += outputs) put(out, i, outputs);
	return out;
}

/** Log loss of each row. */
export const lossesOf = (y: Float64Array, scores: Float64Array, outputs: number): Float64Array =>
	y.map((c, i) => -Math.log(clamp(outputs === 1 ? (c === 1 ? scores[i] : 1 - scores[i]) : scores[i * outputs + c])));

/** All kinds that suit these rows, fitted to them by log loss. */
export function fitCalibrations(y: Float64Array, scores: Float64Array, outputs: number): Calibration[] {
	const temperature: Calibration = { kind: 'temperature', t: bestTemperature(y, scores, outputs, { least: 0.2 }) };
	return outputs === 1 ? [temperature, fitBeta(y, scores), fitIsotonic(y, scores)] : [temperature];
}

/** The temperature from `least` to 5 that suits these rows, by golden section on its logarithm. */
export function bestTemperature(
	y: Float64Array,
	scores: Float64Array,
	outputs: number,
	{ least, weight }: { least: number; weight?: Float64Array },
): number {
	const loss = (logT: number): number =>
		lossesOf(y, calibrated(scores, outputs, { kind: 'temperature', t: Math.exp(logT) }), outputs).reduce(
			(sum, l, i) => sum + (weight ? weight[i] : 1) * l,
			0,
		);
	const ratio = (Math.sqrt(5) - 1) / 2;
	let [low, high] = [Math.log(least), Math.log(5)];
	let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
	let [atLeft, atRight] = [loss(left), loss(right)];
	for (let step = 0; step < 25; step++) {
		if (atLeft < atRight) {
			[high, right, atRight] = [right, left, atLeft];
			left = high - ratio * (high - low);
			atLeft = loss(left);
		} else {
			[low, left, atLeft] = [left, right, atRight];
			right = low + ratio * (high - low);
			atRight = loss(right);
		}
	}
	return Math.exp((low + high) / 2);
}

/** Logistic regression on ln p and -ln(1 - p) by Newton's method; a slope below 0 is left out, since it would turn the ranking. */
function fitBeta(y: Float64Array, scores: Float64Array): Calibration {
	const columns = [Float64Array.from(scores, (p) => Math.log(clamp(p))), Float64Array.from(scores, (p) => -Math.log1p(-clamp(p)))];
	const both = newton(y, columns);
	if (both[0] >= 0 && both[1] >= 0) return { kind: 'beta', a: both[0], b: both[1], c: both[2] };
	const one = both[0] < 0 ? 1 : 0;
	const [slope, c] = newton(y, [columns[one]]);
	return { kind: 'beta', a: one === 0 ? Math.max(slope, 1e-6) : 0, b: one === 1 ? Math.max(slope, 1e-6) : 0, c };
}

/** Slopes and intercept; a small ridge towards slopes of 1 keeps rows that can be told apart from driving them to infinity. */
function newton(y: Float64Array, columns: readonly Float64Array[]): number[] {
	const n = columns.length + 1;
	const ridge = 1e-3 * y.length;
	const scoreOf = (w: readonly number[], i: number): number => columns.reduce((sum, c, j) => sum + w[j] * c[i], w[n - 1]);
	const loss = (w: readonly number[]): number => {
		let sum = w.reduce((all, v, j) => (j < n - 1 ? all + (ridge / 2) * (v - 1) ** 2 : all), 0);
		for (let i = 0, end = y.length; i < end; i++) {
			const z = scoreOf(w, i);
			sum += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - y[i] * z;
		}
		return sum;
	};
	let w = [...columns.map(() => 1), 0];
	let reached = loss(w);
	for (let step = 0; step < 30; step++) {
		const gradient = w.map((v, j) => (j < n - 1 ? ridge * (v - 1) : 0));
		const hessian = w.map((_, j) => w.map((__, k) => (j === k ? (j < n - 1 ? ridge : 1e-9) : 0)));
		for (let i = 0, end = y.length; i < end; i++) {
			const p = sigmoid(scoreOf(w, i));
			const x = (j: number): number => (j < n - 1 ? columns[j][i] : 1);
			for (let j = 0; j < n; j++) {
				gradient[j] += (p - y[i]) * x(j);
				for (let k = 0; k < n; k++) hessian[j][k] += p * (1 - p) * x(j) * x(k);
			}
		}
		const move = solve(hessian, gradient);
		const before = reached;
		// Far from the solution a whole step may lead further away.
		for (let size = 1; size > 1e-4; size /= 2) {
			const next = w.map((v, j) => v - size * move[j]);
			const value = loss(next);
			if (!(value < reached)) continue;
			[w, reached] = [next, value];
			break;
		}
		if (before - reached < 1e-9 * y.length) break;
	}
	return w;
}

/** Gaussian elimination of a small symmetric system. */
function solve(a: number[][], b: number[]): number[] {
	const m = a.map((row, i) => [...row, b[i]]);
	const n = b.length;
	for (let j = 0; j < n; j++)
		for (let i = j + 1; i < n; i++) {
			const factor = m[i][j] / (m[j][j] || 1e-12);
			for (let k = j; k <= n; k++) m[i][k] -= factor * m[j][k];
		}
	const x = new Array<number>(n).fill(0);
	for (let j = n - 1; j >= 0; j--) x[j] = (m[j][n] - m[j].reduce((s, v, k) => (k > j && k < n ? s + v * x[k] : s), 0)) / (m[j][j] || 1e-12);
	return x;
}

/** Pools adjacent violators; one row of the other class at either end keeps answers from being certain. Points are the pools' means. */
function fitIsotonic(y: Float64Array, scores: Float64Array): Calibration {
	const order = Array.from(y.keys()).sort((a, b) => scores[a] - scores[b] || a - b);
	const rows: Array<[x: number, y: number]> = [
		[scores[order[0]], 1],
		...order.map((i): [number, number] => [scores[i], y[i]]),
		[scores[order[order.length - 1]], 0],
	];
	const pools: Array<{ x: number; y: number; n: number }> = [];
	for (const [x, v] of rows) {
		pools.push({ x, y: v, n: 1 });
		while (pools.length > 1) {
			const [before, last] = pools.slice(-2);
			if (before.y / before.n < last.y / last.n && before.x / before.n < last.x / last.n) break;
			pools.splice(-2, 2, { x: before.x + last.x, y: before.y + last.y, n: before.n + last.n });
		}
	}
	const points = pools.map(({ x, y: sum, n }) => ({ x: x / n, y: sum / n }));
	if (points.length === 1) points.push({ x: points[0].x + 1, y: points[0].y });
	return { kind: 'isotonic', x: points.map((p) => p.x), y: points.map((p) => p.y) };
}
