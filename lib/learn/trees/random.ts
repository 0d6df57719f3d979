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
