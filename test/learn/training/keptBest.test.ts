import { PART } from '../../../lib/domain/split.js';
import type { Progress } from '../../../lib/domain/progress.js';
import { loadModel } from '../../../lib/learn/score.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { readTarget } from '../../../lib/task/readTarget.js';
import { metricsFor } from '../../../lib/task/measure.js';
import { manyRows } from '../manyRows.js';
import { penguins, specOf, taskContext } from '../penguins.js';

/* Whoever stops a training and keeps the best gets the best that there was, at whatever moment they ask. */

/** In it the best is wished for as soon as the progress says so. */
function wishedWhen(so: (p: Progress) => boolean): ReturnType<typeof taskContext> {
	const context = taskContext();
	return {
		...context,
		progress: (p) => {
			if (so(p)) context.cancelled[0] = 2;
		},
	};
}

const finishing = (p: Progress): boolean => !p.stage.startsWith('Trying') && (p.share ?? 0) > 0.6;

test('amid the fit with the validation rows too: the model before it, and not half of another', async () => {
	const spec = specOf({ target: 'Species', params: { n_estimators: 200 } });
	const before = await trainModel(penguins(), { ...spec, refit: false }, taskContext());
	const { package: bytes, run } = await trainModel(
		penguins(),
		spec,
		wishedWhen(({ share = 0 }) => share > 0.85 && share < 0.97),
	);
	expect(run.stages.map(({ name }) => name)).toContain('refit');
	expect(run.notes.map(({ code }) => code)).toContain('learn.kept_best');
	expect(Buffer.compare(bytes, before.package)).toBe(0);
});

test('amid a cross-validation: what whole folds found, and nothing of half a fold', async () => {
	const spec = specOf({ target: 'Species', params: { n_estimators: 60 }, crossValidation: 5 });
	const whole = await trainModel(penguins(), spec, taskContext());
	const at = (fold: number) => wishedWhen(({ stage }) => stage.startsWith(`Cross-validation, fold ${fold} `));
	const { run } = await trainModel(penguins(), spec, at(3));
	expect(run.crossValidation!.folds).toBe(2);
	expect(run.crossValidation!.metrics.logLoss).toEqual(whole.run.crossValidation!.metrics.logLoss.slice(0, 2));
	expect((await trainModel(penguins(), spec, at(1))).run.crossValidation).toBeUndefined();
});

test('amid the fit that follows a search on a sample: no worse than the first of the leaderboard', async () => {
	const spec = specOf({ target: 'y', learner: 'automatic', timeBudgetSeconds: 4, metric: 'logLoss' });
	const { run } = await trainModel(manyRows(27_000), spec, wishedWhen(finishing));
	expect(run.notes.map(({ code }) => code)).toContain('learn.kept_best');
	expect(run.metrics.logLoss).toBeLessThan(run.leaderboard![0].metrics.logLoss + 0.02);
});

test('amid the fit that follows a search on folds: a whole model', async () => {
	const frame = penguins();
	const spec = specOf({ target: 'Species', learner: 'automatic', timeBudgetSeconds: 3 });
	const { run, package: bytes, parts } = await trainModel(frame, spec, wishedWhen(finishing));
	const model = await loadModel(bytes);
	const answers = await model.scoreFrame(frame);
	const { y } = readTarget(frame, 'Species', { task: 'multiclass' });
	const test = Array.from(parts.keys()).filter((i) => parts[i] === PART.test);
	const { logLoss } = metricsFor(
		'multiclass',
		Float64Array.from(test, (i) => y[i]),
		Float64Array.from(test.flatMap((i) => [...answers.subarray(3 * i, 3 * i + 3)])),
		3,
	);
	expect(logLoss).toBeLessThan(2 * run.leaderboard![0].metrics.logLoss + 0.2);
});
