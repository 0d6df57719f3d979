import type { Comparison, GateRule } from '../../lib/domain/evaluation';
import { defaultRules, gate } from '../../lib/evaluate/gate';

const input = {
	metrics: { auc: { value: 0.7, low: 0.68, high: 0.72 }, rmse: { value: 9, low: 8, high: 10 } },
	baseline: { auc: 0.5, rmse: 12 },
};
const against = (value: number, low: number, high: number, metric = 'auc') =>
	new Map([
		[
			metric,
			{
				against: 'late@3',
				metric,
				ours: 0.7,
				theirs: 0.7 - value,
				difference: { value, low, high },
				pValue: 0.04,
				rows: 1000,
				leftOut: 0,
				test: 'DeLong',
			} satisfies Comparison,
		],
	]);
const judge = (rule: GateRule, comparisons?: ReturnType<typeof against>) =>
	gate([rule], { ...input, ...(comparisons ? { comparisons } : {}) });

test.each<[GateRule, boolean, RegExp]>([
	[{ metric: 'auc', kind: 'min', value: 0.65 }, true, /AUC is 0.7, at least 0.65/],
	[{ metric: 'auc', kind: 'min', value: 0.75 }, false, /below the required 0.75/],
	[{ metric: 'rmse', kind: 'max', value: 8 }, false, /RMSE is 9, above the allowed 8/],
	[{ metric: 'auc', kind: 'baseline', value: 0.01 }, true, /guessing gives 0.5: better/],
	[{ metric: 'auc', kind: 'baseline', value: 0.3 }, false, /not better by the required 0.3/],
	[{ metric: 'rmse', kind: 'baseline', value: 1 }, true, /better/],
	[{ metric: 'f1', kind: 'min', value: 0.5 }, false, /F1 has no value/],
])('%j', (rule, passed, text) => {
	const result = judge(rule);
	expect(result.passed).toBe(passed);
	expect(result.reasons[0].text).toMatch(text);
});

test('better than guessing by luck does not pass', () => {
	const result = gate([{ metric: 'auc', kind: 'baseline', value: 0 }], {
		...input,
		metrics: { auc: { value: 0.55, low: 0.48, high: 0.62 } },
	});
	expect(result.reasons[0]).toMatchObject({ passed: false, text: expect.stringMatching(/may be luck/) });
});

describe('against the champion', () => {
	const better: GateRule = { metric: 'auc', kind: 'champion', value: 0.005 };
	const notWorse: GateRule = { metric: 'auc', kind: 'champion', value: -0.002 };
	test('the first model has nobody to beat', () => expect(judge(better).passed).toBe(true));
	test('a sure and large enough gain passes', () => expect(judge(better, against(0.02, 0.01, 0.03)).passed).toBe(true));
	test('a sure but small gain does not', () =>
		expect(judge(better, against(0.003, 0.001, 0.005)).reasons[0].text).toMatch(/less than the required/));
	test('a large gain that may be luck does not', () =>
		expect(judge(better, against(0.02, -0.01, 0.05)).reasons[0].text).toMatch(/may be luck/));
	test('a loss within chance passes "not worse", a sure loss beyond the margin does not', () => {
		expect(judge(notWorse, against(-0.01, -0.03, 0.01)).passed).toBe(true);
		expect(judge(notWorse, against(-0.001, -0.0015, -0.0005)).passed).toBe(true);
		expect(judge(notWorse, against(-0.01, -0.015, -0.005)).passed).toBe(false);
	});
	test('a metric that could not be compared fails', () =>
		expect(judge({ ...better, metric: 'auc' }, against(1, 1, 1, 'mcc')).passed).toBe(false));
});

test('without rules: better than guessing, and not worse than a champion if there is one', () => {
	expect(defaultRules('auc', input)).toEqual([{ metric: 'auc', kind: 'baseline', value: 0.01 }]);
	expect(defaultRules('rmse', { ...input, comparisons: against(1, 1, 1, 'rmse') }).map((r) => r.kind)).toEqual(['baseline', 'champion']);
	expect(defaultRules('rmse', input)[0].value).toBeCloseTo(0.12, 12);
});
