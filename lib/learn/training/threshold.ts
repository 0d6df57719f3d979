import { orderByScore } from '../metrics.js';

export interface Costs {
	falsePositive: number;
	falseNegative: number;
}
export interface Threshold {
	value: number;
	reason: string;
}

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
	for (let i = 0; i < order.length; ) {
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
