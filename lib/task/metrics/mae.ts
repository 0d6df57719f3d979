import { defineMetric, type RowTerm } from './contract.js';
import { meanOf } from './numbers.js';
import type { Scored } from './scored.js';

const absolute =
	({ y, p }: Scored): RowTerm =>
	(i) =>
		Math.abs(y[i] - p[i]);

export const mae = defineMetric({
	id: 'mae',
	aliases: ['meanabsoluteerror'],
	label: 'Mean absolute error',
	description: 'Mean size of the error, in the unit of the target.',
	title: 'Mean absolute error',
	meaning: 'how far predictions are off on average',
	better: 'lower',
	range: [0, Infinity],
	unit: 'target',
	outputs: ['value'],
	value: (scored) => meanOf(scored.y.length, scored.weight, absolute(scored)),
	replicates: { from: 'sums', terms: (scored) => [absolute(scored)], of: ([mean]) => mean },
});
