import { PART } from '../../../lib/domain/split.js';
import { writePackage } from '../../../lib/formats/modelPackage.js';
import { calibrated, lossesOf } from '../../../lib/learn/ensemble/answerCalibration.js';
import { ENSEMBLE, learnerById } from '../../../lib/learn/learners/index.js';
import { loadModel } from '../../../lib/learn/score.js';
import { calibrationFor } from '../../../lib/learn/training/automatic/combine.js';
import type { Chosen } from '../../../lib/learn/training/choose.js';
import { putRight } from '../../../lib/learn/training/fitMembers.js';
import { fitModel } from '../../../lib/learn/training/fitModel.js';
import { createLog } from '../../../lib/learn/training/log.js';
import { manifestOf } from '../../../lib/learn/training/manifest.js';
import { planTraining } from '../../../lib/learn/training/plan.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { manyRows } from '../manyRows.js';
import { specOf, taskContext } from '../penguins.js';

const boosting = learnerById('gradientBoosting');
/** So few rounds that its probabilities say far too little. */
const few = (rounds: number): Record<string, unknown> => boosting.params.parse({ n_estimators: rounds }) as Record<string, unknown>;

test.each<[string, Chosen]>([
	['a learner alone', { learner: boosting, params: few(3) }],
	[
		'the mean of two',
		{
			learner: ENSEMBLE,
			params: {
				members: [
					{ learner: 'gradientBoosting', params: few(3), weight: 0.5 },
					{ learner: 'gradientBoosting', params: few(5), weight: 0.5 },
				],
			},
		},
	],
])('a model of a large table is put right by its own answers for the validation rows, also in one package: %s', async (_, chosen) => {
	const frame = manyRows(5_000);
	const log = createLog(1, taskContext());
	const plan = await planTraining(frame, specOf({ target: 'y' }), log);
	const context = log.fitContext(0, 1, false);
	const fit = await fitModel(plan.source, chosen, plan.rows, ['recipe', 'fit'], log, context);
	const { calibration, scores } = calibrationFor(plan.target, fit.judged, 1);
	const put = putRight(chosen, fit.trial, calibration!, scores);
	const answersOf = async (trial: typeof fit.trial, { learner, params }: Chosen): Promise<Float64Array> =>
		await (await loadModel(writePackage(manifestOf(plan, { ...fit, trial }, { learner, params }, 0.5), trial.fitted.state))).scoreFrame(
			frame,
		);
	const before = await answersOf(fit.trial, chosen);
	const after = await answersOf(put.trial, put);
	expect(put.learner).toBe(ENSEMBLE);
	calibrated(before, 1, calibration).forEach((p, i) => expect(after[i]).toBeCloseTo(p, 12));
	const test = Array.from(plan.split.parts.keys()).filter((i) => plan.split.parts[i] === PART.test);
	const loss = (of: Float64Array): number => {
		const [y, p] = [plan.target.y, of].map((values) => Float64Array.from(test, (i) => values[i]));
		return lossesOf(y, p, 1).reduce((a, b) => a + b, 0) / test.length;
	};
	expect(loss(after)).toBeLessThan(loss(before) - 0.1);
	// Fitted once more on all rows it is put right in the same way.
	const settled = { learner: ENSEMBLE, params: put.trial.settled };
	const again = await fitModel(plan.source, settled, { train: plan.rows.learnable }, ['recipe', 'fit'], log, context);
	expect(again.trial.fitted.state.meta.calibration).toEqual(calibration);
});

test('Automatic puts the model of a large table right by the model that it made, not by those of its trials', async () => {
	const spec = specOf({ target: 'y', learner: 'automatic', timeBudgetSeconds: 3 });
	const { run, manifest, validation } = await trainModel(manyRows(27_000), spec, taskContext());
	const said = run.notes.some(({ code }) => code === 'learn.calibrated');
	expect(said).toBe('calibration' in run.params);
	expect(said).toBe('calibration' in manifest.learner.params);
	const { y, scores } = validation;
	const loss = (of: Float64Array): number => lossesOf(y, of, 1).reduce((a, b) => a + b, 0) / y.length;
	// Nothing simple is left that would make the probabilities much better, however far the search got in its seconds.
	for (const t of [0.5, 0.7, 1.4, 2]) expect(loss(calibrated(scores, 1, { kind: 'temperature', t }))).toBeGreaterThan(0.85 * loss(scores));
});
