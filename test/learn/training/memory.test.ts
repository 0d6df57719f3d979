import type { ColumnSchema } from '../../../lib/domain/column';
import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting';
import { logisticRegression } from '../../../lib/learn/learners/logisticRegression';
import { memoryToTrain } from '../../../lib/app/memoryToTrain';
import { memoryByLearner, memoryNeeded, memoryText } from '../../../lib/learn/training/memory';

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

test('before a training the same figures are said by learner', () => {
	const table = { rows: 10_000_000, schema: columns };
	const boosting = { learner: gradientBoosting, params: gradientBoosting.params.parse({}) } as never;
	const { bytes } = memoryByLearner(table).find((l) => l.id === 'gradientBoosting')!;
	expect(bytes).toBe(memoryNeeded(table, table.rows, boosting, 2));
	expect(memoryToTrain(table, 'gradientBoosting')).toBe(`about ${(bytes / GB).toFixed(1)} GB of memory`);
	expect(memoryToTrain(table, 'automatic')).toMatch(/^about \d+\.\d GB of memory at most/);
	expect(memoryToTrain({ ...table, rows: 1_000 }, 'automatic')).toBe('');
});
