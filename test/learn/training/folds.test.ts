import type { ColumnSchema } from '../../../lib/domain/column.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { frameOf } from '../../data/frames.js';
import { specOf, untilTried } from '../penguins.js';

/** Forty rows or more of a number, a group and a moment, with answers by `answer`. */
function table(rows: number, roles: Partial<Record<'group' | 'time', number>>, answer: (i: number) => string) {
	const index = Array.from({ length: rows }, (_, i) => i);
	const schema: ColumnSchema[] = [
		{ name: 'x', type: 'number', role: 'feature' },
		...Object.keys(roles).map((role): ColumnSchema => ({ name: role, type: 'number', role: role as 'group' | 'time' })),
		{ name: 'y', type: 'category', role: 'target' },
	];
	const values = Object.fromEntries(Object.entries(roles).map(([role, different]) => [role, index.map((i) => i % different)]));
	return frameOf(schema, { x: index.map((i) => (i * 7919) % 101), ...values, y: index.map(answer) });
}

test.each([
	['five groups, one of them kept for the test', table(90, { group: 5 }, (i) => (i % 2 ? 'yes' : 'no'))],
	['four different moments', table(80, { time: 4 }, (i) => (i % 3 ? 'yes' : 'no'))],
	['a class of two rows, absent from most folds', table(120, {}, (i) => (i < 2 ? 'rare' : i % 2 ? 'yes' : 'no'))],
	['twelve rows', table(12, {}, (i) => (i % 2 ? 'yes' : 'no'))],
])('Automatic trains on %s', async (_, frame) => {
	const { run } = await trainModel(frame, specOf({ target: 'y', learner: 'automatic', timeBudgetSeconds: 3600 }), untilTried(4));
	expect(run.leaderboard!.filter((r) => !r.failed).length).toBeGreaterThanOrEqual(2);
	expect(Number.isFinite(run.metrics.logLoss)).toBe(true);
});

const automatic = async (frame: ReturnType<typeof table>, metric?: string) =>
	await trainModel(frame, specOf({ target: 'y', learner: 'automatic', timeBudgetSeconds: 3600, metric }), untilTried(4));

test.each([
	['group', 'groups', table(80, { group: 2 }, (i) => (i % 3 ? 'yes' : 'no'))],
	['time', 'moments', table(80, { time: 2 }, (i) => (i % 3 ? 'yes' : 'no'))],
] as const)(
	'one %s beside that of the test leaves Automatic nothing to compare on: it says so, and what to do',
	async (role, kind, frame) => {
		await expect(automatic(frame)).rejects.toMatchObject({
			code: 'learn.too_few_rows',
			message: `Automatic compares models on rows of other ${kind} than they learned from, and beside the test all rows have the same value in "${role}".`,
			details: { column: role, remedy: expect.stringContaining('choose a learner by hand') as string },
		});
	},
);

test('groups of one class each have no AUC: the failure names a metric that they have, and that one ranks', async () => {
	const frame = table(120, { group: 6 }, (i) => (i % 6 < 3 ? 'yes' : 'no'));
	await expect(automatic(frame)).rejects.toMatchObject({
		message: 'No learner could be trained: auc has no value on these rows.',
		details: { remedy: expect.stringContaining('such as Log loss') as string },
	});
	expect((await automatic(frame, 'logLoss')).run.leaderboard!.filter((r) => !r.failed).length).toBeGreaterThanOrEqual(2);
});

test.each([
	['folds', 1500, [22, 502, 1002]],
	['a sample of the training rows', 120_000, [22, 1002, 2002]],
	// One row to learn from: trees have nothing to learn in the fold that it judges, and are no candidates.
	['folds, one of which took the only row', 1500, [22, 1002]],
])(
	'a class with a row or two to learn from fails no learner that can learn, and its luck ranks none: judged on %s',
	async (_, rows, yes) => {
		const frame = table(rows, {}, (i) => (yes.includes(i) ? 'yes' : 'no'));
		const one = yes.length === 2;
		const { run } = await trainModel(frame, specOf({ target: 'y', learner: 'automatic', timeBudgetSeconds: 3600 }), {
			...untilTried(one ? 3 : 6),
			memoryBytes: 2 ** 33,
		});
		const failed = run.leaderboard!.filter((r) => r.failed);
		if (!one) expect(failed).toEqual([]);
		expect(run.notes.find((n) => n.code === 'learn.ranked_by_loss')!.text).toMatch(
			/^Only \d of "yes" (is|are) among the [\d,]+ rows to learn from: .* Models were ranked by log loss instead of AUC\.$/,
		);
		const losses = run.leaderboard!.filter((r) => !r.failed).map((r) => r.metrics.logLoss);
		expect(losses).toEqual([...losses].sort((a, b) => a - b));
		// No worse than to say how rare the class is.
		expect(run.metrics.logLoss).toBeLessThan(0.02);
		expect(run).toMatchObject({ primary: 'auc', rankedBy: 'logLoss' });
	},
);
