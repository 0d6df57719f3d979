import { countInto, distinctValues, sturgesEdges } from '../bins.js';
import { defineDriftTest } from '../defineDriftTest.js';
import { sum, type Pair } from '../table.js';

/** Hellinger distance; numbers in equal bins by Sturges' rule over the different values. */
export const hellinger = defineDriftTest({
	id: 'hellinger',
	label: 'Hellinger distance',
	description: 'How little the two distributions overlap: 0 is the same, 1 nothing in common.',
	kind: 'both',
	decides: 'distance',
	threshold: 0.1,
	equalDrifts: true,
	run(pair) {
		const { reference, current } = countsOf(pair);
		const n = sum(reference);
		const m = sum(current);
		let overlap = 0;
		for (let i = 0, end = reference.length; i < end; i++) overlap += Math.sqrt((reference[i] / n) * (current[i] / m));
		return { score: Math.sqrt(1 - Math.min(1, Math.max(0, overlap))) };
	},
});

function countsOf(pair: Pair): { reference: Float64Array; current: Float64Array } {
	if (pair.kind === 'categorical') return pair;
	const values = distinctValues(pair.reference, pair.current);
	const edges = sturgesEdges(values[0], values[values.length - 1], values.length, pair.integers);
	return { reference: countInto(pair.reference, edges), current: countInto(pair.current, edges) };
}
