import { itemRecipe, type ItemRecipe } from '../domain/item.js';
import { withinBytes } from '../domain/json.js';
import { recipeDigest } from '../recipe/recipeDigest.js';
import type { Store } from '../store/contract.js';

const MAX_RECIPE_BYTES = 6_000;

/** The recipe of a dataset that nothing was done to. */
export const emptyRecipe = (): ItemRecipe => ({ id: recipeDigest({ steps: [] }), steps: [] });

/** The recipe as an item carries it; one with long lists of columns lies in the store and is named. */
export async function carriedRecipe(store: Store, recipe: ItemRecipe): Promise<ItemRecipe> {
	const whole = JSON.stringify(recipe);
	if (Buffer.byteLength(whole) <= MAX_RECIPE_BYTES) return recipe;
	const stored = await store.artifacts.put(whole);
	await store.add('file', 'recipe', { what: 'recipe', files: [{ name: 'recipe.json', digest: stored }] });
	return {
		id: recipe.id,
		steps: withinBytes(
			recipe.steps.map(({ step, version }) => ({ step, version, params: {} })),
			MAX_RECIPE_BYTES,
		),
		stored,
	};
}

/** The whole recipe that an item's field `recipe` stands for; none where it is something else. @throws `store.not_found` */
export async function wholeRecipe(store: Store, carried: unknown): Promise<ItemRecipe> {
	const recipe = itemRecipe.safeParse(carried);
	if (!recipe.success) return emptyRecipe();
	return recipe.data.stored === undefined
		? recipe.data
		: itemRecipe.parse(JSON.parse((await store.artifacts.get(recipe.data.stored)).toString('utf8')));
}
