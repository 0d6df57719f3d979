import { defineMetric } from './contract.js';
import { classScores, f1Bounds } from './counts.js';

export const f1 = defineMetric({
	id: 'f1',
	aliases: ['f1score'],
	label: 'F1',
	description: 'Balance of precision and recall of the positive class at the threshold.',
	title: 'F1',
	meaning: 'one figure for precision and recall together',
	better: 'higher',
	range: [0, 1],
	outputs: ['probability', 'score'],
	value: ({ matrix, classes }) => classScores(matrix, classes)[1].f1,
	replicates: { from: 'counts', of: (matrix, classes) => classScores(matrix, classes)[1].f1 },
	exact: (counted) => f1Bounds(counted, 1),
});
