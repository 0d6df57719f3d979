import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import type { Column, Labels, Matrix } from '../../../lib/learn/contract.js';
import { metricsFor } from '../../../lib/task/measure.js';
import { rocArea } from '../../../lib/task/metrics/ranks.js';
import { fromState } from '../../../lib/learn/trees/ensemble.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import { sortNumbers } from '../../../lib/learn/trees/sortNumbers.js';
import { context, labelsOf, makeData } from './helpers/data.js';
import { nodesOf } from './helpers/firstForm.js';

type Task = 'binary' | 'regression';
const fit = (task: Task, train: Matrix, labels: Labels, params: object, valid?: { x: Matrix; labels: Labels }) =>
	gradientBoosting.fit({ task, train, labels, valid }, gradientBoosting.params.parse(params), context());

async function predict(state: Parameters<typeof gradientBoosting.predictor>[0], x: Matrix): Promise<Float64Array> {
	const p = await gradientBoosting.predictor(
		state,
		x.columns.map((c) => c.name),
	);
	const out = new Float64Array(x.rows);
	await p.batch(x, out, 1);
	return out;
}

const correlation = (a: Float64Array, b: Float64Array) => {
	const mean = (v: Float64Array) => v.reduce((s, x) => s + x, 0) / v.length;
	const [ma, mb] = [mean(a), mean(b)];
	const sum = (f: (i: number) => number) => a.reduce((s, _, i) => s + f(i), 0);
	return sum((i) => (a[i] - ma) * (b[i] - mb)) / Math.sqrt(sum((i) => (a[i] - ma) ** 2) * sum((i) => (b[i] - mb) ** 2));
};

it.each([
	['auc', 'loss'],
	['accuracy', 'loss'],
] as const)('early stopping on %s keeps the iteration that is best by it', async (metric, other) => {
	const train = makeData(500, 'binary', 1);
	for (let i = 0; i < 500; i += 4) train.y[i] = 1 - train.y[i];
	const valid = makeData(400, 'binary', 2);
	const given = { x: valid.x, labels: labelsOf(valid, 'binary') };
	const run = (params: object) => fit('binary', train.x, labelsOf(train, 'binary'), { learning_rate: 0.3, ...params }, given);
	const stopped = await run({ n_estimators: 300, early_stopping_rounds: 15, early_stopping_metric: metric });
	expect(stopped.stopped).toBe('early');
	const score = async (trees: number) => {
		const p = await predict((await run({ n_estimators: trees })).state, valid.x);
		return metric === 'auc' ? rocArea(valid.y, p) : p.reduce((n, v, i) => n + +(+(v >= 0.5) === valid.y[i]), 0) / p.length;
	};
	const best = stopped.bestIteration as number;
	const kept = await score(best);
	for (let trees = 1; trees <= best + 15; trees += trees < best ? 3 : 1) {
		if (trees < best) expect(await score(trees)).toBeLessThan(kept);
		else expect(await score(trees)).toBeLessThanOrEqual(kept);
	}
	expect(nodesOf(stopped.state).value).not.toEqual(
		nodesOf((await run({ n_estimators: 300, early_stopping_rounds: 15, early_stopping_metric: other })).state).value,
	);
});

it('a metric of other targets is refused, and one that the validation rows do not define', async () => {
	const train = makeData(300, 'binary', 1);
	await expect(fit('binary', train.x, labelsOf(train, 'binary'), { early_stopping_metric: 'rmse' })).rejects.toMatchObject({
		code: 'learn.parameter_invalid',
	});
	const one = { ...labelsOf(train, 'binary'), y: new Float64Array(300).fill(1) };
	await expect(
		fit(
			'binary',
			train.x,
			labelsOf(train, 'binary'),
			{ early_stopping_metric: 'auc', early_stopping_rounds: 5 },
			{ x: train.x, labels: one },
		),
	).rejects.toMatchObject({ code: 'learn.parameter_invalid' });
});

it('learns from a category of 100,000 levels', async () => {
	const random = murmurPairs(3);
	const levels = 100_000;
	const effect = Float64Array.from({ length: levels }, () => random() - 0.5);
	const make = (rows: number): { x: Matrix; y: Float64Array } => {
		const data = Uint32Array.from({ length: rows }, () => 2 + Math.floor(random() ** 6 * (levels - 2)));
		return {
			x: { rows, columns: [{ name: 'id', kind: 'category', levels, data }] },
			y: Float64Array.from(data, (c) => effect[c] + (random() - 0.5) / 4),
		};
	};
	const train = make(100_000);
	const fitted = await fit('regression', train.x, { y: train.y, classes: 0 }, { n_estimators: 10, learning_rate: 0.5 });
	expect(fromState(fitted.state).columns[0]).toMatchObject({ kind: 'category', levels });
	const fresh = make(3000);
	expect(correlation(await predict(fitted.state, fresh.x), fresh.y)).toBeGreaterThan(0.5);
});

it('the rarest categories count as one, missing values and unseen codes stay apart', async () => {
	const rows = 4000;
	// Codes 2 to 5 are common; 6 to 15 have four rows each, of which the even ones look good by chance; 0 is missing, three times.
	const data = Uint32Array.from({ length: rows }, (_, i) => (i < 40 ? 6 + (i % 10) : i < 43 ? 0 : 2 + (i % 4)));
	const y = Float64Array.from(data, (c, i) => (c > 5 ? +(c % 2 === 0) : (i * 7919) % 10 < c * 2 ? 1 : 0));
	const x: Matrix = { rows, columns: [{ name: 'kind', kind: 'category', levels: 20, data }] };
	const settings = { n_estimators: 20, min_child_samples: 1, cat_smooth: 0, cat_l2: 0 };
	const answers = async (params: object) => {
		const { state } = await fit('binary', x, { y, classes: 2 }, { ...settings, ...params });
		const codes = Uint32Array.from({ length: 20 }, (_, c) => c);
		return {
			seen: fromState(state).columns[0],
			p: await predict(state, { rows: 20, columns: [{ ...x.columns[0], data: codes } as Column] }),
		};
	};
	const { seen, p } = await answers({});
	expect(seen).toMatchObject({ seen: Uint32Array.from([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) });
	expect(new Set(p.subarray(6, 16)).size).toBe(1);
	expect(new Set([p[2], p[3], p[4], p[5], p[6]]).size).toBe(5);
	const each = (await answers({ cat_rare_share: 0, min_child_samples: 1 })).p;
	expect(each[6]).toBeGreaterThan(each[7]);
});

it('an infinite value among the validation rows is named with its row, the first of them', async () => {
	const train = makeData(300, 'binary', 1);
	const valid = makeData(200, 'binary', 2);
	const at = valid.x.columns.findIndex((c) => c.kind === 'number');
	const data = Float32Array.from(valid.x.columns[at].data);
	data[120] = Infinity;
	data[170] = -Infinity;
	const broken: Matrix = { ...valid.x, columns: valid.x.columns.map((c, i) => (i === at ? ({ ...c, data } as Column) : c)) };
	await expect(
		fit('binary', train.x, labelsOf(train, 'binary'), {}, { x: broken, labels: labelsOf(valid, 'binary') }),
	).rejects.toMatchObject({ code: 'learn.value_infinite', details: { column: valid.x.columns[at].name, row: 121 } });
});

it('learns from ten rows', async () => {
	const data = Float64Array.from({ length: 10 }, (_, i) => i);
	const x: Matrix = { rows: 10, columns: [{ name: 'x', kind: 'number', data }] };
	const { state } = await fit('regression', x, { y: data.map((v) => +(v > 4)), classes: 0 }, { min_child_samples: 2, learning_rate: 0.5 });
	(await predict(state, x)).forEach((v, i) => expect(v).toBeCloseTo(+(i > 4), 6));
});

it('columns with one value are never asked, and change nothing', async () => {
	const train = makeData(400, 'regression', 2);
	const constant = (name: string, value: number): Column => ({ name, kind: 'number', data: new Float64Array(400).fill(value) });
	const more: Matrix = {
		rows: 400,
		columns: [
			constant('zero', 0),
			...train.x.columns,
			constant('missing', NaN),
			constant('large', 1e300),
			{ name: 'single', kind: 'category', levels: 4, data: new Uint8Array(400).fill(3) },
		],
	};
	const [plain, padded] = await Promise.all(
		[train.x, more].map((x) => fit('regression', x, labelsOf(train, 'regression'), { n_estimators: 20 })),
	);
	expect(nodesOf(padded.state).value).toEqual(nodesOf(plain.state).value);
	expect([...new Set(fromState(padded.state).trees.flatMap((t) => Array.from(t.feature)))].sort()).toEqual([-1, 1, 2, 3, 4]);
	const alone = await fit('regression', { rows: 400, columns: [constant('zero', 0)] }, labelsOf(train, 'regression'), {});
	expect((await predict(alone.state, { rows: 400, columns: [constant('zero', 0)] }))[0]).toBeCloseTo(
		train.y.reduce((a, b) => a + b, 0) / 400,
		9,
	);
});

it('rows of weight zero are as if they were not there, a heavy class is predicted more', async () => {
	const train = makeData(600, 'binary', 4);
	const base = await predict((await fit('binary', train.x, labelsOf(train, 'binary'), { n_estimators: 20 })).state, train.x);
	const heavy = await predict(
		(
			await fit(
				'binary',
				train.x,
				labelsOf(
					train,
					'binary',
					train.y.map((v) => (v ? 5 : 1)),
				),
				{ n_estimators: 20 },
			)
		).state,
		train.x,
	);
	expect(heavy.reduce((a, b) => a + b, 0)).toBeGreaterThan(1.05 * base.reduce((a, b) => a + b, 0));
	const wrong = train.y.slice();
	const weight = new Float64Array(600).fill(1);
	for (let i = 0; i < 600; i += 3) {
		wrong[i] = 1 - wrong[i];
		weight[i] = 0;
	}
	const ignoring = await predict((await fit('binary', train.x, { y: wrong, classes: 2, weight }, { n_estimators: 20 })).state, train.x);
	const believing = await predict((await fit('binary', train.x, { y: wrong, classes: 2 }, { n_estimators: 20 })).state, train.x);
	expect(rocArea(train.y, ignoring)).toBeGreaterThan(rocArea(train.y, believing) + 0.02);
});

it('sorts numbers as the usual sort does, whether by their bits or not', () => {
	const random = murmurPairs(1);
	const wild = Float64Array.from(
		{ length: 5000 },
		(_, i) => Math.fround((random() - 0.5) * 10 ** Math.floor(random() * 60 - 30)) * +(i % 7 > 0),
	);
	for (const values of [wild, wild.map((v) => v / 3), wild.subarray(0, 50), wild.map(() => 2), wild.map((v, i) => (i % 2 ? v : -0))]) {
		const sorted = values.slice().sort();
		sortNumbers(values).forEach((v, i) => {
			if (v !== sorted[i]) throw new Error(`${v} where ${sorted[i]} should be, at ${i}`);
		});
	}
});

it('mean absolute error as the metric to stop by', async () => {
	const train = makeData(400, 'regression', 1);
	const valid = makeData(400, 'regression', 2);
	const fitted = await fit(
		'regression',
		train.x,
		labelsOf(train, 'regression'),
		{ n_estimators: 400, learning_rate: 0.3, early_stopping_rounds: 5, early_stopping_metric: 'mae' },
		{ x: valid.x, labels: labelsOf(valid, 'regression') },
	);
	expect(fitted.stopped).toBe('early');
	expect(metricsFor('regression', valid.y, await predict(fitted.state, valid.x), 0).mae).toBeLessThan(0.5);
});

it('one row is one row in the sentence that refuses it', async () => {
	const { x } = makeData(1, 'binary', 1);
	await expect(fit('binary', x, { y: Float64Array.of(0), classes: 2 }, {})).rejects.toThrow('has 2 classes, but there is only 1 row.');
});
