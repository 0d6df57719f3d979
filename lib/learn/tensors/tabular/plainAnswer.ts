import { expSingle } from '../../trees/exp.js';
import type { CompiledLayer, CompiledNetwork } from './compileNetwork.js';
import { FOUR, WAVE } from './compileNetwork.js';
import { EMBEDDED, FREQUENCIES, type Form } from './networkForm.js';
import { scaled } from './networkInputs.js';

/*
 * A network's raw outputs in plain TypeScript, where there is no WebAssembly. The kernel (trees/kernel/assembly/network.ts) does the same
 * operations on 32 bits in the same order: both have the same bits.
 */

const f = Math.fround;
const [PER_PI, ROUND] = [f(0.31830988618), f(12582912)];
/** Pi in three parts: the first two have so few bits that a whole number times them is exact. */
const [PI1, PI2, PI3] = [f(3.140625), f(9.67502593994140625e-4), f(1.50995799097837643e-7)];
const [C12, C10, C8, C6, C4] = [
	2.08767569878681e-9, -2.7557319223985893e-7, 2.48015873015873e-5, -1.388888888888889e-3, 4.1666666666666664e-2,
].map(f);
const MOST_ANGLE = 131072;
const EDGE = f(1.6);
const [LAMBDA, LAMBDA_ALPHA] = [f(1.0507009873554805), f(1.7580993408473766)];

const held = (x: number, most: number): number => {
	const below = most < x ? most : x;
	return below < -most ? -most : below;
};

/** The cosine of a single in single precision: by how far it is from a multiple of pi, whose sign tells the rest. */
function cosSingle(given: number): number {
	const x = held(given, MOST_ANGLE);
	const k = f(f(f(x * PER_PI) + ROUND) - ROUND);
	const r = held(f(f(f(x - f(k * PI1)) - f(k * PI2)) - f(k * PI3)), EDGE);
	const r2 = f(r * r);
	let p = f(f(C12 * r2) + C10);
	p = f(f(p * r2) + C8);
	p = f(f(p * r2) + C6);
	p = f(f(p * r2) + C4);
	p = f(f(p * r2) - 0.5);
	p = f(f(p * r2) + 1);
	return k & 1 ? -p : p;
}

const ACTIVATE: Record<Form['activation'], (z: number) => number> = {
	selu: (z) => (z > 0 ? f(LAMBDA * z) : f(LAMBDA_ALPHA * f(expSingle(z) - 1))),
	mish: (z) => {
		const e = expSingle(20 < z ? 20 : z);
		const n = f(e * f(e + 2));
		return f(f(z * n) / f(n + 2));
	},
};

/** The raw outputs of one row at a time, by its numbers and the slots of its categories. The array is written over by the next. */
export function plainAnswer({ numbers, waves, tables, layers, activation }: CompiledNetwork) {
	const first = new Float32Array(layers[0].into);
	const rooms = layers.map(({ fours }) => new Float32Array(fours * FOUR));
	const activate = ACTIVATE[activation];
	return (values: Float64Array, slots: Int32Array): Float32Array => {
		for (let c = 0; c < numbers.length; c++) {
			first[c] = scaled(values[c], numbers[c].center, numbers[c].factor);
			if (waves) wave(first, c, numbers.length + c * EMBEDDED, waves);
		}
		let h = first;
		for (let l = 0; l < layers.length; l++) {
			const z = rooms[l];
			multiply(h, layers[l], z);
			if (l === 0)
				for (let t = 0; t < tables.length; t++)
					if (slots[t] >= 0) for (let o = 0, from = slots[t] * z.length; o < z.length; o++, from++) z[o] = f(z[o] + tables[t].rows[from]);
			const { a } = layers[l];
			if (a) for (let o = 0; o < z.length; o++) z[o] = f(z[o] + f(a[o] * f(activate(z[o]) - z[o])));
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

/** `z = h w + b`. */
function multiply(h: Float32Array, { into, fours, w, bias }: CompiledLayer, z: Float32Array): void {
	for (let block = 0, at = 0; block < fours; block++) {
		const o = block * FOUR;
		let [s0, s1, s2, s3] = [bias[o], bias[o + 1], bias[o + 2], bias[o + 3]];
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
