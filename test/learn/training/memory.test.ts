import type { ColumnSchema } from '../../../lib/domain/column';
import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting';
import { logisticRegression } from '../../../lib/learn/learners/logisticRegression';
import { memoryNeeded, memoryText } from '../../../lib/learn/training/memory';

const GB = 2 ** 30;
const columns = Array.from(
	{ length: 20 },
	(_, i): ColumnSchema => ({
		name: `c${i}`,
		type: i < 14 ? 'number' : 'category',
		role: i === 0 ? 'target' : 'feature',
	}),
);
const frame = { rows: 10_000_000, schema: columns, vectors: [], rowId: new Float64Array(0) };

test('ten million rows of 20 columns train trees in less than 4 GB, and a linear model needs more than the trees', () => {
	const boosting = { learner: gradientBoosting, params: gradientBoosting.params.parse({}) } as never;
	const linear = { learner: logisticRegression, params: logisticRegression.params.parse({}) } as never;
	const trees = memoryNeeded(frame, 8_000_000, boosting, 2);
	expect(trees).toBeGreaterThan(1.5 * GB);
	expect(trees).toBeLessThan(4 * GB);
	expect(memoryNeeded(frame, 8_000_000, linear, 2)).toBeGreaterThan(trees);
});

test('the text says it where it is worth saying', () => {
	expect(memoryText(2.4 * GB)).toBe(' (about 2.4 GB of memory)');
	expect(memoryText(1e6)).toBe('');
});
