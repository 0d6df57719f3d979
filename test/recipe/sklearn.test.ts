import { valueAt, vectorOf, type Frame, type Value } from '../../lib/data/frame';
import type { ColumnSchema } from '../../lib/domain/column';
import type { FitStepContext } from '../../lib/recipe/contract';
import { stepById } from '../../lib/recipe/steps';
import reference from './sklearn.json';
import { frameOf } from '../data/frames';

type Cells = Array<number | string | null>;
const column = (name: string, type: ColumnSchema['type']): ColumnSchema => ({ name, type, role: 'feature' });
const none: FitStepContext = { classes: 0, seed: 0 };
const { data } = reference;
const train = (): Frame =>
	frameOf(
		[column('num', 'number'), column('tied', 'integer'), column('constant', 'number'), column('cat', 'category')],
		data as Record<string, Cells>,
	);
const newCat = (): Frame => frameOf([column('cat', 'category')], { cat: reference.newCat });

/** Fits a step on one frame and applies it to another. */
async function run(id: string, example: Record<string, unknown>, from: Frame, to: Frame, context = none): Promise<Frame> {
	const step = stepById(id);
	const params = step.params.parse(example);
	return step.transform(to, params, await step.fit?.(from, params, context));
}

const cells = (frame: Frame, name: string): Value[] => {
	const v = vectorOf(frame, name);
	return Array.from({ length: frame.rows }, (_, i) => valueAt(v, i));
};

function expectClose(actual: ArrayLike<Value>, expected: ArrayLike<Value>): void {
	expect(actual.length).toBe(expected.length);
	for (let i = 0; i < expected.length; i++) {
		const [a, e] = [actual[i], expected[i]];
		if (typeof a === 'number' && typeof e === 'number') expect(Math.abs(a - e)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(e)));
		else expect([i, a]).toEqual([i, e]);
	}
}

describe('the same numbers as scikit-learn (version in sklearn.json)', () => {
	test.each(['mean', 'median', 'most_frequent'] as const)('impute: %s', async (strategy) => {
		const gaps = { num: [null], tied: [null], constant: [null], cat: [null] };
		const filled = await run('impute', { strategy, columns: ['num', 'tied', 'constant'] }, train(), frameOf(train().schema, gaps));
		expectClose(
			['num', 'tied', 'constant'].map((c) => cells(filled, c)[0]),
			reference.impute[strategy],
		);
		const auto = await run('impute', {}, train(), frameOf(train().schema, gaps));
		expect(cells(auto, 'cat')).toEqual([reference.impute.cat]);
	});

	test('impute: indicators only where training had gaps', async () => {
		const out = await run('impute', { strategy: 'mean', add_indicator: true, columns: ['num', 'tied', 'constant'] }, train(), train());
		expect(out.schema.map((c) => c.name).filter((n) => n.endsWith('_missing'))).toEqual(
			reference.indicators.map((i) => `${['num', 'tied', 'constant'][i]}_missing`),
		);
	});

	test.each(['standard', 'minmax', 'robust'] as const)('scale: %s', async (method) => {
		const out = await run('scale', { method }, train(), train());
		['num', 'tied', 'constant'].forEach((name, i) => expectClose(cells(out, name), reference.scale[method][i]));
	});

	test.each(Object.keys(reference.bin) as Array<keyof typeof reference.bin>)('bin: %s', async (key) => {
		const [strategy, bins] = key.split('_');
		const schema = [column('a', 'number'), column('b', 'number')];
		const frame = (values: number[][]): Frame => frameOf(schema, { a: values[0], b: values[1] });
		const [own, other] = [frame(reference.binData), frame(reference.binNew)];
		const expected = reference.bin[key];
		const made = await run('bin', { strategy, n_bins: Number(bins) }, own, other);
		const back = await run('bin', { strategy, n_bins: Number(bins) }, own, own);
		['a', 'b'].forEach((name, i) => {
			expect(cells(made, name)).toEqual(expected.codes[i]);
			expect(cells(back, name)).toEqual(expected.own[i]);
		});
	});

	test.each([
		['all', {}],
		['max4', { max_categories: 4 }],
		['min5', { min_frequency: 5 }],
		['share', { min_frequency: 0.1 }],
		['max3', { max_categories: 3 }],
	] as const)('one_hot: %s', async (name, params) => {
		const out = await run('one_hot', params, train(), newCat());
		const made = out.schema.filter((c) => c.name.startsWith('cat'));
		const { columns, values } = reference.onehot[name];
		expect(made.map((c) => c.name)).toEqual(columns.map((c) => c.replace('infrequent_sklearn', 'other').replace('None', 'missing')));
		made.forEach((c, j) => expect(cells(out, c.name)).toEqual(values.map((row) => row[j])));
	});

	test('ordinal', async () => {
		expect(cells(await run('ordinal', {}, train(), newCat()), 'cat').slice(0, 8)).toEqual(reference.ordinal);
	});

	test.each(Object.keys(reference.target) as Array<keyof typeof reference.target>)('target_encode: %s', async (key) => {
		const [kind, smooth] = key.split('_') as ['binary' | 'multi' | 'real', string];
		const classes = { binary: 2, multi: 3, real: 0 }[kind];
		const out = await run('target_encode', { smooth: smooth === 'auto' ? 'auto' : Number(smooth) }, train(), newCat(), {
			target: Float64Array.from(data[kind]),
			classes,
			seed: 0,
		});
		const names = classes === 3 ? ['cat_class_0', 'cat_class_1', 'cat_class_2'] : ['cat'];
		names.forEach((name, j) =>
			expectClose(
				cells(out, name),
				reference.target[key].map((row) => row[j]),
			),
		);
	});
});
