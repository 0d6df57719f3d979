import { fromLightgbm } from '../../../lib/learn/trees/import/lightgbm.js';
import { fromXgboost } from '../../../lib/learn/trees/import/xgboost.js';
import { fromState, toState } from '../../../lib/learn/trees/model.js';
import { treePredictor } from '../../../lib/learn/trees/predict.js';
import expected from './expected/imports.json';

interface Model { kind: string; name: string; file: string; encoding?: BufferEncoding; categories?: boolean; p: number[][]; shap?: number[][] }
const models = expected.models as unknown as Model[];
const read = (m: Model) => (m.kind === 'lightgbm' ? fromLightgbm(m.file) : fromXgboost(Buffer.from(m.file, m.encoding)));

describe.each(models.map((m) => [m.kind, m.name, m] as const))('%s: %s', (_kind, _name, m) => {
	it('predicts what the original predicts, also after a round through our own state', () => {
		for (const model of [read(m), fromState(toState(read(m)))]) {
			const predictor = treePredictor(model, model.columns.map((c) => c.name));
			const out = new Float64Array(predictor.outputs);
			expected.x.forEach((row, i) => {
				const values = Float64Array.from(row, (v) => v ?? NaN);
				if (m.categories && values[3] < 0) values[3] = 39;
				predictor.row(values, out);
				m.p[i].forEach((p, k) => expect(Math.abs(out[k] - p)).toBeLessThan(1e-6 * Math.max(1, Math.abs(p))));
			});
		}
	});

	it('gives the same for many rows at once', async () => {
		const model = read(m);
		const predictor = treePredictor(model, model.columns.map((c) => c.name));
		const rows = expected.x.length * 20;
		const at = (i: number, j: number) => { const v = expected.x[i % expected.x.length][j] ?? NaN; return m.categories && j === 3 && v < 0 ? 39 : v; };
		const columns = model.columns.map((c, j) => ({ name: c.name, kind: 'number' as const, data: Float64Array.from({ length: rows }, (_, i) => at(i, j)) }));
		const out = new Float64Array(rows * predictor.outputs);
		await predictor.batch({ rows, columns }, out, 1);
		out.forEach((v, i) => {
			const p = m.p[Math.floor(i / predictor.outputs) % m.p.length][i % predictor.outputs];
			expect(Math.abs(v - p)).toBeLessThan(1e-6 * Math.max(1, Math.abs(p)));
		});
	});

	if (m.shap) {
		it('explains rows as the original does (TreeSHAP)', () => {
			const model = read(m);
			const predictor = treePredictor(model, model.columns.map((c) => c.name));
			const width = model.columns.length + 1;
			m.shap?.forEach((wanted, i) => {
				for (let k = 0; k < model.outputs; k++) {
					const phi = predictor.contributions?.(Float64Array.from(expected.x[i], (v) => v ?? NaN), k) ?? [];
					phi.forEach((v, j) => expect(v).toBeCloseTo(wanted[k * width + j], 6));
				}
			});
		});
	}
});

it('refuses what it cannot serve, by name', () => {
	const lightgbm = models.find((m) => m.kind === 'lightgbm')!;
	const xgboost = models.find((m) => m.kind === 'xgboost')!;
	expect(() => fromLightgbm(lightgbm.file.replaceAll('is_linear=0', 'is_linear=1'))).toThrow(/linear leaves/);
	expect(() => fromLightgbm(lightgbm.file.slice(0, lightgbm.file.length / 2))).toThrow(/cut off/);
	expect(() => fromLightgbm('hello')).toThrow(/does not begin/);
	expect(() => fromLightgbm(lightgbm.file.replace(/left_child=\S+/, 'left_child=0'))).toThrow(/two ways|nowhere/);
	expect(() => fromXgboost(Buffer.from(xgboost.file.slice(0, 500)))).toThrow(/damaged/);
	expect(() => fromXgboost(Buffer.from(xgboost.file.replace('binary:logistic', 'survival:aft')))).toThrow(/survival:aft/);
	const ubj = models.find((m) => m.encoding === 'base64')!;
	expect(() => fromXgboost(Buffer.from(ubj.file, 'base64').subarray(0, 1000))).toThrow(/cut off/);
});
