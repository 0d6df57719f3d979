import type { DataSet } from './sets.mts';

/** What is counted for each kind of question, all as errors: the first decides who wins. */
export const ERRORS: Record<DataSet['task'], readonly string[]> = {
	binary: ['1 - AUC', 'log loss'],
	multiclass: ['log loss', 'error'],
	regression: ['RMSE'],
};

/** Probabilities are kept so far from 0, as scikit-learn does with 64-bit numbers. */
const LEAST = 2 ** -52;

/**
 * @param truth class numbers, or values
 * @param answers one number a class for each row, or a value
 */
export function errorsOf(task: DataSet['task'], truth: ArrayLike<number>, answers: Float64Array): Record<string, number> {
	const rows = truth.length;
	if (answers.length % rows || answers.some((v) => !Number.isFinite(v)))
		throw new Error(`${answers.length} answers to ${rows} rows, not all of them numbers`);
	if (task === 'regression') return { RMSE: Math.sqrt(mean(rows, (i) => (truth[i] - answers[i]) ** 2)) };
	const classes = answers.length / rows;
	const row = (i: number) => answers.subarray(i * classes, (i + 1) * classes);
	const loss = mean(rows, (i) => {
		const p = row(i);
		return -Math.log(Math.max(LEAST, p[truth[i]] / p.reduce((a, b) => a + b, 0)));
	});
	if (task === 'binary') {
		const positive = Float64Array.from({ length: rows }, (_, i) => answers[2 * i + 1]);
		return { '1 - AUC': 1 - auc(truth, positive), 'log loss': loss };
	}
	return { 'log loss': loss, error: mean(rows, (i) => Number(row(i).indexOf(Math.max(...row(i))) !== truth[i])) };
}

function mean(rows: number, of: (row: number) => number): number {
	let sum = 0;
	for (let i = 0; i < rows; i++) sum += of(i);
	return sum / rows;
}

/** Mann and Whitney's statistic; equal answers count half. */
function auc(truth: ArrayLike<number>, p: Float64Array): number {
	const order = Uint32Array.from(p.keys()).sort((a, b) => p[a] - p[b]);
	let positives = 0;
	let ranks = 0;
	for (let i = 0, j = 0; i < order.length; i = j) {
		for (j = i; j < order.length && p[order[j]] === p[order[i]]; j++);
		for (let k = i; k < j; k++) {
			if (truth[order[k]] !== 1) continue;
			positives++;
			ranks += (i + j + 1) / 2;
		}
	}
	return (ranks - (positives * (positives + 1)) / 2) / (positives * (p.length - positives));
}
