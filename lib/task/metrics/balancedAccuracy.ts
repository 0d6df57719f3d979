import { clopperPearson, combined } from '../statistics/smallSamples.js';
import { defineMetric } from './contract.js';
import { classScores } from './counts.js';
import { mean } from './numbers.js';

function recallOfClasses(matrix: Float64Array, classes: number): number {
	const present = classScores(matrix, classes).filter((s) => s.support > 0);
	return mean(present.map((s) => s.recall));
}

export const balancedAccuracy = defineMetric({
	id: 'balanced_accuracy',
	aliases: ['balancedaccuracy'],
	label: 'Balanced accuracy',
	description: 'Recall averaged over the classes: rare classes count as much as common ones.',
	title: 'Balanced accuracy',
	meaning: 'accuracy with every class counted alike',
	better: 'higher',
	range: [0, 1],
	unit: 'share',
	outputs: ['probability', 'probabilities', 'score'],
	eachClass: true,
	value: ({ matrix, classes }) => recallOfClasses(matrix, classes),
	replicates: { from: 'counts', of: recallOfClasses },
	exact({ matrix, scored: { classes }, support, present }) {
		const hits = (c: number): number => matrix[c * classes + c];
		const recalls = present.map((c) => hits(c) / support[c]);
		return combined(
			mean(recalls),
			present.map((c) => clopperPearson(hits(c), support[c])),
			(i, x) => mean(recalls.with(i, x)),
		);
	},
});
