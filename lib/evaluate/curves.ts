import type { Numbers } from '../task/metrics/numbers.js';
import { orderByScore } from '../task/metrics/ranks.js';

const MOST_POINTS = 200;

export interface Curve {
	x: number[];
	y: number[];
}
interface Points {
	x: Float64Array;
	y: Float64Array;
}

/**
 * ROC (false against true positive rate) and precision-recall curves of 0/1 labels, at most 200 points each; `null` if a class is missing.
 */
export function curvesOf(isPositive: (row: number) => boolean, scores: Numbers): { roc: Curve; pr: Curve } | null {
	const order = orderByScore(scores);
	const hits = new Float64Array(order.length + 1);
	const alarms = new Float64Array(order.length + 1);
	let tp = 0;
	let fp = 0;
	let n = 1;
	for (let i = 0, end = order.length; i < end; n++) {
		const score = scores[order[i]];
		for (; i < order.length && scores[order[i]] === score; i++)
			if (isPositive(order[i])) tp++;
			else fp++;
		hits[n] = tp;
		alarms[n] = fp;
	}
	if (tp === 0 || fp === 0) return null;
	// The precision-recall curve starts at recall 0 with the precision of the best-scored rows.
	const precision = new Float64Array(n);
	for (let i = 1; i < n; i++) precision[i] = hits[i] / (hits[i] + alarms[i]);
	precision[0] = precision[1];
	const recall = hits.subarray(0, n).map((h) => h / tp);
	const roc = { x: alarms.subarray(0, n).map((a) => a / fp), y: recall };
	return { roc: thin(roc, upperHull(roc)), pr: thin({ x: recall, y: precision }, []) };
}

/** Indices on the upper convex hull: the thresholds that are best at some ratio of costs. */
function upperHull({ x, y }: Points): number[] {
	const hull: number[] = [];
	for (let i = 0, n = x.length; i < n; i++) {
		while (hull.length >= 2) {
			const a = hull[hull.length - 2];
			const b = hull[hull.length - 1];
			if ((x[b] - x[a]) * (y[i] - y[a]) - (y[b] - y[a]) * (x[i] - x[a]) < 0) break;
			hull.pop();
		}
		hull.push(i);
	}
	return hull;
}

/** At most 200 points: the ends, hull points, and steps of equal length along the curve. */
function thin({ x, y }: Points, hull: readonly number[]): Curve {
	if (x.length <= MOST_POINTS) return { x: [...x], y: [...y] };
	const keep = new Set<number>([0, x.length - 1]);
	const room = Math.min(hull.length, MOST_POINTS / 2);
	for (let i = 0; i < room; i++) keep.add(hull[Math.floor((i * hull.length) / room)]);
	const steps = MOST_POINTS - keep.size;
	const along = new Float64Array(x.length);
	for (let i = 1, n = x.length; i < n; i++) along[i] = along[i - 1] + Math.abs(x[i] - x[i - 1]) + Math.abs(y[i] - y[i - 1]);
	let i = 0;
	for (let s = 1; s <= steps; s++) {
		while (i < x.length - 1 && along[i] < (s * along[x.length - 1]) / (steps + 1)) i++;
		keep.add(i);
	}
	const at = [...keep].sort((a, b) => a - b);
	return { x: at.map((k) => x[k]), y: at.map((k) => y[k]) };
}

/** Mean prediction against what happened, in ten groups of equal rows (rows of one score stay together). */
export function calibrationOf(labels: Numbers, scores: Numbers, groups = 10): { predicted: number[]; observed: number[]; count: number[] } {
	const order = orderByScore(scores).reverse();
	const out = { predicted: [] as number[], observed: [] as number[], count: [] as number[] };
	for (let from = 0, n = order.length; from < n; ) {
		const group = out.count.length;
		let to = Math.max(from + 1, Math.floor(((group + 1) * order.length) / groups));
		while (to < order.length && scores[order[to]] === scores[order[to - 1]]) to++;
		let p = 0;
		let y = 0;
		for (let i = from; i < to; i++) {
			p += scores[order[i]];
			y += labels[order[i]];
		}
		out.predicted.push(p / (to - from));
		out.observed.push(y / (to - from));
		out.count.push(to - from);
		from = to;
	}
	return out;
}

/**
 * Residuals (truth minus prediction): at most 200 evenly picked rows in order of prediction, and a histogram over the middle 98 %, tails in
 * the outer bins.
 */
export function residualsOf(
	labels: Numbers,
	scores: Numbers,
): { predicted: number[]; residual: number[]; histogram: { edges: number[]; counts: number[] } } {
	const order = orderByScore(scores).reverse();
	const picked =
		order.length <= MOST_POINTS
			? [...order]
			: Array.from({ length: MOST_POINTS }, (_, i) => order[Math.floor(((i + 0.5) * order.length) / MOST_POINTS)]);
	const all = Float64Array.from(labels, (y, i) => y - scores[i]).sort();
	const low = all[Math.floor(0.01 * (all.length - 1))];
	const high = all[Math.ceil(0.99 * (all.length - 1))];
	const bins = 20;
	const from = low < high ? low : low - 0.5;
	const width = (low < high ? high - low : 1) / bins;
	const edges = Array.from({ length: bins + 1 }, (_, i) => from + i * width);
	edges[0] = Math.min(edges[0], all[0]);
	edges[bins] = Math.max(edges[bins], all[all.length - 1]);
	const counts = new Array<number>(bins).fill(0);
	for (const r of all) counts[Math.min(bins - 1, Math.max(0, Math.floor((r - from) / width)))]++;
	return { predicted: picked.map((i) => scores[i]), residual: picked.map((i) => labels[i] - scores[i]), histogram: { edges, counts } };
}
