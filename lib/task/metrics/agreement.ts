import { rankCorrelation } from '../statistics/ranks.js';
import { defineMetric } from './contract.js';

export const agreement = defineMetric({
	id: 'agreement',
	label: 'Agreement of halves',
	description:
		'Rank correlation (Spearman) of the scores by two halves of the model: 0 is chance, 1 is the same order. No answers have to be known.',
	title: 'Agreement of halves',
	meaning: 'how alike two halves of the model order the rows; 0 is chance, 1 is the same order',
	better: 'higher',
	range: [-1, 1],
	outputs: ['score'],
	withoutTruth: true,
	value: ({ halfRanks, weight }) => (halfRanks ? rankCorrelation(...halfRanks, weight) : NaN),
	replicates: { from: 'resample' },
});
