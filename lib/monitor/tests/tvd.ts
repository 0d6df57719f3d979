import { defineDriftTest } from '../defineDriftTest.js';
import { sum } from '../table.js';

/** Total variation distance: the share of rows that would have to change their value. */
export const tvd = defineDriftTest({
	id: 'tvd',
	label: 'Total variation distance',
	description: 'Share of rows that would have to change their value for the two to agree.',
	kind: 'categorical',
	decides: 'distance',
	threshold: 0.1,
	equalDrifts: true,
	run({ reference, current }) {
		const n = sum(reference);
		const m = sum(current);
		let score = 0;
		for (let i = 0, end = reference.length; i < end; i++) score += Math.abs(reference[i] / n - current[i] / m) / 2;
		return { score };
	},
});
