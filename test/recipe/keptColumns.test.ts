import type { ColumnSchema } from '../../lib/domain/column';
import type { Recipe } from '../../lib/domain/recipe';
import { vectorOf, type Frame, type Vector } from '../../lib/data/frame';
import { encode, fitEncoder } from '../../lib/recipe/encode';
import { fitRecipe, transformRecipe } from '../../lib/recipe/fit';
import { KeptColumns } from '../../lib/recipe/keptColumns';
import { frameOf } from '../data/frames';

const ROWS = 40;
const schema: ColumnSchema[] = [
	{ name: 'when', type: 'datetime', role: 'time' },
	{ name: 'a', type: 'number', role: 'feature' },
	{ name: 'b', type: 'number', role: 'feature' },
	{ name: 'kind', type: 'category', role: 'feature' },
	{ name: 'place', type: 'category', role: 'feature' },
	{ name: 'left', type: 'number', role: 'feature' },
];
const rows = (): Frame =>
	frameOf(schema, {
		when: Array.from({ length: ROWS }, (_, i) => Date.UTC(2024, 0, 1, i)),
		a: Array.from({ length: ROWS }, (_, i) => (i % 7 === 0 ? null : i / 3)),
		b: Array.from({ length: ROWS }, (_, i) => (i * 37) % 11),
		kind: Array.from({ length: ROWS }, (_, i) => (i % 5 === 0 ? null : 'xyz'[i % 3])),
		place: Array.from({ length: ROWS }, (_, i) => 'pq'[i % 2]),
		left: Array.from({ length: ROWS }, (_, i) => i),
	});
const step = (id: string, params: Record<string, unknown> = {}) => ({ step: id, version: 1, params });
/** Steps for a column each, steps that look at two columns, and steps that make a new list of columns each time. */
const recipe: Recipe = {
	steps: [
		step('drop_columns', { columns: ['left'] }),
		step('date_parts', { columns: ['when'], parts: ['hour', 'weekday'] }),
		step('expression', { expression: 'a * b', name: 'both' }),
		step('set_role', { columns: ['both'], role: 'feature' }),
		step('impute', {}),
		step('one_hot', { columns: ['place'] }),
		step('scale', {}),
	],
};

/** The frame with the values of a column in another order. */
const turned = (frame: Frame, name: string): Frame => {
	const vectors = frame.vectors.map((v, i): Vector => {
		if (frame.schema[i].name !== name) return v;
		return 'data' in v ? { data: v.data.slice().reverse() } : { codes: v.codes.slice().reverse(), dictionary: v.dictionary };
	});
	return { ...frame, vectors };
};

async function model() {
	const frame = rows();
	const { fitted, frame: ready } = await fitRecipe(frame, recipe, { classes: 0, seed: 0 });
	const encoder = fitEncoder(ready, undefined, { categories: 'codes', missing: 'imputed', scaled: true });
	const matrixOf = async (asked: Frame, kept?: KeptColumns) => {
		const transformed = await transformRecipe(asked, fitted, { labelled: false, kept });
		return { transformed, matrix: encode(transformed, encoder, { float: 64, kept }) };
	};
	return { frame, matrixOf };
}

test('a table with one column changed is worked out in what depends on it alone, to the bit as the whole is', async () => {
	const { frame, matrixOf } = await model();
	const kept = new KeptColumns();
	const first = (await matrixOf(frame, kept)).matrix;
	const depends: Record<string, string[]> = {
		when: ['when_hour', 'when_weekday'],
		a: ['a', 'both'],
		b: ['b', 'both'],
		kind: ['kind'],
		place: ['place_p', 'place_q'],
		left: [],
	};
	for (const [name, changed] of Object.entries(depends)) {
		const asked = turned(frame, name);
		const { matrix } = await matrixOf(asked, kept);
		expect(matrix.columns).toEqual((await matrixOf(asked)).matrix.columns);
		const anew = matrix.columns.filter((column, i) => column !== first.columns[i]).map((column) => column.name);
		// `both` is one column that a step makes anew each time, as it sees all of them.
		expect(anew.filter((column) => column !== 'both').sort()).toEqual(changed.filter((column) => column !== 'both').sort());
	}
	expect((await matrixOf(frame, kept)).matrix.columns).toEqual(first.columns);
});

test('of other rows nothing is taken over, be they as many and their columns the same', async () => {
	const { frame, matrixOf } = await model();
	const kept = new KeptColumns();
	await matrixOf(frame, kept);
	const others = { ...turned(turned(frame, 'a'), 'kind'), rowId: frame.rowId.slice().reverse() };
	const { matrix, transformed } = await matrixOf(others, kept);
	expect(matrix.columns).toEqual((await matrixOf(others)).matrix.columns);
	// Read from the other rows: `b` was not turned, so it is what it was, and `a` is not.
	expect(vectorOf(transformed, 'a')).not.toBe(vectorOf((await matrixOf(frame, kept)).transformed, 'a'));
});
