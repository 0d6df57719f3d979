import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector } from '../../data/frame.js';
import { columnStep } from '../columnStep.js';
import { sortedPresent } from '../stats.js';

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
	fit: ({ vector }, p) => (isNumberVector(vector) ? edgesOf(sortedPresent(vector.data), p) : undefined),
	make(column, p, edges = []) {
		const inner = edges.slice(1, -1);
		const binOf = (x: number): number => {
			let low = 0;
			let high = inner.length;
			while (low < high) {
				const middle = (low + high) >> 1;
				if (inner[middle] <= x) low = middle + 1;
				else high = middle;
			}
			return low;
		};
		if (p.encode === 'ordinal')
			return {
				made: [
					{
						schema: { ...column, type: 'integer' },
						derive: { from: 'number', to: 'number', map: (x) => (Number.isNaN(x) ? NaN : binOf(x)) },
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
					derive: { from: 'number', to: 'text', map: (x) => (Number.isNaN(x) ? null : inner.length ? labels[binOf(x)] : 'all') },
				},
			],
		};
	},
	explain: (p, state) =>
		`Divides ${state?.columns.map((c) => c.name).join(', ') || 'numbers'} into up to ${p.n_bins} ranges (${p.strategy}).`,
});

const show = (x: number): string => String(Number(x.toPrecision(12)));

/** Narrower ranges are merged, as scikit-learn does. */
const MIN_WIDTH = 1e-8;

function edgesOf(sorted: Float64Array, p: Params): number[] | undefined {
	const n = sorted.length;
	if (!n || !Number.isFinite(sorted[0]) || !Number.isFinite(sorted[n - 1])) return undefined;
	const [low, high] = [sorted[0], sorted[n - 1]];
	if (low === high) return [low, high];
	const edges = Array.from({ length: p.n_bins + 1 }, (_, k) =>
		p.strategy === 'uniform' ? (k === p.n_bins ? high : low + k * ((high - low) / p.n_bins)) : averagedInverted(sorted, k / p.n_bins),
	);
	return p.strategy === 'uniform' ? edges : edges.filter((e, k) => k === 0 || e - edges[k - 1] > MIN_WIDTH);
}

/** Quantile by the averaged inverse of the empirical distribution, scikit-learn's default for binning since 1.9. */
function averagedInverted(sorted: Float64Array, q: number): number {
	const at = q * sorted.length;
	const whole = Math.floor(at);
	const last = sorted.length - 1;
	if (at !== whole) return sorted[Math.min(whole, last)];
	return (sorted[Math.max(whole - 1, 0)] + sorted[Math.min(whole, last)]) / 2;
}
