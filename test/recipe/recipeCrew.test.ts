import { isNumberVector, valueAt, type Frame } from '../../lib/data/frame.js';
import { takeRows } from '../../lib/data/takeRows.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import type { RecipeStep } from '../../lib/domain/recipe.js';
import { RecipeCrew, recipeThreads } from '../../lib/recipe/recipeCrew.js';
import { encode, encodeBy, fitEncoder, fitEncoderBy } from '../../lib/recipe/encode.js';
import { fitRecipe } from '../../lib/recipe/fit.js';
import type { Matrix, Needs } from '../../lib/recipe/matrix.js';
import { frameOf } from '../data/frames.js';

const ROWS = 20_011;
const step = (id: string, params: Record<string, unknown> = {}): RecipeStep => ({ step: id, version: 1, params });
const STEPS = [
	step('trim_text', { columns: ['town'], case: 'upper' }),
	step('replace_values', { columns: ['visits'], map: { 3: '', 5: '50' } }),
	step('impute', { add_indicator: true }),
	step('clip_outliers', { columns: ['income', 'balance'], method: 'iqr', factor: 1.5 }),
	step('log', { columns: ['income'], method: 'log1p' }),
	step('date_parts', { columns: ['seen'], parts: ['day', 'weekday', 'hour'], cyclical: true }),
	step('expression', { name: 'share', expression: 'balance / (visits + 1)' }),
	step('bin', { columns: ['age'], n_bins: 7 }),
	step('target_encode', { columns: ['town'] }),
	step('scale', { columns: ['income', 'share'] }),
	step('scale', { columns: ['balance'], method: 'robust' }),
];

/** A table whose numbers follow from their row, with gaps, equal values and wide ranges. */
function table(): Frame {
	const mixed = (i: number, k: number): number => Math.abs(Math.sin((i + 1) * (k + 0.618)) * 1e4) % 1;
	const schema: ColumnSchema[] = [
		{ name: 'income', type: 'number', role: 'feature' },
		{ name: 'balance', type: 'number', role: 'feature' },
		{ name: 'visits', type: 'integer', role: 'feature' },
		{ name: 'age', type: 'integer', role: 'feature' },
		{ name: 'seen', type: 'datetime', role: 'feature' },
		{ name: 'member', type: 'boolean', role: 'feature' },
		{ name: 'town', type: 'category', role: 'feature' },
		{ name: 'y', type: 'boolean', role: 'target' },
	];
	const of = (k: number, value: (x: number, i: number) => unknown, gaps: number) =>
		Array.from({ length: ROWS }, (_, i) => (mixed(i, k + 40) < gaps ? null : value(mixed(i, k), i)));
	return frameOf(schema, {
		income: of(1, (x) => Math.exp(x * 9), 0.05),
		balance: of(2, (x) => (x - 0.4) * 1e4, 0.2),
		visits: of(3, (x) => Math.floor(x * 9), 0.01),
		age: of(4, (x) => 18 + Math.floor(x * 70), 0.1),
		seen: of(5, (x) => Math.floor(x * 4e10) * 37, 0),
		member: of(6, (x) => Number(x > 0.7), 0.02),
		town: of(7, (x) => `town ${Math.floor(x * x * 400)} `, 0.03),
		y: of(8, (x) => Number(x > 0.5), 0),
	});
}

/** Rows in another order, as a split leaves them. */
const rows = (frame: Frame): Frame =>
	takeRows(
		frame,
		Uint32Array.from({ length: ROWS }, (_, i) => i).filter((i) => i % 5 !== 2),
	);

const bytesOf = ({ columns }: Matrix): string[] =>
	columns.map(({ name, data }) => `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`);

async function through(crew: RecipeCrew | undefined, needs: Needs, float: 32 | 64): Promise<{ learned: string; columns: string[] }> {
	const raw = rows(table());
	const target = Float64Array.from({ length: raw.rows }, (_, i) => Number(valueAt(raw.vectors[7], i)));
	const { fitted, frame } = await fitRecipe(raw, { steps: STEPS }, { target, classes: 2, seed: 3, crew });
	const state = crew ? await fitEncoderBy(crew, frame, undefined, needs) : fitEncoder(frame, undefined, needs);
	const matrix = crew ? await encodeBy(crew, frame, state, { float }) : encode(frame, state, { float });
	return { learned: JSON.stringify([fitted, state]), columns: bytesOf(matrix) };
}

describe('A recipe by several threads', () => {
	it.each<[Needs, 32 | 64]>([
		[{ categories: 'onehot', missing: 'imputed', scaled: true }, 32],
		[{ categories: 'codes', missing: 'native', scaled: false }, 64],
	])('learns and writes the same, to the bit, as the calling thread alone: %j', async (needs, float) => {
		const alone = await through(undefined, needs, float);
		expect(alone.columns.length).toBeGreaterThan(10);
		for (const threads of [1, 2, 3]) {
			const crew = new RecipeCrew(threads);
			const together = await through(crew, needs, float);
			await crew.close();
			expect(together.learned).toBe(alone.learned);
			expect(together.columns).toEqual(alone.columns);
		}
	});

	it('gives the same where the threads are lost', async () => {
		const needs: Needs = { categories: 'onehot', missing: 'imputed', scaled: true };
		const crew = new RecipeCrew(3);
		const lost = through(crew, needs, 64);
		await crew.close();
		expect(await lost).toEqual(await through(undefined, needs, 64));
	});

	it('says the failure of the first column that fails', async () => {
		const raw = rows(table());
		const steps = [step('impute', { columns: ['age', 'town', 'income'], strategy: 'mean' })];
		const crew = new RecipeCrew(2);
		await expect(fitRecipe(raw, { steps }, { classes: 0, seed: 0, crew })).rejects.toMatchObject({
			code: 'data.column_type',
			details: { column: 'town' },
		});
		const lines = [step('impute', { columns: ['income', 'age'], strategy: 'constant', fill_value: 'much' })];
		await expect(fitRecipe(raw, { steps: lines }, { classes: 0, seed: 0, crew })).rejects.toMatchObject({ details: { column: 'income' } });
		await crew.close();
	});

	it('is not worth its start for small tables, and never takes more threads than it may', () => {
		const schema = table().schema;
		expect(recipeThreads({ rows: 100_000, schema }, 8)).toBe(1);
		expect(recipeThreads({ rows: 1_000_000, schema }, 8)).toBe(4);
		expect(recipeThreads({ rows: 10_000_000, schema }, 2)).toBe(2);
	});

	it('changes nothing in the columns that it was given', async () => {
		const raw = table();
		const before = raw.vectors.map((v) => (isNumberVector(v) ? v.data.slice() : v.codes.slice()));
		const crew = new RecipeCrew(2);
		const { frame } = await fitRecipe(raw, { steps: STEPS.slice(0, 4) }, { classes: 0, seed: 0, crew });
		await encodeBy(crew, frame, await fitEncoderBy(crew, frame, undefined, { categories: 'codes', missing: 'imputed', scaled: true }), {
			float: 64,
		});
		await crew.close();
		expect(raw.vectors.map((v) => (isNumberVector(v) ? v.data : v.codes))).toEqual(before);
	});
});
