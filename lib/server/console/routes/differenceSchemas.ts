import { z } from 'zod/v4';
import { recipeStep } from '../../../domain/recipe.js';
import { datasetRef } from './routeParts.js';

/** A value that two have differently; one that a side does not have is absent there. */
export const valueDifference = z.object({ name: z.string(), a: z.unknown().optional(), b: z.unknown().optional() });

const shownColumn = z.object({ type: z.string(), role: z.string() });
export const columnDifference = z.object({
	name: z.string(),
	change: z.enum(['added', 'removed', 'changed']),
	a: shownColumn.optional(),
	b: shownColumn.optional(),
});

const dataset = datasetRef.extend({ rows: z.number().int() });

/** What differs between two runs (a, b). */
export const differenceOf = z.object({
	metrics: z.array(
		z.object({
			metric: z.string(),
			a: z.number().optional(),
			b: z.number().optional(),
			/** b minus a. */
			difference: z.number().optional(),
			better: z.enum(['a', 'b', 'same']).optional(),
		}),
	),
	settings: z.array(valueDifference),
	params: z.array(valueDifference),
	/** Both recipes, step by step. */
	recipe: z.array(
		z.object({ change: z.enum(['same', 'changed', 'added', 'removed']), a: recipeStep.optional(), b: recipeStep.optional() }),
	),
	datasets: z.object({ a: dataset.optional(), b: dataset.optional(), columns: z.array(columnDifference) }),
});
