import { evaluateWithoutLabels, type UnlabelledInput } from '../../lib/evaluate/withoutLabels.js';
import { murmurTwice } from '../../lib/domain/random.js';
import { frameOf } from '../data/frames.js';

const context = { progress: () => {}, note: () => {} };

/** Rows with scores around 0.45, some of them around 0.7; the halves see the same but for noise. */
function input(
	rows: number,
	{ odd = 10, noise = 0.02, ...more }: Partial<UnlabelledInput> & { odd?: number; noise?: number } = {},
): UnlabelledInput {
	const random = murmurTwice(7);
	const scores = Float64Array.from({ length: rows }, (_, i) => (i < odd ? 0.7 : 0.45) + 0.1 * (random() - 0.5));
	const half = () => scores.map((s) => s + noise * (random() - 0.5));
	return {
		scores,
		truth: new Float64Array(rows).fill(NaN),
		frame: frameOf([{ name: 'x', type: 'number', role: 'feature' }], { x: Array.from({ length: rows }, (_, i) => i) }),
		learned: Float64Array.from({ length: 1000 }, (_, i) => (i < 30 ? 0.7 : 0.45)),
		halves: [half(), half()],
		manifest: { task: 'anomaly', target: '', threshold: 0.6 },
		primary: 'flagged',
		...more,
	};
}
const truthOf = (rows: number, odd: number, known = rows) =>
	Float64Array.from({ length: rows }, (_, i) => (i < known ? Number(i < odd) : NaN));
const codesOf = (e: ReturnType<typeof evaluateWithoutLabels>) => e.notes.map((n) => n.code);

describe('a model without labels', () => {
	it('passes where it flags hardly more rows than in training and its halves agree; bounds are Clopper and Pearson’s', () => {
		const e = evaluateWithoutLabels(input(300), context);
		expect(e.gate).toMatchObject({ passed: true });
		expect(e.gateRules).toEqual([
			{ metric: 'flagged', kind: 'max', value: 0.08 },
			{ metric: 'agreement', kind: 'min', value: 0.5 },
		]);
		// scipy 1.17.1: binomtest(10, 300).proportion_ci(method='exact')
		expect(e.metrics.flagged.value).toBeCloseTo(10 / 300, 12);
		expect(e.metrics.flagged.low).toBeCloseTo(0.016098167562616676, 10);
		expect(e.metrics.flagged.high).toBeCloseTo(0.06044532220126554, 10);
		expect(e.baseline).toEqual({});
	});

	it('fails where many more rows are flagged, and where its halves disagree', () => {
		expect(evaluateWithoutLabels(input(300, { odd: 60 }), context).gate.passed).toBe(false);
		const random = murmurTwice(3);
		const noise = () => Float64Array.from({ length: 300 }, () => random());
		const e = evaluateWithoutLabels(input(300, { halves: [noise(), noise()] }), context);
		expect(e.gate.reasons.filter((r) => !r.passed).map((r) => r.text)).toEqual([expect.stringContaining('Agreement of halves')]);
	});

	it('is not judged on fewer than ten rows, nor by a truth with fewer than five of a kind', () => {
		expect(evaluateWithoutLabels(input(9), context).gate).toMatchObject({ refused: true });
		const few = { truth: truthOf(300, 4), rules: [{ metric: 'auc', kind: 'min' as const, value: 0.9 }] };
		expect(evaluateWithoutLabels(input(300, few), context).gate).toMatchObject({ refused: true });
		expect(codesOf(evaluateWithoutLabels(input(300, few), context))).toContain('little_truth');
	});

	it('is judged by the truth of the rows that have one', () => {
		const e = evaluateWithoutLabels(
			input(300, { truth: truthOf(300, 10, 200), manifest: { task: 'anomaly', target: 'fraud', threshold: 0.6 } }),
			context,
		);
		expect(e.metrics.auc).toMatchObject({ value: 1, high: 1 });
		expect(e.metrics.auc.low).toBeLessThan(0.99);
		expect(e.baseline).toEqual({ auc: 0.5, average_precision: 0.05 });
		expect(e.gateRules.at(-1)).toEqual({ metric: 'auc', kind: 'baseline', value: 0.01 });
		expect(e.gate.passed).toBe(true);
		// The share of anomalies is that of all rows, known or not.
		expect(e.metrics.flagged.value).toBeCloseTo(10 / 300, 12);
	});

	it('says what it could not do', () => {
		const e = evaluateWithoutLabels(
			input(50, { manifest: { task: 'anomaly', target: 'fraud', threshold: 0.6 }, asked: { champion: true, side: true } }),
			context,
		);
		expect(codesOf(e)).toEqual(['champion_not_compared', 'side_without_answers', 'no_reasons', 'no_truth']);
		const rule = [{ metric: 'flagged', kind: 'champion' as const, value: 0 }];
		expect(evaluateWithoutLabels(input(50, { asked: { champion: true }, rules: rule }), context).gate.passed).toBe(false);
		expect(() => evaluateWithoutLabels(input(50, { rules: [{ metric: 'rmse', kind: 'max', value: 1 }] }), context)).toThrow(
			'no metric for this task',
		);
		expect(() => evaluateWithoutLabels(input(0), context)).toThrow('no test rows');
	});

	it('has no agreement where all rows are the same, and flags none', () => {
		const same = new Float64Array(40).fill(0.5);
		const e = evaluateWithoutLabels(
			input(40, { scores: same, learned: same, halves: [same, same], manifest: { task: 'anomaly', target: '', threshold: 0.5 } }),
			context,
		);
		expect(Object.keys(e.metrics)).toEqual(['flagged']);
		expect(e.metrics.flagged.value).toBe(0);
		expect(e.gate.passed).toBe(true);
	});
});
