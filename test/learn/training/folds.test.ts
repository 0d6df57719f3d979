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
	const { run } = await trainModel(frame, specOf({ target: 'y', learner: 'automatic', timeBudgetSeconds: 600 }), untilTried(4));
	expect(run.leaderboard!.filter((r) => !r.failed).length).toBeGreaterThanOrEqual(2);
	expect(Number.isFinite(run.metrics.logLoss)).toBe(true);
});
