import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector } from '../../data/frame.js';
import { columnStep } from '../columnStep.js';
import { levelsOf } from '../stats.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Categories to number. Leave empty for all categories that are features.',
		accepts: ['category', 'text'],
	}),
	order: z.array(z.string()).default([]).meta({
		title: 'Order',
		description: 'The values from lowest to highest, for example small, medium, large. Values not named follow in alphabetical order.',
	}),
	unknown_value: z.number().int().default(-1).meta({
		title: 'Code for unseen values',
		description: 'The number for values that did not occur in the training rows.',
		advanced: true,
	}),
});

/** Codes 0, 1, 2, ... as scikit-learn's OrdinalEncoder; missing stays missing. */
export const ordinal = columnStep<z.infer<typeof params>, string[]>({
	id: 'ordinal',
	version: 1,
	label: 'Ordinal encoding',
	group: 'feature',
	stage: 'fold',
	params,
	description: 'Numbers the values of a category in an order you give, or alphabetically.',
	columns: (p) => p.columns,
	accepts: ['category', 'text'],
	byDefault: ['category'],
	fit({ vector }, p) {
		if (isNumberVector(vector)) return undefined;
		const named = [...new Set(p.order)];
		const seen = levelsOf(vector).levels.map((l) => l.level);
		// The order is only that of the columns whose values it names.
		const applies = named.some((level) => seen.includes(level));
		return applies ? [...named, ...seen.filter((level) => !named.includes(level))] : seen;
	},
	make(column, p, levels = []) {
		const codes = new Map(levels.map((level, k) => [level, k]));
		return {
			made: [
				{
					schema: { ...column, type: 'integer' },
					derive: { from: 'text', to: 'number', map: (s) => (s === null ? NaN : (codes.get(s) ?? p.unknown_value)) },
				},
			],
		};
	},
	explain: (_, state) => `Numbers the values of ${state?.columns.map((c) => c.name).join(', ') || 'the categories'}.`,
});
