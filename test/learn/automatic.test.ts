import type { Progress } from '../../lib/domain/progress.js';
import { PART } from '../../lib/domain/split.js';
import { learnersFor } from '../../lib/learn/learners/index.js';
import { trainModel } from '../../lib/learn/trainModel.js';
import { penguins, specOf, taskContext } from './penguins.js';

describe('automatic', () => {
	test('returns a leaderboard with the baseline in it, the best first, and trains that one', async () => {
		// All but the slowest, which comes when the others had their turn: half a minute that shows nothing more here.
		const known = learnersFor('multiclass').filter((l) => l.id !== 'tabularNetwork').length;
		const context = taskContext();
		// Ends by what was tried, not by the clock, so that a slow machine gets as far.
		const untilAllWereTried = {
			...context,
			progress: ({ leaderboard = [] }: Progress) => {
				if (new Set(leaderboard.map((r) => r.learner)).size === known) context.cancelled[0] = 2;
			},
		};
		const { run, manifest } = await trainModel(
			penguins(),
			specOf({ target: 'Species', learner: 'automatic', timeBudgetSeconds: 3600, oneModelOnly: true }),
			untilAllWereTried,
		);
		const board = run.leaderboard!;
		expect(board.map((r) => r.learner)).toContain('dummy');
		expect(new Set(board.map((r) => r.learner)).size).toBe(known);
		expect(run.learner).toBe(board[0].learner);
		expect(run.params).toEqual(board[0].params);
		expect(manifest.learner.id).toBe(run.learner);
		const ranked = board.filter((r) => !r.failed).map((r) => r.metrics.logLoss);
		expect(ranked).toEqual([...ranked].sort((a, b) => a - b));
		expect(board[0].std).toBeGreaterThanOrEqual(0);
		expect(run.metrics.accuracy).toBeGreaterThan(0.9);
	});

	test('ends at once when asked to keep the best, and when cancelled says so', async () => {
		const context = taskContext();
		const stopping = {
			...context,
			progress: (p: { stage: string }) => {
				if (p.stage.startsWith('Trying')) context.cancelled[0] = 2;
			},
		};
		const { run } = await trainModel(penguins(), specOf({ target: 'Species', learner: 'automatic', timeBudgetSeconds: 3600 }), stopping);
		expect(run.leaderboard!.length).toBeLessThan(5);
		context.cancelled[0] = 1;
		await expect(trainModel(penguins(), specOf({ target: 'Species', learner: 'automatic' }), context)).rejects.toMatchObject({
			code: 'compute.cancelled',
		});
	});

	test('test rows change nothing', async () => {
		const frame = penguins();
		const spec = specOf({ target: 'Species', learner: 'logisticRegression' });
		const { parts, package: before } = await trainModel(frame, spec, taskContext());
		const vectors = frame.vectors.map((v, j) =>
			'data' in v && frame.schema[j].name !== 'Species' ? { data: v.data.map((x, i) => (parts[i] === PART.test ? x * 1000 + 7 : x)) } : v,
		);
		expect((await trainModel({ ...frame, vectors }, spec, taskContext())).package).toEqual(before);
	});
});
