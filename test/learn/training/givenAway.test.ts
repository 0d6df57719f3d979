import type { ColumnSchema } from '../../../lib/domain/column.js';
import { splitParams } from '../../../lib/domain/split.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { frameOf } from '../../data/frames.js';
import { specOf, taskContext } from '../penguins.js';

const N = 300;
const numbers = (of: (i: number) => unknown): unknown[] => Array.from({ length: N }, (_, i) => of(i));
const isOld = (i: number): boolean => Math.sin(i * 12.9898) > 0.2;

/** What Train says of leaks, for a target that it alone was told of. */
async function said(target: ColumnSchema['type'], answer: (i: number) => unknown, leak: ColumnSchema['type'], of: (i: number) => unknown) {
	const frame = frameOf(
		[
			{ name: 'x', type: 'number', role: 'feature' },
			{ name: 'later', type: leak, role: 'feature' },
			{ name: 'result', type: target, role: 'feature' },
		],
		{ x: numbers((i) => (i * 37) % 101), later: numbers(of), result: numbers(answer) },
	);
	const spec = specOf({ target: 'result', learner: 'decisionTree', split: splitParams.parse({ testShare: 0, validationShare: 0 }) });
	const { run } = await trainModel(frame, spec, taskContext());
	return run.notes.filter(({ code }) => code === 'learn.leak').map(({ text }) => text);
}
const answer = (i: number): string => (isOld(i) ? 'yes' : 'no');

describe('a column that gives the answer away, where only Train knows what the target is', () => {
	it('has a value for one class alone: is said with its counts', async () => {
		expect(
			await said(
				'category',
				(i) => (i % 3 ? 'no' : 'yes'),
				'number',
				(i) => (i % 3 ? null : i),
			),
		).toEqual([
			expect.stringContaining(
				'"later" has a value in 100 rows, and in all of them "result" is "yes"; of the 200 rows with another outcome it has one in 0.',
			),
		]);
	});
	it('says the same in other words', async () => {
		expect(await said('category', answer, 'integer', (i) => (isOld(i) ? 7 : 3))).toEqual([
			'"later" says the same as "result" in all 300 rows that have both: it is the answer in other words. Give it the role "ignore".',
		]);
	});
	it('tells the classes apart nearly perfectly', async () => {
		const [text, ...more] = await said('category', answer, 'number', (i) => (isOld(i) ? 50 : 0) + (i % 17));
		expect(text).toContain('"later" tells "result" apart almost perfectly by itself (100.0 % of what is possible)');
		expect(more).toEqual([]);
	});
	it('explains a number nearly alone', async () => {
		const [text, ...more] = await said(
			'number',
			(i) => (i * 7) % 331,
			'number',
			(i) => 0.19 * ((i * 7) % 331),
		);
		expect(text).toMatch(/^"later" explains \d\d\.\d % of the variation of "result" by itself\. .* give it the role "ignore"\.$/);
		expect(more).toEqual([]);
	});
	it('and nothing is said of columns that do not', async () => {
		expect(await said('category', answer, 'number', (i) => (isOld(i) ? 10 : 0) + (i % 17))).toEqual([]);
		expect(
			await said(
				'number',
				(i) => (i * 7) % 331,
				'category',
				(i) => `code ${i % 5}`,
			),
		).toEqual([]);
	});
});
