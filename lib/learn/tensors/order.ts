/** Rows whose loss is looked at after each epoch, at most: enough to see progress, cheap enough for every epoch. */
const WATCHED = 20_000;

/** An even choice of the rows, as many as are watched. */
export const watchedRows = (rows: number): Uint32Array => {
	const step = Math.ceil(rows / WATCHED);
	return Uint32Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step);
};

/** Fisher-Yates from the seed. */
export function shuffle(order: Uint32Array, random: () => number): void {
	for (let i = order.length - 1; i > 0; i--) {
		const j = Math.floor(random() * (i + 1));
		[order[i], order[j]] = [order[j], order[i]];
	}
}
