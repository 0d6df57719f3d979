import { clopperPearson } from '../statistics/smallSamples.js';
import { defineMetric } from './contract.js';
import { classScores } from './counts.js';

export const precision = defineMetric({
	id: 'precision',
	label: 'Precision',
	description: 'Share of rows called positive that are.',
	title: 'Precision',
	meaning: 'of the rows called positive, the share that is',
	better: 'higher',
	range: [0, 1],
	unit: 'share',
	outputs: ['probability', 'score'],
	value: ({ matrix, classes }) => classScores(matrix, classes)[1].precision,
	replicates: { from: 'counts', of: (matrix, classes) => classScores(matrix, classes)[1].precision },
	exact: ({ matrix, called }) => clopperPearson(matrix[3], called[1]),
});
