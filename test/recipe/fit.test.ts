import type { ColumnSchema } from '../../lib/domain/column';
import { numbersOf, valueAt, vectorOf, type Value } from '../../lib/data/frame';
import { compileRecipe } from '../../lib/recipe/compileRecipe';
import { datasetPass, fitRecipe, labelPass, requiredColumns, resolveSchema, transformRecipe } from '../../lib/recipe/fit';
import { recipeDigest } from '../../lib/recipe/recipeDigest';
import { encode, fitEncoder, encodedFeatures } from '../../lib/recipe/encode';
import { compileEncoder } from '../../lib/recipe/encodeRow';
import type { Recipe } from '../../lib/domain/recipe';
import { frameOf } from '../data/frames';

const schema: ColumnSchema[] = [
	{ name: 'date', type: 'datetime', role: 'time' },
	{ name: 'delay', type: 'integer', role: 'feature' },
	{ name: 'distance', type: 'number', role: 'feature' },
	{ name: 'origin', type: 'category', role: 'feature' },
];
const step = (id: string, params: Record<string, unknown> = {}) => ({ step: id, version: 1, params });
const flights = () =>
	frameOf(schema, {
		date: [Date.UTC(2001, 0, 1, 5, 30), Date.UTC(2001, 0, 6, 23), Date.UTC(2001, 5, 3, 12), Date.UTC(2001, 5, 4), Date.UTC(2001, 5, 5)],
		delay: [3, 20, 15, 16, null],
		distance: [100, null, 300, 500, 200],
		origin: ['ORD', 'LAX', null, 'ORD', 'SFO'],
	});

const recipe: Recipe = {
	steps: [
		step('derive_target', { expression: 'delay > 15', name: 'late' }),
		step('date_parts', { parts: ['hour', 'weekday'] }),
		step('impute', {}),
		step('one_hot', {}),
	],
};

test('a recipe fitted on training rows gives batch and single rows the same answers', async () => {
	const { frame } = await datasetPass(flights(), recipe);
	const labelled = await labelPass(frame, recipe);
	expect(labelled.schema.map((c) => [c.name, c.role])).toEqual([
		['date', 'time'],
		['delay', 'ignore'],
		['distance', 'feature'],
		['origin', 'feature'],
		['late', 'target'],
	]);
	expect([...numbersOf(labelled, 'late')]).toEqual([0, 1, 0, 1, NaN]);

	const { fitted, frame: train } = await fitRecipe(frame, recipe, { target: numbersOf(labelled, 'late'), classes: 2, seed: 0 });
	expect(train.schema.map((c) => c.name)).toEqual([
		'date',
		'delay',
		'distance',
		'late',
		'date_hour',
		'date_weekday',
		'origin_LAX',
		'origin_ORD',
		'origin_SFO',
	]);
	expect(fitted.output).toEqual(train.schema);

	const stored = JSON.parse(JSON.stringify(fitted));
	const batch = await transformRecipe(flights(), stored, { labelled: false });
	expect(batch.schema.some((c) => c.name === 'late')).toBe(false);
	const compiled = compileRecipe(stored);
	const raw = flights();
	for (let i = 0; i < raw.rows; i++) {
		const row = compiled.row(Object.fromEntries(raw.schema.map((c, j): [string, Value] => [c.name, valueAt(raw.vectors[j], i)])));
		expect({ ...row }).toEqual(Object.fromEntries(batch.schema.map((c) => [c.name, valueAt(vectorOf(batch, c.name), i)])));
	}
	const state = fitEncoder(train, undefined, { categories: 'codes', missing: 'native', scaled: false });
	expect(encodedFeatures(state).flat()).toEqual(['distance', 'date_hour', 'date_weekday', 'origin_LAX', 'origin_ORD', 'origin_SFO']);
	const matrix = encode(batch, state, { float: 64 });
	const out = new Float64Array(matrix.columns.length);
	compileEncoder(state).row(compiled.row({ date: Date.UTC(2001, 0, 1, 5, 30), distance: 100, origin: 'ORD' }), out);
	expect([...out]).toEqual(matrix.columns.map((c) => c.data[0]));
	expect(requiredColumns(fitted, encodedFeatures(state).flat())).toEqual(['date', 'distance', 'origin']);
	expect(resolveSchema(schema, recipe).map((c) => c.name)).toEqual(['date', 'delay', 'distance', 'late', 'date_hour', 'date_weekday']);
});

describe('the order of things', () => {
	const fit = async (steps: Recipe['steps'], target?: Float64Array) =>
		fitRecipe((await datasetPass(flights(), { steps })).frame, { steps }, { target, classes: 2, seed: 1 });

	test('dropping steps run before the split on all rows, with columns that stateless steps make', async () => {
		const steps = [
			step('expression', { name: 'far', expression: 'distance * 2' }),
			step('impute', {}),
			step('filter_rows', { expression: 'far > 300' }),
			step('drop_duplicates', { columns: ['origin'] }),
		];
		const { frame, dropped } = await datasetPass(flights(), { steps });
		expect(dropped).toEqual([
			{ step: 'filter_rows', rows: 2 },
			{ step: 'drop_duplicates', rows: 0 },
		]);
		expect([...frame.rowId]).toEqual([2, 3, 4]);
		expect(frame.schema).toEqual(schema);
		const { fitted, frame: train } = await fitRecipe(frame, { steps }, { classes: 0, seed: 0 });
		expect(fitted.steps.map((s) => s.step)).toEqual(['expression', 'impute']);
		expect([...numbersOf(train, 'far')]).toEqual([600, 1000, 400]);
	});

	test('a row filter that needs what a later fit makes is refused with what to do', async () => {
		await expect(
			datasetPass(flights(), { steps: [step('one_hot'), step('filter_rows', { expression: 'origin_ORD == 1' })] }),
		).rejects.toMatchObject({
			code: 'recipe.step_order',
			message: expect.stringContaining('Step 2 (Filter rows)'),
			details: { remedy: expect.stringContaining('Move "Filter rows" before "One-hot encoding"') },
		});
	});

	test('steps that leave out outliers take their labels along and never touch other rows', async () => {
		const steps = [
			step('drop_outliers', { columns: ['distance'], factor: 0.1 }),
			step('target_encode', { columns: ['origin'], smooth: 0, cv: 2 }),
		];
		const target = Float64Array.of(1, 0, 1, 0, 1);
		const { fitted, frame } = await fit(steps, target);
		expect([...frame.rowId]).toEqual([1, 2, 4]);
		const state = (fitted.steps[1].state as { columns: Array<{ state: { levels: string[]; values: number[][] } }> }).columns[0].state;
		expect(state).toMatchObject({ levels: ['LAX', 'SFO'], values: [[0, 1]] });
		expect((await transformRecipe(flights(), fitted, { labelled: true })).rows).toBe(5);
	});

	test('steps that learn from the target are left out without one', async () => {
		expect((await fit([step('target_encode')])).fitted.steps).toEqual([]);
	});

	test('statistics come from the rows given to fit, and a second fit is the same to the last byte', async () => {
		const steps = [step('impute', { strategy: 'mean' }), step('scale'), step('target_encode'), step('rare_group')];
		const target = Float64Array.of(1, 0, 1, 0, 1);
		const one = await fit(steps, target);
		expect(JSON.stringify(one.fitted)).toBe(JSON.stringify((await fit(steps, target)).fitted));
		expect(JSON.stringify(one.fitted.steps[0].state)).toContain('275');
	});

	test('training rows of a target encoding do not see their own answer', async () => {
		const rows = 200;
		const frame = frameOf([schema[3]], { origin: Array.from({ length: rows }, (_, i) => `only ${i}`) });
		const target = Float64Array.from({ length: rows }, (_, i) => i % 2);
		const { fitted, frame: train } = await fitRecipe(
			frame,
			{ steps: [step('target_encode', { columns: ['origin'], smooth: 0 })] },
			{ target, classes: 2, seed: 0 },
		);
		const own = numbersOf(train, 'origin');
		expect(own.every((v) => v > 0.3 && v < 0.7)).toBe(true);
		expect([...numbersOf(await transformRecipe(frame, fitted, { labelled: false }), 'origin')]).toEqual([...target]);
	});
});

describe('at prediction', () => {
	const steps = [
		step('derive_target', { expression: 'delay > 15', name: 'delay' }),
		step('expression', { name: 'ratio', expression: 'distance / 2' }),
		step('impute'),
		step('drop_columns', { columns: ['origin'] }),
	];

	test('columns that the answer was made from are not needed, nor those that nothing uses', async () => {
		const { fitted, frame } = await fitRecipe(flights(), { steps }, { classes: 2, seed: 0 });
		expect(frame.schema.find((c) => c.name === 'delay')).toMatchObject({ role: 'target', type: 'boolean' });
		expect(requiredColumns(fitted, ['ratio'])).toEqual(['distance']);
		expect(requiredColumns(fitted, ['ratio', 'date'])).toEqual(['date', 'distance']);
		expect(compileRecipe(fitted).row({ distance: 10 }).ratio).toBe(5);
		const batch = await transformRecipe(frameOf([schema[2]], { distance: [10] }), fitted, { labelled: false });
		expect(numbersOf(batch, 'ratio')[0]).toBe(5);
		expect(batch.schema.some((c) => c.role === 'target')).toBe(false);
	});

	test('a column of another kind is refused by name', async () => {
		const { fitted } = await fitRecipe(flights(), { steps }, { classes: 2, seed: 0 });
		await expect(
			transformRecipe(frameOf([{ ...schema[2], type: 'category' }], { distance: ['10'] }), fitted, { labelled: false }),
		).rejects.toMatchObject({ code: 'data.schema_mismatch', details: { column: 'distance' } });
	});
});

test('mistakes name the step', async () => {
	const bad = (id: string, params = {}) => fitRecipe(flights(), { steps: [step('impute'), step(id, params)] }, { classes: 0, seed: 0 });
	await expect(bad('no_such')).rejects.toMatchObject({ code: 'recipe.step_unknown' });
	await expect(bad('scale', { method: 'magic' })).rejects.toMatchObject({
		code: 'recipe.step_invalid',
		message: expect.stringContaining('Step 2 (Scale numbers): parameter "method"'),
	});
	await expect(bad('scale', { columns: ['gone'] })).rejects.toMatchObject({
		code: 'data.column_unknown',
		message: expect.stringContaining('Step 2 (Scale numbers)'),
	});
	await expect(bad('scale', { columns: ['origin'] })).rejects.toMatchObject({ code: 'data.column_type', details: { column: 'origin' } });
	await expect(
		fitRecipe(flights(), { steps: [{ step: 'impute', version: 99, params: {} }] }, { classes: 0, seed: 0 }),
	).rejects.toMatchObject({ code: 'recipe.step_invalid' });
});

test('what identifies a recipe is what it does, not why', () => {
	const one = { steps: [{ ...step('impute'), reason: 'gaps' }] };
	expect(recipeDigest(one)).toBe(recipeDigest({ steps: [step('impute')] }));
	expect(recipeDigest(one)).not.toBe(recipeDigest({ steps: [step('scale')] }));
});
