import { defineMetric, type RowTerm } from './contract.js';
import { meanOf } from './numbers.js';
import type { Scored } from './scored.js';

const squared =
	({ y, p }: Scored): RowTerm =>
	(i) =>
		(y[i] - p[i]) ** 2;

/** `root_mean_squared_error`. */
export const rmse = defineMetric({
	id: 'rmse',
	label: 'RMSE',
	description: 'Root of the mean squared error, in the unit of the target.',
	title: 'Typical error (RMSE)',
	meaning: 'root of the mean squared error; large misses count more',
	better: 'lower',
	range: [0, Infinity],
	unit: 'target',
	outputs: ['value'],
	value: (scored) => Math.sqrt(meanOf(scored.y.length, scored.weight, squared(scored))),
	replicates: {
		from: 'sums',
		terms: (scored) => [squared(scored)],
		of: ([mean]) => Math.sqrt(mean),
		slope: (mean) => (mean > 0 ? 1 / (2 * Math.sqrt(mean)) : 0),
	},
});
