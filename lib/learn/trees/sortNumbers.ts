const BITS = 11;
const SIZE = 1 << BITS;

/**
 * Finite numbers in ascending order, in place. Numbers that single precision holds exactly (most measurements do not come with more) are
 * sorted by their bits in three passes, several times faster than by comparing; minus zero becomes zero.
 */
export function sortNumbers(values: Float64Array): Float64Array {
	const n = values.length;
	if (n < SIZE) return values.sort();
	const singles = new Float32Array(n);
	for (let i = 0; i < n; i++) {
		singles[i] = values[i] + 0;
		if (singles[i] !== values[i]) return values.sort();
	}
	let from = new Uint32Array(singles.buffer);
	let to = new Uint32Array(n);
	const counts = new Uint32Array(3 * SIZE);
	for (let i = 0; i < n; i++) {
		const bits = from[i];
		// Negative numbers have all bits turned over, others the sign: then the order of the bits is that of the numbers.
		const key = bits >>> 31 ? ~bits >>> 0 : bits | 0x80000000;
		from[i] = key;
		counts[key & (SIZE - 1)]++;
		counts[SIZE + ((key >>> BITS) & (SIZE - 1))]++;
		counts[2 * SIZE + (key >>> (2 * BITS))]++;
	}
	for (let pass = 0; pass < 3; pass++) {
		const places = counts.subarray(pass * SIZE, (pass + 1) * SIZE);
		for (let d = 0, at = 0; d < SIZE; d++) {
			const count = places[d];
			places[d] = at;
			at += count;
		}
		const shift = pass * BITS;
		for (let i = 0; i < n; i++) {
			const key = from[i];
			to[places[(key >>> shift) & (SIZE - 1)]++] = key;
		}
		[from, to] = [to, from];
	}
	for (let i = 0; i < n; i++) from[i] = from[i] >>> 31 ? from[i] & 0x7fffffff : ~from[i];
	values.set(new Float32Array(from.buffer));
	return values;
}
