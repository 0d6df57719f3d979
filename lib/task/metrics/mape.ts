import { defineMetric, type RowTerm } from './contract.js';
import { EPSILON, meanOf } from './numbers.js';
import type { Scored } from './scored.js';

const relative =
	({ y, p }: Scored): RowTerm =>
	(i) =>
		Math.abs(y[i] - p[i]) / Math.max(Math.abs(y[i]), EPSILON);

/** `mean_absolute_percentage_error`. */
export const mape = defineMetric({
	id: 'mape',
	label: 'MAPE',
	description: 'Mean error relative to the true value: 0.1 is 10 %.',
	title: 'Mean absolute percentage error',
	meaning: 'average miss as a share of the true value',
	better: 'lower',
	range: [0, Infinity],
	unit: 'share',
	outputs: ['value'],
	value: (scored) => meanOf(scored.y.length, scored.weight, relative(scored)),
	replicates: { from: 'sums', terms: (scored) => [relative(scored)], of: ([mean]) => mean },
});
