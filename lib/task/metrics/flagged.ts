import { isFlagged } from '../flag.js';
import { clopperPearson } from '../statistics/smallSamples.js';
import { defineMetric } from './contract.js';
import { weightAt } from './numbers.js';

export const flagged = defineMetric({
	id: 'flagged',
	label: 'Share of anomalies',
	description: 'Share of the rows that score above the threshold. No answers have to be known.',
	title: 'Share called anomalies',
	meaning: 'share of the rows that score above the threshold',
	better: 'lower',
	range: [0, 1],
	unit: 'share',
	outputs: ['score'],
	withoutTruth: true,
	value({ p, rows, threshold, weight }) {
		let [sum, total] = [0, 0];
		for (let i = 0; i < rows; i++) {
			const w = weightAt(weight, i);
			total += w;
			if (isFlagged(p[i], threshold)) sum += w;
		}
		return sum / total;
	},
	replicates: { from: 'sums', terms: ({ p, threshold }) => [(i) => Number(isFlagged(p[i], threshold))], of: ([mean]) => mean },
	exact: ({ value, total, alpha }) => clopperPearson(value * total, total, alpha),
});
