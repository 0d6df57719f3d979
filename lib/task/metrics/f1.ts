import { hitOrMiss } from './chance.js';
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
	// Each row that is positive or called so adds a hit or none, in the unit of F1: NannyML's, wider than the delta method's.
	chance({ rows, matrix: [, wrong, missed, hits] }) {
		const tries = hits + wrong + missed;
		return [hitOrMiss(hits, tries, rows, tries / (hits + (wrong + missed) / 2))];
	},
});
