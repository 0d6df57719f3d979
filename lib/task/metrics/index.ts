import { dictionary } from '../../domain/dictionary.js';
import type { TaskType } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import type { MetricValues } from '../../domain/run.js';

/**
 * Metrics on plain arrays, with the names and the exact meaning of scikit-learn. Conventions throughout: `y` holds class codes 0..k-1 or values,
 * `p` a probability or a value a row (row-major, k a row, for several classes), `weight` an optional non-negative weight a row.
 * A metric that has no value for these rows (one class only, no rows) is NaN.
 */
type Numbers = ArrayLike<number>;

const weightAt = (weight: Numbers | undefined, i: number): number => (weight ? weight[i] : 1);

/** Below this many rows a comparison sort beats the radix sort's fixed cost. */
const RADIX_FROM = 4096;

/** Row indices by falling score; rows of equal score stay in row order. Linear time, so that 3 M rows take a fraction of a second. */
export function orderByScore(scores: Numbers): Uint32Array<ArrayBuffer> {
	const n = scores.length;
	if (n < RADIX_FROM) {
		return new Uint32Array(Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b));
	}
	const keys = new Float64Array(n);
	for (let i = 0; i < n; i++) keys[i] = scores[i] + 0; // + 0 turns -0 into 0, which is equal to it
	const bits = new Uint32Array(keys.buffer);
	for (let i = 0; i < n; i++) {
		// Of two doubles the greater has the greater bit pattern once negatives are inverted; all is inverted again to fall, not rise.
		const negative = bits[2 * i + 1] >>> 31;
		if (!negative) {
			bits[2 * i] = ~bits[2 * i];
			bits[2 * i + 1] = ~(bits[2 * i + 1] | 0x80000000);
		}
	}
	let from = new Uint32Array(n);
	let to = new Uint32Array(n);
	for (let i = 0; i < n; i++) from[i] = i;
	const counts = new Uint32Array(65536);
	for (let pass = 0; pass < 4; pass++) {
		const word = pass >> 1;
		const shift = (pass & 1) * 16;
		counts.fill(0);
		for (let i = 0; i < n; i++) counts[(bits[2 * i + word] >>> shift) & 0xffff]++;
		if (counts[(bits[word] >>> shift) & 0xffff] === n) continue; // all equal in this digit
		for (let b = 0, sum = 0; b < 65536; b++) {
			const c = counts[b];
			counts[b] = sum;
			sum += c;
		}
		for (let i = 0; i < n; i++) {
			const row = from[i];
			to[counts[(bits[2 * row + word] >>> shift) & 0xffff]++] = row;
		}
		[from, to] = [to, from];
	}
	return from;
}

/**
 * Area under the ROC curve; ties count half (`roc_auc_score`). `positive` is the class code taken as positive.
 * `order`: from `orderByScore`, when the caller has it already.
 */
export function auc(y: Numbers, p: Numbers, weight?: Numbers, positive = 1, order: Uint32Array = orderByScore(p)): number {
	let above = 0;
	let below = 0;
	let area = 0;
	for (let i = 0; i < order.length; ) {
		const score = p[order[i]];
		let pos = 0;
		let neg = 0;
		for (; i < order.length && p[order[i]] === score; i++) {
			const w = weightAt(weight, order[i]);
			if (y[order[i]] === positive) pos += w;
			else neg += w;
		}
		area += neg * (above + pos / 2);
		above += pos;
		below += neg;
	}
	return above > 0 && below > 0 ? area / (above * below) : NaN;
}

/** Step-wise area under the precision-recall curve (`average_precision_score`). */
export function averagePrecision(y: Numbers, p: Numbers, weight?: Numbers, positive = 1, order: Uint32Array = orderByScore(p)): number {
	let total = 0;
	for (let i = 0; i < y.length; i++) if (y[i] === positive) total += weightAt(weight, i);
	if (!(total > 0)) return NaN;
	let tp = 0;
	let all = 0;
	let sum = 0;
	for (let i = 0; i < order.length; ) {
		const score = p[order[i]];
		let pos = 0;
		for (; i < order.length && p[order[i]] === score; i++) {
			const w = weightAt(weight, order[i]);
			all += w;
			if (y[order[i]] === positive) pos += w;
		}
		tp += pos;
		if (pos > 0) sum += pos * (tp / all);
	}
	return sum / total;
}

const EPSILON = 2 ** -52;
const clip = (p: number): number => Math.min(1 - EPSILON, Math.max(EPSILON, p));

/** Mean negative log-likelihood (`log_loss`). `outputs` 1: `p` is the probability of class 1; else one probability a class. */
export function logLoss(y: Numbers, p: Numbers, outputs: number, weight?: Numbers): number {
	let sum = 0;
	let total = 0;
	for (let i = 0; i < y.length; i++) {
		const w = weightAt(weight, i);
		const likelihood = outputs === 1 ? (y[i] === 1 ? clip(p[i]) : 1 - clip(p[i])) : clip(p[i * outputs + y[i]]);
		sum -= w * Math.log(likelihood);
		total += w;
	}
	return total > 0 ? sum / total : NaN;
}

/** Mean squared distance between probabilities and the truth; 0 to 1 for two classes, 0 to 2 (summed over classes) for more (`brier_score_loss`). */
export function brier(y: Numbers, p: Numbers, outputs: number, weight?: Numbers): number {
	let sum = 0;
	let total = 0;
	for (let i = 0; i < y.length; i++) {
		const w = weightAt(weight, i);
		let d = 0;
		if (outputs === 1) d = (p[i] - (y[i] === 1 ? 1 : 0)) ** 2;
		else for (let c = 0; c < outputs; c++) d += (p[i * outputs + c] - (y[i] === c ? 1 : 0)) ** 2;
		sum += w * d;
		total += w;
	}
	return total > 0 ? sum / total : NaN;
}

/** Class code of each row: `p >= threshold` for one output, the most probable class (the first of equals) for several. */
export function decide(p: Numbers, outputs: number, threshold = 0.5): Uint32Array<ArrayBuffer> {
	const rows = Math.floor(p.length / outputs);
	const out = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) {
		if (outputs === 1) {
			out[i] = p[i] >= threshold ? 1 : 0;
			continue;
		}
		let best = 0;
		for (let c = 1; c < outputs; c++) if (p[i * outputs + c] > p[i * outputs + best]) best = c;
		out[i] = best;
	}
	return out;
}

/** Weighted counts, row-major `classes x classes`: row = true class, column = predicted class (`confusion_matrix`). */
export function confusion(y: Numbers, predicted: Numbers, classes: number, weight?: Numbers): Float64Array<ArrayBuffer> {
	const m = new Float64Array(classes * classes);
	for (let i = 0; i < y.length; i++) m[y[i] * classes + predicted[i]] += weightAt(weight, i);
	return m;
}

export interface ClassScore {
	precision: number;
	recall: number;
	f1: number;
	support: number;
	predicted: number;
}

/** Precision, recall and F1 of each class from a confusion matrix; 0 where nothing was predicted or present (`zero_division=0`). */
export function classScores(matrix: Numbers, classes: number): ClassScore[] {
	return Array.from({ length: classes }, (_, c) => {
		let predicted = 0;
		let support = 0;
		for (let k = 0; k < classes; k++) {
			predicted += matrix[k * classes + c];
			support += matrix[c * classes + k];
		}
		const tp = matrix[c * classes + c];
		return {
			precision: predicted > 0 ? tp / predicted : 0,
			recall: support > 0 ? tp / support : 0,
			f1: predicted + support > 0 ? (2 * tp) / (predicted + support) : 0,
			support,
			predicted,
		};
	});
}

/** Unweighted mean over the classes that occur or were predicted (`average='macro'`). */
export function macro(scores: readonly ClassScore[], of: 'precision' | 'recall' | 'f1'): number {
	const seen = scores.filter((s) => s.support > 0 || s.predicted > 0);
	return seen.length ? seen.reduce((sum, s) => sum + s[of], 0) / seen.length : NaN;
}

/** Share of (weighted) rows on the diagonal. */
export function accuracyOf(matrix: Numbers, classes: number): number {
	let hit = 0;
	let total = 0;
	for (let i = 0; i < classes; i++)
		for (let j = 0; j < classes; j++) {
			total += matrix[i * classes + j];
			if (i === j) hit += matrix[i * classes + j];
		}
	return total > 0 ? hit / total : NaN;
}

/** Matthews correlation for any number of classes (Gorodkin 2004; `matthews_corrcoef`); 0 where a side is constant. */
export function mcc(matrix: Numbers, classes: number): number {
	let correct = 0;
	let total = 0;
	let tp = 0;
	let tt = 0;
	let pp = 0;
	for (let c = 0; c < classes; c++) {
		let truth = 0;
		let predicted = 0;
		for (let k = 0; k < classes; k++) {
			truth += matrix[c * classes + k];
			predicted += matrix[k * classes + c];
		}
		correct += matrix[c * classes + c];
		total += truth;
		tp += truth * predicted;
		tt += truth * truth;
		pp += predicted * predicted;
	}
	const denominator = Math.sqrt(total * total - pp) * Math.sqrt(total * total - tt);
	return denominator > 0 ? Math.max(-1, Math.min(1, (correct * total - tp) / denominator)) : 0;
}

/** One-against-rest AUC, averaged over the classes without weights (`roc_auc_score(multi_class='ovr')`); NaN unless every class occurs. */
export function aucOvr(y: Numbers, p: Numbers, classes: number, weight?: Numbers): number {
	const column = new Float64Array(y.length);
	let sum = 0;
	for (let c = 0; c < classes; c++) {
		for (let i = 0; i < column.length; i++) column[i] = p[i * classes + c];
		sum += auc(y, column, weight, c);
	}
	return sum / classes;
}

function meanOf(y: Numbers, weight: Numbers | undefined, loss: (i: number) => number): number {
	let sum = 0;
	let total = 0;
	for (let i = 0; i < y.length; i++) {
		const w = weightAt(weight, i);
		sum += w * loss(i);
		total += w;
	}
	return total > 0 ? sum / total : NaN;
}

/** Root of the mean squared error (`root_mean_squared_error`). */
export const rmse = (y: Numbers, p: Numbers, weight?: Numbers): number => Math.sqrt(meanOf(y, weight, (i) => (y[i] - p[i]) ** 2));

/** Mean absolute error. */
export const mae = (y: Numbers, p: Numbers, weight?: Numbers): number => meanOf(y, weight, (i) => Math.abs(y[i] - p[i]));

/** Mean absolute error relative to the true value (`mean_absolute_percentage_error`): 0.1 is 10 %. */
export const mape = (y: Numbers, p: Numbers, weight?: Numbers): number =>
	meanOf(y, weight, (i) => Math.abs(y[i] - p[i]) / Math.max(Math.abs(y[i]), EPSILON));

/** Share of variance explained (`r2_score`): 1 is perfect, 0 no better than the mean; NaN for fewer than two rows. For a constant target 1 if all is exact, else 0. */
export function r2(y: Numbers, p: Numbers, weight?: Numbers): number {
	if (y.length < 2) return NaN;
	const mean = meanOf(y, weight, (i) => y[i]);
	const residual = meanOf(y, weight, (i) => (y[i] - p[i]) ** 2);
	const total = meanOf(y, weight, (i) => (y[i] - mean) ** 2);
	if (total === 0) return residual === 0 ? 1 : 0;
	return 1 - residual / total;
}

/** What is known about a metric: who may use it and which way is better. */
export interface MetricInfo {
	id: string;
	label: string;
	description: string;
	tasks: readonly TaskType[];
	higherIsBetter: boolean;
}

const info = (id: string, label: string, description: string, tasks: readonly TaskType[], higherIsBetter: boolean): MetricInfo => ({
	id,
	label,
	description,
	tasks,
	higherIsBetter,
});
const CLASSES: readonly TaskType[] = ['binary', 'multiclass'];

/** All metrics by name, in the order in which people read them; `metricsFor` computes these. */
export const METRICS: readonly MetricInfo[] = [
	info(
		'auc',
		'AUC',
		'Chance that a random positive row scores above a random negative one: 0.5 is guessing, 1 is perfect.',
		['binary'],
		true,
	),
	info('auc_ovr', 'AUC (one against rest)', 'AUC of each class against the others, averaged.', ['multiclass'], true),
	info(
		'average_precision',
		'Average precision',
		'Area under the precision-recall curve; tells more than AUC when positives are rare.',
		['binary'],
		true,
	),
	info('logLoss', 'Log loss', 'How surprised the probabilities are by the truth; 0 is perfect.', CLASSES, false),
	info('accuracy', 'Accuracy', 'Share of rows decided correctly.', CLASSES, true),
	info(
		'balanced_accuracy',
		'Balanced accuracy',
		'Recall averaged over the classes: rare classes count as much as common ones.',
		CLASSES,
		true,
	),
	info('f1', 'F1', 'Balance of precision and recall of the positive class at the threshold.', ['binary'], true),
	info('precision', 'Precision', 'Share of rows called positive that are.', ['binary'], true),
	info('recall', 'Recall', 'Share of positive rows that were called so.', ['binary'], true),
	info('f1_macro', 'F1 (macro)', 'F1 of each class, averaged.', ['multiclass'], true),
	info('mcc', 'Matthews correlation', 'Correlation between truth and decision: 0 is guessing, 1 is perfect.', CLASSES, true),
	info('brier', 'Brier score', 'Mean squared error of the probabilities; 0 is perfect.', CLASSES, false),
	info('rmse', 'RMSE', 'Root of the mean squared error, in the unit of the target.', ['regression'], false),
	info('mae', 'Mean absolute error', 'Mean size of the error, in the unit of the target.', ['regression'], false),
	info('r2', 'R²', 'Share of variance explained: 1 is perfect, 0 no better than the mean.', ['regression'], true),
	info('mape', 'MAPE', 'Mean error relative to the true value: 0.1 is 10 %.', ['regression'], false),
];

export const metricInfo = (id: string): MetricInfo | undefined => METRICS.find((m) => m.id === id);

/** @throws `learn.parameter_invalid` naming the metrics of the task */
export function checkMetric(metric: string, task: TaskType): string {
	if (metricInfo(metric)?.tasks.includes(task)) return metric;
	throw new MlopsError('learn.parameter_invalid', `"${metric}" is no metric for this task.`, {
		expected: `one of: ${METRICS.filter((m) => m.tasks.includes(task))
			.map((m) => m.id)
			.join(', ')}`,
		found: metric,
		remedy: 'Choose another under "Metric", or leave it empty.',
	});
}

/** The metric that ranks models of a task unless a person chooses another. */
export const primaryMetric = (task: TaskType): string => ({ binary: 'auc', multiclass: 'logLoss', regression: 'rmse' })[task];

export interface MetricOptions {
	threshold?: number;
	weight?: Numbers;
	only?: readonly string[];
}

/**
 * All metrics of a task that have a value for these rows (others are left out, so that the result is JSON).
 * `p` is row-major as a predictor gives it: `classes` probabilities a row for multiclass, else one number a row.
 */
export function metricsFor(task: TaskType, y: Numbers, p: Numbers, classes: number, options: MetricOptions = {}): MetricValues {
	const { weight, threshold = 0.5, only } = options;
	const wanted = (id: string): boolean => !only || only.includes(id);
	const out: MetricValues = dictionary();
	const put = (id: string, value: () => number): void => {
		if (!wanted(id)) return;
		const v = value();
		if (Number.isFinite(v)) out[id] = v;
	};
	if (task === 'regression') {
		put('rmse', () => rmse(y, p, weight));
		put('mae', () => mae(y, p, weight));
		put('r2', () => r2(y, p, weight));
		put('mape', () => mape(y, p, weight));
		return out;
	}
	const k = task === 'binary' ? 2 : classes;
	const outputs = task === 'binary' ? 1 : classes;
	if (task === 'binary') {
		const order = wanted('auc') || wanted('average_precision') ? orderByScore(p) : new Uint32Array(0);
		put('auc', () => auc(y, p, weight, 1, order));
		put('average_precision', () => averagePrecision(y, p, weight, 1, order));
	} else {
		put('auc_ovr', () => aucOvr(y, p, k, weight));
	}
	put('logLoss', () => logLoss(y, p, outputs, weight));
	put('brier', () => brier(y, p, outputs, weight));
	const matrix = confusion(y, decide(p, outputs, threshold), k, weight);
	const scores = classScores(matrix, k);
	const present = scores.filter((s) => s.support > 0);
	put('accuracy', () => accuracyOf(matrix, k));
	put('balanced_accuracy', () => present.reduce((sum, s) => sum + s.recall, 0) / present.length);
	put('mcc', () => mcc(matrix, k));
	if (task === 'binary') {
		put('f1', () => scores[1].f1);
		put('precision', () => scores[1].precision);
		put('recall', () => scores[1].recall);
	} else {
		put('f1_macro', () => macro(scores, 'f1'));
	}
	return out;
}
