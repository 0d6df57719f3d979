import type { Costs, Threshold } from './contract.js';
import { orderByScore } from './metrics/ranks.js';

/** Between these shares of positives classes count as balanced. */
const BALANCED = [0.35, 0.65] as const;
/** Fewer rows of a class than this cannot tell one threshold from another. */
const ENOUGH = 10;

/**
 * The probability at and above which a row is called positive, chosen on validation rows: the one of least cost if costs are given;
 * 0.5 for balanced classes; the one of largest F1 when positives are rare; the one of largest Youden's J (recall of both classes)
 * when they are the majority, where F1 would call everything positive.
 */
export function chooseThreshold(y: Float64Array, p: Float64Array, costs?: Costs): Threshold {
	const positives = y.reduce((n, v) => n + v, 0);
	const negatives = y.length - positives;
	const share = positives / y.length;
	if (!costs && share >= BALANCED[0] && share <= BALANCED[1]) return { value: 0.5, reason: 'the classes are balanced' };
	if (positives < ENOUGH || negatives < ENOUGH)
		return {
			value: costs ? clamp(costs.falsePositive / (costs.falsePositive + costs.falseNegative)) : 0.5,
			reason: `there are too few validation rows to choose by (${positives} positive, ${negatives} negative)`,
		};
	if (costs)
		return {
			value: best(y, p, (tp, fp) => -(fp * costs.falsePositive + (positives - tp) * costs.falseNegative)),
			reason: 'it costs least on the validation rows',
		};
	if (share < BALANCED[0])
		return { value: best(y, p, (tp, fp) => (2 * tp) / (tp + fp + positives)), reason: 'it gives the largest F1 on the validation rows' };
	return {
		value: best(y, p, (tp, fp) => tp / positives - fp / negatives),
		reason: 'it gives the largest Youden index on the validation rows',
	};
}

const clamp = (v: number): number => (Number.isFinite(v) ? v : 0.5);

/** Walks down the scores; the threshold lies half-way to the next lower score, so that rounding moves no row over it. */
function best(y: Float64Array, p: Float64Array, gain: (tp: number, fp: number) => number): number {
	const order = orderByScore(p);
	let [tp, fp] = [0, 0];
	let top = gain(0, 0);
	let value = Math.min(1, p[order[0]] + 1e-9);
	for (let i = 0, n = order.length; i < n; ) {
		const score = p[order[i]];
		for (; i < order.length && p[order[i]] === score; i++)
			if (y[order[i]] === 1) tp++;
			else fp++;
		const g = gain(tp, fp);
		if (g <= top) continue;
		top = g;
		value = i < order.length ? (score + p[order[i]]) / 2 : Math.max(0, score - 1e-9);
	}
	return value;
}

/** What errors cost a row at a threshold: rows with a score at or above it are called positive. */
export function costAt(labels: Float64Array, scores: Float64Array, threshold: number, costs: Costs): number {
	let sum = 0;
	for (let i = 0, n = labels.length; i < n; i++) {
		const called = scores[i] >= threshold;
		if (called && labels[i] !== 1) sum += costs.falsePositive;
		else if (!called && labels[i] === 1) sum += costs.falseNegative;
	}
	return sum / labels.length;
}

/**
 * The threshold with the least cost on these rows (the highest of equals; above all scores where calling nothing positive is cheapest). To
 * choose one, use validation rows.
 */
export function cheapestThreshold(labels: Float64Array, scores: Float64Array, costs: Costs): { threshold: number; cost: number } {
	const order = orderByScore(scores);
	let cost = 0;
	for (let i = 0, n = labels.length; i < n; i++) if (labels[i] === 1) cost += costs.falseNegative;
	let best = { threshold: Infinity, cost };
	for (let i = 0, n = order.length; i < n; ) {
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
	return (
		`${base} With ${figure(costs.falsePositive)} for a false alarm and ${figure(costs.falseNegative)} for a miss, errors ` +
		`cost ${figure(here)} a row here; ${at} would have cost ${figure(best.cost)} on these very rows.`
	);
}
