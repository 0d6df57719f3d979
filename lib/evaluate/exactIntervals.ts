import type { MetricValues } from '../domain/run.js';
import { auc, confusion, decide, orderByScore } from '../task/metrics/index.js';
import { clopperPearson, combined, logitInterval, newcombeAuc, type Bounds } from '../task/statistics/smallSamples.js';
import type { TallyInput } from './tally.js';

/**
 * 95 % bounds that hold with few rows of a class, for the metrics that are counts or ranks; none for losses. Resampled rows always hold the same few positives, so a bootstrap
 * takes their luck for certain. Sources: `statistics/smallSamples.ts`. Rows count as independent,
 * except where all rows of a day or group are of one class: then each of these counts as one row.
 */
export function exactIntervals(exact: MetricValues, { task, classes, scores, labels, threshold, units }: TallyInput): Map<string, Bounds> {
	const out = new Map<string, Bounds>();
	if (task === 'regression') return out;
	const k = task === 'binary' ? 2 : classes;
	const matrix = confusion(labels, decide(scores, task === 'binary' ? 1 : k, threshold), k, weightsOf(labels, units));
	const of = (row: number, column: number): number => matrix[row * k + column];
	const support = Array.from({ length: k }, (_, c) => sum(k, (j) => of(c, j)));
	const total = support.reduce((a, b) => a + b, 0);
	const called = Array.from({ length: k }, (_, c) => sum(k, (j) => of(j, c)));
	const present = support.map((_, c) => c).filter((c) => support[c] > 0);
	out.set(
		'accuracy',
		clopperPearson(
			sum(k, (c) => of(c, c)),
			total,
		),
	);
	const recalls = present.map((c) => clopperPearson(of(c, c), support[c]));
	const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
	const recallOf = present.map((c) => of(c, c) / support[c]);
	out.set(
		'balanced_accuracy',
		combined(mean(recallOf), recalls, (i, x) => mean(recallOf.with(i, x))),
	);
	// F1 = 2J / (1 + J), J the share of hits among the rows that are positive or called so.
	const f1 = (hits: number, either: number): Bounds => {
		const { low, high } = clopperPearson(hits, either);
		return { low: (2 * low) / (1 + low), high: (2 * high) / (1 + high) };
	};
	if (task === 'binary') {
		out.set('recall', clopperPearson(of(1, 1), support[1]));
		out.set('precision', clopperPearson(of(1, 1), called[1]));
		out.set('f1', f1(of(1, 1), support[1] + called[1] - of(1, 1)));
		if (present.length === 2)
			out.set(
				'mcc',
				combined(exact.mcc, recalls, (i, x) => phi(recallOf.with(i, x), support)),
			);
		out.set('auc', newcombeAuc(exact.auc, support[1], support[0]));
		out.set('average_precision', logitInterval(exact.average_precision, support[1]));
		return out;
	}
	const seen = support.map((_, c) => c).filter((c) => support[c] + called[c] > 0);
	const f1s = seen.map((c) => (2 * of(c, c)) / (support[c] + called[c]));
	out.set(
		'f1_macro',
		combined(
			mean(f1s),
			seen.map((c) => f1(of(c, c), support[c] + called[c] - of(c, c))),
			(i, x) => mean(f1s.with(i, x)),
		),
	);
	if (present.length === k && 'auc_ovr' in exact) {
		const own = support.map((_, c) => areaOf(scores, k, c, labels));
		out.set(
			'auc_ovr',
			combined(
				mean(own),
				own.map((a, c) => newcombeAuc(a, support[c], total - support[c])),
				(i, x) => mean(own.with(i, x)),
			),
		);
	}
	return out;
}

/** One for each day or group, shared among its rows, where each is of one class; undefined: one for each row. */
function weightsOf(labels: Float64Array, { by, unit, count }: TallyInput['units']): Float64Array | undefined {
	if (by === 'rows') return undefined;
	const own = new Float64Array(count).fill(NaN);
	const rows = new Float64Array(count);
	for (let i = 0; i < labels.length; i++) {
		rows[unit[i]]++;
		if (Number.isNaN(own[unit[i]])) own[unit[i]] = labels[i];
		else if (own[unit[i]] !== labels[i]) return undefined;
	}
	return Float64Array.from(unit, (u) => 1 / rows[u]);
}

function sum(n: number, of: (i: number) => number): number {
	let total = 0;
	for (let i = 0; i < n; i++) total += of(i);
	return total;
}

/** Matthews correlation of two classes from the share of each that is called rightly. */
function phi([right0, right1]: readonly number[], [n0, n1]: readonly number[]): number {
	const [tn, tp] = [right0 * n0, right1 * n1];
	const [fp, fn] = [n0 - tn, n1 - tp];
	const scale = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
	return scale > 0 ? (tp * tn - fp * fn) / scale : 0;
}

function areaOf(scores: Float64Array, k: number, c: number, labels: Float64Array): number {
	const own = Float64Array.from(labels, (_, i) => scores[i * k + c]);
	return auc(labels, own, undefined, c, orderByScore(own));
}
