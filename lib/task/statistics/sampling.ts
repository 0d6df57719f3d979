import { mulberry32 } from '../../domain/random.js';

/** `k` different indices of `0..n-1`, ascending. */
export function sample(n: number, k: number, random: () => number): Uint32Array {
	const all = Uint32Array.from({ length: n }, (_, i) => i);
	const take = Math.min(n, k);
	for (let i = 0; i < take; i++) {
		const j = i + Math.floor(random() * (n - i));
		[all[i], all[j]] = [all[j], all[i]];
	}
	return all.slice(0, take).sort();
}

/** The indices `0..n-1` in random order (Fisher-Yates). */
export function shuffled(n: number, random: () => number): Uint32Array {
	const all = Uint32Array.from({ length: n }, (_, i) => i);
	for (let i = n - 1; i > 0; i--) {
		const j = Math.floor(random() * (i + 1));
		[all[i], all[j]] = [all[j], all[i]];
	}
	return all;
}

/** `count` of the rows, chosen evenly at random, in their order. */
export function evenSample(rows: Uint32Array, count: number, seed: number): Uint32Array<ArrayBuffer> {
	if (count >= rows.length) return rows.slice();
	const out = new Uint32Array(count);
	const random = mulberry32(seed);
	// Selection sampling (Knuth, volume 2, 3.4.2, algorithm S): keeps the order and needs no second array.
	for (let i = 0, taken = 0; taken < count; i++) if ((rows.length - i) * random() < count - taken) out[taken++] = rows[i];
	return out;
}
