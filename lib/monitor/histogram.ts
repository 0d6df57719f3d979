import { type z } from 'zod/v4';
import type { histogramPair } from '../domain/drift.js';
import { countInto, linspace } from './bins.js';
import { quantileTogether, sum, type Pair } from './table.js';

const BINS = 20;
const LEVELS = 20;

/**
 * Both samples side by side for a chart: 20 bins over the middle 98 % with the tails in the outer bins, or the 20 most frequent values and
 * the rest.
 */
export function histogramOf(pair: Pair): z.infer<typeof histogramPair> {
	if (pair.kind === 'numeric') {
		const { reference, current } = pair;
		const [low, high] = [0.01, 0.99].map((share) => quantileTogether(reference, current, share));
		const edges = low < high ? linspace(low, high, BINS) : Float64Array.of(low - 0.5, high + 0.5);
		edges[0] = Math.min(edges[0], reference.values[0], current.values[0]);
		edges[edges.length - 1] = Math.max(edges[edges.length - 1], reference.values.at(-1)!, current.values.at(-1)!);
		return { edges: [...edges], reference: [...countInto(reference, edges)], current: [...countInto(current, edges)] };
	}
	const { keys, reference, current } = pair;
	const n = sum(reference);
	const m = sum(current);
	const weight = (i: number): number => reference[i] / n + current[i] / m;
	const order = keys.map((_, i) => i).sort((a, b) => weight(b) - weight(a) || a - b);
	const shown = order.slice(0, LEVELS);
	const rest = order.slice(LEVELS);
	const at = (counts: Float64Array): number[] => [
		...shown.map((i) => counts[i]),
		...(rest.length ? [rest.reduce((s, i) => s + counts[i], 0)] : []),
	];
	return {
		labels: [...shown.map((i) => keys[i]), ...(rest.length ? [`(${rest.length} other values)`] : [])],
		reference: at(reference),
		current: at(current),
	};
}
