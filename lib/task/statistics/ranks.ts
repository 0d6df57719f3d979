/** Ranks from 0 of numbers in ascending order; equal ones share the mean of theirs. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
	const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);
	const ranks = new Float64Array(values.length);
	for (let i = 0, j = 0, n = order.length; i < n; i = j) {
		while (j < order.length && values[order[j]] === values[order[i]]) j++;
		for (let k = i; k < j; k++) ranks[order[k]] = (i + j - 1) / 2;
	}
	return ranks;
}

/**
 * Correlation of two lists of ranks (Spearman's, if they are `ranksOf`), with a weight for each pair; NaN where one of them does not vary.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>, weight?: ArrayLike<number>): number {
	let [n, x, y] = [0, 0, 0];
	for (let i = 0; i < a.length; i++) {
		const w = weight ? weight[i] : 1;
		n += w;
		x += w * a[i];
		y += w * b[i];
	}
	const [meanX, meanY] = [x / n, y / n];
	let [xy, xx, yy] = [0, 0, 0];
	for (let i = 0; i < a.length; i++) {
		const w = weight ? weight[i] : 1;
		const [dx, dy] = [a[i] - meanX, b[i] - meanY];
		xy += w * dx * dy;
		xx += w * dx * dx;
		yy += w * dy * dy;
	}
	return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN;
}
