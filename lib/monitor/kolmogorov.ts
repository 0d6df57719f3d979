import { lnGamma } from '../task/statistics/distributions.js';

/**
 * Distribution of the Kolmogorov-Smirnov statistic.
 * Two samples, exactly: lattice paths (Hodges 1958). Many rows: the one-sample distribution with the harmonic number of rows, by the Durbin
 * matrix (Marsaglia, Tsang & Wang 2003), twice the one-sided tail (Smirnov; Birnbaum & Tingey 1951) where that is exact enough, or Pelz &
 * Good's series (1976).
 */

/** Above this many rows in a sample the exact distribution gives way to the limit, as scipy does. */
const EXACT_ROWS = 10_000;
const MATRIX_ROWS = 10_000;
/** From here on it is faster to walk a vector through the matrix than to square it. */
const SQUARED_ROWS = 1_000;
/** The chance is 2 exp(-2 n d^2) at most (Massart 1990), which a double cannot tell from 0 above this n d^2. */
const NO_CHANCE = 380;
/** 1 / 20! is less than what a double can tell from nothing beside 1. */
const BAND = 20;

/** P(D >= d) for two samples of `m` and `n` rows; `steps` is d times the least common multiple of m and n, a whole number. */
export function kolmogorovTwoSample(m: number, n: number, steps: number): number {
	if (steps <= 0) return 1;
	if (Math.max(m, n) <= EXACT_ROWS) return pathsOutside(m, n, steps);
	const lcm = (m / gcd(m, n)) * n;
	return kolmogorovSf(steps / lcm, Math.round((m * n) / (m + n)));
}

export function gcd(a: number, b: number): number {
	while (b) [a, b] = [b, a % b];
	return a;
}

/**
 * Share of lattice paths from (0,0) to (m,n) that touch the lines |x/m - y/n| = steps/lcm. Only terms of one sign, so small tails keep
 * their digits.
 */
function pathsOutside(m: number, n: number, steps: number): number {
	const g = gcd(m, n);
	const dx = n / g;
	const dy = m / g;
	// out[y] is the chance that a random path to (x, y) has touched a line; 1 beyond the band.
	const out = new Float64Array(n + 1).fill(1);
	for (let x = 0; x <= m; x++) {
		const low = Math.max(0, Math.floor((x * dx - steps) / dy) + 1);
		const high = Math.min(n, Math.ceil((x * dx + steps) / dy) - 1);
		if (low > 0) out[low - 1] = 1;
		for (let y = low; y <= high; y++) {
			if (x === 0 && y === 0) {
				out[0] = 0;
				continue;
			}
			const fromBelow = y === 0 ? 0 : out[y - 1] * y;
			const fromLeft = x === 0 ? 0 : out[y] * x;
			out[y] = (fromBelow + fromLeft) / (x + y);
		}
		if (high < n) out[high + 1] = 1;
	}
	return Math.min(1, out[n]);
}

/** P(D_n >= d) of the one-sample statistic. */
export function kolmogorovSf(d: number, n: number): number {
	if (d <= 0.5 / n) return 1;
	if (d >= 1) return 0;
	const nd2 = n * d * d;
	if (nd2 > NO_CHANCE) return 0;
	if (nd2 > 2.5 || n * d > n - 1) return Math.min(1, 2 * smirnovSf(d, n));
	if (n <= SQUARED_ROWS) return Math.max(0, 1 - durbinMatrix(d, n));
	if (n <= MATRIX_ROWS) return Math.max(0, 1 - durbinWalk(d, n));
	return Math.min(1, Math.max(0, 1 - pelzGood(d, n)));
}

/** P(D+_n >= d). */
function smirnovSf(d: number, n: number): number {
	let sum = 0;
	let lnChoose = 0;
	for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
		if (j > 0) lnChoose += Math.log((n - j + 1) / j);
		const at = d + j / n;
		if (at >= 1) {
			if (n - j === 0) sum += Math.exp(lnChoose + (j - 1) * Math.log(at));
			continue;
		}
		sum += Math.exp(lnChoose + (n - j) * Math.log1p(-at) + (j - 1) * Math.log(at));
	}
	return d * sum;
}

function durbinMatrix(d: number, n: number): number {
	const k = Math.floor(n * d) + 1;
	const m = 2 * k - 1;
	const h = k - n * d;
	let base: Float64Array = new Float64Array(m * m);
	for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) base[i * m + j] = i - j + 1 < 0 ? 0 : 1;
	for (let i = 0; i < m; i++) {
		base[i * m] -= h ** (i + 1);
		base[(m - 1) * m + i] -= h ** (m - i);
	}
	base[(m - 1) * m] += 2 * h - 1 > 0 ? (2 * h - 1) ** m : 0;
	for (let i = 0; i < m; i++)
		for (let j = 0; j < m; j++) {
			for (let g = 2; g <= i - j + 1; g++) base[i * m + j] /= g;
		}
	let result: Float64Array | undefined;
	let resultExponent = 0;
	let exponent = 0;
	const scaled = (a: Float64Array): number => {
		if (a[(k - 1) * m + k - 1] <= 1e140) return 0;
		for (let i = 0, n = a.length; i < n; i++) a[i] *= 1e-140;
		return 140;
	};
	for (let power = n; power > 0; power = Math.floor(power / 2)) {
		if (power % 2 === 1) {
			result = result ? multiply(result, base, m) : base.slice();
			resultExponent += exponent;
			resultExponent += scaled(result);
		}
		if (power > 1) {
			base = multiply(base, base, m);
			exponent *= 2;
			exponent += scaled(base);
		}
	}
	let p = (result as Float64Array)[(k - 1) * m + k - 1];
	for (let i = 1; i <= n; i++) {
		p = (p * i) / n;
		if (p < 1e-140) {
			p *= 1e140;
			resultExponent -= 140;
		}
	}
	return p * 10 ** resultExponent;
}

/**
 * The same entry of the matrix' n-th power, by one row that goes through the matrix n times: its entries are 1 / (i - j + 1)!, so that only
 * a band of them counts, but for the first column and the last row, which know h. Each step takes its share of n! / n^n.
 */
function durbinWalk(d: number, n: number): number {
	const k = Math.floor(n * d) + 1;
	const m = 2 * k - 1;
	const h = k - n * d;
	const band = Math.min(BAND, m);
	const factorial = new Float64Array(BAND + 2).fill(1);
	for (let q = 2, end = factorial.length; q < end; q++) factorial[q] = factorial[q - 1] * q;
	const inverse = factorial.map((f) => 1 / f);
	const ofH = inverse.map((f, q) => f * h ** q);
	const corner = 2 * h > 1 && m <= BAND ? (2 * h - 1) ** m * inverse[m] : 0;
	const share = Math.exp(lnGamma(n + 1) / n - Math.log(n));
	let row = new Float64Array(m);
	let next = new Float64Array(m);
	row[k - 1] = 1;
	for (let step = 0; step < n; step++) {
		const last = row[m - 1];
		for (let j = 0; j < m; j++) {
			let sum = 0;
			if (j === 0) for (let i = 0; i < band; i++) sum += row[i] * (inverse[i + 1] - ofH[i + 1]);
			else for (let q = 0, to = Math.min(BAND, m - j); q <= to; q++) sum += row[j - 1 + q] * inverse[q];
			if (m - j <= BAND) sum -= last * (ofH[m - j] - (j === 0 ? corner : 0));
			next[j] = sum * share;
		}
		[row, next] = [next, row];
	}
	return row[k - 1];
}

function multiply(a: Float64Array, b: Float64Array, m: number): Float64Array {
	const out = new Float64Array(m * m);
	for (let i = 0; i < m; i++)
		for (let k = 0; k < m; k++) {
			const factor = a[i * m + k];
			if (factor !== 0) for (let j = 0; j < m; j++) out[i * m + j] += factor * b[k * m + j];
		}
	return out;
}

/** The first three terms of Pelz & Good; with more than 10,000 rows the rest is below 1e-8. */
function pelzGood(d: number, n: number): number {
	const z = Math.sqrt(n) * d;
	const z2 = z * z;
	const pi2 = Math.PI * Math.PI;
	let k0 = 0;
	let k1 = 0;
	let k2 = 0;
	let k2b = 0;
	for (let k = 0; k < 60; k++) {
		const u = (k + 0.5) ** 2;
		const e = 2 * Math.exp((-pi2 * u) / (2 * z2)); // k and -k-1 together
		k0 += e;
		k1 += (pi2 * u - z2) * e;
		k2 += (6 * z2 ** 3 + 2 * z2 ** 2 + pi2 * (2 * z2 ** 2 - 5 * z2) * u + pi2 * pi2 * (1 - 2 * z2) * u * u) * e;
		k2b += 2 * pi2 * k * k * Math.exp((-pi2 * k * k) / (2 * z2));
	}
	const root = Math.sqrt(Math.PI / 2);
	return (root / z) * k0 + (root / (6 * z ** 4) / Math.sqrt(n)) * k1 + (root / n) * (k2 / (72 * z ** 7) - k2b / (36 * z ** 3));
}
