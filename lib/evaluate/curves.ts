import { orderByScore } from '../learn/metrics.js';

const MOST_POINTS = 200;

export interface Curve { x: number[]; y: number[] }
interface Point { x: number; y: number }

/** ROC (false against true positive rate) and precision-recall curves of 0/1 labels, at most 200 points each; `null` if a class is missing. */
export function curvesOf(isPositive: (row: number) => boolean, scores: Float64Array): { roc: Curve; pr: Curve } | null {
	const order = orderByScore(scores);
	const roc: Point[] = [{ x: 0, y: 0 }];
	const pr: Point[] = [];
	let tp = 0;
	let fp = 0;
	for (let i = 0; i < order.length;) {
		const score = scores[order[i]];
		for (; i < order.length && scores[order[i]] === score; i++) if (isPositive(order[i])) tp++; else fp++;
		roc.push({ x: fp, y: tp });
		pr.push({ x: tp, y: tp / (tp + fp) });
	}
	if (tp === 0 || fp === 0) return null;
	const scaled = roc.map(({ x, y }) => ({ x: x / fp, y: y / tp }));
	// The curve starts at recall 0 with the precision of the best-scored rows.
	const precision = [{ x: 0, y: pr[0].y }, ...pr.map(({ x, y }) => ({ x: x / tp, y }))];
	return { roc: curve(thin(scaled, upperHull(scaled))), pr: curve(thin(precision, [])) };
}

const curve = (points: Point[]): Curve => ({ x: points.map((p) => p.x), y: points.map((p) => p.y) });

/** Indices on the upper convex hull: the thresholds that are best at some ratio of costs. */
function upperHull(points: readonly Point[]): number[] {
	const hull: number[] = [];
	for (let i = 0; i < points.length; i++) {
		while (hull.length >= 2) {
			const a = points[hull[hull.length - 2]];
			const b = points[hull[hull.length - 1]];
			if ((b.x - a.x) * (points[i].y - a.y) - (b.y - a.y) * (points[i].x - a.x) < 0) break;
			hull.pop();
		}
		hull.push(i);
	}
	return hull;
}

/** At most 200 points: the ends, hull points, and steps of equal length along the curve. */
function thin(points: Point[], hull: readonly number[]): Point[] {
	if (points.length <= MOST_POINTS) return points;
	const keep = new Set<number>([0, points.length - 1]);
	const room = MOST_POINTS / 2;
	for (let i = 0; i < Math.min(hull.length, room); i++) keep.add(hull[Math.floor((i * hull.length) / Math.min(hull.length, room))]);
	const steps = MOST_POINTS - keep.size;
	let length = 0;
	const along = points.map((p, i) => (length += i === 0 ? 0 : Math.abs(p.x - points[i - 1].x) + Math.abs(p.y - points[i - 1].y)));
	let i = 0;
	for (let s = 1; s <= steps; s++) {
		while (i < points.length - 1 && along[i] < (s * length) / (steps + 1)) i++;
		keep.add(i);
	}
	return [...keep].sort((a, b) => a - b).map((at) => points[at]);
}

/** Mean prediction against what happened, in ten groups of equal rows (rows of one score stay together). */
export function calibrationOf(labels: Float64Array, scores: Float64Array, groups = 10): { predicted: number[]; observed: number[]; count: number[] } {
	const order = orderByScore(scores).reverse();
	const out = { predicted: [] as number[], observed: [] as number[], count: [] as number[] };
	for (let from = 0; from < order.length;) {
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

/** Residuals (truth minus prediction): at most 200 evenly picked rows in order of prediction, and a histogram over the middle 98 %, tails in the outer bins. */
export function residualsOf(labels: Float64Array, scores: Float64Array): { predicted: number[]; residual: number[]; histogram: { edges: number[]; counts: number[] } } {
	const order = orderByScore(scores).reverse();
	const picked = order.length <= MOST_POINTS ? [...order] : Array.from({ length: MOST_POINTS }, (_, i) => order[Math.floor(((i + 0.5) * order.length) / MOST_POINTS)]);
	const all = labels.map((y, i) => y - scores[i]).sort();
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
