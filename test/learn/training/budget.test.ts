import { z } from 'zod/v4';
import { newFlag, stopAsked, wishBest } from '../../../lib/domain/cancel.js';
import { splitParams } from '../../../lib/domain/split.js';
import { defineLearner, type Learner } from '../../../lib/learn/contract.js';
import { dummy } from '../../../lib/learn/learners/dummy.js';
import { linearRegression } from '../../../lib/learn/learners/linearRegression.js';
import { createBudget } from '../../../lib/learn/training/automatic/budget.js';
import { searchBest } from '../../../lib/learn/training/automatic/searchBest.js';
import { readTarget } from '../../../lib/task/readTarget.js';
import { frameOf } from '../../data/frames.js';
import { taskContext } from '../penguins.js';

/** A clock that only learners move. */
function fakeClock() {
	let now = 1000;
	return { read: () => now * 1000, pass: (seconds: number) => void (now += seconds) };
}

/** Answers with the baseline's shares, and takes so many seconds a round for that. */
function slow(id: string, rounds: number, seconds: number, pass: (seconds: number) => void): Learner {
	const params = z.object({ n_estimators: z.number().default(rounds), draw: z.number().default(0) });
	return defineLearner<z.infer<typeof params>>({
		...(dummy as unknown as Learner<z.infer<typeof params>>),
		id,
		label: id,
		baseline: false,
		params,
		searchSpace: { draw: Array.from({ length: 50 }, (_, n) => n) },
		async fit(input, p, context) {
			let round = 0;
			for (; round < p.n_estimators && !(stopAsked(context, 'The training') && round > 0); round++) {
				pass(seconds);
				context.progress({ stage: id });
			}
			const fitted = await dummy.fit(input, dummy.params.parse({}), context);
			return { ...fitted, stopped: round < p.n_estimators ? 'cancelled' : 'done', bestIteration: round };
		},
	}) as unknown as Learner;
}

async function spent(
	seconds: number,
	rounds: number,
	perRound: number,
	names = ['first', 'second'],
	quick: Learner[] = [],
	context = taskContext(),
) {
	const rows = 300;
	const { read, pass } = fakeClock();
	const values = Array.from({ length: rows }, (_, i) => (i * 7919) % 101);
	const labelled = frameOf(
		[
			{ name: 'x', type: 'number', role: 'feature' },
			{ name: 'y', type: 'number', role: 'target' },
		],
		{ x: values, y: values.map((v) => v * 2 + 0.5) },
	);
	const target = readTarget(labelled, 'y', { task: 'regression' });
	const index = Uint32Array.from(values, (_, i) => i);
	const cut = Math.floor(0.8 * rows);
	const budget = createBudget(seconds, 0, read);
	const { candidates } = await searchBest(
		{
			source: { frame: labelled, recipe: { steps: [] }, target, classWeight: 'none', seed: 1, note: () => {} },
			labelled,
			train: index.subarray(0, cut),
			valid: index.subarray(cut),
			method: splitParams.parse({}).method,
			learners: [...quick, ...names.map((name) => slow(name, rounds, perRound, pass)), dummy as unknown as Learner],
			metric: 'rmse',
			budget,
			seed: 1,
		},
		context,
	);
	const searched = read() / 1000 - 1000;
	const [best] = candidates.filter((c) => !c.learner.baseline);
	return { searched, all: searched + best.fitSeconds, tried: candidates.length, candidates };
}

test.each([
	['quick learners', 30, 10, 0.005],
	['learners of a second a fit', 30, 10, 0.1],
	['learners that could take a minute a fit', 30, 600, 0.1],
	['a small budget', 5, 100, 0.02],
	['a large one', 600, 1000, 0.05],
])('trials leave time to make what they found: %s', async (_, seconds, rounds, perRound) => {
	const { all, tried } = await spent(seconds, rounds, perRound);
	expect(tried).toBeGreaterThanOrEqual(2);
	expect(all).toBeLessThanOrEqual(1.02 * seconds);
});

test('who was cut short is looked at longer, as far as it is among the best and gets more time than before', async () => {
	const { candidates } = await spent(60, 300, 0.05, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
	const learned = candidates.filter((c) => !c.learner.baseline);
	const longer = learned.filter((c) => c.look > 0);
	expect(longer.length).toBeGreaterThan(0);
	expect(longer.length).toBeLessThan(learned.length);
	// A first look gets its share alone, but for the very first, without which nothing could be made.
	const short = learned.filter((c) => c.look === 0 && c.learner.id !== 'a').map((c) => c.row.seconds);
	for (const { row } of longer) expect(row.seconds).toBeGreaterThan(Math.min(...short));
	expect(short.every((seconds) => seconds < 60 / 8)).toBe(true);
	const quick = await spent(60, 10, 0.005);
	expect(quick.candidates.map((c) => [c.look, c.row.cutShort])).toEqual(quick.candidates.map(() => [0, undefined]));
});

test('who is far behind the best when the time for the first part is over is given up, and says so', async () => {
	const { candidates } = await spent(60, 300, 0.05, ['shares'], [linearRegression as unknown as Learner]);
	const [best] = candidates;
	expect(best.learner.id).toBe('linearRegression');
	const given = candidates.find((c) => c.learner.id === 'shares')!;
	expect(given.row.failed).toBe('Its time was over when it was far behind the best.');
	expect(given.judgement).toBeUndefined();
	// One of ten parts.
	expect(given.row.seconds).toBeLessThan(60 / 10);
	// Where its time suffices it is judged like all others, however far behind it is.
	const { candidates: unhurried } = await spent(600, 10, 0.005, ['shares'], [linearRegression as unknown as Learner]);
	expect(unhurried.find((c) => c.learner.id === 'shares')).toMatchObject({ row: { metrics: { rmse: expect.any(Number) } } });
});

test('a trial that the wish for the best ends amid its rounds does not come before one that was whole', async () => {
	const context = taskContext();
	const { pass } = fakeClock();
	const ended = {
		...(linearRegression as unknown as Learner),
		id: 'ended',
		fit: async (...[input, params, own]: Parameters<Learner['fit']>) => {
			wishBest(context.cancelled);
			own.progress({ stage: 'ended' });
			return {
				...(await linearRegression.fit(input, linearRegression.params.parse(params), { ...own, cancelled: newFlag() })),
				stopped: 'cancelled' as const,
			};
		},
	};
	const ids = ({ candidates }: Awaited<ReturnType<typeof spent>>) => candidates.map((c) => c.learner.id).sort();
	expect(ids(await spent(600, 5, 0.005, [], [slow('whole', 5, 0.005, pass), ended], context))).toEqual(['dummy', 'whole']);
	context.cancelled[0] = 0;
	const alone = await spent(600, 5, 0.005, [], [ended], context);
	expect(ids(alone)).toEqual(['dummy', 'ended']);
	// The best is there already, as its trial made it.
	expect(alone.candidates[0].made?.trial.fitted.stopped).toBe('cancelled');
});

test('where rounds alone take longer than the budget, one learner is tried all the same, with the fewest rounds', async () => {
	const { tried, searched } = await spent(5, 100, 2);
	expect(tried).toBe(2);
	// One round in each of five folds, twice since rows are few.
	expect(searched).toBe(20);
});

test('what reading the data took counts', () => {
	const { read } = fakeClock();
	expect(createBudget(30, 10, read).left()).toBeLessThan(20);
	expect(createBudget(30, 0, read).left()).toBeGreaterThan(29);
});
