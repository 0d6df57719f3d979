import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector, type NumberVector } from '../../data/frame.js';
import { columnStep } from '../columnStep.js';
import { orderOf } from '../orders.js';

const params = z.object({
	columns: columnsParam({ title: 'Columns', description: 'Numbers to divide into ranges.', accepts: ['number', 'integer'] }),
	n_bins: z
		.number()
		.int()
		.min(2)
		.max(1000)
		.default(5)
		.meta({ title: 'Number of ranges', description: 'How many ranges there are at most.' }),
	strategy: z
		.enum(['quantile', 'uniform'])
		.default('quantile')
		.meta({
			title: 'Ranges',
			description: 'How the limits are chosen.',
			labels: { quantile: 'With equally many rows', uniform: 'Of equal width' },
		}),
	encode: z
		.enum(['ordinal', 'label'])
		.default('ordinal')
		.meta({
			title: 'Result',
			description: 'What stands in the column afterwards.',
			labels: { ordinal: 'Number of the range (0, 1, 2, ...)', label: 'Its limits, as a category' },
		}),
});
type Params = z.infer<typeof params>;

/** Ranges as scikit-learn's KBinsDiscretizer makes them; a value beyond the training range falls into the outermost one. */
export const bin = columnStep<Params, number[]>({
	id: 'bin',
	version: 1,
	label: 'Bin numbers',
	group: 'feature',
	stage: 'fold',
	params,
	description: 'Divides numbers into ranges.',
	columns: (p) => p.columns,
	accepts: ['number', 'integer'],
	fit: ({ vector }, p) => (isNumberVector(vector) ? edgesOf(vector, p) : undefined),
	make(column, p, edges = []) {
		const inner = edges.slice(1, -1);
		if (p.encode === 'ordinal')
			return {
				made: [
					{
						schema: { ...column, type: 'integer' },
						derive: {
							from: 'number',
							to: 'number',
							map: (x) => (Number.isNaN(x) ? NaN : binOf(inner, x)),
							all: (values) => binAll(inner, values),
						},
					},
				],
			};
		const labels = [...inner, Infinity].map((high, k) =>
			k === 0 ? `below ${show(high)}` : high === Infinity ? `${show(inner[k - 1])} and more` : `${show(inner[k - 1])} to ${show(high)}`,
		);
		return {
			made: [
				{
					schema: { ...column, type: 'category' },
					derive: { from: 'number', to: 'text', map: (x) => (Number.isNaN(x) ? null : inner.length ? labels[binOf(inner, x)] : 'all') },
				},
			],
		};
	},
	explain: (p, state) =>
		`Divides ${state?.columns.map((c) => c.name).join(', ') || 'numbers'} into up to ${p.n_bins} ranges (${p.strategy}).`,
});

/** How many of the inner edges are at most x. */
function binOf(inner: readonly number[], x: number): number {
	let low = 0;
	let high = inner.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (inner[middle] <= x) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** Up to so many edges are all looked at: where a search turns is as good as random, and a wrong guess costs more than comparing. */
const FEW_EDGES = 24;

function binAll(inner: readonly number[], values: Float64Array): void {
	const edges = Float64Array.from(inner);
	if (edges.length <= FEW_EDGES) compareAll(edges, values);
	else for (let i = 0, n = values.length; i < n; i++) if (values[i] === values[i]) values[i] = binOf(inner, values[i]);
}

function compareAll(edges: Float64Array, values: Float64Array): void {
	const many = edges.length;
	for (let i = 0, n = values.length; i < n; i++) {
		const x = values[i];
		let below = 0;
		for (let k = 0; k < many; k++) below = (below + Number(edges[k] <= x)) | 0;
		values[i] = x === x ? below : x;
	}
}

const show = (x: number): string => String(Number(x.toPrecision(12)));

/** Narrower ranges are merged, as scikit-learn does. */
const MIN_WIDTH = 1e-8;

function edgesOf(v: NumberVector, p: Params): number[] | undefined {
	const shares = Array.from({ length: p.n_bins + 1 }, (_, k) => k / p.n_bins);
	const { present: n, at } = orderOf(v, (count) => [0, count - 1, ...shares.flatMap((q) => averagedRanks(q, count))]);
	if (!n) return undefined;
	const [low, high] = [at(0), at(n - 1)];
	if (!Number.isFinite(low) || !Number.isFinite(high)) return undefined;
	if (low === high) return [low, high];
	if (p.strategy === 'uniform') return shares.map((_, k) => (k === p.n_bins ? high : low + k * ((high - low) / p.n_bins)));
	const edges = shares.map((q) => {
		const [below, above] = averagedRanks(q, n);
		return below === above ? at(below) : (at(below) + at(above)) / 2;
	});
	return edges.filter((e, k) => k === 0 || e - edges[k - 1] > MIN_WIDTH);
}

/**
 * The two ranks whose values a quantile is the mean of, by the averaged inverse of the empirical distribution, scikit-learn's default for
 * binning since 1.9.
 */
function averagedRanks(q: number, n: number): [below: number, above: number] {
	const at = q * n;
	const whole = Math.floor(at);
	const rank = Math.min(whole, n - 1);
	return at === whole ? [Math.max(whole - 1, 0), rank] : [rank, rank];
}
