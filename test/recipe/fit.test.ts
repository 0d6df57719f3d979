import type { ColumnSchema } from '../../lib/domain/column';
import { frameOf, numbersOf, valueAt, vectorOf, type Value } from '../../lib/data/frame';
import { compileRecipe, datasetPass, fitRecipe, labelPass, requiredColumns, resolveSchema, transformRecipe } from '../../lib/recipe/fit';
import { compileEncoder, encode, fitEncoder, sourceOf } from '../../lib/recipe/encode';
import type { Recipe } from '../../lib/domain/recipe';

const schema: ColumnSchema[] = [
	{ name: 'date', type: 'datetime', role: 'time' },
	{ name: 'delay', type: 'integer', role: 'feature' },
	{ name: 'distance', type: 'number', role: 'feature' },
	{ name: 'origin', type: 'category', role: 'feature' },
];
const step = (id: string, params: Record<string, unknown> = {}) => ({ step: id, version: 1, params });
const flights = () => frameOf(schema, {
	date: [Date.UTC(2001, 0, 1, 5, 30), Date.UTC(2001, 0, 6, 23), Date.UTC(2001, 5, 3, 12), Date.UTC(2001, 5, 4), Date.UTC(2001, 5, 5)],
	delay: [3, 20, 15, 16, null],
	distance: [100, null, 300, 500, 200],
	origin: ['ORD', 'LAX', null, 'ORD', 'SFO'],
});

const recipe: Recipe = { steps: [step('derive_target', { expression: 'delay > 15', name: 'late' }), step('date_parts', { parts: ['hour', 'weekday'] }), step('impute', {}), step('one_hot', {})] };

test('a recipe fitted on training rows gives batch and single rows the same answers', async () => {
	const { frame } = await datasetPass(flights(), recipe);
	const labelled = await labelPass(frame, recipe);
	expect(labelled.schema.map((c) => [c.name, c.role])).toEqual([['date', 'time'], ['delay', 'ignore'], ['distance', 'feature'], ['origin', 'feature'], ['late', 'target']]);
	expect([...numbersOf(labelled, 'late')]).toEqual([0, 1, 0, 1, NaN]);

	const { fitted, frame: train } = await fitRecipe(frame, recipe, { target: numbersOf(labelled, 'late'), classes: 2, seed: 0 });
	expect(train.schema.map((c) => c.name)).toEqual(['date', 'delay', 'distance', 'late', 'date_hour', 'date_weekday', 'origin_LAX', 'origin_ORD', 'origin_SFO']);
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
	expect(sourceOf(state)).toEqual(['distance', 'date_hour', 'date_weekday', 'origin_LAX', 'origin_ORD', 'origin_SFO']);
	const matrix = encode(batch, state, { float: 64 });
	const out = new Float64Array(matrix.columns.length);
	compileEncoder(state).row(compiled.row({ date: Date.UTC(2001, 0, 1, 5, 30), distance: 100, origin: 'ORD' }), out);
	expect([...out]).toEqual(matrix.columns.map((c) => c.data[0]));
	expect(requiredColumns(fitted, sourceOf(state))).toEqual(['date', 'distance', 'origin']);
	expect(resolveSchema(schema, recipe).map((c) => c.name)).toEqual(['date', 'delay', 'distance', 'late', 'date_hour', 'date_weekday']);
});
