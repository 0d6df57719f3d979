/** Draws `k` of `n` rows; without replacement each row is drawn once at most, so fewer come where fewer have a weight. */
export function drawRows(
	n: number,
	k: number,
	{ bootstrap, weight }: { bootstrap: boolean; weight?: Float64Array },
	random: () => number,
): Uint32Array {
	if (bootstrap) return weight ? weighted(weight, k, random) : Uint32Array.from({ length: k }, () => Math.floor(random() * n));
	return weight ? weightedOnce(weight, k, random) : once(n, k, random);
}

/** Floyd's algorithm (Bentley & Floyd 1987): its work grows with k alone. */
function once(n: number, k: number, random: () => number): Uint32Array {
	if (k >= n) return Uint32Array.from({ length: n }, (_, i) => i);
	const drawn = new Set<number>();
	for (let j = n - k; j < n; j++) {
		const pick = Math.floor(random() * (j + 1));
		drawn.add(drawn.has(pick) ? j : pick);
	}
	return Uint32Array.from(drawn);
}

/** With replacement, in proportion to the weights. */
function weighted(weight: Float64Array, k: number, random: () => number): Uint32Array {
	const upTo = new Float64Array(weight.length);
	let sum = 0;
	let last = 0;
	for (let i = 0, n = weight.length; i < n; i++) {
		upTo[i] = sum += weight[i];
		if (weight[i] > 0) last = i;
	}
	return Uint32Array.from({ length: k }, () => {
		const at = random() * sum;
		let low = 0;
		let high = last;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (upTo[middle] > at) high = middle;
			else low = middle + 1;
		}
		return low;
	});
}

/**
 * One after the other, each in proportion to the weights of those that are left: the k smallest exponential waiting times (Efraimidis &
 * Spirakis 2006).
 */
function weightedOnce(weight: Float64Array, k: number, random: () => number): Uint32Array {
	const times = Float64Array.from(weight, (w) => {
		const wait = -Math.log(1 - random());
		return w > 0 ? wait / w : Infinity;
	});
	const rows: number[] = [];
	const limit = times.slice().sort()[Math.min(k, times.length) - 1];
	times.forEach((t, i) => {
		if (t <= limit && t < Infinity && rows.length < k) rows.push(i);
	});
	return Uint32Array.from(rows);
}
