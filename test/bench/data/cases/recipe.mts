import type { RecipeStep } from '../../../../lib/domain/recipe.js';
import type { Case } from '../contract.mts';

const step = (id: string, params: Record<string, unknown>): RecipeStep => ({ step: id, version: 1, params });
const SMALL = ['plan', 'region', 'channel', 'device'];
const MONEY = ['income', 'price'];
const GAPS = ['age', 'score', 'distance_km', 'temperature', 'balance', 'visits', 'load', 'ratio'];

/** What all programs do, step for step; recipe.py has it in Python. */
export const STEPS: RecipeStep[] = [
	step('trim_text', { columns: SMALL, case: 'upper' }),
	step('impute', { columns: [...MONEY, ...GAPS, ...SMALL] }),
	step('clip_outliers', { columns: ['balance', 'distance_km', 'load', ...MONEY], method: 'iqr', factor: 3 }),
	step('log', { columns: MONEY, method: 'log1p' }),
	step('age', { column: 'opened', reference: 'column', reference_column: 'closed', unit: 'days', name: 'tenure' }),
	step('date_parts', { columns: ['opened', 'closed'], parts: ['day', 'weekday', 'month'] }),
	step('expression', { name: 'busy', expression: 'load / (visits + 1)' }),
	step('rare_group', { columns: ['city'], min_frequency: 0.005 }),
	step('one_hot', { columns: [...SMALL, 'city'], max_categories: 20 }),
	step('target_encode', { columns: ['merchant'] }),
	step('bin', { columns: ['temperature'], n_bins: 10 }),
	step('scale', { columns: ['age', 'balance', 'score', 'distance_km', 'ratio', 'seconds', ...MONEY, 'tenure'] }),
];

/**
 * A recipe of twelve steps is fitted on a table whose columns have their types, and applied to it: from the Parquet file that Ingest keeps to
 * a matrix of 32-bit numbers. Time and memory are those of the whole processes.
 */
export const recipe: Case = {
	id: 'recipe',
	sizes: { '1m': 1_000_000, '10m': 10_000_000 },
	peers: ['pandas', 'polars'],
	ready: 'recipe.ready.mts',
	ours: 'recipe.ours.mts',
	theirs: 'recipe.py',
	tolerance: 1e-4,
};

/** One row through the recipe that was fitted on a table, as a server does it: seconds for one. */
export const recipeRow: Case = { ...recipe, id: 'recipe-row', sizes: { '100k': 100_000 }, peers: ['pandas'] };

/**
 * The recipe beside danfojs, the library of data frames for Node, in so many rows as it does within a minute: it keeps lists of
 * JavaScript values, copied many times over, and takes far longer than in proportion for more. It starts from lists of typed values, since it reads no Parquet.
 */
export const recipeDanfojs: Case = {
	...recipe,
	id: 'recipe-danfojs',
	sizes: { '50k': 50_000 },
	peers: ['danfojs'],
	ready: 'recipe.lists.mts',
	theirs: 'recipe.danfojs.mts',
};
