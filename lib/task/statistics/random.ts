const { imul, floor } = Math;

/** Seeded uniform numbers in [0, 1): a counter through two rounds of a 32-bit finaliser (MurmurHash3), the same on every machine. */
export function seeded(seed: number): () => number {
	let counter = 0;
	const base = finalise(seed ^ 0x9e3779b9);
	return () => finalise(finalise(base + imul(counter++, 0x85ebca77)) ^ base) / 4294967296;
}

function finalise(x: number): number {
	let h = imul(x ^ (x >>> 16), 0x85ebca6b);
	h = imul(h ^ (h >>> 13), 0xc2b2ae35);
	return (h ^ (h >>> 16)) >>> 0;
}

/** `k` different indices of `0..n-1`, ascending. */
export function sample(n: number, k: number, random: () => number): Uint32Array {
	const all = Uint32Array.from({ length: n }, (_, i) => i);
	const take = Math.min(n, k);
	for (let i = 0; i < take; i++) {
		const j = i + floor(random() * (n - i));
		[all[i], all[j]] = [all[j], all[i]];
	}
	return all.slice(0, take).sort();
}

/** The indices `0..n-1` in random order (Fisher-Yates). */
export function shuffled(n: number, random: () => number): Uint32Array {
	const all = Uint32Array.from({ length: n }, (_, i) => i);
	for (let i = n - 1; i > 0; i--) {
		const j = floor(random() * (i + 1));
		[all[i], all[j]] = [all[j], all[i]];
	}
	return all;
}
