import { digestOf } from '../domain/json.js';
import type { Recipe } from '../domain/recipe.js';

/** Identity of what a recipe does: the reasons that a proposal gave do not count. */
export const recipeDigest = (recipe: Recipe): string =>
	digestOf(recipe.steps.map(({ step, version, params }) => ({ step, version, params })));
