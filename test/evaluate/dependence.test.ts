import { frameFromRows } from '../../lib/data/frameFromRows.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { partialDependence } from '../../lib/evaluate/dependence.js';
import { importModel } from '../../lib/learn/importModel.js';
import { loadModel } from '../../lib/learn/score.js';
import { evaluationReport } from '../../lib/report/reports/evaluation.js';
import { evaluation, run } from '../report/fixtures.js';
import expected from './dependence.json';

const column = (name: string, type: ColumnSchema['type'], role: ColumnSchema['role'] = 'feature'): ColumnSchema => ({ name, type, role });

describe.each(expected.models)('a LightGBM model of $name, imported', ({ target, file, columns }) => {
	const numbers = ['size', 'days', 'weight'].map((name) => column(name, 'number'));
	const rows = expected.rows.map((row, i) => ({ ...row, y: target[i] }));
	const frame = frameFromRows(rows, [...numbers, column('y', target.every(Number.isInteger) ? 'integer' : 'number', 'target')]);

	it("has scikit-learn's partial dependence and individual curves", async () => {
		const made = importModel(Buffer.from(file), frame, { target: 'y', classes: [], codeVersion: 'test' });
		const model = await loadModel(made.package);
		const { outputs } = model.predictor;
		const found = await partialDependence({
			frame,
			columns: columns.map((c) => c.column),
			classes: made.manifest.classes.map(String),
			outputs,
			scoreFrame: (f) => model.scoreFrame(f),
		});
		expect(found.map((f) => f.column)).toEqual(columns.map((c) => c.column));
		for (const { column: name, values, means, curves, spread, rows: over } of found) {
			const wanted = columns.find((c) => c.column === name)!;
			expect(over).toBe(60);
			expect(spread.reduce((a, b) => a + b, 0)).toBe(60);
			expect(values).toEqual(wanted.values);
			means.forEach((mean, k) => mean.values.forEach((v, i) => expect(v).toBeCloseTo((wanted.average as number[][])[k][i], 6)));
			expect(curves).toHaveLength(outputs > 1 ? 0 : 12);
			curves.forEach((curve, r) => curve.forEach((v, i) => expect(v).toBeCloseTo((wanted.individual as number[][])[r][i], 4)));
		}
	});
});

describe('of any model', () => {
	const schema = [column('x', 'number'), column('kind', 'category'), column('on', 'boolean'), column('same', 'integer')];
	const frame = frameFromRows(
		Array.from({ length: 1_000 }, (_, i) => ({
			x: i % 7 === 0 ? null : (i * i) % 101,
			kind: ['a', 'a', 'b', 'c', null][i % 5],
			on: i % 2,
			same: 4,
		})),
		schema,
	);
	const at = (name: string) => schema.findIndex((c) => c.name === name);
	/** x² + 10 where kind is b, and an effect of `on` for large x alone. */
	const scoreFrame = async (f: typeof frame): Promise<Float64Array> => {
		const [x, kind, on] = [f.vectors[at('x')], f.vectors[at('kind')], f.vectors[at('on')]] as unknown as [
			{ data: Float64Array },
			{ codes: Uint32Array; dictionary: string[] },
			{ data: Float64Array },
		];
		return await Promise.resolve(
			Float64Array.from({ length: f.rows }, (_, i) => {
				const value = Number.isNaN(x.data[i]) ? 0 : x.data[i];
				return value ** 2 + (kind.dictionary[kind.codes[i] - 1] === 'b' ? 10 : 0) + (value > 50 ? on.data[i] : 0);
			}),
		);
	};

	it('tells numbers, words, yes and no; a column of one value has none', async () => {
		const found = await partialDependence({ frame, columns: ['x', 'kind', 'on', 'same'], classes: [], outputs: 1, scoreFrame });
		expect(found.map((f) => f.column)).toEqual(['x', 'kind', 'on']);
		const [x, kind, on] = found;
		expect(x.values).toHaveLength(16);
		expect(x.values).toEqual([...x.values].sort((a, b) => Number(a) - Number(b)));
		x.values.forEach((v, i) => expect(Math.abs(x.means[0].values[i] - Number(v) ** 2)).toBeLessThan(4));
		expect(kind.values).toEqual(['a', 'b', 'c']);
		expect(kind.spread).toEqual([400, 200, 200]);
		expect(kind.means[0].values[1] - kind.means[0].values[0]).toBeCloseTo(10, 9);
		expect(on).toMatchObject({ values: [0, 1], spread: [500, 500], rows: 500 });
		expect(on.means[0].values[1] - on.means[0].values[0]).toBeGreaterThan(0.1);
		// Single rows that `on` moves, and others that it does not.
		expect(new Set(on.curves.map(([no, yes]) => Math.round(yes - no)))).toEqual(new Set([0, 1]));
	});

	it('of a column in which half the values are 0 has each value once', async () => {
		const zeros = frameFromRows(
			Array.from({ length: 400 }, (_, i) => ({ x: i % 2 ? 0 : i / 8 })),
			[column('x', 'number')],
		);
		const sum = async (f: typeof zeros): Promise<Float64Array> =>
			await Promise.resolve((f.vectors[0] as { data: Float64Array }).data.map((v) => 2 * v));
		const [{ values, means }] = await partialDependence({ frame: zeros, columns: ['x'], classes: [], outputs: 1, scoreFrame: sum });
		expect(new Set(values).size).toBe(values.length);
		expect(means[0].values).toEqual(values.map((v) => 2 * Number(v)));
	});

	it('is a panel of the evaluation: one chart a column, the rows along the bottom', async () => {
		const dependence = await partialDependence({ frame, columns: ['x', 'kind', 'on'], classes: [], outputs: 1, scoreFrame });
		const { charts, full, html } = await evaluationReport(
			evaluation({ task: 'regression', target: 'price', classes: [], primary: 'rmse', panels: { dependence } }),
			run(),
		);
		expect(charts.map((c) => c.name).filter((name) => name.startsWith('dependence'))).toEqual([
			'dependence_1',
			'dependence_2',
			'dependence_3',
		]);
		expect(full).toContain('With “kind” alone price lies between');
		expect(full).toContain('thin lines are 12 of the rows');
		expect(html).toContain('How the answers change with each column');
		expect(html).toMatch(/at b/);
	});
});
