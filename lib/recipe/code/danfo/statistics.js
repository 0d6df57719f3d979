// The five functions of mathjs that danfojs calls; all of mathjs would triple the time until the sandbox is ready.
export const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

export function variance(values) {
	const middle = mean(values);
	return values.length > 1 ? values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (values.length - 1) : 0;
}

export const std = (values) => Math.sqrt(variance(values));

export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const half = sorted.length >> 1;
	return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export function mode(values) {
	const counts = new Map();
	for (const x of values) counts.set(x, (counts.get(x) ?? 0) + 1);
	const top = Math.max(...counts.values());
	return [...counts.keys()].filter((x) => counts.get(x) === top);
}
