import { encodedNames } from '../../../lib/recipe/encode.js';
import { ENSEMBLE, learnerById } from '../../../lib/learn/learners/index.js';
import { repeatsOf } from '../../../lib/learn/training/automatic/repeats.js';
import type { Scored } from '../../../lib/learn/training/automatic/candidates.js';
import { fitModel } from '../../../lib/learn/training/fitModel.js';
import { createLog } from '../../../lib/learn/training/log.js';
import { planTraining } from '../../../lib/learn/training/plan.js';
import { readParams, settledParams } from '../../../lib/learn/training/trial.js';
import { penguins, specOf, taskContext } from '../penguins.js';

const DRAWN = { n_estimators: 20, extra_trees: true };

/** A member whose one fit takes so many seconds, and whose answer so many microseconds. */
function member(id: string, params: Record<string, unknown>, fitSeconds: number, microseconds: number, bytes = 1000) {
	const learner = learnerById(id);
	const candidate = {
		learner,
		params: readParams(learner, params),
		order: 0,
		rung: 0,
		look: 0,
		fitSeconds,
		judgement: { microseconds, bytes },
	};
	return { candidate: candidate as unknown as Scored, weight: 0.5 };
}

describe('how often a model is fitted whose learning draws at random', () => {
	const plenty = { seconds: 1000, microseconds: 1000, bytes: 1e6, growth: 1 };

	test('four times where there is time, and once where nothing is drawn', () => {
		expect(repeatsOf([member('gradientBoosting', DRAWN, 1, 10)], plenty)).toBe(4);
		expect(repeatsOf([member('tabularNetwork', {}, 1, 10), member('linearRegression', {}, 1, 10)], plenty)).toBe(4);
		expect(repeatsOf([member('gradientBoosting', { n_estimators: 20 }, 1, 10)], plenty)).toBe(1);
		expect(repeatsOf([member('linearRegression', {}, 1, 10), member('randomForest', {}, 1, 10)], plenty)).toBe(1);
	});

	test('less often where seconds, microseconds a row or bytes are short, and never less than once', () => {
		const both = [member('gradientBoosting', DRAWN, 2, 10), member('linearRegression', {}, 1, 5)];
		expect(repeatsOf(both, { ...plenty, seconds: 5 })).toBe(2);
		expect(repeatsOf(both, { ...plenty, seconds: 4.9 })).toBe(1);
		expect(repeatsOf(both, { ...plenty, microseconds: 35 })).toBe(3);
		expect(repeatsOf(both, { ...plenty, bytes: 5000, growth: 1.25 })).toBe(3);
		expect(repeatsOf(both, { seconds: 0, microseconds: 0, bytes: 0, growth: 1 })).toBe(1);
	});
});

test('more rows bear more trees, and no more epochs', () => {
	const settled = (id: string, stopped: 'early' | 'done') =>
		settledParams(learnerById(id), readParams(learnerById(id), {}), { stopped, bestIteration: 40 }, 1.25) as Record<string, unknown>;
	expect(settled('gradientBoosting', 'early').n_estimators).toBe(50);
	expect(settled('gradientBoosting', 'done').n_estimators).toBe(100);
	expect(settled('tabularNetwork', 'early').epochs).toBe(40);
});

test('a member that is fitted three times answers with the mean of three models, each by a seed of its own', async () => {
	const log = createLog(3, taskContext());
	const plan = await planTraining(penguins(), specOf({ target: 'Body Mass (g)', task: 'regression' }), log);
	const rows = { train: plan.rows.train, validation: plan.rows.validation };
	const fit = async (learner: typeof ENSEMBLE, params: unknown, seed: number) =>
		await fitModel(plan.source, { learner, params }, rows, ['recipe', 'fit'], log, { ...log.fitContext(0, 1, false), seed });
	const trees = learnerById('gradientBoosting');
	const linear = learnerById('linearRegression');
	const members = [
		{ learner: trees.id, params: readParams(trees, DRAWN), weight: 0.6, repeats: 3 },
		{ learner: linear.id, params: readParams(linear, {}), weight: 0.4 },
	];
	const all = await fit(ENSEMBLE, { members }, 3);
	const singles = [];
	for (const seed of [3, 3 + 7919, 3 + 2 * 7919]) singles.push((await fit(trees, members[0].params, seed)).trial.scores);
	expect(new Set(singles.map((scores) => scores[0])).size).toBe(3);
	const straight = (await fit(linear, members[1].params, 3)).trial.scores;
	expect(all.trial.scores).toHaveLength(rows.validation.length);
	for (let i = 0; i < straight.length; i++) {
		const mean = (singles[0][i] + singles[1][i] + singles[2][i]) / 3;
		expect(all.trial.scores[i]).toBeCloseTo(0.6 * mean + 0.4 * straight[i], 6);
	}
	expect(all.trial.settled).toMatchObject({ members: [{ repeats: 3 }, { learner: linear.id }] });
	expect((all.trial.fitted.state.meta.members as unknown[]).length).toBe(4);
	// The package answers as the fit did.
	const predictor = await ENSEMBLE.predictor(ENSEMBLE.validate(all.trial.fitted.state), encodedNames(all.trial.encoder));
	expect(predictor.outputs).toBe(1);
});
