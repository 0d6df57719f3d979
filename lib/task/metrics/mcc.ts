import { clopperPearson, combined } from '../statistics/smallSamples.js';
import { defineMetric } from './contract.js';

/** Matthews correlation for any number of classes (Gorodkin 2004; `matthews_corrcoef`); 0 where a side is constant. */
function matthews(matrix: Float64Array, classes: number): number {
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

/** The same of two classes from the share of each that is called rightly. */
function phi([right0, right1]: readonly number[], [n0, n1]: readonly number[]): number {
	const [tn, tp] = [right0 * n0, right1 * n1];
	const [fp, fn] = [n0 - tn, n1 - tp];
	const scale = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
	return scale > 0 ? (tp * tn - fp * fn) / scale : 0;
}

export const mcc = defineMetric({
	id: 'mcc',
	aliases: ['matthews'],
	label: 'Matthews correlation',
	description: 'Correlation between truth and decision: 0 is guessing, 1 is perfect.',
	title: 'Matthews correlation',
	meaning: 'agreement of prediction and truth; 0 is guessing, 1 is perfect',
	better: 'higher',
	range: [-1, 1],
	outputs: ['probability', 'probabilities', 'score'],
	value: ({ matrix, classes }) => matthews(matrix, classes),
	replicates: { from: 'counts', of: matthews },
	exact({ value, matrix, scored: { classes, outputs }, support, present }) {
		if (outputs > 1 || present.length < 2) return undefined;
		const hits = [0, 1].map((c) => matrix[c * classes + c]);
		const right = hits.map((n, c) => n / support[c]);
		return combined(
			value,
			hits.map((n, c) => clopperPearson(n, support[c])),
			(i, x) => phi(right.with(i, x), support),
		);
	},
});
