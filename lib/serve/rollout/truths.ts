import type { Metric } from '../../task/metrics/contract.js';
import { estimateOf } from './estimateOf.js';
import type { Quality } from './judgeRollout.js';
import { STABLE } from './counts.js';
import { differenceSequence, type Interval } from './sequences.js';

/** An answer whose truth came back: what the model gave, and the class code or value that was true (NaN: unknown to the model). */
export interface ScoredTruth {
	arm: string;
	score: readonly number[];
	code: number;
}

/** How a model's answers are judged. */
export interface Judging {
	metric: Metric;
	outputs: number;
	classes: number;
	/** By version of the arm. */
	thresholds: Readonly<Record<string, number>>;
}

/** More truths than these of one arm tell nothing new; the first ones stay, so that the sequence stays one. */
export const MOST_TRUTHS = 200_000;
/** Looks along the way that the chart shows. */
const LOOKS = 40;

interface Arm {
	y: number[];
	p: number[];
}

/** Truths by arm, in the order in which they came. */
export function createTruths({ metric, outputs, classes, thresholds }: Judging) {
	const arms = new Map<string, Arm>();
	/** Arms in the order of their truths, by which the way is found again. */
	const order: string[] = [];

	function estimate(name: string, rows = Number.POSITIVE_INFINITY) {
		const { y, p } = arms.get(name) ?? { y: [], p: [] };
		const n = Math.min(rows, y.length);
		const scored = { y: Float64Array.from(y.slice(0, n)), p: Float64Array.from(p.slice(0, n * outputs)), outputs, classes };
		return estimateOf(metric, { ...scored, threshold: new Map(Object.entries(thresholds)).get(name) ?? 0.5 });
	}

	return {
		/** What the metric is called. */
		label: metric.label,
		add(truths: readonly ScoredTruth[]): void {
			for (const { arm, score, code } of truths) {
				let of = arms.get(arm);
				if (!of) arms.set(arm, (of = { y: [], p: [] }));
				if (!Number.isFinite(code) || score.length !== outputs || of.y.length >= MOST_TRUTHS) continue;
				of.y.push(code);
				for (const s of score) of.p.push(s);
				order.push(arm);
			}
		},
		clear(): void {
			arms.clear();
			order.length = 0;
		},
		get size(): number {
			return order.length;
		},
		quality(): Quality {
			const { id, label, better, unit } = metric;
			return { metric: { id, label, better, unit }, arms: Object.fromEntries([...arms.keys()].map((name) => [name, estimate(name)])) };
		},
		/** How the difference to the stable version came, at most so often, the later the rarer; in the metric's own sign. */
		way(
			name: string,
			{ alpha, best, least }: { alpha: number; best: number; least: number },
		): Array<{ n: number; value: number } & Interval> {
			const way: Array<{ n: number; value: number } & Interval> = [];
			let [own, stable, next] = [0, 0, 0];
			const growth = 1.15;
			for (const [i, arm] of order.entries()) {
				if (arm === name) own++;
				else if (arm === STABLE) stable++;
				const last = i === order.length - 1;
				if (Math.min(own, stable) < least || (i + 1 < next && !last)) continue;
				next = (i + 1) * growth;
				const [of, than] = [estimate(name, own), estimate(STABLE, stable)];
				const interval = differenceSequence(of, than, alpha, best);
				if (Number.isFinite(interval.low)) way.push({ n: own + stable, value: of.value - than.value, ...interval });
			}
			return way.length > LOOKS ? way.filter((_, i) => i % Math.ceil(way.length / LOOKS) === 0 || i === way.length - 1) : way;
		},
	};
}
export type Truths = ReturnType<typeof createTruths>;
