import { combined } from '../statistics/smallSamples.js';
import { hitOrMiss } from './chance.js';
import { defineMetric } from './contract.js';
import { classScores, f1Bounds, macro } from './counts.js';
import { mean } from './numbers.js';

export const f1Macro = defineMetric({
	id: 'f1_macro',
	aliases: ['f1macro', 'macrof1'],
	label: 'F1 (macro)',
	description: 'F1 of each class, averaged.',
	title: 'F1',
	meaning: 'one figure for precision and recall together',
	better: 'higher',
	range: [0, 1],
	outputs: ['probabilities'],
	eachClass: true,
	value: ({ matrix, classes }) => macro(classScores(matrix, classes), 'f1'),
	replicates: { from: 'counts', of: (matrix, classes) => macro(classScores(matrix, classes), 'f1') },
	exact(counted) {
		const { matrix, support, called, scored } = counted;
		const seen = support.map((_, c) => c).filter((c) => support[c] + called[c] > 0);
		const own = seen.map((c) => (2 * matrix[c * scored.classes + c]) / (support[c] + called[c]));
		return combined(
			mean(own),
			seen.map((c) => f1Bounds(counted, c)),
			(i, x) => mean(own.with(i, x)),
		);
	},
	// NannyML's: each class adds the variance of hits among the rows that are of it or called so.
	chance: ({ rows, matrix, classes }) =>
		classScores(matrix, classes).map(({ support, predicted }, c) => {
			const hits = matrix[c * classes + c];
			return hitOrMiss(hits, support + predicted - hits, rows, 1 / classes);
		}),
});
