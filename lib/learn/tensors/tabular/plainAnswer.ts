import type { CompiledLayer, CompiledNetwork } from './compileNetwork.js';
import { FOUR, WAVE } from './compileNetwork.js';
import { CLIP, EMBEDDED, FREQUENCIES, type Form } from './networkForm.js';

/*
 * A network's raw outputs in plain TypeScript, where there is no WebAssembly. The kernel (trees/kernel/assembly/network.ts) does the same
 * operations on 32 bits in the same order: both have the same bits.
 */

const f = Math.fround;
/** Added to a number it leaves a whole one in the last bits; the second one leaves an exponent of 2 there. */
const [ROUND, ROUND_EXPONENT] = [12582912, 12583039];
/** Coefficients of the cosine of half turns, from the second power up. */
const [C2, C4, C6, C8] = [-4.934795518109734, 4.058451340855111, -1.3320938598441883, 0.22008064046945858].map(f);
/** Coefficients of e^x from the fifth power down, for Mish; of lambda alpha e^x, for SELU. */
const MISH = [0.008312520396071325, 0.04189015759754312, 0.16667114650307133, 0.49999231489999996, 1, 1].map(f);
const SELU = [
	0.014614236629113372, 0.0736470584602333, 0.29302443280532625, 0.8790361592544439, 1.7580993408473766, 1.7580993408473766,
].map(f);
const LAMBDA = f(1.0507009873554805);
const [LOG2E, LN2, LEAST_EXPONENT] = [f(Math.LOG2E), f(Math.LN2), -80];
const [THIRD, FAR] = [f(1 / CLIP), 1e9];

/** A number of 32 bits, and its bits. */
const single = new Float32Array(1);
const bits = new Int32Array(single.buffer);
const bitsOf = (x: number): number => {
	single[0] = x;
	return bits[0];
};

/** The cosine of so many half turns, in single precision: by how far it is from a whole number of them, which tells the sign. */
function cosSingle(x: number): number {
	const t = f(x + ROUND);
	const r = f(x - f(t - ROUND));
	const r2 = f(r * r);
	const r4 = f(r2 * r2);
	const high = f(f(C8 * r4) + f(f(C6 * r2) + C4));
	const p = f(f(high * r4) + f(f(C2 * r2) + 1));
	return bitsOf(t) & 1 ? -p : p;
}

/** e^x in single precision, of an x up to 20, with these coefficients. */
function expSingle(given: number, [e5, e4, e3, e2, e1, e0]: readonly number[]): number {
	const x = given < LEAST_EXPONENT ? LEAST_EXPONENT : given;
	const t = f(f(x * LOG2E) + ROUND_EXPONENT);
	const r = f(x - f(f(t - ROUND_EXPONENT) * LN2));
	const r2 = f(r * r);
	const high = f(f(e5 * r) + e4);
	const mid = f(f(e3 * r) + e2);
	const p = f(f(f(f(high * r2) + mid) * r2) + f(f(e1 * r) + e0));
	bits[0] = bitsOf(t) << 23;
	return f(p * single[0]);
}

/** `z + a (f(z) - z)`. */
const ACTIVATE: Record<Form['activation'], (z: number, a: number) => number> = {
	// What is above 0 and what is below: one of them is nothing.
	selu(z, a) {
		const above = f(f(LAMBDA * (z < 0 ? 0 : z)) - z);
		const below = f(expSingle(0 < z ? 0 : z, SELU) - SELU[5]);
		return f(f(z + f(a * above)) + f(a * below));
	},
	mish(z, a) {
		const e = expSingle(20 < z ? 20 : z, MISH);
		const n = f(e * f(e + 2));
		return f(z + f(a * f(f(f(z * n) / f(n + 2)) - z)));
	},
};

/** A number as the network takes it, as `scaled` does in 64 bits. */
function scaledSingle(value: number, center: number, factor: number): number {
	const x = f((value - center) * factor);
	const q = f(x * THIRD);
	return Math.abs(x) > FAR ? Math.sign(x) * CLIP : f(x / f(Math.sqrt(f(1 + f(q * q)))));
}

/** The raw outputs of one row at a time, by its numbers and the slots of its categories. The array is written over by the next. */
export function plainAnswer({ numbers, waves, tables, layers, activation }: CompiledNetwork) {
	const first = new Float32Array(layers[0].into);
	const rooms = layers.map(({ fours }) => new Float32Array(fours * FOUR));
	const activate = ACTIVATE[activation];
	return (values: Float64Array, slots: Int32Array): Float32Array => {
		for (let c = 0; c < numbers.length; c++) {
			first[c] = scaledSingle(values[c], numbers[c].center, numbers[c].factor);
			if (waves) wave(first, c, numbers.length + c * EMBEDDED, waves);
		}
		let h = first;
		for (let l = 0; l < layers.length; l++) {
			const z = rooms[l];
			z.set(layers[l].bias);
			if (l === 0)
				for (let t = 0; t < tables.length; t++)
					for (let o = 0, from = slots[t] * z.length, n = z.length; o < n; o++, from++) z[o] = f(z[o] + tables[t].rows[from]);
			multiply(h, layers[l], z);
			const { a } = layers[l];
			if (a) for (let o = 0, n = z.length; o < n; o++) z[o] = activate(z[o], a[o]);
			h = z;
		}
		return h;
	};
}

function wave(h: Float32Array, c: number, to: number, waves: Float32Array): void {
	const from = c * WAVE;
	for (let d = 0; d < EMBEDDED; d++) h[to + d] = waves[from + WAVE - FOUR + d];
	for (let k = 0; k < FREQUENCIES; k++) {
		const s = cosSingle(f(f(h[c] * waves[from + k]) + waves[from + FREQUENCIES + k]));
		const w = from + 2 * FREQUENCIES + k * FOUR;
		for (let d = 0; d < EMBEDDED; d++) h[to + d] = f(h[to + d] + f(s * waves[w + d]));
	}
}

/** `z += h w`. */
function multiply(h: Float32Array, { into, fours, w }: CompiledLayer, z: Float32Array): void {
	for (let block = 0, at = 0; block < fours; block++) {
		const o = block * FOUR;
		let [s0, s1, s2, s3] = [z[o], z[o + 1], z[o + 2], z[o + 3]];
		for (let i = 0; i < into; i++, at += FOUR) {
			const v = h[i];
			s0 = f(s0 + f(v * w[at]));
			s1 = f(s1 + f(v * w[at + 1]));
			s2 = f(s2 + f(v * w[at + 2]));
			s3 = f(s3 + f(v * w[at + 3]));
		}
		z[o] = s0;
		z[o + 1] = s1;
		z[o + 2] = s2;
		z[o + 3] = s3;
	}
}
