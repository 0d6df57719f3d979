import { z } from 'zod/v4';
import { dictionaryOf } from './dictionary.js';
import { columnSchema } from './column.js';

/** One declared step: plain data, saved in people's workflows, so ids and parameter names are promises. */
export const recipeStep = z.object({
	/** The step's id, for example `impute`. */
	step: z.string(),
	version: z.number().int().default(1),
	params: dictionaryOf(z.unknown()),
	/** Why an automatic proposal added it; shown to people. */
	reason: z.string().optional(),
});
export type RecipeStep = z.infer<typeof recipeStep>;

export const recipe = z.object({ steps: z.array(recipeStep) });
export type Recipe = z.infer<typeof recipe>;

/** What one step learned. `state` is JSON (numbers survive a round trip bit for bit). */
export const fittedStep = recipeStep.extend({ state: z.unknown() });
export type FittedStep = z.infer<typeof fittedStep>;

/** A recipe with all it learned from training rows: stored with the model, used unchanged at prediction. */
export const fittedRecipe = z.object({
	/** Columns that come in, as Ingest typed them: step 0, the casts. */
	input: z.array(columnSchema),
	steps: z.array(fittedStep),
	/** Columns that come out. */
	output: z.array(columnSchema),
});
export type FittedRecipe = z.infer<typeof fittedRecipe>;
