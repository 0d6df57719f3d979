import type { TaskType } from '../domain/column.js';
import type { MetricValues } from '../domain/run.js';
import { dictionary } from '../domain/dictionary.js';
import { metricsOf, scoredRows } from '../task/measure.js';
import type { Metric, Replicates } from '../task/metrics/contract.js';
import type { Numbers } from '../task/metrics/numbers.js';
import type { Scored } from '../task/metrics/scored.js';
import type { Units } from './resampling.js';

/**
 * Everything a replicate needs, summed once, so that drawing units again costs no pass over the predictions: sums a unit for the metrics
 * that are made of sums, and counts a unit, class and score bin for those that need an order.
 */
export interface Tally {
	metrics(weight: Float64Array): MetricValues;
}

export interface TallyInput {
	task: TaskType;
	classes: number;
	scores: Float64Array;
	labels: Float64Array;
	threshold: number;
	units: Units;
}

/**
 * Score bins with equal rows; AUC from so many bins differs from the exact one by about 1e-5, and only the change between replicates is
 * used.
 */
const BINS = 512;

export function tally({ task, classes, scores, labels, threshold, units }: TallyInput): Tally {
	const scored = scoredRows(task, labels, scores, classes, { threshold });
	const metrics = metricsOf(task);
	const parts = [bySums, byCounts, byRanks, byRows].map((part) => part(metrics, scored, units));
	return { metrics: (weight) => Object.assign(dictionary<number>(), ...parts.map((part) => part(weight))) as MetricValues };
}

/** Some of the metrics from the weight of each unit. */
type Replicate = (weight: Float64Array) => MetricValues;
type From<F extends Replicates['from']> = Metric & { replicates: Replicates & { from: F } };

const withForm = <F extends Replicates['from']>(metrics: readonly Metric[], from: F): Array<From<F>> =>
	metrics.filter((m): m is From<F> => m.replicates.from === from);

/** Metrics that follow from means of what rows add: these are summed for each unit once. */
function bySums(metrics: readonly Metric[], scored: Scored, units: Units): Replicate {
	const own = withForm(metrics, 'sums').map(({ id, replicates }) => ({ id, of: replicates.of, terms: replicates.terms(scored) }));
	const terms = own.flatMap((m) => m.terms);
	const width = 1 + terms.length; // rows first
	const sums = new Float64Array(units.count * width);
	terms.forEach((term, t) => {
		for (let i = 0, n = units.unit.length; i < n; i++) sums[units.unit[i] * width + 1 + t] += term(i);
	});
	for (let i = 0, n = units.unit.length; i < n; i++) sums[units.unit[i] * width]++;
	return (weight) => {
		const [rows, ...added] = weightedSums(sums, width, weight);
		const out: MetricValues = dictionary();
		let at = 0;
		for (const m of own) out[m.id] = m.of(added.slice(at, (at += m.terms.length)).map((sum) => sum / rows));
		return out;
	};
}

/** Metrics that follow from the confusion matrix. */
function byCounts(metrics: readonly Metric[], scored: Scored, units: Units): Replicate {
	const own = withForm(metrics, 'counts');
	if (!own.length) return () => dictionary();
	const k = scored.classes;
	const sums = new Float64Array(units.count * k * k);
	for (let i = 0, n = units.unit.length; i < n; i++) sums[units.unit[i] * k * k + scored.y[i] * k + scored.decided[i]]++;
	return (weight) => {
		const matrix = weightedSums(sums, k * k, weight);
		return dictionary(own.map((m) => [m.id, m.replicates.of(matrix, k)]));
	};
}

/** Metrics that follow from the order of the scores: their bins are filled anew. */
function byRanks(metrics: readonly Metric[], { p, y, outputs }: Scored, units: Units): Replicate {
	const own = withForm(metrics, 'ranks');
	if (!own.length) return () => dictionary();
	const bins = Array.from({ length: outputs }, (_, c) => binsOf(p, outputs, c, y, outputs === 1 ? 1 : c, units));
	return (weight) => {
		const filled = bins.map((b) => b(weight));
		return dictionary(own.map((m) => [m.id, m.replicates.of(filled)]));
	};
}

/** All others are measured on the rows, each with the weight of its unit. */
function byRows(metrics: readonly Metric[], scored: Scored, { unit }: Units): Replicate {
	const own = withForm(metrics, 'resample');
	const weights = new Float64Array(own.length ? unit.length : 0);
	return (weight) => {
		for (let i = 0, n = weights.length; i < n; i++) weights[i] = weight[unit[i]];
		const drawn = scored.weighted(weights);
		return dictionary(own.map((m) => [m.id, m.value(drawn)]));
	};
}

function weightedSums(sums: Float64Array, width: number, weight: Float64Array): Float64Array {
	const out = new Float64Array(width);
	for (let u = 0, n = weight.length; u < n; u++) {
		const w = weight[u];
		if (w !== 0) for (let k = 0; k < width; k++) out[k] += w * sums[u * width + k];
	}
	return out;
}

/** Weight of the negative and of the positive rows in each bin of scores; the same array each time, filled anew. */
function binsOf(
	p: Numbers,
	stride: number,
	offset: number,
	y: Numbers,
	positive: number,
	units: Units,
): (weight: Float64Array) => Float64Array {
	const rows = y.length;
	const own = Float64Array.from({ length: rows }, (_, i) => p[i * stride + offset]);
	const edges = edgesOf(own);
	const cells = (edges.length + 1) * 2;
	const cell = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) cell[i] = binAt(edges, own[i]) * 2 + (y[i] === positive ? 1 : 0);
	const { unit, index, count } = compact(cell, cells, units);
	const histogram = new Float64Array(cells);
	return (weight) => {
		histogram.fill(0);
		for (let t = 0, n = index.length; t < n; t++) histogram[index[t]] += weight[unit[t]] * count[t];
		return histogram;
	};
}

/** Rows of the same unit and cell counted once where that makes the loop shorter. */
function compact(cell: Uint32Array, cells: number, units: Units): { unit: Uint32Array; index: Uint32Array; count: Float64Array } {
	if (units.count * cells >= cell.length) return { unit: units.unit, index: cell, count: new Float64Array(cell.length).fill(1) };
	const dense = new Float64Array(units.count * cells);
	for (let i = 0, n = cell.length; i < n; i++) dense[units.unit[i] * cells + cell[i]]++;
	const at: number[] = [];
	for (let j = 0, n = dense.length; j < n; j++) if (dense[j] > 0) at.push(j);
	return {
		unit: Uint32Array.from(at, (j) => Math.floor(j / cells)),
		index: Uint32Array.from(at, (j) => j % cells),
		count: Float64Array.from(at, (j) => dense[j]),
	};
}

/** Different scores at equal ranks; each starts a bin. */
function edgesOf(scores: Float64Array): Float64Array {
	const sorted = scores.slice().sort();
	const edges: number[] = [];
	for (let b = 1; b < BINS; b++) {
		const edge = sorted[Math.floor((b * sorted.length) / BINS)];
		if (edge > (edges.at(-1) ?? sorted[0])) edges.push(edge);
	}
	return Float64Array.from(edges);
}

function binAt(edges: Float64Array, x: number): number {
	let low = 0;
	let high = edges.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (edges[middle] <= x) low = middle + 1;
		else high = middle;
	}
	return low;
}
