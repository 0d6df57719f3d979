import type { ColumnSchema } from '../../../lib/domain/column.js';
import { PART } from '../../../lib/domain/split.js';
import type { Frame } from '../../../lib/data/frame.js';
import { loadModel } from '../../../lib/learn/score.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { readTarget } from '../../../lib/task/readTarget.js';
import { chooseThreshold } from '../../../lib/task/threshold.js';
import { specOf, taskContext } from '../penguins.js';
import { frameOf } from '../../data/frames.js';

const column = (name: string, type: ColumnSchema['type'], role: ColumnSchema['role'] = 'feature'): ColumnSchema => ({ name, type, role });
const n = 200;
const make = (extra: ColumnSchema[] = [], values: Record<string, unknown[]> = {}): Frame =>
	frameOf([column('x', 'number'), column('late', 'category'), ...extra], {
		x: Array.from({ length: n }, (_, i) => Math.sin(i * 1.7)),
		late: Array.from({ length: n }, (_, i) => (Math.sin(i * 1.7) + Math.sin(i * 31) > 0.9 ? 'yes' : 'no')),
		...values,
	});
const train = (frame: Frame, spec: Partial<Parameters<typeof specOf>[0]> = {}) =>
	trainModel(frame, specOf({ target: 'late', learner: 'logisticRegression', ...spec }), taskContext());

describe('the target', () => {
	test('unknown, missing, or of one class: says what there is', async () => {
		await expect(train(make(), { target: 'delay' })).rejects.toMatchObject({
			code: 'learn.target_unknown',
			details: { expected: 'one of: x, late' },
		});
		await expect(train(make(), { target: '' })).rejects.toMatchObject({ code: 'learn.target_missing' });
		await expect(train(make([], { late: new Array(n).fill('no') }))).rejects.toMatchObject({ code: 'learn.target_one_class' });
		await expect(train(make([], { late: new Array(n).fill(null) }))).rejects.toMatchObject({ code: 'learn.target_one_class' });
		await expect(train(make(), { task: 'regression' })).rejects.toMatchObject({ code: 'learn.target_invalid' });
		await expect(train(make(), { positiveClass: 'maybe' })).rejects.toMatchObject({
			code: 'learn.parameter_invalid',
			details: { expected: 'one of: no, yes' },
		});
	});

	test('with a number whose square no number holds: Automatic names it', async () => {
		const y = Array.from({ length: n }, (_, i) => (i === 7 ? -1e300 : i));
		const frame = make([column('y', 'number')], { y });
		await expect(train(frame, { target: 'y', learner: 'automatic' })).rejects.toMatchObject({
			code: 'learn.target_invalid',
			details: { column: 'y', found: '-1e+300', remedy: expect.stringContaining('Filter rows') as string },
		});
	});

	test('is not asked for by a task without labels, and a step that learns from it is refused there', async () => {
		const spec = { task: 'anomaly' as const, target: '', learner: 'isolationForest' };
		const { manifest, run } = await train(make(), spec);
		expect(manifest).toMatchObject({ task: 'anomaly', target: '', classes: [] });
		expect(manifest.signature.map((c) => c.name)).toEqual(['x', 'late']);
		expect(run.split.leftOut).toBeUndefined();
		const steps = [{ step: 'target_encode', version: 1, params: { columns: ['late'] } }];
		await expect(train(make(), { ...spec, recipe: { steps } })).rejects.toMatchObject({
			code: 'learn.target_missing',
			message: expect.stringContaining('learns from the target') as string,
		});
		// A column named as the target all the same holds the truth, and is no feature.
		const known = await train(make(), { ...spec, target: 'late' });
		expect(known.manifest).toMatchObject({ target: 'late', signature: [{ name: 'x' }] });
	});

	test('yes and no are called as the table calls them; callers get true and false', async () => {
		const late = { ...column('late', 'boolean'), format: JSON.stringify({ no: 'non', yes: 'oui' }) };
		const spoken = frameOf([column('x', 'number'), late], {
			x: Array.from({ length: n }, (_, i) => Math.sin(i * 1.7)),
			late: Array.from({ length: n }, (_, i) => Math.sin(i * 1.7) + Math.sin(i * 31) > 0.9),
		});
		const { manifest, run } = await train(spoken);
		expect(manifest.classes).toEqual([false, true]);
		const note = run.notes.find(({ code }) => code === 'learn.threshold')?.text;
		expect(note).toMatch(/^A row is called "oui" \(the positive class, since it is called "oui"\) from a probability of /);
		await expect(train(spoken, { positiveClass: 'peut-être' })).rejects.toMatchObject({ details: { expected: 'one of: non, oui' } });
	});

	test('positive is the chosen class, else yes, true or 1, else the rarer, else the later one', () => {
		const classes = (values: unknown[], positiveClass?: string, type: ColumnSchema['type'] = 'category') =>
			readTarget(frameOf([column('t', type)], { t: values }), 't', { positiveClass, task: 'binary' }).classes;
		expect(classes(['yes', 'no', 'yes', 'yes'])).toEqual(['no', 'yes']);
		expect(classes(['yes', 'no'], 'no')).toEqual(['yes', 'no']);
		expect(classes([true, false, true], undefined, 'boolean')).toEqual([false, true]);
		// "Yes" and "No" in the table are true and false in the frame.
		expect(classes([true, false, true], 'No', 'boolean')).toEqual([true, false]);
		expect(classes([false, false, true], ' yes', 'boolean')).toEqual([false, true]);
		expect(() => classes([true, false], 'maybe', 'boolean')).toThrow('no class "maybe"');
		expect(classes([0, 1, 1], undefined, 'integer')).toEqual([0, 1]);
		expect(classes(['a', 'b', 'b'])).toEqual(['b', 'a']);
		expect(classes(['a', 'b'])).toEqual(['a', 'b']);
	});

	test('rows without a target are left out and counted', async () => {
		const frame = make([], { late: Array.from({ length: n }, (_, i) => (i % 10 === 3 ? null : Math.sin(i * 1.7) > 0.3 ? 'yes' : 'no')) });
		const { run, parts } = await train(frame);
		expect(run.split.rows.none).toBe(20);
		expect(parts[3]).toBe(PART.none);
		expect(run.notes.find((r) => r.code === 'learn.target_gaps')?.text).toContain('20 rows');
	});
});

describe('columns', () => {
	test('empty ones are dropped with a note, and so is free text; nothing left is an error', async () => {
		const empty = make([column('gone', 'number'), column('story', 'text')], {
			gone: new Array(n).fill(null),
			story: Array.from({ length: n }, (_, i) => `story ${i}`),
		});
		const { run, manifest } = await train(empty);
		expect(run.notes.map((r) => r.code)).toEqual(expect.arrayContaining(['learn.empty_left_out', 'learn.text_left_out']));
		expect(manifest.signature.map((c) => c.name)).toEqual(['x']);
		await expect(
			train(frameOf([column('late', 'category')], { late: Array.from({ length: n }, (_, i) => (i % 3 ? 'no' : 'yes')) })),
		).rejects.toMatchObject({ code: 'learn.no_features' });
	});

	test('10,000 levels and a column named like an attack are no trouble', async () => {
		const rows = 20_000;
		const nasty = 'select "x"; --';
		const frame = frameOf([column(nasty, 'category'), column('late', 'category')], {
			[nasty]: Array.from({ length: rows }, (_, i) => `level ${(i * 7919) % 10_000}`),
			late: Array.from({ length: rows }, (_, i) => ((i * 7919) % 10_000 < 4000 ? 'yes' : 'no')),
		});
		for (const learner of ['logisticRegression', 'gradientBoosting']) {
			const { package: bytes, run } = await train(frame, { learner });
			// Two rows a level: the booster rightly refuses to believe such levels, a shrunken linear model takes them for a hint.
			if (learner === 'logisticRegression') expect(run.metrics.auc).toBeGreaterThan(0.8);
			const row = (await loadModel(bytes)).rowFunction!();
			expect(row({ [nasty]: 'level 1' }).score[0]).toBeGreaterThanOrEqual(row({ [nasty]: 'level 9999' }).score[0]);
			expect(row({ [nasty]: 'never seen' }).score[0]).toBeGreaterThan(0);
		}
	});

	test('weights count rows twice, and bad ones are named', async () => {
		const weighted = make([column('w', 'number', 'weight')], { w: Array.from({ length: n }, (_, i) => (i % 2 ? 1 : 3)) });
		expect((await train(weighted)).manifest.signature.map((c) => c.name)).toEqual(['x']);
		const bad = make([column('w', 'number', 'weight')], { w: Array.from({ length: n }, (_, i) => (i === 4 ? -1 : 3)) });
		await expect(train(bad)).rejects.toMatchObject({ code: 'learn.weights_invalid', details: { column: 'w', row: 5 } });
		const nothing = make([column('w', 'number', 'weight')], { w: new Array(n).fill(0) });
		for (const learner of ['logisticRegression', 'automatic'])
			await expect(train(nothing, { learner })).rejects.toMatchObject({
				code: 'learn.weights_invalid',
				message: '"w" gives all rows to learn from the weight 0.',
				details: { column: 'w' },
			});
		// Some learners would fail, others would learn that there is one class alone.
		const late = Array.from({ length: n }, (_, i) => Number(Math.sin(i * 1.7) + Math.sin(i * 31) > 0.9));
		const one = make([column('w', 'number', 'weight')], { w: late });
		for (const learner of ['logisticRegression', 'automatic'])
			await expect(train(one, { learner })).rejects.toMatchObject({
				code: 'learn.weights_invalid',
				message: 'All rows to learn from that "w" gives a weight above 0 have the same value in the target "late".',
			});
	});

	test('what a derived target was made from never becomes a feature, and raw rows need not bring it', async () => {
		const frame = frameOf([column('x', 'number'), column('delay', 'number')], {
			x: Array.from({ length: n }, (_, i) => i % 7),
			delay: Array.from({ length: n }, (_, i) => (i % 7) * 10 + Math.sin(i) * 20),
		});
		const recipe = { steps: [{ step: 'derive_target', version: 1, params: { expression: 'delay > 15', name: 'late' } }] };
		const { manifest, package: bytes } = await train(frame, { recipe });
		expect(manifest.signature.map((c) => c.name)).toEqual(['x']);
		expect(manifest.classes).toEqual([false, true]);
		const row = (await loadModel(bytes)).rowFunction!();
		expect(row({ x: 6 }).score[0]).toBeGreaterThan(row({ x: 0 }).score[0]);
	});
});

describe('choices', () => {
	test('unknown learner, parameter or metric are refused by name', async () => {
		await expect(train(make(), { learner: 'magic' })).rejects.toMatchObject({ code: 'learn.parameter_invalid' });
		await expect(train(make(), { learner: 'linearRegression' })).rejects.toMatchObject({ code: 'learn.parameter_invalid' });
		await expect(train(make(), { params: { c: 1 } })).rejects.toMatchObject({
			code: 'learn.parameter_invalid',
			message: expect.stringContaining('"c"'),
		});
		await expect(train(make(), { params: { C: -1 } })).rejects.toMatchObject({ code: 'learn.parameter_invalid' });
		await expect(train(make(), { metric: 'rmse' })).rejects.toMatchObject({ code: 'learn.parameter_invalid' });
	});

	test('too little memory is said before anything is allocated', async () => {
		await expect(trainModel(make(), specOf({ target: 'late' }), { ...taskContext(), memoryBytes: 1000 })).rejects.toMatchObject({
			code: 'learn.memory',
		});
	});

	test("cross-validation gives each fold's metrics; without validation rows they stand in", async () => {
		const { run } = await train(make(), { crossValidation: 4 });
		expect(run.crossValidation).toMatchObject({ folds: 4 });
		expect(run.crossValidation!.metrics.auc).toHaveLength(4);
		const bare = await train(make(), { crossValidation: 3, split: { ...specOf({ target: '' }).split, validationShare: 0 } });
		expect(bare.run.split.rows.validation).toBe(0);
		expect(bare.run.metrics.auc).toBeGreaterThan(0.5);
		expect(bare.run.notes.map((r) => r.code)).toContain('learn.no_validation');
	});

	test('the threshold follows balance and cost', () => {
		const y = Float64Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? 1 : 0));
		const p = y.map((v, i) => 0.1 + 0.3 * v + 0.2 * Math.abs(Math.sin(i)));
		const rare = chooseThreshold(y, p);
		expect(rare.value).toBeGreaterThan(0.29);
		expect(rare.value).toBeLessThan(0.42);
		const alarm = chooseThreshold(
			y,
			p.map((v, i) => (v + Math.abs(Math.sin(i * 3))) / 2),
			{ falsePositive: 1, falseNegative: 100 },
		);
		const calm = chooseThreshold(
			y,
			p.map((v, i) => (v + Math.abs(Math.sin(i * 3))) / 2),
			{ falsePositive: 100, falseNegative: 1 },
		);
		expect(alarm.value).toBeLessThan(calm.value);
		expect(
			chooseThreshold(
				Float64Array.from(y, (_, i) => i % 2),
				p,
			).value,
		).toBe(0.5);
	});
});
