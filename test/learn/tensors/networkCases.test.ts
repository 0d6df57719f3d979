import type { ColumnSchema, TaskType } from '../../../lib/domain/column.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import type { Labels, Matrix, State } from '../../../lib/learn/contract.js';
import { tabularNetwork } from '../../../lib/learn/learners/tabularNetwork.js';
import { loadModel } from '../../../lib/learn/score.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';
import { frameOf } from '../../data/frames.js';
import { matrixOf, quietContext } from '../fitting.js';
import { specOf, taskContext } from '../penguins.js';

/** What other tabular networks stumbled over; the public reports stand in test/cases/network/cases.json. */
const random = mulberry32(15);
const numbers = (rows: number, columns = 2) => Array.from({ length: rows }, () => Array.from({ length: columns }, () => random() * 2 - 1));
const params = (p: object = {}) => tabularNetwork.params.parse({ hidden_layer_sizes: [12], epochs: 12, batch_size: 16, ...p });
const signs = (rows: number[][]): Labels => ({ y: Float64Array.from(rows, ([a]) => Number(a > 0)), classes: 2 });

async function fit(task: TaskType, train: Matrix, labels: Labels, p: object = {}, valid?: { x: Matrix; labels: Labels }) {
	const context = quietContext({ seed: 3 });
	const fitted = await tabularNetwork.fit({ task, train, labels, valid }, params(p), context);
	return { ...fitted, context };
}

/** The answers of a batch, after each row alone was seen to be answered the same, to the bit. */
async function answers(state: State, x: Matrix): Promise<Float64Array> {
	const predictor = await tabularNetwork.predictor(
		tabularNetwork.validate(state),
		x.columns.map((c) => c.name),
	);
	const out = new Float64Array(x.rows * predictor.outputs);
	await predictor.batch(x, out, 1);
	const one = new Float64Array(predictor.outputs);
	for (let i = 0; i < x.rows; i++) {
		predictor.row(
			Float64Array.from(x.columns, (c) => c.data[i]),
			one,
		);
		expect([...one]).toEqual([...out.subarray(i * one.length, (i + 1) * one.length)]);
	}
	return out;
}

const finite = (values: ArrayLike<number>) => Array.from(values).every((v) => Number.isFinite(v));

test.each([
	['a last batch of one row', 65, 64],
	['fewer rows than a batch', 6, 64],
	['batches of one row', 20, 1],
	['a single row', 1, 64],
])('%s is learned from like any other', async (_, count, batch_size) => {
	const rows = numbers(count);
	const x = matrixOf(rows);
	const { state, context, stopped } = await fit('binary', x, signs(rows), { batch_size, epochs: 40 });
	expect(stopped).toBe('done');
	expect(finite(context.curve.map((c) => c.train!))).toBe(true);
	expect(context.curve.at(-1)!.train!).toBeLessThan(0.8 * context.curve[0].train!);
	expect(finite(await answers(state, x))).toBe(true);
});

test('a target of one value is answered with it', async () => {
	const rows = numbers(40);
	for (const value of [0, 42.5, -1e30]) {
		const { state } = await fit('regression', matrixOf(rows), { y: new Float64Array(40).fill(value), classes: 0 });
		expect(new Set(await answers(state, matrixOf(numbers(10))))).toEqual(new Set([value]));
	}
});

test.each([1e30, 1e200, 1e-200])('columns and targets of about %d are learned', async (size) => {
	const rows = numbers(200);
	const huge = rows.map((r) => r.map((v) => v * size));
	const y = Float64Array.from(rows, ([a]) => a * size);
	const { state, context } = await fit('regression', matrixOf(huge), { y, classes: 0 }, { epochs: 30 });
	expect(finite(context.curve.map((c) => c.train!))).toBe(true);
	const out = await answers(state, matrixOf(huge));
	const error = out.reduce((sum, v, i) => sum + (v / size - y[i] / size) ** 2, 0) / 200;
	expect(error).toBeLessThan(0.05);
});

test('single values far from all others neither break the training nor hide the rest of their column', async () => {
	const rows = numbers(300);
	const labels = signs(rows);
	rows[7][0] = 1e300;
	rows[8][0] = -1e300;
	const { state, context } = await fit('binary', matrixOf(rows), labels, { epochs: 24 });
	expect(finite(context.curve.map((c) => c.train!))).toBe(true);
	expect(rocArea(labels.y, await answers(state, matrixOf(rows)))).toBeGreaterThan(0.97);
});

test('a learning that runs away ends with the best epoch before, and says so', async () => {
	const rows = numbers(64);
	const valid = { x: matrixOf(rows), labels: signs(rows) };
	// Where the rate is highest, each step multiplies the weights by -9: soon they leave what 32 bits can hold.
	const wild = { learning_rate: 1, weight_decay: 10, epochs: 200, batch_size: 8 };
	const { state, stopped, context, bestIteration } = await fit('binary', valid.x, valid.labels, wild, valid);
	expect(stopped).toBe('early');
	// Weights that run away have no mean that is worth anything.
	expect(context.notes).toEqual(['learn.diverged', 'learn.last_weights']);
	expect(bestIteration).toBeLessThanOrEqual(context.curve.length);
	expect(finite(await answers(state, valid.x))).toBe(true);
});

test('a learning that runs away at once is a failure that says what to change', async () => {
	const rows = numbers(640);
	const wild = { learning_rate: 1, weight_decay: 10, epochs: 3, batch_size: 4 };
	await expect(fit('binary', matrixOf(rows), signs(rows), wild)).rejects.toMatchObject({
		code: 'learn.diverged',
		details: { remedy: expect.stringContaining('learning rate') },
	});
});

test('the best epoch is kept where the training ran to its end', async () => {
	const rows = numbers(60, 4);
	const y = Float64Array.from(rows, () => Number(random() < 0.5)); // nothing to learn: later epochs are worse
	const valid = { x: matrixOf(numbers(60, 4)), labels: { y: y.slice().reverse(), classes: 2 } };
	for (const epochs of [4, 5, 6]) {
		const { state, context, bestIteration } = await fit('binary', matrixOf(rows), { y, classes: 2 }, { epochs, temperature: 1 }, valid);
		const losses = context.curve.map((c) => c.validation!);
		expect(bestIteration).toBe(losses.lastIndexOf(Math.min(...losses)) + 1);
		const p = await answers(state, valid.x);
		const loss = p.reduce((sum, v, i) => sum - Math.log(valid.labels.y[i] ? v : 1 - v), 0) / 60;
		expect(loss).toBeCloseTo(Math.min(...losses), 4);
	}
});

test('without validation rows all epochs are gone through, and nothing fails', async () => {
	const rows = numbers(50);
	const { stopped, context } = await fit('binary', matrixOf(rows), signs(rows), { early_stopping: true });
	expect(stopped).toBe('done');
	expect(context.curve).toHaveLength(12);
	expect(context.curve.every((c) => c.validation === undefined)).toBe(true);
});

test('classes of one row, and of none, keep their places among the answers', async () => {
	const rows = numbers(80);
	const y = Float64Array.from(rows, ([a], i) => (i === 5 ? 2 : Number(a > 0)));
	const { state } = await fit('multiclass', matrixOf(rows), { y, classes: 4 });
	const out = await answers(state, matrixOf(rows));
	expect(out).toHaveLength(80 * 4);
	expect(finite(out)).toBe(true);
	for (let i = 0; i < 80; i++) {
		expect(out.subarray(i * 4, i * 4 + 4).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
		expect(out[i * 4 + 3]).toBeLessThan(out[i * 4 + y[i]] + 0.5);
	}
});

test('a batch whose rows all have weight 0 moves no weight by its rows', async () => {
	const rows = numbers(96);
	const labels = signs(rows);
	const lies = labels.y.map((v, i) => (i < 80 ? 1 - v : v));
	const weight = Float64Array.from(rows, (_, i) => Number(i >= 80));
	const { state, context } = await fit('binary', matrixOf(rows), { y: lies, classes: 2, weight }, { batch_size: 4, epochs: 32 });
	expect(finite(context.curve.map((c) => c.train!))).toBe(true);
	expect(rocArea(labels.y, await answers(state, matrixOf(rows)))).toBeGreaterThan(0.8);
});

test('one row in three hundred of a class: answers are as rare as the class', async () => {
	const rows = numbers(900);
	const y = Float64Array.from(rows, (_, i) => Number(i % 300 === 0));
	const { state } = await fit('binary', matrixOf(rows), { y, classes: 2 }, { epochs: 16, batch_size: 64 });
	const out = await answers(state, matrixOf(rows));
	expect(out.reduce((a, b) => a + b, 0) / 900).toBeLessThan(0.02);
});

test('five thousand categories take the room of the frequent ones, and each of them is answered', async () => {
	const codes = Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 2 + (i % 20) : 100 + i));
	const x = matrixOf(
		codes.map(() => [random()]),
		[{ codes, levels: 5000 }],
	);
	const y = Float64Array.from(codes, (c) => Number(c % 2 === 0 && c < 100));
	const { state } = await fit('binary', x, { y, classes: 2 }, { epochs: 20, batch_size: 64 });
	expect(Object.values(state.arrays).reduce((sum, a) => sum + a!.length, 0)).toBeLessThan(10_000);
	const out = await answers(state, x);
	expect(rocArea(y.subarray(0, 1000), out.subarray(0, 1000))).toBeGreaterThan(0.95);
	const unseen = matrixOf([[0.5]], [{ codes: [4999], levels: 5000 }]);
	expect(finite(await answers(state, unseen))).toBe(true);
});

test('two trainings at once in one process are what each is alone', async () => {
	const rows = numbers(64);
	const alone = await fit('binary', matrixOf(rows), signs(rows));
	const both = await Promise.all([fit('binary', matrixOf(rows), signs(rows)), fit('binary', matrixOf(rows), signs(rows), { dropout: 0 })]);
	expect(both[0].state).toEqual(alone.state);
	expect(both[1].state.arrays.w0).not.toEqual(alone.state.arrays.w0);
});

test('a training is not another one for what the process trained before', async () => {
	const rows = numbers(64);
	const first = await fit('binary', matrixOf(rows), signs(rows));
	await fit('regression', matrixOf(numbers(30, 5)), { y: new Float64Array(30).fill(1), classes: 0 });
	expect((await fit('binary', matrixOf(rows), signs(rows))).state).toEqual(first.state);
});

describe('from a table to the package', () => {
	const schema: ColumnSchema[] = [
		{ name: 'x', type: 'number', role: 'feature' },
		{ name: 'one', type: 'number', role: 'feature' },
		{ name: 'word', type: 'category', role: 'feature' },
		{ name: 'empty', type: 'number', role: 'feature' },
		{ name: 'y', type: 'category', role: 'target' },
	];
	const rows = numbers(150, 1);
	// One value, and a gap in it: its spread is 0.
	const frame = frameOf(schema, {
		x: rows.map(([a]) => a),
		one: rows.map((_, i) => (i === 9 ? null : 0.5)),
		word: rows.map((_, i) => ['red', 'green', 'blue'][i % 3]),
		empty: rows.map(() => null),
		y: rows.map(([a]) => (a > 0 ? 'yes' : 'no')),
	});
	let trained: Awaited<ReturnType<typeof trainModel>>;
	beforeAll(async () => {
		const params = { epochs: 24, hidden_layer_sizes: [12], batch_size: 16 };
		trained = await trainModel(frame, specOf({ target: 'y', learner: 'tabularNetwork', params }), taskContext());
	});

	test('columns of one value with gaps, and of nothing but gaps, do not keep it from learning', async () => {
		const { run } = trained;
		expect(run.metrics.auc).toBeGreaterThan(0.9);
		expect(finite(Object.values(run.metrics) as number[])).toBe(true);
		expect(finite(run.curve.map((c) => c.train!))).toBe(true);
	});

	test('its run says what it was trained on, why and how fast, once', () => {
		const said = trained.run.notes.filter(({ code }) => code === 'learn.backend');
		expect(said).toEqual([
			{
				code: 'learn.backend',
				text: expect.stringMatching(/^Networks were trained on wasm, about [\d,]+ rows a second: (so little work|no other) .*\.$/),
			},
		]);
	});

	test('nobody has a choice what answers few rows', async () => {
		expect(await (await loadModel(trained.package)).prepare!(frame.rows, 1)).toBeUndefined();
	});

	test('a word that training never saw, and gaps where there were none, are answered like any row', async () => {
		const model = await loadModel(trained.package);
		const score = model.rowFunction!();
		const known = { x: 0.7, one: 0.5, word: 'red', empty: null };
		const asked = [known, { ...known, word: 'violet' }, { ...known, word: null }, { ...known, x: null }, { ...known, empty: 3 }, {}];
		const out = asked.map((row) => score(row).score[0]);
		expect(finite(out)).toBe(true);
		expect(Math.abs(out[1] - out[0])).toBeLessThan(0.5);
	});

	test('the package answers as the model that was saved, and each time it is opened', async () => {
		const { package: bytes } = trained;
		const [one, two] = [await loadModel(bytes), await loadModel(bytes)];
		const scores = await one.scoreFrame(frame);
		expect(await two.scoreFrame(frame)).toEqual(scores);
		const row = two.rowFunction!();
		for (let i = 0; i < frame.rows; i += 7)
			expect([...row({ x: rows[i][0], one: i === 9 ? null : 0.5, word: ['red', 'green', 'blue'][i % 3], empty: null }).score]).toEqual([
				scores[i],
			]);
	});
});
