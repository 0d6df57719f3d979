import { digestOf } from '../domain/json.js';
import type { RecipeStep } from '../domain/recipe.js';

/** Identity of a list of steps; reasons given by automatic proposals do not count. */
export const recipeDigest = (steps: readonly RecipeStep[]): string => digestOf(steps.map(({ step, version, params }) => ({ step, version, params }))).slice(0, 16);
