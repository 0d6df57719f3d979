import type { Matrix } from '../../../lib/learn/contract.js';
import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import { fromState } from '../../../lib/learn/trees/ensemble.js';
import { orderedColumns } from '../../../lib/learn/trees/ordered/orderedColumns.js';
import { binOf, orderedValues, targetStatistic } from '../../../lib/learn/trees/ordered/statistics.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';
import expected from './expected/ordered.json';
import { context, rowOf } from './helpers/data.js';

const MISSING = 0;
const UNSEEN = 1;
const LEVELS = 60;
const TASKS = ['binary', 'multiclass', 'regression'] as const;
type Task = (typeof TASKS)[number];

/** Categories of few rows each whose means differ, with gaps, beside a number and a category of three levels. */
function made(rows: number, task: Task, seed: number): { x: Matrix; y: Float64Array } {
	const random = murmurPairs(seed);
	const city = Uint8Array.from({ length: rows }, () => (random() < 0.05 ? MISSING : 2 + Math.floor(random() * LEVELS)));
	const size = Float64Array.from({ length: rows }, () => random());
	const kind = Uint8Array.from({ length: rows }, () => 2 + Math.floor(random() * 3));
	const z = (i: number) => Math.sin(city[i] * 12.9898) + size[i] + (kind[i] === 3 ? 0.5 : 0) + random() - 1;
	const y = Float64Array.from({ length: rows }, (_, i) =>
		task === 'regression' ? z(i) : task === 'binary' ? +(z(i) > 0) : Math.min(2, Math.max(0, Math.floor(z(i) + 1))),
	);
	return {
		x: {
			rows,
			columns: [
				{ name: 'size', kind: 'number', data: size },
				{ name: 'city', kind: 'category', data: city, levels: LEVELS + 2 },
				{ name: 'kind', kind: 'category', data: kind, levels: 5 },
			],
		},
		y,
	};
}
const NAMES = ['size', 'city', 'kind'];
const classesOf = { binary: 2, multiclass: 3, regression: 0 };

async function fitted(task: Task, over: object = {}, seed = 7, rows = 2000) {
	const { x, y } = made(rows, task, 1);
	const params = gradientBoosting.params.parse({ simple_ctr: true, n_estimators: 30, ...over });
	return await gradientBoosting.fit({ task, train: x, labels: { y, classes: classesOf[task] } }, params, context({ seed }));
}

it.each(expected.cases.map((c) => [c.kind, c] as const))('statistics are those of category_encoders, row by row (%s)', (_, c) => {
	const of = { codes: expected.codes, levels: c.others.length, target: Float64Array.from(c.y) };
	const all = targetStatistic(of);
	const inOrder = Uint32Array.from(c.y.keys());
	orderedValues(of, all.prior, inOrder).forEach((value, i) => expect(value).toBeCloseTo(c.rows[i], 10));
	// The last one is a category without rows.
	c.others.forEach((value, code) => expect(all.values[code]).toBeCloseTo(value, 10));
	expect(all.prior).toBeCloseTo(c.others.at(-1)!, 10);
});

it('a row weighs as many rows', () => {
	const of = { codes: [0, 1, 0, 1], levels: 2, target: Float64Array.of(1, 0, 0, 1), weight: Float64Array.of(3, 1, 2, 0) };
	const { values, prior } = targetStatistic(of);
	expect(prior).toBe(0.5);
	expect([...values]).toEqual([3.5 / 6, 0.5 / 2]);
	expect([...orderedValues(of, prior, Uint32Array.of(2, 0, 1, 3))]).toEqual([0.5 / 3, 0.5, 0.5, 0.5 / 2]);
});

it('where the answer is chance, categories of few rows say nothing of it, neither of these rows nor of others', async () => {
	const rows = 4000;
	const random = murmurPairs(11);
	const part = (): { x: Matrix; y: Float64Array } => ({
		x: {
			rows,
			columns: [
				{ name: 'id', kind: 'category', data: Uint16Array.from({ length: rows }, () => 2 + Math.floor(random() * 1500)), levels: 1502 },
				{ name: 'n', kind: 'number', data: Float64Array.from({ length: rows }, () => random()) },
			],
		},
		y: Float64Array.from({ length: rows }, () => Number(random() < 0.5)),
	});
	const [train, test] = [part(), part()];
	const labels = { y: train.y, classes: 2 };
	const columns = orderedColumns(train.x, labels, { oneHotMaxSize: 10, seed: 3, note: () => {} })!;
	for (const column of columns.train.columns.slice(2))
		expect(Math.abs(rocArea(train.y, Float64Array.from(column.data)) - 0.5)).toBeLessThan(0.05);
	const fit = gradientBoosting.params.parse({ simple_ctr: true, n_estimators: 50 });
	const { state } = await gradientBoosting.fit({ task: 'binary', train: train.x, labels }, fit, context());
	const answers = new Float64Array(rows);
	await (await gradientBoosting.predictor(state, ['id', 'n'])).batch(test.x, answers, 1);
	expect(Math.abs(rocArea(test.y, answers) - 0.5)).toBeLessThan(0.03);
	// What a mean of all rows would have told the training of its own rows.
	const { values } = targetStatistic({ codes: train.x.columns[0].data, levels: 1502, target: train.y });
	expect(
		rocArea(
			train.y,
			Float64Array.from(train.x.columns[0].data, (code) => values[code]),
		),
	).toBeGreaterThan(0.75);
});

describe.each(TASKS)('%s', (task) => {
	it('answers one row as many, explains it, and is a model like any other', async () => {
		const { state } = await fitted(task);
		const test = made(500, task, 2).x;
		const city = test.columns[1].data as Uint8Array;
		city.set([MISSING, UNSEEN, UNSEEN]);
		const predictor = await gradientBoosting.predictor(gradientBoosting.validate(structuredClone(state)), NAMES);
		const { outputs } = predictor;
		const many = new Float64Array(test.rows * outputs);
		await predictor.batch(test, many, 1);
		const explained = predictor.explain!(test);
		const one = new Float64Array(outputs);
		for (let i = 0; i < test.rows; i++) {
			predictor.row(rowOf(test, i), one);
			expect([...one]).toEqual([...many.subarray(i * outputs, (i + 1) * outputs)]);
		}
		for (let i = 0; i < 50; i++) {
			const reasons = predictor.contributions!(rowOf(test, i), 0);
			expect(reasons).toHaveLength(NAMES.length + 1);
			reasons.forEach((value, j) => expect(value).toBeCloseTo(explained[i * outputs * 4 + j], 9));
			if (task === 'regression') expect(reasons.reduce((a, b) => a + b, 0)).toBeCloseTo(many[i], 9);
		}
		const { columns, trees } = fromState(state);
		expect(columns.map(({ name, kind }) => [name, kind])).toEqual([
			['size', 'number'],
			['city', 'category'],
			['kind', 'category'],
		]);
		expect(trees.some((tree) => Array.from(tree.feature).includes(1))).toBe(true);
	});

	it('divides categories by the mean of their answers, and sends one that nobody saw where the mean of all goes', async () => {
		const { x, y } = made(2000, task, 1);
		const { trees } = fromState((await fitted(task)).state);
		const targets = task === 'multiclass' ? [0, 1, 2].map((k) => y.map((v) => Number(v === k))) : [y];
		const statistics = targets.map((target) => targetStatistic({ codes: x.columns[1].data, levels: LEVELS + 2, target }));
		let splits = 0;
		for (const { feature, codes, defaultLeft } of trees) {
			for (const [n, f] of Array.from(feature).entries()) {
				if (f !== 1) continue;
				splits++;
				const left = Array.from(codes[n]!);
				const right = Array.from({ length: LEVELS + 2 }, (_, code) => code).filter((code) => code !== UNSEEN && !left.includes(code));
				// Of one class, or of the number.
				const divides = statistics.some(({ values, prior }) => {
					const highest = Math.max(...left.map((code) => values[code]));
					const lowest = Math.min(...right.map((code) => values[code]));
					return highest < lowest && (defaultLeft[n] ? prior < lowest : prior > highest);
				});
				expect(divides).toBe(true);
			}
		}
		expect(splits).toBeGreaterThan(20);
	});
});

it('is the same for any number of threads, and another for another seed', async () => {
	const { x, y } = made(40_001, 'binary', 3);
	const params = gradientBoosting.params.parse({ simple_ctr: true, n_estimators: 8, colsample_bytree: 0.7 });
	const fit = async (threads: number, seed = 7) =>
		(await gradientBoosting.fit({ task: 'binary', train: x, labels: { y, classes: 2 } }, params, context({ threads, seed }))).state.arrays;
	const alone = await fit(1);
	expect(await fit(2)).toEqual(alone);
	expect((await fit(1, 8)).gain).not.toEqual(alone.gain);
});

it('other rows, as those that early stopping watches, have the statistics of all training rows and of none of their own', () => {
	const { x, y } = made(1500, 'regression', 1);
	const valid = made(500, 'regression', 4).x;
	(valid.columns[1].data as Uint8Array).set([UNSEEN]);
	const labels = { y, classes: 0 };
	const columns = orderedColumns(x, labels, { oneHotMaxSize: 10, seed: 1, note: () => {} })!;
	const all = targetStatistic({ codes: x.columns[1].data, levels: LEVELS + 2, target: y });
	const bins = Array.from(valid.columns[1].data, (code) => binOf(all, code === UNSEEN ? all.prior : all.values[code]));
	const others = columns.others(valid).columns;
	expect(others).toHaveLength(columns.train.columns.length);
	expect(others.length).toBeGreaterThan(3);
	for (const column of others.slice(3)) expect([...column.data]).toEqual(bins);
});

it('columns of few categories stay as they are, and one of too many is told of', async () => {
	const plain = (await fitted('binary', { simple_ctr: false })).state.arrays;
	expect((await fitted('binary', { one_hot_max_size: 100 })).state.arrays).toEqual(plain);
	const rows = 12_000;
	const x: Matrix = {
		rows,
		columns: [{ name: 'id', kind: 'category', data: Uint32Array.from({ length: rows }, (_, i) => 2 + i), levels: rows + 2 }],
	};
	const notes: string[] = [];
	const labels = { y: Float64Array.from({ length: rows }, (_, i) => i % 2), classes: 2 };
	expect(orderedColumns(x, labels, { oneHotMaxSize: 10, seed: 1, note: (_, text) => notes.push(text) })).toBeUndefined();
	expect(notes.join()).toMatch(/"id" has 12,000 different values/);
});

it('columns that may not interact do not by their statistics either, and rising ones rise', async () => {
	const { state } = await fitted('regression', { interaction_constraints: 'size\ncity, kind', monotone_increasing: ['size'] });
	for (const tree of fromState(state).trees) {
		const used = new Set(Array.from(tree.feature).filter((f) => f >= 0));
		expect(used.has(0) && used.size > 1).toBe(false);
	}
	const predictor = await gradientBoosting.predictor(state, NAMES);
	const answer = (size: number): number => {
		const out = new Float64Array(1);
		predictor.row(Float64Array.of(size, 5, 2), out);
		return out[0];
	};
	for (let size = 0; size < 1; size += 0.05) expect(answer(size + 0.05)).toBeGreaterThanOrEqual(answer(size));
});

it('a code that is no category is refused, in rows to learn from and in others', () => {
	const { x, y } = made(300, 'regression', 1);
	const labels = { y, classes: 0 };
	const options = { oneHotMaxSize: 10, seed: 1, note: () => {} };
	const wrong = made(300, 'regression', 2).x;
	wrong.columns[1].data[7] = LEVELS + 2;
	const refused = expect.objectContaining({ code: 'learn.code_out_of_range' });
	expect(() => orderedColumns(wrong, labels, options)).toThrow(refused);
	expect(() => orderedColumns(x, labels, options)!.others(wrong)).toThrow(refused);
});

it('an earlier training cannot be continued with statistics', async () => {
	const { state } = await fitted('binary');
	const { x, y } = made(2000, 'binary', 1);
	await expect(
		gradientBoosting.fit(
			{ task: 'binary', train: x, labels: { y, classes: 2 }, init: state },
			gradientBoosting.params.parse({ simple_ctr: true }),
			context(),
		),
	).rejects.toMatchObject({ code: 'learn.parameter_invalid' });
});
