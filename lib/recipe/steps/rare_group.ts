import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector } from '../../data/frame.js';
import { columnStep } from '../columnStep.js';
import { levelsOf } from '../stats.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Categories whose rare values are put together. Leave empty for all categories that are features.',
		accepts: ['category', 'text'],
	}),
	min_frequency: z.number().min(0).max(1).default(0.01).meta({
		title: 'Rare means less than',
		description: 'Share of the training rows below which a value is rare: 0.01 is one in a hundred.',
	}),
	replacement: z.string().min(1).default('other').meta({ title: 'Name of the group', description: 'What rare and unseen values become.' }),
});

export const rareGroup = columnStep<z.infer<typeof params>, string[]>({
	id: 'rare_group',
	version: 1,
	label: 'Group rare values',
	group: 'feature',
	stage: 'fold',
	params,
	description: 'Puts rare and unseen values of a category together in one group.',
	columns: (p) => p.columns,
	accepts: ['category', 'text'],
	fit({ vector }, p) {
		if (isNumberVector(vector)) return undefined;
		const { levels, rows } = levelsOf(vector);
		return levels.filter((l) => l.count >= p.min_frequency * rows).map((l) => l.level);
	},
	make(column, p, kept) {
		const common = new Set(kept);
		return {
			made: [
				{
					schema: { ...column, type: 'category' },
					derive: { from: 'text', to: 'text', map: (s) => (s === null || common.has(s) ? s : p.replacement) },
				},
			],
		};
	},
	explain: (p, state) =>
		`Puts rare values together as ` +
		`"${p.replacement}"${state ? `: ${state.columns.map((c) => `${c.name} keeps ${c.state.length}`).join(', ')}` : ''}.`,
});
