/*
 * Generators of chance that repeats, each under its algorithm's name. Their numbers are part of what is stored (splits of learners, grown
 * trees, first weights of networks, intervals): none of them may ever give others.
 */
const { imul } = Math;
const UNIT = 4294967296;

/** Numbers in [0, 1) that depend on the seed alone (mulberry32 by Tommy Ettinger, public domain algorithm). */
export function mulberry32(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = imul(state ^ (state >>> 15), 1 | state);
		t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / UNIT;
	};
}

/** Scatters 32 bits (the finaliser of MurmurHash3 by Austin Appleby, public domain). */
function murmurFinal(x: number): number {
	let h = imul(x ^ (x >>> 16), 0x85ebca6b);
	h = imul(h ^ (h >>> 13), 0xc2b2ae35);
	return (h ^ (h >>> 16)) >>> 0;
}

/** Numbers in [0, 1): a counter that goes through the finaliser of MurmurHash3 twice. */
export function murmurTwice(seed: number): () => number {
	let counter = 0;
	const base = murmurFinal(seed ^ 0x9e3779b9);
	return () => murmurFinal(murmurFinal(base + imul(counter++, 0x85ebca77)) ^ base) / UNIT;
}

/** 32 bits of two integers, scattered likewise: the same answer for the same pair, whoever asks and when. */
export const murmurMix = (a: number, b: number): number => murmurFinal(imul(a ^ (b >>> 16) ^ 0x9e3779b9, 0x85ebca6b) ^ imul(b, 0xc2b2ae35));

/** Numbers in [0, 1): a counter mixed with the seed. */
export function murmurPairs(seed: number): () => number {
	let counter = 0;
	return () => murmurMix(seed, counter++) / UNIT;
}
