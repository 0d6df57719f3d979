import type { ColumnSchema } from '../../lib/domain/column';
import type { RecipeStep } from '../../lib/domain/recipe';
import { numbersOf, valueAt, vectorOf, type Frame } from '../../lib/data/frame';
import { takeRows } from '../../lib/data/takeRows';
import { gradientBoosting } from '../../lib/learn/learners/gradientBoosting';
import { compileRecipe } from '../../lib/recipe/compileRecipe';
import { encode, fitEncoder } from '../../lib/recipe/encode';
import { fitRecipe, transformRecipe } from '../../lib/recipe/fit';
import { frameOf } from '../data/frames';

const schema: ColumnSchema[] = [
	{ name: 'x', type: 'number', role: 'feature' },
	{ name: 'c', type: 'category', role: 'feature' },
];
const table = (x: unknown[], c: unknown[] = x.map(() => 'a')): Frame => frameOf(schema, { x, c });
const step = (id: string, params: Record<string, unknown> = {}): RecipeStep => ({ step: id, version: 1, params });
const fit = async (frame: Frame, ...steps: RecipeStep[]) => await fitRecipe(frame, { steps }, { classes: 0, seed: 1 });
const ahead = async (fitted: Awaited<ReturnType<typeof fit>>['fitted'], frame: Frame) =>
	await transformRecipe(frame, fitted, { labelled: false });
const values = (frame: Frame, name: string) => Array.from({ length: frame.rows }, (_, i) => valueAt(vectorOf(frame, name), i));
const native = { categories: 'codes', missing: 'native', scaled: false } as const;

it('trees learn the same from columns that are worked out one at a time as from all of them in memory', async () => {
	const rows = 9000;
	const all = table(
		Array.from({ length: rows }, (_, i) => (i % 11 ? Math.sin(i * i) * 100 : null)),
		Array.from({ length: rows }, (_, i) => 'abcdefg'[(i * i) % 7]),
	);
	// Picked rows and a chain of steps, as a training has them.
	const some = takeRows(
		all,
		Uint32Array.from({ length: 8000 }, (_, i) => i + 500),
	);
	const { frame } = await fit(some, step('impute', { columns: ['x'] }), step('clip_outliers', { columns: ['x'] }), step('scale'));
	const encoder = fitEncoder(frame, undefined, native);
	const y = Float64Array.from({ length: frame.rows }, (_, i) => (Math.sin((i + 500) ** 2) > 0.3 ? 1 : 0));
	const learn = async (anew: boolean) => {
		const train = encode(frame, encoder, { float: 64, anew });
		const context = { seed: 3, threads: 2, memoryBytes: 1e9, cancelled: new Int32Array(1), progress: () => {}, note: () => {} };
		const params = gradientBoosting.params.parse({ n_estimators: 12 });
		return (await gradientBoosting.fit({ task: 'binary', train, labels: { y, classes: 2 } }, params, context)).state;
	};
	expect(await learn(true)).toEqual(await learn(false));
});

it('codes of a category take one byte as long as they fit', () => {
	const frame = table([1, 2, 3], ['a', 'b', null]);
	const [, codes] = encode(frame, fitEncoder(frame, undefined, native), { float: 64 }).columns;
	expect(codes.data).toBeInstanceOf(Uint8Array);
	expect([...codes.data]).toEqual([2, 3, 0]);
});

it('one-hot columns are those of the training, and a value that was never seen is none of them', async () => {
	const { fitted, frame } = await fit(table([1, 2, 3], ['a', 'b', 'c']), step('one_hot', { columns: ['c'] }));
	const later = await ahead(fitted, table([1, 2], ['zebra', 'b']));
	expect(later.schema.map((c) => c.name)).toEqual(frame.schema.map((c) => c.name));
	expect(['c_a', 'c_b', 'c_c'].map((name) => values(later, name))).toEqual([
		[0, 0],
		[0, 1],
		[0, 0],
	]);
	const rare = await fit(table([1, 2, 3, 4], ['a', 'a', 'b', 'c']), step('one_hot', { columns: ['c'], max_categories: 2 }));
	expect(values(await ahead(rare.fitted, table([1], ['zebra'])), 'c_other')).toEqual([1]);
});

it('a gap and the word "missing" are two columns', async () => {
	const { frame } = await fit(table([1, 2, 3], ['missing', null, 'a']), step('one_hot', { columns: ['c'] }));
	const names = frame.schema.map((c) => c.name).filter((name) => name.startsWith('c_'));
	expect(names).toHaveLength(3);
	expect(new Set(names).size).toBe(3);
	const rows = names.map((name) => values(frame, name).join());
	expect(rows.sort()).toEqual(['0,0,1', '0,1,0', '1,0,0']);
});

it('gaps that the training did not have are filled with what it had', async () => {
	const { fitted, frame } = await fit(table([1, 2, 9]), step('impute', { add_indicator: true }));
	const later = await ahead(fitted, table([null, 5], [null, 'b']));
	expect(later.schema).toEqual(frame.schema);
	expect([values(later, 'x'), values(later, 'c')]).toEqual([
		[2, 5],
		['a', 'b'],
	]);
});

it('bins go by the values that are there, and gaps stay gaps', async () => {
	const { frame } = await fit(table([null, 1, 2, 3, 4, null]), step('bin', { columns: ['x'], n_bins: 2 }));
	expect(values(frame, 'x')).toEqual([null, 0, 0, 1, 1, null]);
});

it.each([
	[[0, 0, 0, 0, 0, 0, 0, 1, 3], 5],
	[[0.05, 0.05, 0.95], 10],
])('limits of bins rise, whatever falls together: %j', async (x, bins) => {
	const { fitted } = await fit(table(x), step('bin', { columns: ['x'], n_bins: bins }));
	const [{ state: edges }] = (fitted.steps[0].state as { columns: Array<{ state: number[] }> }).columns;
	expect(edges.slice(1).every((edge, k) => edge > edges[k])).toBe(true);
	expect([edges[0], edges.at(-1)]).toEqual([Math.min(...x), Math.max(...x)]);
});

it('filling gaps changes no value that is there, and the median is that of the values', async () => {
	const two = await fit(table([1, 2, 1, null, 1]), step('impute', { columns: ['x'] }));
	expect(values(two.frame, 'x')).toEqual([1, 2, 1, 1, 1]);
	const even = await fit(table([null, 8, 1, null, 2, 3, null]), step('impute', { columns: ['x'], strategy: 'median' }));
	expect(values(even.frame, 'x')).toEqual([2.5, 8, 1, 2.5, 2, 3, 2.5]);
});

it('dates written as whole numbers stay apart: nothing is rounded to 32 bits, one row or many', async () => {
	const x = [20180130, 20180131, 0.671, 16777217];
	const { fitted, frame } = await fit(table(x), step('impute'));
	const encoder = fitEncoder(frame, ['x'], native);
	expect([...encode(frame, encoder, { float: 64 }).columns[0].data]).toEqual(x);
	const compiled = compileRecipe(fitted);
	expect(x.map((value) => compiled.row({ x: value, c: 'a' }).x)).toEqual([...numbersOf(frame, 'x')]);
});
