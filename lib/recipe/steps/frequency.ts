import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector } from '../../data/frame.js';
import { columnStep } from '../columnStep.js';
import { levelsOf } from '../stats.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Categories to replace by how common they are. Leave empty for all categories that are features.',
		accepts: ['category', 'text'],
	}),
	normalize: z
		.boolean()
		.default(true)
		.meta({ title: 'As a share', description: 'Whether to give the share of training rows instead of their number.' }),
});
interface Frequencies {
	levels: string[];
	values: number[];
	missing: number;
}

/** How common each value is among the training rows; unseen values get 0, missing its own frequency. */
export const frequency = columnStep<z.infer<typeof params>, Frequencies>({
	id: 'frequency',
	version: 1,
	label: 'Frequency encoding',
	group: 'feature',
	stage: 'fold',
	params,
	description: 'Replaces each value of a category by how common it is.',
	columns: (p) => p.columns,
	accepts: ['category', 'text'],
	fit({ vector }, p) {
		if (isNumberVector(vector)) return undefined;
		const { levels, missing, rows } = levelsOf(vector);
		const by = p.normalize ? Math.max(rows, 1) : 1;
		return { levels: levels.map((l) => l.level), values: levels.map((l) => l.count / by), missing: missing / by };
	},
	make(column, _, state = { levels: [], values: [], missing: 0 }) {
		const values = new Map(state.levels.map((level, k) => [level, state.values[k]]));
		return {
			made: [
				{
					schema: { ...column, type: 'number' },
					derive: { from: 'text', to: 'number', map: (s) => (s === null ? state.missing : (values.get(s) ?? 0)) },
				},
			],
		};
	},
	explain: (_, state) => `Replaces ${state?.columns.map((c) => c.name).join(', ') || 'categories'} by how common each value is.`,
});
