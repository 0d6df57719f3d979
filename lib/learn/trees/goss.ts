import { murmurMix } from '../../domain/random.js';

/**
 * Gradient-based one-side sampling (Ke et al. 2017, LightGBM's `goss`): the `topRate` of the rows with the largest |g * h|, summed over the
 * outputs, are kept, and of the others a random `otherRate` of all rows, whose gradients and hessians are enlarged in place so that sums
 * keep their expected size; those of the rest become 0. Rows that tie with the last of the top are kept too. A row's fate depends on its
 * number and `draw` alone, whatever the threads.
 *
 * @param g,h one array an output, a number a row
 * @param drawn a byte a row, filled here: 1 where the row is drawn
 */
export function drawByGradient(
	g: readonly Float32Array[],
	h: readonly Float32Array[],
	topRate: number,
	otherRate: number,
	draw: number,
	drawn: Uint8Array,
): void {
	const rows = drawn.length;
	const size = new Float32Array(rows);
	for (let k = 0; k < g.length; k++) for (let i = 0; i < rows; i++) size[i] += Math.abs(g[k][i] * h[k][i]);
	const top = Math.max(1, Math.floor(rows * topRate));
	const others = Math.max(1, Math.floor(rows * otherRate));
	const least = largest(size, top);
	const limit = (others / Math.max(1, rows - top)) * 4294967296;
	const factor = Math.max(1, (rows - top) / others);
	for (let i = 0; i < rows; i++) {
		drawn[i] = 1;
		if (size[i] >= least) continue;
		drawn[i] = +(murmurMix(draw, i) < limit);
		// What is not drawn counts for nothing, not even for the scale of the integer gradients.
		const by = drawn[i] ? factor : 0;
		for (let k = 0; k < g.length; k++) {
			g[k][i] *= by;
			h[k][i] *= by;
		}
	}
}

/**
 * The `k`-th largest of numbers that are not negative: their bits are ordered as they are, so two counts, of the upper and of the lower
 * half, find it.
 */
function largest(values: Float32Array, k: number): number {
	const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const counts = new Uint32Array(65_536);
	for (const b of bits) counts[b >>> 16]++;
	const descend = (rest: number): [at: number, rest: number] => {
		let at = 65_535;
		for (; at > 0 && counts[at] < rest; at--) rest -= counts[at];
		return [at, rest];
	};
	const [upper, rest] = descend(k);
	counts.fill(0);
	for (const b of bits) if (b >>> 16 === upper) counts[b & 65_535]++;
	const [lower] = descend(rest);
	return new Float32Array(Uint32Array.of(upper * 65_536 + lower).buffer)[0];
}
