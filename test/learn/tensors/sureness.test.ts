import { mulberry32 } from '../../../lib/domain/random.js';
import type { Labels, Matrix, State } from '../../../lib/learn/contract.js';
import { tabularNetwork } from '../../../lib/learn/learners/tabularNetwork.js';
import { settledParams } from '../../../lib/learn/training/trial.js';
import { matrixOf, quietContext } from '../fitting.js';

const random = mulberry32(8);
const params = (p: object) => tabularNetwork.params.parse({ hidden_layer_sizes: [32], epochs: 40, batch_size: 32, dropout: 0, ...p });

/** Rows of three classes of which a fifth is named wrong, so that nobody can be sure. */
function part(rows: number): { x: Matrix; labels: Labels } {
	const points = Array.from({ length: rows }, () => Array.from({ length: 6 }, () => random() * 2 - 1));
	const y = Float64Array.from(points, ([a, b]) => (random() < 0.2 ? Math.floor(random() * 3) : a > 0.2 ? 2 : Number(b > 0)));
	return { x: matrixOf(points), labels: { y, classes: 3 } };
}

async function answers(state: State, x: Matrix): Promise<Float64Array> {
	const predictor = await tabularNetwork.predictor(
		state,
		x.columns.map((c) => c.name),
	);
	const out = new Float64Array(x.rows * predictor.outputs);
	await predictor.batch(x, out, 1);
	return out;
}

const topsOf = (p: Float64Array) =>
	Array.from({ length: p.length / 3 }, (_, i) => {
		const row = p.subarray(3 * i, 3 * i + 3);
		return row.indexOf(Math.max(...row));
	});
const lossOf = (p: Float64Array, y: Float64Array) => y.reduce((sum, c, i) => sum - Math.log(p[3 * i + c]), 0) / y.length;

describe('how sure a tabular network is', () => {
	const [train, valid, later] = [part(300), part(200), part(1000)];
	const fit = (p: object, held: typeof valid | undefined = valid) =>
		tabularNetwork.fit({ task: 'multiclass', train: train.x, labels: train.labels, valid: held }, params(p), quietContext({ seed: 1 }));

	test('one that has learned by heart is made as sure as the validation rows bear out, and names the same classes', async () => {
		const sure = await fit({ early_stopping: false, temperature: 1 });
		const found = await fit({ early_stopping: false });
		expect(found.temperature).toBeGreaterThan(1.2);
		const [before, after] = [await answers(sure.state, later.x), await answers(found.state, later.x)];
		expect(topsOf(after)).toEqual(topsOf(before));
		expect(lossOf(after, later.labels.y)).toBeLessThan(0.95 * lossOf(before, later.labels.y));
	});

	test('what was found is taken for the fit on all rows', async () => {
		const { temperature, stopped, bestIteration } = await fit({});
		const settled = settledParams(tabularNetwork, params({}), { temperature, stopped, bestIteration });
		expect(settled).toMatchObject({ temperature, early_stopping: false });
		const again = await tabularNetwork.fit({ task: 'multiclass', train: train.x, labels: train.labels }, settled as never, quietContext());
		expect(again.temperature).toBe(temperature);
	});

	test('few validation rows, or none, change nothing', async () => {
		const few = { x: { ...valid.x, rows: 20 }, labels: { y: valid.labels.y.slice(0, 20), classes: 3 } };
		expect((await fit({ early_stopping: false, epochs: 3 }, few)).temperature).toBeUndefined();
		const alone = { task: 'multiclass', train: train.x, labels: train.labels } as const;
		expect((await tabularNetwork.fit(alone, params({ epochs: 3 }), quietContext())).temperature).toBeUndefined();
	});
});

describe('quantiles of numbers', () => {
	const points = Array.from({ length: 900 }, () => [random() * 2 - 1]);
	// Noise that grows with the column: its quantiles are no mean moved by a number.
	const y = Float64Array.from(points, ([a]) => 100 + 30 * a + (2 + a) * 10 * random());
	const x = matrixOf(points);

	test.each([0.1, 0.5, 0.9])('a share of %d lies below the answers, left and right', async (alpha) => {
		const p = params({ objective: 'quantile', alpha, epochs: 30 });
		const { state } = await tabularNetwork.fit({ task: 'regression', train: x, labels: { y, classes: 0 } }, p, quietContext());
		const out = await answers(state, x);
		for (const side of [-1, 1]) {
			const mine = points.flatMap(([a], i) => (a * side > 0 ? [i] : []));
			expect(Math.abs(mine.filter((i) => y[i] < out[i]).length / mine.length - alpha)).toBeLessThan(0.08);
		}
	});

	test('a target of classes does not ask for one', async () => {
		const labels = { y: Float64Array.from(points, ([a]) => Number(a > 0)), classes: 2 };
		const one = await tabularNetwork.fit({ task: 'binary', train: x, labels }, params({ epochs: 2 }), quietContext());
		const other = await tabularNetwork.fit(
			{ task: 'binary', train: x, labels },
			params({ epochs: 2, objective: 'quantile' }),
			quietContext(),
		);
		expect(other.state).toEqual(one.state);
	});
});
