import { valueAt, vectorOf } from '../../../lib/data/frame.js';
import { seenIn } from '../../../lib/data/reading/index.js';
import { dictionary } from '../../../lib/domain/dictionary.js';
import type { ModelManifest } from '../../../lib/domain/model.js';
import { readPackage, writePackage } from '../../../lib/formats/modelPackage.js';
import { backgroundRows } from '../../../lib/learn/explain/background.js';
import { columnReasons } from '../../../lib/learn/explain/columnReasons.js';
import { loadModel } from '../../../lib/learn/score.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { createPredictor } from '../../../lib/serve/predictor.js';
import { penguins, specOf, taskContext } from '../penguins.js';

const frame = penguins();
const row = (i: number) => Object.fromEntries(frame.schema.map((c) => [c.name, valueAt(vectorOf(frame, c.name), i)]));

const network = async (target: string, params: object = {}) =>
	await trainModel(frame, specOf({ target, learner: 'neuralNetwork', params: { epochs: 8, ...params } }), taskContext());

describe.each(['Sex', 'Species', 'Body Mass (g)'])('a network of penguins that predicts %s', (target) => {
	test('tells in the columns that people know what moved an answer; contributions add up to it, and are the same each time', async () => {
		const { package: bytes, manifest } = await network(target);
		const model = await loadModel(bytes);
		expect(model.reasons).toBe('asked');
		const score = model.rowFunction!();
		const names = manifest.signature.map((c) => c.name);
		const background = backgroundRows(manifest, 64)!;
		for (let i = 0; i < frame.rows; i += 60) {
			const { score: own, contributions } = score(dictionary(Object.entries(row(i))));
			const found = contributions!();
			expect(found.map((c) => c.feature).sort()).toEqual([...names].sort());
			const at = own.indexOf(Math.max(...own));
			const base = background.reduce((sum, b) => sum + score(b).score[at] / background.length, 0);
			expect(found.reduce((sum, c) => sum + c.contribution, base) / own[at]).toBeCloseTo(1, 9);
			for (const { feature, value } of found) expect(value).toEqual(row(i)[feature]);
			expect(contributions!()).toEqual(found);
		}
		const asked = await createPredictor(bytes, '');
		const { reasons } = asked.answer(row(3), 2);
		expect(reasons).toHaveLength(2);
		expect(Math.abs(reasons![0].contribution)).toBeGreaterThanOrEqual(Math.abs(reasons![1].contribution));
	});
});

test('a package of before, which keeps no quantiles, says that it has no reasons; its answers are the same', async () => {
	const { package: bytes, manifest } = await network('Sex');
	const { state } = readPackage(bytes);
	const before = writePackage({ ...manifest, seen: manifest.seen!.map(({ quantiles: _, ...column }) => column) }, state);
	expect((await loadModel(before)).reasons).toBe('none');
	const [old, now] = [await createPredictor(before, ''), await createPredictor(bytes, '')];
	expect(old.answer(row(3), 3)).toEqual({ ...now.answer(row(3), 0) });
	expect(old.answer(row(3), 3)).not.toHaveProperty('reasons');
});

test('rows to compare with have the values, shares and gaps of the training, and are no row of it', async () => {
	const { manifest } = await network('Species');
	const rows = backgroundRows(manifest, 64)!;
	expect(backgroundRows(manifest, 64)).toEqual(rows);
	const share = (name: string, value: unknown) => rows.filter((r) => r[name] === value).length / 64;
	for (const { name, levels, range, missing } of manifest.seen!) {
		expect(Math.abs(share(name, null) - missing)).toBeLessThan(1 / 64);
		const total = levels?.rows.reduce((a, b) => a + b, 0) ?? 0;
		levels?.values.forEach((value, k) => expect(share(name, value)).toBeCloseTo(((1 - missing) * levels.rows[k]) / total, 1));
		for (const r of rows) if (range && r[name] !== null) expect(r[name]).toBe(Math.min(range.max, Math.max(range.min, r[name] as number)));
	}
	const real = new Set(Array.from({ length: frame.rows }, (_, i) => manifest.signature.map((c) => row(i)[c.name]).join()));
	expect(rows.filter((r) => real.has(manifest.signature.map((c) => r[c.name]).join())).length).toBeLessThan(3);
});

test.each([
	['evenly spread', (u: number) => u, 0.01],
	['incomes, few of them very large', (u: number) => (1 - u) ** -0.4, 0.25],
	['mostly nothing, seldom much', (u: number) => (u < 0.95 ? 0 : -Math.log(20 * (1 - u))), 0.2],
])('a column of numbers has about the mean of the training in the rows to compare with: %s', (_, valueOf, most) => {
	const n = 2_000;
	const values = Float64Array.from({ length: n }, (_v, i) => valueOf((i + 0.5) / n));
	const all = Uint32Array.from(values, (_v, i) => i);
	const column = { name: 'x', type: 'number' as const, role: 'feature' as const };
	const seen = seenIn({ ...frame, schema: [column], vectors: [{ data: values }], rows: n }, all, ['x']);
	const mean = (of: ArrayLike<number>): number => Array.from(of).reduce((a, b) => a + b, 0) / of.length;
	const spread = Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));
	for (const count of [32, 64]) {
		const rows = backgroundRows({ signature: [{ ...column, required: true }], seen }, count)!;
		expect(Math.abs(mean(rows.map((r) => r.x as number)) - mean(values)) / spread).toBeLessThan(most);
	}
});

/** A model of many columns as a function, of which few matter. */
const wide = (columns: number, extra: Partial<ModelManifest['signature'][number]> = {}) => ({
	signature: Array.from({ length: columns }, (_, j) => ({
		name: `c${j}`,
		type: 'number' as const,
		role: 'feature' as const,
		required: true,
		...extra,
	})),
	seen: Array.from({ length: columns }, (_, j) => ({
		name: `c${j}`,
		missing: 0,
		range: { min: 0, max: 16 },
		quantiles: Array.from({ length: 17 }, (_q, k) => k),
	})),
});

test.each([[64], [1_000], [5_000]])(
	'of %i columns the number of questions is bounded, and the columns that matter are told apart',
	(columns) => {
		const manifest = wide(columns);
		const explain = columnReasons(manifest, () => 1)!;
		let asked = 0;
		const last = `c${columns - 1}`;
		const answer = (r: Record<string, unknown>): number => {
			asked++;
			return 3 * (r.c1 as number) - 2 * (r[last] as number) + (r.c7 as number) * (r.c9 as number);
		};
		const { reasons, base } = explain(dictionary(manifest.signature.map(({ name }) => [name, 16] as const)), answer);
		expect(asked).toBeLessThan(10_000);
		const strongest = [...reasons].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
		expect(
			strongest
				.slice(0, 4)
				.map((r) => r.feature)
				.sort(),
		).toEqual(['c1', 'c7', 'c9', last].sort());
		expect(reasons.find((r) => r.feature === 'c1')!.contribution).toBeCloseTo(24, 6);
		expect(reasons.reduce((sum, r) => sum + r.contribution, base)).toBeCloseTo(
			answer(dictionary(manifest.signature.map(({ name }) => [name, 16] as const))),
			6,
		);
		const others = reasons.filter((r) => r.columns);
		expect(others.reduce((sum, r) => sum + r.columns!, reasons.length - others.length)).toBe(columns);
		for (const r of others) expect(r.contribution).toBeCloseTo(0, 9);
	},
);

test('contributions of answers of 20 billion add up, and a gap has one too', () => {
	const manifest = wide(9);
	const row = dictionary(manifest.signature.map(({ name }, j) => [name, j === 4 ? null : j] as const));
	const answer = (r: Record<string, unknown>): number => 2e10 + 3e9 * (r.c1 as number) * Number(r.c4 === null) + 7 * (r.c2 as number);
	const { reasons, base } = columnReasons(manifest, () => 1)!(row, answer);
	expect(reasons.reduce((sum, r) => sum + r.contribution, base) / answer(row)).toBeCloseTo(1, 12);
	const gap = reasons.find((r) => r.feature === 'c4')!;
	expect(gap.value).toBeNull();
	expect(gap.contribution).toBeGreaterThan(1e9);
});

test('a model that takes long for a row is asked less', () => {
	const manifest = wide(20);
	const count = (microseconds: number): number => {
		let asked = 0;
		columnReasons(manifest, () => microseconds)!(dictionary(manifest.signature.map(({ name }) => [name, 20] as const)), (r) => {
			asked++;
			return r.c3 as number;
		});
		return asked;
	};
	expect(count(1)).toBeGreaterThan(3_000);
	expect(count(200)).toBeLessThan(1_500);
});
