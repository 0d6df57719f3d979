import * as fc from 'fast-check';
import { valueAt, vectorOf } from '../../../lib/data/frame.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import { readPackage, writePackage } from '../../../lib/formats/modelPackage.js';
import { loadModel } from '../../../lib/learn/score.js';
import type { Learner, State } from '../../../lib/learn/contract.js';
import { inAnswers } from '../../../lib/learn/ensemble/answerReasons.js';
import { calibrated, fitCalibrations, lossesOf } from '../../../lib/learn/ensemble/answerCalibration.js';
import { ensembleState, type Member } from '../../../lib/learn/ensemble/ensembleLearner.js';
import { greedyWeights } from '../../../lib/learn/ensemble/greedy.js';
import { ENSEMBLE, learnerById } from '../../../lib/learn/learners/index.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { combine } from '../../../lib/learn/training/automatic/combine.js';
import type { Scored } from '../../../lib/learn/training/automatic/candidates.js';
import { ensembleText } from '../../../lib/learn/training/automatic/ensembleText.js';
import { fitModel } from '../../../lib/learn/training/fitModel.js';
import { createLog } from '../../../lib/learn/training/log.js';
import { manifestOf } from '../../../lib/learn/training/manifest.js';
import { planTraining } from '../../../lib/learn/training/plan.js';
import { createPredictor } from '../../../lib/serve/predictor.js';
import { penguins, specOf, taskContext, untilTried } from '../penguins.js';
import { context, labelsOf, makeData, rowOf } from '../trees/helpers/data.js';

const KINDS = ['binary', 'multiclass', 'regression'] as const;

/** Trees of the columns as they are, and a linear model of two of them, whose gaps are filled. */
async function members(task: (typeof KINDS)[number]) {
	const made = makeData(400, task, 3);
	const labels = labelsOf(made, task);
	const fit = async (id: string, params: object, picks: number[], weight: number): Promise<Member> => {
		const learner: Learner = learnerById(id);
		const x = { rows: made.x.rows, columns: picks.map((j) => made.x.columns[j]) };
		const { state } = await learner.fit({ task, train: x, labels }, learner.params.parse(params), context());
		return { learner: id, weight, picks, names: x.columns.map((c) => c.name), state };
	};
	const linear = task === 'regression' ? 'linearRegression' : 'logisticRegression';
	const parts = [
		await fit('gradientBoosting', { n_estimators: 20 }, [0, 1, 2, 3], 0.5),
		await fit('randomForest', { n_estimators: 10 }, [2, 1, 0], 0.3),
		await fit(linear, {}, [1, 3], 0.2),
	];
	return { made, parts, columns: made.x.columns.map((c) => c.name), outputs: task === 'multiclass' ? 3 : 1 };
}

const answersOf = async (kind: Learner, state: State, columns: string[], x: Parameters<typeof rowOf>[0], outputs: number) => {
	const predictor = await kind.predictor(kind.validate(state), columns);
	const batch = new Float64Array(x.rows * outputs);
	await predictor.batch(x, batch, 1);
	const row = new Float64Array(outputs);
	const rows = Float64Array.from({ length: x.rows }, (_, i) => i).reduce<number[]>((all, i) => {
		predictor.row(rowOf(x, i), row);
		return [...all, ...row];
	}, []);
	return { predictor, batch, rows };
};

test.each(KINDS)('an ensemble is the weighted sum of its members, row by row and in a batch (%s)', async (task) => {
	const { made, parts, columns, outputs } = await members(task);
	const { batch, rows } = await answersOf(ENSEMBLE, ensembleState(columns, outputs, parts, undefined), columns, made.x, outputs);
	expect(Array.from(batch)).toEqual(rows);
	const sum = new Float64Array(batch.length);
	for (const { learner, state, names, picks, weight } of parts) {
		const x = { rows: made.x.rows, columns: picks.map((j) => made.x.columns[j]) };
		const own = await answersOf(learnerById(learner), state, names, x, outputs);
		for (let i = 0; i < sum.length; i++) sum[i] += weight * own.batch[i];
	}
	for (let i = 0; i < sum.length; i++) expect(batch[i]).toBeCloseTo(sum[i], 12);
});

test('members that want a column in different forms find it by their own names, whichever of them is the first', async () => {
	const { made, parts, outputs } = await members('binary');
	// The linear model's columns come first, so those of the trees, which are of other forms, are called anew.
	const [boosting, , linear] = parts;
	const both = [
		{ ...linear, weight: 0.6, picks: [0, 1] },
		{ ...boosting, weight: 0.4, picks: [2, 3, 4, 5] },
	];
	const taken = boosting.names.map((name) => (linear.names.includes(name) ? `${name}_2` : name));
	const columns = [...linear.names, ...taken];
	const from = [...linear.picks, ...boosting.picks].map((j) => made.x.columns[j]);
	const x = { rows: made.x.rows, columns: from.map((column, j) => ({ ...column, name: columns[j] })) };
	const { batch, rows } = await answersOf(ENSEMBLE, ensembleState(columns, outputs, both, undefined), columns, x, outputs);
	expect(Array.from(batch)).toEqual(rows);
	expect(new Set(batch).size).toBeGreaterThan(100);
});

test.each(KINDS)('reasons add up to the mean answer (%s)', async (task) => {
	const { made, parts, columns, outputs } = await members(task);
	const { batch, predictor } = await answersOf(ENSEMBLE, ensembleState(columns, outputs, parts, undefined), columns, made.x, outputs);
	for (let i = 0; i < 40; i++)
		for (let k = 0; k < outputs; k++) {
			const phi = predictor.contributions!(rowOf(made.x, i), k);
			expect(phi).toHaveLength(columns.length + 1);
			expect(phi.reduce((a, b) => a + b, 0)).toBeCloseTo(batch[i * outputs + k], 8);
		}
});

test('large contributions that nearly cancel each other out are no log odds of a probability', () => {
	const phi = Float64Array.of(1.5e9, -1.5e9 + 3, 0.25);
	// What is left of rounding such numbers.
	expect(Array.from(inAnswers([phi], 0, 3.25 + 3e-7))).toEqual([...phi]);
	const odds = inAnswers([Float64Array.of(2, -1, 0.5)], 0, 1 / (1 + Math.exp(-1.5)));
	expect(odds.reduce((a, b) => a + b, 0)).toBeCloseTo(1 / (1 + Math.exp(-1.5)), 12);
});

test.each([
	['binary', { kind: 'temperature', t: 0.6 }],
	['binary', { kind: 'beta', a: 1.7, b: 0.4, c: -0.8 }],
	['binary', { kind: 'isotonic', x: [0.1, 0.3, 0.8], y: [0.02, 0.5, 0.9] }],
	['multiclass', { kind: 'temperature', t: 0.6 }],
	['multiclass', { kind: 'temperature', t: 2.5 }],
] as const)('reasons add up to the calibrated answer too (%s, %o)', async (task, how) => {
	const { made, parts, columns, outputs } = await members(task);
	const calibration = how.kind === 'isotonic' ? { ...how, x: [...how.x], y: [...how.y] } : how;
	const own = await answersOf(ENSEMBLE, ensembleState(columns, outputs, parts, calibration), columns, made.x, outputs);
	const plain = await answersOf(ENSEMBLE, ensembleState(columns, outputs, parts, undefined), columns, made.x, outputs);
	const sum = (phi: Float64Array): number => phi.reduce((a, b) => a + b, 0);
	for (let i = 0; i < 20; i++) {
		const row = rowOf(made.x, i);
		const all = Array.from({ length: outputs }, (_, k) => own.predictor.contributions!(row, k));
		for (const [k, phi] of all.entries()) {
			expect(sum(phi)).toBeCloseTo(own.batch[i * outputs + k], 8);
			const before = plain.predictor.contributions!(row, k);
			// Along one line of answers all columns grow or shrink alike, and none changes its direction.
			if (outputs === 1) for (let j = 0; j < columns.length; j++) expect(phi[j] * before[j]).toBeGreaterThanOrEqual(0);
		}
		// What one class gains the others lose, column by column.
		if (outputs > 1) for (let j = 0; j < columns.length; j++) expect(all.reduce((a, phi) => a + phi[j], 0)).toBeCloseTo(0, 3);
	}
});

test('calibration keeps the ranking and makes probabilities that are too bold better', () => {
	const random = murmurPairs(4);
	fc.assert(
		fc.property(fc.double({ min: 0.4, max: 4, noNaN: true }), fc.integer({ min: 200, max: 600 }), (bold, rows) => {
			const truth = Float64Array.from({ length: rows }, () => random());
			const y = truth.map((p) => Number(random() < p));
			const scores = truth.map((p) => p ** bold / (p ** bold + (1 - p) ** bold));
			for (const how of fitCalibrations(y, scores, 1)) {
				const put = calibrated(scores, 1, how);
				const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
				for (let n = 1; n < rows; n++) {
					const [before, after] = [order[n - 1], order[n]];
					if (scores[after] - scores[before] > 1e-9) expect(put[after]).toBeGreaterThan(put[before]);
				}
				const sum = (losses: Float64Array): number => losses.reduce((a, b) => a + b, 0);
				expect(sum(lossesOf(y, put, 1))).toBeLessThan(sum(lossesOf(y, scores, 1)) + 1 + 0.02 * rows);
			}
		}),
		{ numRuns: 20, seed: 5 },
	);
	const y = Float64Array.from({ length: 900 }, (_, i) => i % 3);
	const scores = Float64Array.from({ length: 2700 }, (_, i) => (y[Math.floor(i / 3)] === i % 3 && i % 5 ? 0.9 : 0.05));
	for (let i = 0; i < 900; i++) {
		const total = scores.subarray(3 * i, 3 * i + 3).reduce((a, b) => a + b, 0);
		for (let k = 0; k < 3; k++) scores[3 * i + k] /= total;
	}
	const [how] = fitCalibrations(y, scores, 3);
	const put = calibrated(scores, 3, how);
	for (let i = 0; i < 2700; i += 3) expect(put[i] + put[i + 1] + put[i + 2]).toBeCloseTo(1, 12);
});

test('the greedy weights prefer what helps together, and keep to the members, microseconds and bytes allowed', () => {
	const truth = Float64Array.from({ length: 200 }, (_, i) => i % 7);
	const off = (by: (i: number) => number) => truth.map((v, i) => v + by(i));
	const models = [
		{ scores: off((i) => (i % 2 ? 1 : -1)), cost: 5, bytes: 10 },
		{ scores: off((i) => (i % 2 ? -1.2 : 1.2)), cost: 50, bytes: 200 },
		{ scores: off(() => 1.1), cost: 5, bytes: 10 },
	];
	const goodness = (scores: Float64Array): number => -Math.sqrt(scores.reduce((s, v, i) => s + (v - truth[i]) ** 2, 0) / scores.length);
	const weights = greedyWeights(models, goodness, { members: 5, microseconds: 100, bytes: 1000 });
	expect(weights[2]).toBe(0);
	expect(weights[0] + weights[1]).toBeCloseTo(1, 12);
	expect(weights[0]).toBeGreaterThan(0.5);
	expect(greedyWeights(models, goodness, { members: 1, microseconds: 100, bytes: 1000 })).toEqual(Float64Array.of(1, 0, 0));
	expect(greedyWeights(models, goodness, { members: 5, microseconds: 20, bytes: 1000 })[1]).toBe(0);
	expect(greedyWeights(models, goodness, { members: 5, microseconds: 100, bytes: 209 })[1]).toBe(0);
	// The best one is taken whatever it takes.
	expect(greedyWeights(models, goodness, { members: 5, microseconds: 1, bytes: 1 })).toEqual(Float64Array.of(1, 0, 0));
	expect(greedyWeights([], goodness, { members: 5, microseconds: 20, bytes: 1000 })).toHaveLength(0);
});

test('a state that was changed is refused with a sentence', async () => {
	const { parts, columns, outputs } = await members('binary');
	const good = ensembleState(columns, outputs, parts, { kind: 'temperature', t: 1.5 });
	const broken = (change: (meta: { members: Array<{ learner: string; weight: number; picks: number[] }> }) => void): State => {
		const meta = structuredClone(good.meta) as Parameters<typeof change>[0];
		change(meta);
		return { ...good, meta: meta as unknown as State['meta'] };
	};
	expect(ENSEMBLE.validate(good)).toBe(good);
	for (const state of [
		broken(({ members: all }) => void (all[0].weight = 0.9)),
		broken(({ members: all }) => void (all[0].picks[0] = 99)),
		broken(({ members: all }) => void (all[0].learner = 'ensemble')),
		broken((meta) => void (meta.members = [])),
		{ ...good, arrays: {} },
	])
		expect(() => ENSEMBLE.validate(state as State)).toThrow(expect.objectContaining({ code: 'learn.model_invalid' }));
	expect(() => ENSEMBLE.validate({ ...good, version: 2 })).toThrow(expect.objectContaining({ code: 'store.version_newer' }));
});

test('an ensemble is one package: both forms agree, also on gaps and categories, and earlier installs refuse its layout', async () => {
	const frame = penguins();
	const log = createLog(1, taskContext());
	const plan = await planTraining(frame, specOf({ target: 'Sex' }), log);
	const settings = [
		['gradientBoosting', { n_estimators: 20 }, 0.6],
		['logisticRegression', {}, 0.4],
	] as const;
	const chosen = {
		learner: ENSEMBLE,
		params: {
			members: settings.map(([learner, params, weight]) => ({ learner, params: learnerById(learner).params.parse(params), weight })),
			calibration: { kind: 'temperature', t: 1.3 },
		},
	};
	const fit = await fitModel(plan.source, chosen, { train: plan.rows.learnable }, ['recipe', 'fit'], log, log.fitContext(0, 1, false));
	const manifest = manifestOf(plan, fit, chosen, 0.5);
	expect(manifest.v).toBe(6);
	const bytes = writePackage(manifest, fit.trial.fitted.state);
	expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)).toBe(6);
	const { state } = readPackage(bytes);
	expect(writePackage(manifest, state)).toEqual(bytes);
	const scores = await (await loadModel(bytes)).scoreFrame(frame);
	const ask = await createPredictor(bytes, '');
	for (let i = 0; i < frame.rows; i += 7) {
		const row = Object.fromEntries(frame.schema.map((c) => [c.name, valueAt(vectorOf(frame, c.name), i)]));
		const { score, reasons } = ask.answer(row, 3);
		expect(score[0]).toBe(scores[i]);
		expect(reasons).toHaveLength(3);
	}
});

describe('what Automatic makes of its candidates', () => {
	const random = murmurPairs(6);
	const y = Float64Array.from({ length: 600 }, () => random() * 10);
	const noise = (size: number) => y.map((v) => v + size * (random() + random() - random() - random()));
	const candidate = (order: number, scores: Float64Array, fitSeconds: number): Scored => ({
		learner: learnerById(['gradientBoosting', 'randomForest', 'linearRegression'][order]),
		params: {},
		order,
		rung: 0,
		look: 0,
		fitSeconds,
		row: { learner: '', params: {}, metrics: {}, seconds: 1 },
		judgement: { scores, outputs: 1, metrics: {}, byFold: {}, microseconds: 5, bytes: 4e7, cutShort: 0, ended: { stopped: 'done' } },
	});
	const options = {
		target: { name: 'y', task: 'regression' as const, classes: [], y, positiveReason: '', missing: 0 },
		metric: 'rmse',
		calibrate: true,
		members: 5,
		microseconds: 200,
		bytes: 1e8,
		growth: 1.25,
		seconds: 10,
		seed: 1,
	};

	test('is the mean of models that err apart from each other, and says what one alone would lose', () => {
		const combined = combine([candidate(0, noise(1), 1), candidate(1, noise(1.1), 1)], y, options)!;
		expect(combined.members).toHaveLength(2);
		expect(combined.value).toBeLessThan(0.85 * combined.alone);
		expect(ensembleText(combined, 'rmse', 1, { learner: combined.members[0].candidate.learner })).toMatch(
			/^The answer is the weighted mean of 2 models: (gradient boosting|random forest) \(\d+ %\), .* The best of them alone would have RMSE /,
		);
	});

	test('has no member that makes its package too large, as all rows will make it', () => {
		const candidates = [candidate(0, noise(1), 1), candidate(1, noise(1.1), 1)];
		expect(combine(candidates, y, { ...options, growth: 1.26 })!.members).toHaveLength(1);
		expect(combine(candidates, y, { ...options, bytes: 8e7, growth: 1 })!.members).toHaveLength(2);
	});

	test.each([
		['auc', 0.951, 0.949, /would have AUC 0\.949 instead of 0\.951 on/],
		['auc', 0.95012, 0.95011, /would have AUC 0\.95011 instead of 0\.95012 on/],
		['rmse', 2.5, 2.6, /would have RMSE 2\.6 instead of 2\.5 on/],
		// Chosen for its log loss: the order of the rows is no better.
		['auc', 0.949, 0.951, /By AUC the best of them alone would do as well on rows .* \(0\.951, the mean 0\.949\): .* probabilities/],
		['auc', 0.95, 0.95, /By AUC the best of them alone would do as well on rows .* \(0\.95, the mean 0\.95\)/],
	])('what one alone would lose by %s of %f instead of %f is never said where it is a gain', (metric, value, alone, text) => {
		const combined = combine([candidate(0, noise(1), 1), candidate(1, noise(1.1), 1)], y, options)!;
		expect(ensembleText({ ...combined, value, alone }, metric, 1, { learner: combined.members[0].candidate.learner })).toMatch(text);
	});

	test('says which one is trained where one alone is wished, which need not be the one that was compared with', () => {
		const combined = combine([candidate(0, noise(1), 1), candidate(1, noise(1.1), 1)], y, options)!;
		const first = { learner: learnerById('randomForest'), value: 1.23456 };
		expect(ensembleText(combined, 'rmse', 1, first)).toMatch(
			/ "One Fast Model Only" trains the first of the leaderboard, random forest: RMSE 1\.235 on the rows that made it the first\.$/,
		);
	});

	test('judges what ranks alike by its probabilities too, and calibration moves no figure of the ranking', () => {
		const yes = Float64Array.from({ length: 900 }, (_, i) => Number(i % 3 === 0));
		const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
		const raw = yes.map((v) => 1.5 * (v - 0.5) + 2 * (random() + random() + random() - 1.5));
		// The same order: the first is far too sure of itself, and no luck of the ranking says so.
		const bold = candidate(
			0,
			raw.map((z) => sigmoid(6 * z)),
			1,
		);
		const calm = candidate(
			1,
			raw.map((z) => sigmoid(z + 1e-9)),
			1,
		);
		const target = { name: 'y', task: 'binary' as const, classes: ['no', 'yes'], y: yes, positiveReason: '', missing: 0 };
		const combined = combine([bold, calm], yes, { ...options, target, metric: 'auc', calibrate: false })!;
		expect(combined.members.find((m) => m.candidate === calm)!.weight).toBeGreaterThan(0.5);
		// The one that stays alone is chosen alike, though by the leaderboard the bold one is the best.
		const one = combine([bold, calm], yes, { ...options, target, metric: 'auc', calibrate: false, members: 1 })!;
		expect(one.members.map((m) => m.candidate)).toEqual([calm]);
		const put = combine([bold], yes, { ...options, target, metric: 'auc' })!;
		expect(put.calibration).toBeDefined();
		expect(put.value).toBe(put.alone);
	});

	test('is calibrated by steps only where a smooth curve does not do', () => {
		const rows = 2500;
		const drawn = Float64Array.from({ length: rows }, () => random());
		const target = (truth: Float64Array) => {
			const yes = truth.map((p) => Number(random() < p));
			const of = { name: 'y', task: 'binary' as const, classes: ['no', 'yes'], y: yes, positiveReason: '', missing: 0 };
			return combine([candidate(0, drawn, 1)], yes, { ...options, target: of, metric: 'auc' })!.calibration?.kind;
		};
		expect(target(drawn)).toBeUndefined();
		expect(target(drawn.map((p) => p ** 0.5 / (p ** 0.5 + (1 - p) ** 0.5)))).toBe('temperature');
		expect(target(drawn.map((p) => 0.2 * p))).toBe('beta');
		expect(target(drawn.map((p) => (p < 0.4 ? 0.05 : p < 0.8 ? 0.5 : 0.55)))).toBe('isotonic');
	});

	test('is one model where others add nothing, where one is allowed, or where there is time for one alone', () => {
		const models = [candidate(0, noise(1), 1), candidate(1, noise(1.1), 1)];
		expect(combine([candidate(0, y.slice(), 1), candidate(1, noise(2), 1)], y, options)!.members).toHaveLength(1);
		expect(combine(models, y, { ...options, members: 1 })!.members).toHaveLength(1);
		expect(combine(models, y, { ...options, seconds: 1.5 })!.members).toHaveLength(1);
		expect(combine([], y, options)).toBeUndefined();
	});
});

test('a package with a tabular network in it, alone or with others, is one of version 4, newer than earlier installs know', async () => {
	const frame = penguins();
	const log = createLog(1, taskContext());
	const plan = await planTraining(frame, specOf({ target: 'Sex' }), log);
	const settings = [
		{ learner: 'tabularNetwork', params: { hidden_layer_sizes: [4], epochs: 1 }, weight: 0.6 },
		{ learner: 'logisticRegression', params: {}, weight: 0.4 },
	].map((m) => ({ ...m, params: learnerById(m.learner).params.parse(m.params) }));
	const [network] = settings;
	const rows = { train: plan.rows.learnable };
	for (const chosen of [
		{ learner: learnerById(network.learner), params: network.params },
		{ learner: ENSEMBLE, params: { members: [{ ...network, weight: 1 }], calibration: { kind: 'temperature', t: 1.3 } } },
		{ learner: ENSEMBLE, params: { members: settings } },
	]) {
		const fit = await fitModel(plan.source, chosen, rows, ['recipe', 'fit'], log, log.fitContext(0, 1, false));
		const manifest = manifestOf(plan, fit, chosen, 0.5);
		expect(manifest.v).toBe(4);
		const bytes = writePackage(manifest, fit.trial.fitted.state);
		expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)).toBe(4);
		const scores = await (await loadModel(bytes)).scoreFrame(frame);
		const row = Object.fromEntries(frame.schema.map((c) => [c.name, valueAt(vectorOf(frame, c.name), 5)]));
		const { score, reasons } = (await createPredictor(bytes, '')).answer(row, 3);
		expect(Math.abs(score[0] - scores[5])).toBeLessThan(1e-5);
		expect(reasons).toHaveLength(3);
	}
});

test('Automatic gives one learner where that is wished', async () => {
	const spec = specOf({ target: 'Sex', learner: 'automatic', timeBudgetSeconds: 3600, oneModelOnly: true });
	const { manifest, run } = await trainModel(penguins(), spec, untilTried(6));
	expect(manifest.learner.id).toBe(run.learner);
	expect(run.learner).toBe(run.leaderboard![0].learner);
});
