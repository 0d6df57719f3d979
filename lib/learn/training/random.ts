/** Numbers in [0, 1) that depend on the seed alone (mulberry32 by Tommy Ettinger, public domain algorithm). */
export function mulberry32(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
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
