/** A 32-bit mix of two integers (the finaliser of MurmurHash3): the same answer for the same pair, whoever asks and when. */
export function mix(a: number, b: number): number {
	let h = Math.imul(a ^ (b >>> 16) ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35);
	h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return (h ^ (h >>> 16)) >>> 0;
}

/** Seeded generator of uniform numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
	let counter = 0;
	return () => mix(seed, counter++) / 4294967296;
}

/** `k` of `0..n-1`, ascending, without replacement. */
export function sampleIndices(n: number, k: number, random: () => number): Uint32Array {
	const all = Uint32Array.from({ length: n }, (_, i) => i);
	for (let i = 0; i < k; i++) {
		const j = i + Math.floor(random() * (n - i));
		const swap = all[i];
		all[i] = all[j];
		all[j] = swap;
	}
	return all.subarray(0, k).sort();
}
