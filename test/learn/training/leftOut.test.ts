import type { Frame, Vector } from '../../../lib/data/frame.js';
import type { ColumnSchema } from '../../../lib/domain/column.js';
import { splitParams } from '../../../lib/domain/split.js';
import type { MlopsError } from '../../../lib/domain/errors.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import type { TrainSpec } from '../../../lib/learn/training/types.js';

const DAY = 86_400_000;
const N = 300;
const text = (values: Array<string | null>): Vector => {
	const dictionary = [...new Set(values.filter((v) => v !== null))];
	return { codes: Uint32Array.from(values, (v) => (v === null ? 0 : dictionary.indexOf(v) + 1)), dictionary };
};
/** 300 rows: when (days, NaN without one), a number, and an answer. */
function frame(when: (i: number) => number, answer: (i: number) => string | null, role: ColumnSchema['role'] = 'time'): Frame {
	const rows = Array.from({ length: N }, (_, i) => i);
	return {
		rows: N,
		rowId: Float64Array.from(rows),
		schema: [
			{ name: 'left on', type: 'datetime', role },
			{ name: 'x', type: 'number', role: 'feature' },
			{ name: 'churn', type: 'category', role: 'target' },
		],
		vectors: [
			{ data: Float64Array.from(rows, (i) => when(i) * DAY) },
			{ data: Float64Array.from(rows, (i) => (i * 37) % 101) },
			text(rows.map(answer)),
		],
	};
}
const context = () => ({
	threads: 1,
	memoryBytes: 1e9,
	cancelled: new Int32Array(1),
	progress: () => {},
	note: () => {},
	signal: new AbortController().signal,
});
const train = async (data: Frame, more: Partial<TrainSpec> = {}, split: object = {}) =>
	(
		await trainModel(
			data,
			{ target: 'churn', recipe: { steps: [] }, learner: 'dummy', params: {}, seed: 0, split: splitParams.parse(split), ...more },
			context() as never,
		)
	).run;
const failure = async (work: Promise<unknown>): Promise<MlopsError> =>
	await work.then(
		() => {
			throw new Error('it did not fail');
		},
		(e: unknown) => e as MlopsError,
	);

it('rows that are left out are counted with their reason, in the record and in the notes', async () => {
	const run = await train(
		frame(
			(i) => (i % 10 === 0 ? NaN : i),
			(i) => (i % 15 === 1 ? null : i % 2 ? 'yes' : 'no'),
		),
		{ leftOut: [{ rows: 12, reason: 'dropped by the step "Drop duplicates"' }] },
		{ testFrom: '1970-08-01', testUntil: '1970-10-01' },
	);
	expect(run.split.leftOut).toEqual([
		{ rows: 12, reason: 'dropped by the step "Drop duplicates"' },
		{ rows: 30, reason: 'no value in "left on", by which rows are divided in time' },
		{ rows: 20, reason: 'no value in the target "churn"' },
		{ rows: expect.any(Number), reason: 'at or after 1970-10-01, the end of the test period' },
	]);
	const { rows, leftOut } = run.split;
	expect(leftOut!.reduce((sum, out) => sum + out.rows, 0)).toBe(12 + rows.none);
	expect(rows.train + rows.validation + rows.test + rows.none).toBe(N);
	expect(run.notes.filter((n) => /left_out|target_gaps/.test(n.code)).map((n) => n.text)).toEqual(
		run.split.leftOut!.map(({ rows: n, reason }) => `${n} rows were left out: ${reason}.`),
	);
});

it('nothing is said where nothing is left out', async () => {
	const run = await train(
		frame(
			(i) => i,
			(i) => (i % 2 ? 'yes' : 'no'),
		),
	);
	expect(run.split.leftOut).toBeUndefined();
	expect(run.notes.map((n) => n.code)).not.toContain('learn.rows_left_out');
});

it('test rows of a class that nothing was learned of are counted', async () => {
	const { notes } = await train(
		frame(
			(i) => i,
			(i) => (i > 280 ? 'new' : i % 2 ? 'yes' : 'no'),
		),
	);
	expect(notes.find((n) => n.code === 'learn.unlearned_classes')?.text).toMatch(
		/^19 test rows have classes of "churn" that no row to learn from has/,
	);
});

describe('one value that is left is explained by what was left out', () => {
	it('for want of a time', async () => {
		const { code, message, details } = await failure(
			train(
				frame(
					(i) => (i % 5 < 2 ? i : NaN),
					(i) => (i % 5 < 2 ? 'yes' : 'no'),
				),
			),
		);
		expect(code).toBe('learn.target_one_class');
		expect(message).toBe(
			'The target "churn" has several values, but the rows that are left to learn from all have the same value, "yes". Of those ' +
				'with another value, 180 rows are left out (no value in "left on", by which rows are divided in time).',
		);
		expect(details.remedy).toMatch(/"left on".*Column Settings/);
	});

	it('since the others lie in the test part', async () => {
		const { code, message } = await failure(
			train(
				frame(
					(i) => i,
					(i) => (i < 250 ? 'no' : 'yes'),
				),
			),
		);
		expect(code).toBe('learn.target_one_class');
		expect(message).toMatch(/50 rows are kept for the test \(from 1970-0\d-\d\d on\)\./);
	});

	it('after steps that dropped rows', async () => {
		const { code, message } = await failure(
			train(
				frame(
					(i) => i,
					() => 'yes',
				),
				{ leftOut: [{ rows: 1849, reason: 'dropped by the step "Drop rows with gaps"' }] },
			),
		);
		expect(code).toBe('learn.target_one_class');
		expect(message).toContain('only one value');
		expect(message).toContain('1,849 rows were left out (dropped by the step "Drop rows with gaps")');
	});

	it('and where all rows have one value, that is all there is to say', async () => {
		const { message } = await failure(
			train(
				frame(
					(i) => (i % 5 < 2 ? i : NaN),
					() => 'yes',
				),
			),
		);
		expect(message).toBe('The target "churn" has only one value, so there is nothing to learn.');
	});
});
