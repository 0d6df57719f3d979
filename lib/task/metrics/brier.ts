import { defineMetric, type RowTerm } from './contract.js';
import { meanOf } from './numbers.js';
import type { Scored } from './scored.js';

function distance({ y, p, outputs }: Scored): RowTerm {
	if (outputs === 1) return (i) => (p[i] - (y[i] === 1 ? 1 : 0)) ** 2;
	return (i) => {
		let d = 0;
		for (let c = 0; c < outputs; c++) d += (p[i * outputs + c] - (y[i] === c ? 1 : 0)) ** 2;
		return d;
	};
}

/**
 * Mean squared distance between probabilities and the truth; 0 to 1 for two classes, 0 to 2 (summed over classes) for more
 * (`brier_score_loss`).
 */
export const brier = defineMetric({
	id: 'brier',
	aliases: ['brierscore'],
	label: 'Brier score',
	description: 'Mean squared error of the probabilities; 0 is perfect.',
	title: 'Brier score',
	meaning: 'mean squared error of the probabilities',
	better: 'lower',
	range: [0, 2],
	outputs: ['probability', 'probabilities'],
	value: (scored) => meanOf(scored.y.length, scored.weight, distance(scored)),
	replicates: { from: 'sums', terms: (scored) => [distance(scored)], of: ([mean]) => mean },
});
