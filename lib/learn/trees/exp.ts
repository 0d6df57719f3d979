const LOG2E = Math.LOG2E;
/** ln 2 in two parts: the first has trailing zero bits, so that `k * LN2_HIGH` is exact. */
const LN2_HIGH = 0.693147180369123816490;
const LN2_LOW = 1.90821492927058770002e-10;
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
