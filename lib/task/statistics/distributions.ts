/**
 * Tail probabilities of the distributions that tests need, to about 1e-13 relative.
 * Formulae: Lanczos (1964) for the gamma function, series and Lentz's continued fractions for the incomplete gamma and beta functions
 * (Abramowitz & Stegun 6.5, 26.5).
 */
const LANCZOS = [
	0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
	-0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const TINY = 1e-300;
const EPSILON = 1e-16;
const MAX_TERMS = 100_000;

/** Natural logarithm of the gamma function, for x > 0. */
export function lnGamma(x: number): number {
	if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
	const z = x - 1;
	let sum = LANCZOS[0];
	for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (z + i);
	const t = z + 7.5;
	return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Upper regularised incomplete gamma function Q(a, x). */
export function gammaQ(a: number, x: number): number {
	if (x <= 0) return 1;
	if (x === Infinity) return 0;
	const scale = Math.exp(a * Math.log(x) - x - lnGamma(a));
	if (x < a + 1) {
		let term = 1 / a;
		let sum = term;
		for (let n = 1; n < MAX_TERMS && term > sum * EPSILON; n++) sum += term *= x / (a + n);
		return 1 - scale * sum;
	}
	let b = x + 1 - a;
	let c = 1 / TINY;
	let d = 1 / b;
	let h = d;
	for (let i = 1; i < MAX_TERMS; i++) {
		const an = -i * (i - a);
		b += 2;
		d = 1 / nonZero(an * d + b);
		c = nonZero(b + an / c);
		h *= d * c;
		if (Math.abs(d * c - 1) < EPSILON) break;
	}
	return scale * h;
}

const nonZero = (x: number): number => (Math.abs(x) < TINY ? TINY : x);

/** P(X > x) for chi-squared with `df` degrees of freedom; 0 degrees of freedom is a point at 0. */
export const chiSquaredSf = (x: number, df: number): number => (df <= 0 ? (x > 0 ? 0 : 1) : gammaQ(df / 2, x / 2));

/** P(X > x) for the standard normal. */
export const normalSf = (x: number): number => (x >= 0 ? 0.5 * gammaQ(0.5, (x * x) / 2) : 1 - 0.5 * gammaQ(0.5, (x * x) / 2));

/** Regularised incomplete beta function I_x(a, b). */
export function betaI(x: number, a: number, b: number): number {
	if (x <= 0) return 0;
	if (x >= 1) return 1;
	const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
	return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
	let c = 1;
	let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
	let h = d;
	for (let m = 1; m < MAX_TERMS; m++) {
		const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / nonZero(1 + even * d);
		c = nonZero(1 + even / c);
		h *= d * c;
		const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / nonZero(1 + odd * d);
		c = nonZero(1 + odd / c);
		h *= d * c;
		if (Math.abs(d * c - 1) < EPSILON) break;
	}
	return h;
}

/** Two-sided p-value of Student's t. */
export const studentP = (t: number, df: number): number => betaI(df / (df + t * t), df / 2, 0.5);

/** Quantile of the standard normal by Newton steps on the tail above. */
export function normalQuantile(p: number): number {
	if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
	if (p > 0.5) return -normalQuantile(1 - p);
	let x = -Math.sqrt(-2 * Math.log(p)) * (p < 0.4 ? 0.9 : 0.2);
	for (let i = 0; i < 60; i++) {
		const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
		const step = (normalSf(-x) - p) / density;
		const bounded = Math.max(-1, Math.min(1, step));
		x -= bounded;
		if (Math.abs(bounded) < 1e-14) break;
	}
	return x;
}

/**
 * Two-sided p-value of Fisher's exact test for the table [[a, b], [c, d]]: tables no likelier than the one seen (relative tolerance 1e-7 as
 * in R).
 */
export function fisherExact(a: number, b: number, c: number, d: number): number {
	const row = a + b;
	const column = a + c;
	const n = a + b + c + d;
	const from = Math.max(0, row + column - n);
	const to = Math.min(row, column);
	const ln = (k: number): number => lnChoose(column, k) + lnChoose(n - column, row - k) - lnChoose(n, row);
	const seen = ln(a) + 1e-7;
	let p = 0;
	for (let k = from; k <= to; k++) {
		const value = ln(k);
		if (value <= seen) p += Math.exp(value);
	}
	return Math.min(1, p);
}

const lnChoose = (n: number, k: number): number => lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1);
