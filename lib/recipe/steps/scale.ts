import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector } from '../../data/frame.js';
import { columnStep } from '../columnStep.js';
import { moments, quantiles } from '../stats.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Numbers to scale. Leave empty for all numeric features.',
		accepts: ['number', 'integer'],
	}),
	method: z
		.enum(['standard', 'minmax', 'robust'])
		.default('standard')
		.meta({
			title: 'Method',
			description: 'How numbers are brought to a common scale.',
			labels: {
				standard: 'Mean 0, standard deviation 1',
				minmax: 'From 0 to 1',
				robust: 'Median 0, middle half 1 wide (little moved by outliers)',
			},
		}),
});
interface Scaling {
	center: number;
	scale: number;
}

/** scikit-learn's StandardScaler, MinMaxScaler and RobustScaler: `(x - center) / scale`; a constant column is only centred. */
export const scale = columnStep<z.infer<typeof params>, Scaling>({
	id: 'scale',
	version: 1,
	label: 'Scale numbers',
	group: 'feature',
	stage: 'fold',
	params,
	description: 'Brings numbers to a common scale, which linear models and neural networks need; trees do not.',
	columns: (p) => p.columns,
	accepts: ['number', 'integer'],
	fit({ vector }, p) {
		if (!isNumberVector(vector)) return undefined;
		if (p.method === 'standard') {
			const { count, mean, deviation } = moments(vector);
			return count && Number.isFinite(deviation) ? usable(mean, deviation, Math.abs(mean)) : undefined;
		}
		const [low, q1, median, q3, high] = quantiles(vector, [0, 0.25, 0.5, 0.75, 1]);
		if (!Number.isFinite(high - low)) return undefined;
		return p.method === 'minmax' ? usable(low, high - low, 0) : usable(median, q3 - q1, 0);
	},
	make(column, _, state) {
		const { center, scale: by } = state ?? { center: 0, scale: 1 };
		return {
			made: [
				{
					schema: { ...column, type: 'number' },
					derive: { from: 'number', to: 'number', map: (x) => (x - center) / by, all: (values) => scaleAll(values, center, by) },
				},
			],
		};
	},
	explain: (p, state) => `Scales ${state ? state.columns.map((c) => c.name).join(', ') || 'nothing' : 'numbers'} (${p.method}).`,
});

function scaleAll(values: Float64Array, center: number, by: number): void {
	for (let i = 0, n = values.length; i < n; i++) values[i] = (values[i] - center) / by;
}

/** A spread that is zero but for rounding counts as constant, as in scikit-learn. */
function usable(center: number, spread: number, magnitude: number): Scaling {
	return { center, scale: spread > 10 * Number.EPSILON * magnitude && spread > 0 ? spread : 1 };
}
