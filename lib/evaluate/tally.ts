import type { TaskType } from '../domain/column.js';
import type { MetricValues } from '../domain/run.js';
import { accuracyOf, classScores, decide, macro, mcc } from '../task/metrics/index.js';
import type { Units } from './resampling.js';

/**
 * Everything a replicate needs, summed once, so that drawing units again costs no pass over the predictions: sums a unit for the metrics that are made of sums, and
 * counts a unit, class and score bin for those that need an order.
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

/** Score bins with equal rows; AUC from so many bins differs from the exact one by about 1e-5, and only the change between replicates is used. */
const BINS = 512;
const EPSILON = 2 ** -52;

export function tally(input: TallyInput): Tally {
	return input.task === 'regression' ? regressionTally(input) : classTally(input);
}

function regressionTally({ scores, labels, units }: TallyInput): Tally {
	const width = 6; // rows, squared error, absolute error, relative error, y, y²
	// Deviations from the mean, so that the sum of squares keeps its digits.
	let mean = 0;
	for (let i = 0; i < labels.length; i++) mean += labels[i] / labels.length;
	const sums = new Float64Array(units.count * width);
	for (let i = 0; i < labels.length; i++) {
		const at = units.unit[i] * width;
		const e = scores[i] - labels[i];
		const y = labels[i] - mean;
		sums[at]++;
		sums[at + 1] += e * e;
		sums[at + 2] += Math.abs(e);
		sums[at + 3] += Math.abs(e) / Math.max(Math.abs(labels[i]), EPSILON);
		sums[at + 4] += y;
		sums[at + 5] += y * y;
	}
	return {
		metrics(weight) {
			const [n, squared, absolute, relative, y, y2] = weightedSums(sums, width, weight);
			const total = y2 / n - (y / n) ** 2;
			return { rmse: Math.sqrt(squared / n), mae: absolute / n, mape: relative / n, r2: 1 - squared / n / total };
		},
	};
}

function weightedSums(sums: Float64Array, width: number, weight: Float64Array): Float64Array {
	const out = new Float64Array(width);
	for (let u = 0; u < weight.length; u++) {
		const w = weight[u];
		if (w !== 0) for (let k = 0; k < width; k++) out[k] += w * sums[u * width + k];
	}
	return out;
}

function classTally({ task, classes, scores, labels, threshold, units }: TallyInput): Tally {
	const binary = task === 'binary';
	const k = binary ? 2 : classes;
	const outputs = binary ? 1 : classes;
	const width = 2 + k * k;
	const sums = new Float64Array(units.count * width);
	const decided = decide(scores, outputs, threshold);
	for (let i = 0; i < labels.length; i++) {
		const at = units.unit[i] * width;
		const y = labels[i];
		const p = binary ? (y === 1 ? scores[i] : 1 - scores[i]) : scores[i * k + y];
		sums[at] -= Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, p)));
		if (binary) sums[at + 1] += (1 - p) ** 2;
		else for (let c = 0; c < k; c++) sums[at + 1] += (scores[i * k + c] - (y === c ? 1 : 0)) ** 2;
		sums[at + 2 + y * k + decided[i]]++;
	}
	const rankings = binary
		? [ranking(scores, 1, 0, labels, 1, units)]
		: Array.from({ length: k }, (_, c) => ranking(scores, k, c, labels, c, units));
	return {
		metrics(weight) {
			const all = weightedSums(sums, width, weight);
			const matrix = all.subarray(2);
			const n = matrix.reduce((s, x) => s + x, 0);
			const scored = classScores(matrix, k);
			const seen = scored.filter((s) => s.support > 0);
			const common = {
				logLoss: all[0] / n,
				brier: all[1] / n,
				accuracy: accuracyOf(matrix, k),
				balanced_accuracy: seen.reduce((s, x) => s + x.recall, 0) / seen.length,
				mcc: mcc(matrix, k),
			};
			const ranked = rankings.map((r) => r(weight));
			if (!binary) return { auc_ovr: ranked.reduce((s, r) => s + r.auc, 0) / k, ...common, f1_macro: macro(scored, 'f1') };
			return {
				auc: ranked[0].auc,
				average_precision: ranked[0].averagePrecision,
				...common,
				f1: scored[1].f1,
				precision: scored[1].precision,
				recall: scored[1].recall,
			};
		},
	};
}

type Ranking = (weight: Float64Array) => { auc: number; averagePrecision: number };

/** AUC and average precision from score bins; rows of one bin count as ties. */
function ranking(scores: Float64Array, stride: number, offset: number, labels: Float64Array, positive: number, units: Units): Ranking {
	const rows = labels.length;
	const own = Float64Array.from({ length: rows }, (_, i) => scores[i * stride + offset]);
	const edges = edgesOf(own);
	const cells = (edges.length + 1) * 2;
	const cell = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) cell[i] = binAt(edges, own[i]) * 2 + (labels[i] === positive ? 1 : 0);
	const { unit, index, count } = compact(cell, cells, units);
	const histogram = new Float64Array(cells);
	return (weight) => {
		histogram.fill(0);
		for (let t = 0; t < index.length; t++) histogram[index[t]] += weight[unit[t]] * count[t];
		return ranked(histogram);
	};
}

/** Rows of the same unit and cell counted once where that makes the loop shorter. */
function compact(cell: Uint32Array, cells: number, units: Units): { unit: Uint32Array; index: Uint32Array; count: Float64Array } {
	if (units.count * cells >= cell.length) return { unit: units.unit, index: cell, count: new Float64Array(cell.length).fill(1) };
	const dense = new Float64Array(units.count * cells);
	for (let i = 0; i < cell.length; i++) dense[units.unit[i] * cells + cell[i]]++;
	const at: number[] = [];
	for (let j = 0; j < dense.length; j++) if (dense[j] > 0) at.push(j);
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

function ranked(histogram: Float64Array): { auc: number; averagePrecision: number } {
	let above = 0;
	let below = 0;
	let area = 0;
	let precision = 0;
	for (let b = histogram.length / 2 - 1; b >= 0; b--) {
		const negative = histogram[2 * b];
		const positive = histogram[2 * b + 1];
		area += negative * (above + positive / 2);
		above += positive;
		below += negative;
		if (positive > 0) precision += (positive * above) / (above + below);
	}
	return { auc: above > 0 && below > 0 ? area / (above * below) : NaN, averagePrecision: above > 0 ? precision / above : NaN };
}
