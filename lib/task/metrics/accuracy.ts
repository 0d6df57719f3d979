import { clopperPearson } from '../statistics/smallSamples.js';
import { defineMetric } from './contract.js';
import { accuracyOf, sumOver } from './counts.js';

export const accuracy = defineMetric({
	id: 'accuracy',
	label: 'Accuracy',
	description: 'Share of rows decided correctly.',
	title: 'Accuracy',
	meaning: 'share of rows that the model names correctly',
	better: 'higher',
	range: [0, 1],
	unit: 'share',
	outputs: ['probability', 'probabilities', 'score'],
	value: ({ matrix, classes }) => accuracyOf(matrix, classes),
	replicates: {
		from: 'sums',
		terms: ({ y, decided }) => [(i) => (decided[i] === y[i] ? 1 : 0)],
		of: ([mean]) => mean,
	},
	exact: ({ matrix, scored: { classes }, total, alpha }) =>
		clopperPearson(
			sumOver(classes, (c) => matrix[c * classes + c]),
			total,
			alpha,
		),
});
