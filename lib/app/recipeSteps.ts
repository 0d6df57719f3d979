import { parseParams } from '../domain/params.js';
import type { RecipeStep } from '../domain/recipe.js';
import { stepById } from '../recipe/steps/index.js';

/** Steps as a person listed them, each checked by its own schema. @throws `recipe.step_unknown`, `input.invalid` naming step and field */
export function recipeSteps(listed: ReadonlyArray<{ step: string; params: unknown }>): RecipeStep[] {
	return listed.map((entry, i) => {
		const { id, version, label, params } = stepById(entry.step);
		return { step: id, version, params: parseParams(params, entry.params, `Step ${i + 1} (${label})`) as Record<string, unknown> };
	});
}
