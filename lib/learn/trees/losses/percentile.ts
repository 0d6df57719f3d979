/**
 * Weighted percentile: the smallest value with at least the share `alpha` of the weight at or below it, and the middle of it and the next
 * value where the share is met exactly (so that the half of an even number of values is their usual median). `values` need not be sorted.
 */
export function percentile(values: Float64Array, weights: Float64Array | undefined, alpha: number): number {
	if (!weights) {
		const sorted = values.slice().sort();
		const at = alpha * sorted.length;
		const k = Math.min(sorted.length - 1, Math.max(0, Math.ceil(at) - 1));
		return at === k + 1 && k + 1 < sorted.length ? (sorted[k] + sorted[k + 1]) / 2 : sorted[k];
	}
	const order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
	let total = 0;
	for (const i of order) total += weights[i];
	const goal = alpha * total;
	let sum = 0;
	for (let k = 0, n = order.length; k < n; k++) {
		sum += weights[order[k]];
		if (sum < goal || sum === 0) continue;
		if (sum > goal) return values[order[k]];
		let next = k + 1;
		while (next < order.length && weights[order[next]] === 0) next++;
		return next < order.length ? (values[order[k]] + values[order[next]]) / 2 : values[order[k]];
	}
	return values[order[order.length - 1]];
}
