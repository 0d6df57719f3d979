import fc from 'fast-check';
import { learnerById } from '../../../lib/learn/learners/index.js';
import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import type { Matrix, State } from '../../../lib/learn/contract.js';
import { boost } from '../../../lib/learn/trees/boost.js';
import { lossOf } from '../../../lib/learn/trees/losses/index.js';
import { fromState, toState } from '../../../lib/learn/trees/ensemble.js';
import { treeDefaults } from '../../../lib/learn/trees/treeParams.js';
import { treePredictor } from '../../../lib/learn/trees/treePredictor.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import { context, labelsOf, makeData, rowOf } from './helpers/data.js';
import { nodesOf, toFirstForm } from './helpers/firstForm.js';

const fit = (task: 'binary' | 'multiclass' | 'regression', params: object, rows = 800) => {
	const train = makeData(rows, task, 5);
	return gradientBoosting
		.fit({ task, train: train.x, labels: labelsOf(train, task) }, gradientBoosting.params.parse(params), context())
		.then((fitted) => ({ fitted, train }));
};

it.each(['regression', 'quantile', 'poisson'])(
	'a rising column never lowers the prediction, a falling one never raises it (%s)',
	async (objective) => {
		const random = murmurPairs(3);
		const rows = 1500;
		const column = (name: string) => ({ name, kind: 'number' as const, data: Float64Array.from({ length: rows }, () => random() * 10) });
		const x: Matrix = { rows, columns: [column('up'), column('down'), column('free')] };
		const [a, b, c] = x.columns.map((k) => k.data);
		const y = Float64Array.from({ length: rows }, (_, i) =>
			Math.abs(a[i] + 3 * Math.sin(a[i]) - b[i] - 3 * Math.cos(b[i]) + c[i] * Math.sin(a[i]) + random() * 2),
		);
		const fitted = await gradientBoosting.fit(
			{ task: 'regression', train: x, labels: { y, classes: 0 } },
			gradientBoosting.params.parse({ objective, monotone_increasing: ['up'], monotone_decreasing: ['down'], n_estimators: 60 }),
			context(),
		);
		const p = await gradientBoosting.predictor(fitted.state, ['up', 'down', 'free']);
		const at = (...row: number[]) => {
			const out = new Float64Array(1);
			p.row(Float64Array.from(row), out);
			return out[0];
		};
		fc.assert(
			fc.property(
				fc.double({ min: -2, max: 12, noNaN: true }),
				fc.double({ min: 0, max: 5, noNaN: true }),
				fc.double({ min: -2, max: 12, noNaN: true }),
				fc.double({ min: -2, max: 12, noNaN: true }),
				(u, step, v, w) => {
					expect(at(u + step, v, w)).toBeGreaterThanOrEqual(at(u, v, w));
					expect(at(v, u + step, w)).toBeLessThanOrEqual(at(v, u, w));
				},
			),
			{ numRuns: 500, seed: 4 },
		);
		expect(at(9, 1, 5)).toBeGreaterThan(at(1, 9, 5));
	},
);

it('columns of different sets never meet on a path', async () => {
	const { fitted } = await fit('regression', { interaction_constraints: 'a, c\nb', n_estimators: 30 });
	const { trees } = fromState(fitted.state);
	for (const tree of trees) {
		const walk = (n: number, path: ReadonlySet<number>): void => {
			if (tree.feature[n] < 0) return;
			const next = new Set(path).add(tree.feature[n]);
			expect([...next].every((f) => f === 0 || f === 2) || [...next].every((f) => f === 1) || next.size === 1).toBe(true);
			walk(tree.left[n], next);
			walk(tree.right[n], next);
		};
		walk(0, new Set());
	}
});

it('a weight of two is a row that is there twice', async () => {
	const random = murmurPairs(8);
	const rows = 300;
	const few = Float64Array.from({ length: rows }, () => Math.floor(random() * 50));
	const gaps = Float64Array.from({ length: rows }, () => (random() < 0.2 ? NaN : Math.floor(random() * 20)));
	const y = Float64Array.from({ length: rows }, (_, i) => Math.sin(few[i] / 5) + (gaps[i] > 10 ? 1 : 0) + random());
	const heavy = Array.from({ length: rows }, () => random() < 0.4);
	const twice = [...heavy.keys()].flatMap((i) => (heavy[i] ? [i, i] : [i]));
	const params = { ...treeDefaults, numIterations: 5, minDataInLeaf: 1, minSumHessianInLeaf: 3 };
	const columns = (at: number[]): Matrix => ({
		rows: at.length,
		columns: [
			{ name: 'few', kind: 'number', data: Float64Array.from(at, (i) => few[i]) },
			{ name: 'gaps', kind: 'number', data: Float64Array.from(at, (i) => gaps[i]) },
		],
	});
	const all = [...heavy.keys()];
	const weighted = await boost({
		train: columns(all),
		labels: { y, classes: 0, weight: Float64Array.from(heavy, (h) => (h ? 2 : 1)) },
		loss: lossOf('regression')!,
		params,
		context: context(),
	});
	const doubled = await boost({
		train: columns(twice),
		labels: { y: Float64Array.from(twice, (i) => y[i]), classes: 0 },
		loss: lossOf('regression')!,
		params,
		context: context(),
	});
	const a = new Float64Array(rows);
	const b = new Float64Array(rows);
	await treePredictor(weighted.model, ['few', 'gaps']).batch(columns(all), a, 1);
	await treePredictor(doubled.model, ['few', 'gaps']).batch(columns(all), b, 1);
	a.forEach((v, i) => expect(v).toBeCloseTo(b[i], 3));
});

it('goes on from an earlier model as if it had never stopped', async () => {
	const train = makeData(800, 'regression', 5);
	const run = (n: number, init?: State) =>
		gradientBoosting.fit(
			{ task: 'regression', train: train.x, labels: labelsOf(train, 'regression'), init },
			gradientBoosting.params.parse({ n_estimators: n }),
			context(),
		);
	const whole = await run(20);
	const parts = await run(10, (await run(10)).state);
	const [ours, theirs] = [nodesOf(parts.state), nodesOf(whole.state)];
	expect(ours.feature).toEqual(theirs.feature);
	ours.value.forEach((v, i) => expect(v).toBeCloseTo(theirs.value[i], 9));
});

it('a quantile leaves its share of rows below', async () => {
	const { fitted, train } = await fit('regression', { objective: 'quantile', alpha: 0.8 }, 2000);
	const p = await gradientBoosting.predictor(
		fitted.state,
		train.x.columns.map((c) => c.name),
	);
	const out = new Float64Array(2000);
	await p.batch(train.x, out, 1);
	const below = out.reduce((n, v, i) => n + +(train.y[i] <= v), 0) / 2000;
	expect(below).toBeGreaterThan(0.76);
	expect(below).toBeLessThan(0.86);
});

it('an unseen category goes the way of most rows, and is no error', async () => {
	const { fitted, train } = await fit('binary', {});
	const p = await gradientBoosting.predictor(
		fitted.state,
		train.x.columns.map((c) => c.name),
	);
	const out = new Float64Array(1);
	for (const code of [0, 1, 8]) {
		const row = rowOf(train.x, 0);
		row[2] = code;
		p.row(row, out);
		expect(out[0]).toBeGreaterThan(0);
		expect(out[0]).toBeLessThan(1);
	}
});

describe('a damaged model is refused', () => {
	it('whatever number in it is changed to the impossible', async () => {
		const { fitted } = await fit('binary', { n_estimators: 5 });
		const first = toFirstForm(fromState(fitted.state));
		const names = ['starts', 'feature', 'left', 'right', 'flags', 'codeStart', 'codes'];
		fc.assert(
			fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: -5, max: 400 }), (name, where, value) => {
				const state = structuredClone(first);
				const array = state.arrays[name];
				array[where % array.length] = value;
				let read;
				try {
					read = fromState(state);
				} catch (error) {
					expect(error).toMatchObject({ code: 'learn.model_invalid' });
					return;
				}
				// What passes is a model that answers.
				const out = new Float64Array(1);
				treePredictor(
					read,
					read.columns.map((c) => c.name),
				).row(Float64Array.of(0.5, 3, 4, 0.1), out);
				expect(out[0]).toBeGreaterThanOrEqual(0);
			}),
			{ numRuns: 400, seed: 6 },
		);
	});

	it.each([
		['the first form', 'gradientBoosting', 'multiclass', toFirstForm],
		['the compact form', 'gradientBoosting', 'multiclass', toState],
		['a compact forest of classes', 'randomForest', 'multiclass', toState],
		['a compact forest of numbers', 'randomForest', 'regression', toState],
		['a compact isolation forest', 'isolationForest', 'regression', toState],
	] as const)(
		'%s: whatever bytes of whatever array are changed, cut off or added: refused, or a model that answers every row',
		async (_, id, task, write) => {
			const train = makeData(400, task);
			const learner = learnerById(id);
			const labels = id === 'isolationForest' ? { y: new Float64Array(0), classes: 0 } : labelsOf(train, task);
			const fitted = await learner.fit({ task, train: train.x, labels }, learner.params.parse({ n_estimators: 4 }), context());
			const written = write(fromState(fitted.state));
			const names = train.x.columns.map((c) => c.name);
			const damage = fc.record({
				array: fc.constantFrom(...Object.keys(written.arrays)),
				how: fc.constantFrom('bytes', 'cut', 'add', 'swap', 'type'),
				where: fc.nat(),
				bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
			});
			let refused = 0;
			fc.assert(
				fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
					const state = structuredClone(written);
					for (const { array, how, where, bytes } of damages) {
						const found = state.arrays[array];
						const raw = new Uint8Array(found.buffer, found.byteOffset, found.byteLength);
						if (how === 'bytes')
							bytes.forEach((b, i) => {
								raw[(where + i) % raw.length] = b;
							});
						if (how === 'cut') state.arrays[array] = found.slice(0, where % found.length);
						if (how === 'add')
							state.arrays[array] =
								found.constructor === Float64Array
									? Float64Array.of(...found, where)
									: (found.constructor as typeof Int32Array).of(...found, where);
						if (how === 'swap' && found.length > 1) {
							const [i, j] = [where % found.length, (where * 7 + 1) % found.length];
							[found[i], found[j]] = [found[j], found[i]];
						}
						if (how === 'type') state.arrays[array] = Float32Array.from(found);
					}
					try {
						learner.validate(state);
					} catch (error) {
						expect(error).toMatchObject({ code: 'learn.model_invalid' });
						refused++;
						return;
					}
					const out = new Float64Array(3 * train.x.rows);
					void treePredictor(fromState(state), names).batch(train.x, out, 1);
					expect(out).toHaveLength(3 * train.x.rows);
				}),
				{ numRuns: 1000, seed: 11 },
			);
			expect(refused).toBeGreaterThan(300);
		},
	);

	it('cut short, with a cycle, or of another format', async () => {
		const { fitted } = await fit('binary', { n_estimators: 3 });
		const state = toFirstForm(fromState(fitted.state));
		const broken = (change: (s: State) => void) => {
			const s = structuredClone(state);
			change(s);
			return () => gradientBoosting.validate(s);
		};
		for (const change of [
			(s: State) => {
				s.arrays.threshold = s.arrays.threshold.slice(1);
			},
			(s: State) => {
				delete s.arrays.value;
			},
			(s: State) => {
				s.arrays.left[0] = 0;
			},
			(s: State) => {
				s.arrays.value[1] = NaN;
			},
			(s: State) => {
				s.format = 'other';
			},
			(s: State) => {
				s.version = 0;
			},
			(s: State) => {
				s.meta.outputs = 0;
			},
			(s: State) => {
				s.meta.columns = [];
			},
		])
			expect(broken(change)).toThrow(expect.objectContaining({ code: 'learn.model_invalid' }));
		const newer = broken((s) => {
			s.version = 3;
		});
		expect(newer).toThrow(expect.objectContaining({ code: 'store.version_newer' }));
	});
});

describe('bad input gets an error that says what is wrong', () => {
	const x = (data: number[]): Matrix => ({
		rows: data.length,
		columns: [{ name: 'width', kind: 'number', data: Float64Array.from(data) }],
	});
	const run = (
		train: Matrix,
		y: number[],
		over: { task?: 'binary' | 'regression' | 'multiclass'; classes?: number; weight?: number[]; params?: object } = {},
	) =>
		gradientBoosting.fit(
			{
				task: over.task ?? 'regression',
				train,
				labels: { y: Float64Array.from(y), classes: over.classes ?? 0, weight: over.weight && Float64Array.from(over.weight) },
			},
			gradientBoosting.params.parse(over.params ?? {}),
			context(),
		);

	it.each([
		[
			'an infinite value',
			() => run(x([1, Infinity, 3]), [1, 2, 3]),
			{ code: 'learn.value_infinite', details: { column: 'width', row: 2 } },
		],
		['one class', () => run(x([1, 2]), [1, 1], { task: 'binary', classes: 2 }), { code: 'learn.target_one_class' }],
		['weights that are all zero', () => run(x([1, 2]), [1, 2], { weight: [0, 0] }), { code: 'learn.weights_invalid' }],
		['a missing target', () => run(x([1, 2]), [1, NaN]), { code: 'learn.target_invalid', details: { row: 2 } }],
		[
			'a negative count',
			() => run(x([1, 2]), [1, -1], { params: { objective: 'poisson' } }),
			{ code: 'learn.target_invalid', details: { row: 2 } },
		],
		['more classes than rows', () => run(x([1, 2]), [0, 1], { task: 'multiclass', classes: 3 }), { code: 'learn.target_invalid' }],
		['no rows', () => run(x([]), []), { code: 'learn.too_few_rows' }],
		[
			'a code out of range',
			() => run({ rows: 2, columns: [{ name: 'colour', kind: 'category', levels: 3, data: Uint8Array.of(2, 3) }] }, [1, 2]),
			{ code: 'learn.code_out_of_range', details: { column: 'colour' } },
		],
		[
			'a constraint on a column that is not there',
			() => run(x([1, 2]), [1, 2], { params: { monotone_increasing: ['height'] } }),
			{ code: 'learn.parameter_invalid', details: { column: 'height' } },
		],
	])('%s', async (_name, go, error) => {
		await expect(go()).rejects.toMatchObject(error);
	});

	it('other columns at prediction', async () => {
		const { state } = await run(x([1, 2, 3]), [1, 2, 3]);
		expect(() => gradientBoosting.predictor(state, ['height'])).toThrow(expect.objectContaining({ code: 'learn.columns_mismatch' }));
	});
});

it.each([1, 2, 5])('learns from %i rows without splitting hairs', async (rows) => {
	const fitted = await gradientBoosting.fit(
		{
			task: 'regression',
			train: { rows, columns: [{ name: 'x', kind: 'number', data: new Float64Array(rows).fill(NaN) }] },
			labels: { y: new Float64Array(rows).fill(3), classes: 0 },
		},
		gradientBoosting.params.parse({}),
		context(),
	);
	const p = await gradientBoosting.predictor(fitted.state, ['x']);
	const out = new Float64Array(1);
	p.row(Float64Array.of(NaN), out);
	expect(out[0]).toBe(3);
});
