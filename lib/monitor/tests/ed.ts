import { defineDriftTest } from '../defineDriftTest.js';
import { merge } from '../table.js';

/** Energy distance between the two distributions (`scipy.stats.energy_distance`), in the root of the column's unit. */
export const ed = defineDriftTest({
	id: 'ed',
	label: 'Energy distance',
	description: 'Root of twice the squared area between the cumulative distributions; depends on the unit of the column.',
	kind: 'numeric',
	decides: 'distance',
	threshold: 0.1,
	equalDrifts: false,
	run({ reference, current }) {
		let area = 0;
		let a = 0;
		let b = 0;
		let last = NaN;
		merge(reference, current, (value, inA, inB) => {
			if (!Number.isNaN(last)) area += (a / reference.n - b / current.n) ** 2 * (value - last);
			a += inA;
			b += inB;
			last = value;
		});
		return { score: Math.sqrt(2 * area) };
	},
});
