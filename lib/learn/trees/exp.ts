const LOG2E = Math.LOG2E;
/** ln 2 in two parts: the first has trailing zero bits, so that `k * LN2_HIGH` is exact. */
const LN2_HIGH = 0.69314718036912381649;
const LN2_LOW = 1.90821492927058770002e-10;
const f = Math.fround;
const LOG2E_SINGLE = f(Math.LOG2E);
const LN2_HIGH_SINGLE = f(0.693359375);
const LN2_LOW_SINGLE = f(-2.1219444e-4);
const ROUND_SINGLE = f(1.5 * 2 ** 23);
const POWERS_SINGLE = Float32Array.from({ length: 255 }, (_, i) => 2 ** (i - 127));
const [C7, C6, C5, C4, C3] = [5040, 720, 120, 24, 6].map((n) => f(1 / n));

/**
 * e^x in single precision for a single x, held to [-80, 80]; relative error below 2e-7. For gradients, which are kept as floats: the kernel
 * computes four at a time.
 */
export function expSingle(x: number): number {
	const c = x > 80 ? 80 : x < -80 ? -80 : x;
	const k = f(f(f(c * LOG2E_SINGLE) + ROUND_SINGLE) - ROUND_SINGLE);
	const r = f(f(c - f(k * LN2_HIGH_SINGLE)) - f(k * LN2_LOW_SINGLE));
	let p = f(f(C7 * r) + C6);
	p = f(f(p * r) + C5);
	p = f(f(p * r) + C4);
	p = f(f(p * r) + C3);
	p = f(f(p * r) + 0.5);
	p = f(f(p * r) + 1);
	p = f(f(p * r) + 1);
	return f(p * POWERS_SINGLE[k + 127]);
}

/** Added and taken off again it leaves the nearest whole number: the sum has no bits for less. */
const ROUND = 1.5 * 2 ** 52;
const POWERS = Float64Array.from({ length: 2048 }, (_, i) => 2 ** (i - 1023));

/**
 * e^x by a polynomial of degree 10 (relative error below 3e-13). The WASM kernel does the same operations in the same order,
 * so both paths compute the same bits on every machine; `Math.exp` promises no such thing.
 */
export function exp(x: number): number {
	const clamped = x > 700 ? 700 : x < -700 ? -700 : x;
	const k = clamped * LOG2E + ROUND - ROUND;
	const r = clamped - k * LN2_HIGH - k * LN2_LOW;
	let p = 1 / 3628800;
	p = p * r + 1 / 362880;
	p = p * r + 1 / 40320;
	p = p * r + 1 / 5040;
	p = p * r + 1 / 720;
	p = p * r + 1 / 120;
	p = p * r + 1 / 24;
	p = p * r + 1 / 6;
	p = p * r + 0.5;
	p = p * r + 1;
	p = p * r + 1;
	return p * POWERS[k + 1023];
}
