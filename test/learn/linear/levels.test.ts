import { logisticRegression } from '../../../lib/learn/learners/logisticRegression.js';
import { linearRegression } from '../../../lib/learn/learners/linearRegression.js';
import type { Matrix } from '../../../lib/learn/contract.js';
import { quietContext } from '../fitting.js';

const rows = 900;
/** Levels 2 to 9, the higher the rarer; 1 in fifty is missing. */
const codes = Uint8Array.from({ length: rows }, (_, i) => (i % 50 === 7 ? 0 : 2 + Math.floor(8 * ((i * 0.618034) % 1) ** 3)));
const z = Float64Array.from({ length: rows }, (_, i) => Math.sin(i * 1.7));
const y = Float64Array.from({ length: rows }, (_, i) => +(z[i] + Math.sin(codes[i]) + Math.sin(i * i) > 0));
const table = (data: Uint8Array): Matrix => ({
	rows,
	columns: [
		{ name: 'shop', kind: 'category', data, levels: 10 },
		{ name: 'z', kind: 'number', data: z },
	],
});
const labels = { y, classes: 2 };
const params = (p: object) => logisticRegression.params.parse({ tol: 1e-9, ...p });

describe('levels beyond a limit', () => {
	const counts = new Uint32Array(10);
	for (const code of codes) counts[code]++;
	const byFrequency = [2, 3, 4, 5, 6, 7, 8, 9].sort((a, b) => counts[b] - counts[a] || a - b);
	const kept = byFrequency.slice(0, 2);

	test('the rarest share the coefficient of what was never seen, as if somebody had merged them; it is said', async () => {
		const said: string[] = [];
		const context = quietContext({ note: (code, text) => said.push(`${code}: ${text}`) });
		const { state } = await logisticRegression.fit({ task: 'binary', train: table(codes), labels }, params({ max_categories: 3 }), context);
		const merged = codes.map((code) => (code === 0 || kept.includes(code) ? code : 1));
		const byHand = await logisticRegression.fit({ task: 'binary', train: table(merged), labels }, params({}), quietContext());
		const { coef } = state.arrays;
		for (let code = 0; code < 10; code++) {
			const same = code === 0 || kept.includes(code) ? code : 1;
			expect(coef[code]).toBeCloseTo(byHand.state.arrays.coef[same], 7);
		}
		const rare = byFrequency.slice(2).reduce((sum, code) => sum + counts[code], 0);
		expect(said).toEqual([
			`learn.levels_grouped: "shop" has 8 values: the 6 rarest ones (${counts[byFrequency[2]]} rows at most, ${rare} together) ` +
				'count as one, like values that were never seen.',
		]);
		// Reasons start from the mean over the training rows and add up to the score.
		const predictor = await logisticRegression.predictor(logisticRegression.validate(state), ['shop', 'z']);
		const values = Float64Array.of(byFrequency[7], 0.3);
		const out = new Float64Array(1);
		predictor.row(values, out);
		const raw = predictor.contributions!(values, 0).reduce((a, b) => a + b, 0);
		expect(1 / (1 + Math.exp(-raw))).toBeCloseTo(out[0], 12);
	});

	test('a limit that nothing exceeds changes no bit', async () => {
		const fit = (p: object) =>
			linearRegression.fit(
				{ task: 'regression', train: table(codes), labels: { y: z, classes: 0 } },
				linearRegression.params.parse(p),
				quietContext(),
			);
		expect((await fit({ max_categories: 8 })).state).toEqual((await fit({})).state);
	});
});

describe('how close a solver came', () => {
	test('says its iterations, its largest slope, and a duality gap that bounds the way to the minimum', async () => {
		const fit = (p: object) =>
			logisticRegression.fit({ task: 'binary', train: table(codes), labels }, logisticRegression.params.parse(p), quietContext());
		const objective = async (p: object) => {
			const { state, solver } = await fit(p);
			const { coef, intercept } = state.arrays as Record<string, Float64Array>;
			let loss = 0;
			for (let i = 0; i < rows; i++) {
				const s = intercept[0] + coef[codes[i]] + coef[10] * z[i];
				loss += Math.log1p(Math.exp(-Math.abs(s))) + Math.max(s, 0) - y[i] * s;
			}
			return { value: loss / rows + coef.reduce((sum, b) => sum + b * b, 0) / 2 / rows, ...solver! };
		};
		const best = await objective({ tol: 1e-12 });
		const rough = await objective({ max_iter: 1 });
		expect(best).toMatchObject({ converged: true });
		expect(best.gap!).toBeLessThan(1e-16);
		expect(rough).toMatchObject({ converged: false, iterations: 1 });
		expect(rough.value - best.value).toBeGreaterThan(1e-7);
		expect(rough.value - best.value).toBeLessThanOrEqual(rough.gap!);
		expect((await fit({ l1_ratio: 1 })).solver).not.toHaveProperty('gap');
	});
});
