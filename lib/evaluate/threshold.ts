import { orderByScore } from '../learn/metrics.js';

export interface Costs {
	falsePositive: number;
	falseNegative: number;
}

/** What errors cost a row at a threshold: rows with a score at or above it are called positive. */
export function costAt(labels: Float64Array, scores: Float64Array, threshold: number, costs: Costs): number {
	let sum = 0;
	for (let i = 0; i < labels.length; i++) {
		const called = scores[i] >= threshold;
		if (called && labels[i] !== 1) sum += costs.falsePositive;
		else if (!called && labels[i] === 1) sum += costs.falseNegative;
	}
	return sum / labels.length;
}

/** The threshold with the least cost on these rows (the highest of equals; above all scores where calling nothing positive is cheapest). To choose one, use validation rows. */
export function cheapestThreshold(labels: Float64Array, scores: Float64Array, costs: Costs): { threshold: number; cost: number } {
	const order = orderByScore(scores);
	let cost = 0;
	for (let i = 0; i < labels.length; i++) if (labels[i] === 1) cost += costs.falseNegative;
	let best = { threshold: Infinity, cost };
	for (let i = 0; i < order.length; ) {
		const score = scores[order[i]];
		for (; i < order.length && scores[order[i]] === score; i++) cost += labels[order[i]] === 1 ? -costs.falseNegative : costs.falsePositive;
		if (cost < best.cost - 1e-9) best = { threshold: score, cost };
	}
	return { threshold: best.threshold, cost: best.cost / labels.length };
}

/** A sentence on the threshold that the model came with, and on what its errors cost here. */
export function thresholdWords(labels: Float64Array, scores: Float64Array, threshold: number, costs: Costs | undefined): string {
	const figure = (x: number): string => x.toLocaleString('en-US', { maximumSignificantDigits: 3 });
	const base = `Rows with a score of ${figure(threshold)} or more are called positive, as was chosen on validation rows.`;
	if (!costs) return base;
	const here = costAt(labels, scores, threshold, costs);
	const best = cheapestThreshold(labels, scores, costs);
	const at = best.threshold === Infinity ? 'calling nothing positive' : `a threshold of ${figure(best.threshold)}`;
	return `${base} With ${figure(costs.falsePositive)} for a false alarm and ${figure(costs.falseNegative)} for a miss, errors cost ${figure(here)} a row here; ${at} would have cost ${figure(best.cost)} on these very rows.`;
}
