import { valueAt, type Frame } from '../../lib/data/frame.js';
import { learnersFor } from '../../lib/learn/learners/index.js';
import { loadModel } from '../../lib/learn/score.js';
import { trainModel } from '../../lib/learn/trainModel.js';
import type { EncoderState } from '../../lib/recipe/encode.js';
import { cardPayments } from './cardPayments.js';
import { penguins, specOf, taskContext, untilTried } from './penguins.js';

const target = 'Species';

describe('training on penguins', () => {
	for (const learner of ['gradientBoosting', 'logisticRegression', 'randomForest', 'neuralNetwork', 'dummy']) {
		test(`${learner}: metrics, a package, and rows that score like the frame`, async () => {
			const frame = penguins();
			const result = await trainModel(frame, specOf({ target, learner }), taskContext());
			const { run } = result;
			expect(run.task).toBe('multiclass');
			expect(result.manifest.classes).toEqual(['Adelie', 'Chinstrap', 'Gentoo']);
			expect(run.split.rows).toMatchObject({ none: 0 });
			expect(result.parts).toHaveLength(frame.rows);
			if (learner !== 'dummy') expect(run.metrics.accuracy).toBeGreaterThan(0.9);
			expect(run.stages.map((s) => s.name)).toEqual(expect.arrayContaining(['split', 'recipe', 'fit', 'refit', 'package']));

			const model = await loadModel(result.package);
			const scores = await model.scoreFrame(frame);
			const score = model.rowFunction!();
			for (let i = 0; i < frame.rows; i += 17) {
				const { score: row, contributions } = score(Object.fromEntries(frame.schema.map((c, j) => [c.name, valueAt(frame.vectors[j], i)])));
				row.forEach((p, k) => expect(Math.abs(p - scores[i * 3 + k])).toBeLessThan(1e-12));
				if (contributions)
					expect(
						contributions()
							.map((c) => c.feature)
							.sort(),
					).toEqual(result.manifest.signature.map((c) => c.name).sort());
			}
		});
	}

	test('categories by their answers and borders at random make a package like any other', async () => {
		const frame = penguins();
		const params = { simple_ctr: true, one_hot_max_size: 2, extra_trees: true };
		const spec = specOf({ target: 'Body Mass (g)', params });
		const result = await trainModel(frame, spec, taskContext());
		expect(result.manifest.v).toBe(6);
		expect(result.run.metrics.r2).toBeGreaterThan(0.7);
		const model = await loadModel(result.package);
		const scores = await model.scoreFrame(frame);
		const score = model.rowFunction!();
		const rows = Array.from({ length: frame.rows }, (_, i) => i).filter((i) => i % 17 === 0);
		for (const i of rows) {
			const row = Object.fromEntries(frame.schema.map((c, j) => [c.name, valueAt(frame.vectors[j], i)]));
			expect([...score(row).score]).toEqual([scores[i]]);
			const reasons = score({ ...row, Species: 'Emperor', Island: null }).contributions!();
			expect(reasons.map((c) => c.feature).sort()).toEqual(result.manifest.signature.map((c) => c.name).sort());
		}
		expect((await trainModel(frame, spec, taskContext())).package).toEqual(result.package);
	});

	test('pairs of categories make a package that earlier installs refuse with a sentence, with reasons by column that add up', async () => {
		const frame = cardPayments();
		for (const simple_ctr of [false, true]) {
			const params = { category_pairs: 4, simple_ctr, n_estimators: 30 };
			const result = await trainModel(frame, specOf({ target: 'paid', params }), taskContext());
			expect(result.manifest.v).toBe(6);
			expect(Buffer.from(result.package).readUInt32LE(8)).toBe(6);
			expect((result.manifest.encoder as EncoderState).parts.map((p) => p.kind)).toEqual(['codes', 'codes', 'number', 'pair']);
			expect(result.run.metrics.auc).toBeGreaterThan(0.85);
			const said = result.run.notes.find(({ code }) => code === 'learn.pairs')!.text;
			expect(said).toMatch(/"card" with "year"|"year" with "card"/);
			const model = await loadModel(result.package);
			const scores = await model.scoreFrame(frame);
			const score = model.rowFunction!();
			for (const i of [0, 7, 400, 1499]) {
				const row = Object.fromEntries(frame.schema.map((c, j) => [c.name, valueAt(frame.vectors[j], i)]));
				expect([...score(row).score]).toEqual([scores[i]]);
				const reasons = score({ ...row, card: i % 2 ? row.card : 'another' }).contributions!();
				expect(reasons.map((c) => c.feature).sort()).toEqual(['amount', 'card', 'year']);
				const both = reasons.filter((c) => c.feature !== 'amount').map((c) => Math.abs(c.contribution));
				if (i % 2) expect(Math.min(...both)).toBeGreaterThan(0.2);
			}
		}
		// Where people say which columns may meet, no others do.
		const apart = specOf({ target: 'paid', params: { category_pairs: 4, n_estimators: 5, interaction_constraints: 'card\nyear' } });
		const { manifest } = await trainModel(frame, apart, taskContext());
		expect((manifest.encoder as EncoderState).parts.map((p) => p.kind)).toEqual(['codes', 'codes', 'number']);
	});

	test('Automatic tries pairs of categories where such are found, and ranks them first where they pay', async () => {
		const tried = async (frame: Frame, target: string, trials: number) =>
			(await trainModel(frame, specOf({ target, learner: 'automatic', timeBudgetSeconds: 3600, oneModelOnly: true }), untilTried(trials)))
				.run;
		const { leaderboard } = await tried(cardPayments(600), 'paid', 7);
		const boosting = leaderboard!.filter((row) => row.learner === 'gradientBoosting');
		expect(boosting[0].params.category_pairs).toBe(8);
		expect(boosting.at(-1)!.params.category_pairs).toBe(0);
		const { leaderboard: others } = await tried(penguins(), 'Sex', 7);
		expect(others!.every((row) => !row.params.category_pairs)).toBe(true);
	});

	test('two classes may be asked for as several: each learner tells the share of both, reasons and all', async () => {
		for (const { id } of learnersFor('multiclass')) {
			const params = { tabularNetwork: { epochs: 2 }, neuralNetwork: { epochs: 2 }, randomForest: { n_estimators: 9 } }[id] ?? {};
			const result = await trainModel(
				cardPayments(200),
				specOf({ target: 'paid', task: 'multiclass', learner: id, params }),
				taskContext(),
			);
			expect(result.manifest).toMatchObject({ task: 'multiclass', classes: ['no', 'yes'] });
			const model = await loadModel(result.package);
			const { score, contributions } = model.rowFunction!()({ card: 'k1', year: 'y3', amount: 0.5 });
			expect(score).toHaveLength(2);
			expect(score[0] + score[1]).toBeCloseTo(1, 9);
			expect(result.run.metrics.logLoss).toBeGreaterThan(0);
			if (id !== 'dummy' && contributions) expect(contributions().map((c) => c.feature)).toContain('card');
			expect([...(await model.scoreFrame(cardPayments(200)))]).toHaveLength(400);
		}
	});

	test('the same data and choices give the same package, bit for bit', async () => {
		const one = await trainModel(penguins(), specOf({ target, learner: 'logisticRegression' }), taskContext());
		const two = await trainModel(penguins(), specOf({ target, learner: 'logisticRegression' }), taskContext());
		expect(two.package).toEqual(one.package);
		expect(two.run.metrics).toEqual(one.run.metrics);
	});

	test('a numeric target is a regression', async () => {
		const { run } = await trainModel(penguins(), specOf({ target: 'Body Mass (g)', learner: 'linearRegression' }), taskContext());
		expect(run.task).toBe('regression');
		expect(run.metrics.r2).toBeGreaterThan(0.7);
		expect(run.notes.map((n) => n.code)).toContain('learn.target_gaps');
	});

	test.each([
		['gradientBoosting', {}, 'logLoss'],
		['gradientBoosting', { early_stopping_metric: 'accuracy' }, 'accuracy'],
		['neuralNetwork', {}, 'loss'],
	])('the curve of %s %j says that it shows %s', async (learner, params, metric) => {
		const { run } = await trainModel(penguins(), specOf({ target, learner, params, metric: 'f1_macro' }), taskContext());
		expect(run.curve.length).toBeGreaterThan(0);
		expect(run.curveMetric).toBe(metric);
	});
});
