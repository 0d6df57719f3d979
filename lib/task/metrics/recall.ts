import { clopperPearson } from '../statistics/smallSamples.js';
import { defineMetric } from './contract.js';
import { classScores } from './counts.js';

export const recall = defineMetric({
	id: 'recall',
	label: 'Recall',
	description: 'Share of positive rows that were called so.',
	title: 'Recall',
	meaning: 'of the positive rows, the share that is found',
	better: 'higher',
	range: [0, 1],
	unit: 'share',
	outputs: ['probability', 'score'],
	value: ({ matrix, classes }) => classScores(matrix, classes)[1].recall,
	replicates: { from: 'counts', of: (matrix, classes) => classScores(matrix, classes)[1].recall },
	exact: ({ matrix, support }) => clopperPearson(matrix[3], support[1]),
});
