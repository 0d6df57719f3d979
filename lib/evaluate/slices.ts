import type { TaskType } from '../domain/column.js';
import type { EvaluationRecord, Interval } from '../domain/evaluation.js';
import { isNumberVector, vectorOf, type Frame } from '../data/frame.js';
import { metricsFor, scoredRows } from '../task/measure.js';
import { taskById } from '../task/index.js';
import type { Metric } from '../task/metrics/contract.js';
import { metricById } from '../task/metrics/index.js';
import { orderByScore } from '../task/metrics/ranks.js';
import { countedRows } from './exactIntervals.js';
import { quantile } from './resampling.js';
import { normalQuantile } from '../task/statistics/distributions.js';
import type { Bounds } from '../task/statistics/smallSamples.js';

type Slice = EvaluationRecord['slices'][number];
interface Group {
	column: string;
	value: string;
	rows: Uint32Array;
}

export interface SliceInput {
	task: TaskType;
	classes: number;
	scores: Float64Array;
	labels: Float64Array;
	threshold: number;
	frame: Frame;
	columns: readonly string[];
	primary: string;
	/** Overall interval of the primary metric: where days or groups make it wider than rows would, slices widen with it. */
	overall?: Interval;
	/** Whether `overall` came from days or groups. */
	clustered?: boolean;
}

const LEAST_ROWS = 50;
const LEAST_OF_A_CLASS = 10;
const MOST_LEVELS = 500;
const NUMBER_GROUPS = 4;
const WORST = 10;
const BEST = 5;

/**
 * The primary metric in parts of the test rows: each value of a text or yes/no column, four equal groups of a number. Returns the worst ten
 * and the best five, worst first. Intervals hold for all slices looked at together (Bonferroni), so that the worst of many is not taken for
 * bad when it is only unlucky.
 */
export function slicesOf(input: SliceInput): { slices: Slice[]; looked: number } {
	const losses = lossesOf(input);
	// Rows come in falling order of score, so that the rows of each slice need no sorting for AUC.
	const order = varianceOf(metricById(input.primary))
		? orderByScore(input.scores)
		: Uint32Array.from({ length: input.labels.length }, (_, i) => i);
	const measured: Array<{ slice: Slice; error: number | undefined; group: number }> = [];
	for (const column of input.columns) {
		if (!input.frame.schema.some((c) => c.name === column)) continue;
		for (const [at, group] of groupsOf(input.frame, column, order).entries()) {
			if (group.rows.length < LEAST_ROWS) continue;
			const part = measure(input, group.rows, losses);
			if (part)
				measured.push({
					slice: { column, value: group.value, rows: group.rows.length, metric: part.value },
					error: part.error,
					group: at,
				});
		}
	}
	const widen = input.clustered ? widening(input, order, losses) : 1;
	const z = -normalQuantile(0.025 / Math.max(1, measured.length));
	const sign = metricById(input.primary)?.better === 'lower' ? -1 : 1;
	const alpha = 0.05 / Math.max(1, measured.length);
	const all = measured.sort((a, b) => sign * (a.slice.metric - b.slice.metric) || b.slice.rows - a.slice.rows);
	const shown = all.length <= WORST + BEST ? all : [...all.slice(0, WORST), ...all.slice(-BEST)];
	// Rows of all groups together would take several times the memory of the scores: those of what is shown are found once more.
	const slices = shown.map(({ slice, error, group }) => {
		if (error === undefined) return slice;
		const { rows } = groupsOf(input.frame, slice.column, order)[group];
		return { ...slice, ...bounded(input, slice.metric, z * error * widen, exactly(input, rows, slice.metric, z * widen, alpha)) };
	});
	return { slices, looked: all.length };
}

/** Bounds that hold with few rows, where the metric has such. */
function exactly(input: SliceInput, rows: Uint32Array, value: number, z: number, alpha: number): Bounds | undefined {
	const { task, classes, threshold, primary } = input;
	const metric = metricById(primary);
	const { y, p } = picked(input, rows);
	return metric?.exact?.({ ...countedRows(scoredRows(task, y, p, classes, { threshold })), value, z, alpha });
}

/** What is all right (or all ranked right) in a few rows is no certainty: the interval is never narrower than the exact one. */
function bounded({ primary }: SliceInput, value: number, half: number, exactly: Bounds = { low: Infinity, high: -Infinity }): Bounds {
	const [bottom, top] = metricById(primary)?.range ?? [-Infinity, Infinity];
	return { low: Math.min(exactly.low, Math.max(bottom, value - half)), high: Math.max(exactly.high, Math.min(top, value + half)) };
}

function widening(input: SliceInput, order: Uint32Array, losses: Float64Array | undefined): number {
	if (!input.overall) return 1;
	const all = measure(input, order, losses);
	if (!all?.error) return 1;
	return Math.max(1, (input.overall.high - input.overall.low) / 2 / (1.96 * all.error));
}

function groupsOf(frame: Frame, column: string, order: Uint32Array): Group[] {
	const vector = vectorOf(frame, column);
	const schema = frame.schema.find((c) => c.name === column);
	if (!isNumberVector(vector)) {
		if (vector.dictionary.length > MOST_LEVELS) return [];
		const { codes } = vector;
		return grouped(order, vector.dictionary.length + 1, (i) => codes[i]).map((rows, code) => ({
			column,
			value: code === 0 ? '(missing)' : vector.dictionary[code - 1],
			rows,
		}));
	}
	const { data } = vector;
	if (schema?.type === 'boolean') {
		return grouped(order, 3, (i) => (Number.isNaN(data[i]) ? 2 : data[i])).map((rows, k) => ({
			column,
			value: ['no', 'yes', '(missing)'][k],
			rows,
		}));
	}
	if (schema?.type === 'datetime') return [];
	const bins = numberBins(data);
	if (!bins) return [];
	return grouped(order, bins.count, (i) => bins.of(data[i])).map((rows, k) => ({ column, value: bins.name(k), rows }));
}

/** A number's four groups with as many of these values each, and one for what is missing; undefined where there is nothing to divide. */
export function numberBins(values: Float64Array): { count: number; of(x: number): number; name(bin: number): string } | undefined {
	const sorted = values.filter((x) => !Number.isNaN(x)).sort();
	if (sorted.length === 0 || sorted[0] === sorted[sorted.length - 1]) return undefined;
	const cuts = [...new Set(Array.from({ length: NUMBER_GROUPS - 1 }, (_, i) => quantile(sorted, (i + 1) / NUMBER_GROUPS)))].filter(
		(c) => c < sorted[sorted.length - 1],
	);
	const short = (x: number): string => x.toLocaleString('en-US', { maximumSignificantDigits: 4 });
	return {
		count: cuts.length + 2,
		of(x) {
			if (Number.isNaN(x)) return cuts.length + 1;
			let k = 0;
			while (k < cuts.length && x > cuts[k]) k++;
			return k;
		},
		name: (k) =>
			k > cuts.length
				? '(missing)'
				: cuts.length === 0
					? 'all'
					: k === 0
						? `up to ${short(cuts[0])}`
						: k === cuts.length
							? `above ${short(cuts[k - 1])}`
							: `${short(cuts[k - 1])} to ${short(cuts[k])}`,
	};
}

/** Rows by key, in the given order. */
function grouped(order: Uint32Array, groups: number, keyOf: (row: number) => number): Uint32Array[] {
	const counts = new Uint32Array(groups);
	const key = new Uint32Array(order.length);
	for (let i = 0, end = key.length; i < end; i++) counts[(key[i] = keyOf(i))]++;
	const out = Array.from(counts, (n) => new Uint32Array(n));
	counts.fill(0);
	for (const row of order) out[key[row]][counts[key[row]]++] = row;
	return out;
}

/** Labels and scores of some rows. */
function picked({ task, classes, scores, labels }: SliceInput, rows: Uint32Array): { y: Float64Array; p: Float64Array } {
	const outputs = taskById(task).outputs(classes);
	const y = new Float64Array(rows.length);
	for (let i = 0, n = rows.length; i < n; i++) y[i] = labels[rows[i]];
	const p = new Float64Array(rows.length * outputs);
	for (let i = 0, n = rows.length; i < n; i++) for (let k = 0; k < outputs; k++) p[i * outputs + k] = scores[rows[i] * outputs + k];
	return { y, p };
}

/** The primary metric on some rows with its standard error, where that has a formula. */
function measure(input: SliceInput, rows: Uint32Array, losses: Float64Array | undefined): { value: number; error?: number } | undefined {
	const { task, classes, threshold, primary } = input;
	const { y, p } = picked(input, rows);
	const metric = metricById(primary);
	const variance = varianceOf(metric);
	if (variance) {
		const positives = y.reduce((n, v) => n + v, 0);
		if (Math.min(positives, y.length - positives) < LEAST_OF_A_CLASS) return undefined;
		const places = new Uint32Array(y.length);
		for (let i = 0, end = places.length; i < end; i++) places[i] = i;
		const { value, variance: square } = variance(y, p, places);
		return { value, error: Math.sqrt(square) };
	}
	const value = metricsFor(task, y, p, classes, { threshold, only: [primary] })[primary];
	if (value === undefined) return undefined;
	if (!losses) return { value };
	let mean = 0;
	for (const i of rows) mean += losses[i] / rows.length;
	let squares = 0;
	for (const i of rows) squares += (losses[i] - mean) ** 2;
	const error = Math.sqrt(squares / (rows.length - 1) / rows.length);
	const { replicates } = metric!;
	// What follows from a mean has its error by the delta method.
	const slope = replicates.from === 'sums' ? (replicates.slope?.(mean) ?? 1) : 1;
	return { value, error: error * slope };
}

/** Of metrics that are ranks of scores. */
const varianceOf = (metric: Metric | undefined) => (metric?.replicates.from === 'ranks' ? metric.replicates.variance : undefined);

/** What each row adds to a metric that is a mean, or follows from one; `undefined` for the others. */
function lossesOf({ task, classes, scores, labels, threshold, primary }: SliceInput): Float64Array | undefined {
	const replicates = metricById(primary)?.replicates;
	if (replicates?.from !== 'sums') return undefined;
	const terms = replicates.terms(scoredRows(task, labels, scores, classes, { threshold }));
	return terms.length === 1 ? labels.map((_, i) => terms[0](i)) : undefined;
}
