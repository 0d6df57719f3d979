import type { ColumnSchema } from '../../../lib/domain/column.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { learnersFor } from '../../../lib/learn/learners/index.js';
import { createBudget } from '../../../lib/learn/training/automatic/budget.js';
import { searchBest } from '../../../lib/learn/training/automatic/searchBest.js';
import { secondLook } from '../../../lib/learn/training/automatic/secondLook.js';
import type { Found } from '../../../lib/learn/training/choose.js';
import { createLog } from '../../../lib/learn/training/log.js';
import { planTraining } from '../../../lib/learn/training/plan.js';
import { settledParams } from '../../../lib/learn/training/trial.js';
import { frameOf } from '../../data/frames.js';
import { specOf, taskContext } from '../penguins.js';

/** Ten columns of chance, and what `answer` makes of the first and of more chance. */
function table(rows: number, answer: (x: number, chance: number) => string | number) {
	const random = mulberry32(11);
	const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	const names = Array.from({ length: 10 }, (_, j) => `x${j}`);
	const values = names.map(() => Array.from({ length: rows }, normal));
	const y = values[0].map((x) => answer(x, normal()));
	const schema = [
		...names.map((name): ColumnSchema => ({ name, type: 'number', role: 'feature' })),
		{ name: 'y', type: typeof y[0] === 'number' ? 'number' : 'category', role: 'target' } as ColumnSchema,
	];
	return frameOf(schema, { ...Object.fromEntries(names.map((name, j) => [name, values[j]])), y });
}

/** What is said of the best of what the quickest learners make. @param secondsLeft for it and all that follows */
async function saidOf(frame: ReturnType<typeof table>, secondsLeft = 3600): Promise<Array<{ code: string; text: string }>> {
	const context = taskContext();
	const spec = specOf({ target: 'y', learner: 'automatic' });
	const log = createLog(spec.seed, context);
	const plan = await planTraining(frame, spec, log);
	const search = {
		source: plan.source,
		labelled: plan.labelled,
		train: plan.rows.train,
		valid: plan.rows.validation,
		method: spec.split.method,
		learners: learnersFor(plan.target.task).filter(({ id }) => /decision|Regression|dummy/.test(id)),
		metric: plan.metric,
		budget: createBudget(3600),
		seed: spec.seed,
	};
	const { candidates, bench, leaderboard } = await searchBest(search, context);
	const { learner, params, judgement, fitSeconds } = candidates.find((c) => !c.learner.baseline)!;
	const { scores, outputs, ended } = judgement!;
	const judged = { rows: bench.rows, y: bench.y, scores, outputs };
	const found: Found = { learner, params, leaderboard, rankedBy: plan.metric, judged, fitSeconds };
	const settled = { learner, params: settledParams(learner, params, ended) };
	await secondLook({ plan, found, settled, judged, threshold: 0.5 }, log, createBudget(secondsLeft), () => false);
	return log.kept().notes.filter(({ code }) => /guessing|looked/.test(code));
}

describe('the best of many models on columns that say nothing', () => {
	test.each([
		['classes', table(160, (_, chance) => (chance > 0 ? 'yes' : 'no'))],
		['numbers', table(160, (_, chance) => 50 + 10 * chance)],
	])('is said to be no better than guessing: %s', async (_, frame) => {
		const [{ code, text }, ...more] = await saidOf(frame);
		expect({ code, more }).toEqual({ code: 'learn.no_better_than_guessing', more: [] });
		expect(text).toMatch(
			/"y" than guessing does: chosen among \d+ models it has (AUC|RMSE) [\d.]+ .* learned anew .* [\d.]+, and guessing [\d.]+\./,
		);
	});

	test('is said to flatter where no time is left to look again', async () => {
		const [{ code, text }] = await saidOf(
			table(160, (_, chance) => (chance > 0 ? 'yes' : 'no')),
			0,
		);
		expect(code).toBe('learn.not_looked_again');
		expect(text).toContain('No time was left to learn it anew');
	});
});

test.each([
	['classes, plainly', table(160, (x, chance) => (x + 0.3 * chance > 0 ? 'yes' : 'no'))],
	['classes, in part', table(300, (x, chance) => (x + chance > 0 ? 'yes' : 'no'))],
	// R2 .06: every row's error is nearly what it was, but of 1,200 rows it is beyond doubt.
	['numbers, a little', table(1200, (x, chance) => 50 + 2.5 * x + 10 * chance)],
])('nothing is said of a model that knows something of %s', async (_, frame) => {
	expect(await saidOf(frame)).toEqual([]);
});
