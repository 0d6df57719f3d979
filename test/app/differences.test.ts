import { metricDifferences, recipeDifferences, valueDifferences } from '../../lib/app/differences.js';

const step = (id: string, params: Record<string, unknown> = {}) => ({ step: id, version: 1, params });

describe('two recipes', () => {
	const said = (a: Array<ReturnType<typeof step>>, b: Array<ReturnType<typeof step>>) =>
		recipeDifferences(a, b).map(({ change, a: ours, b: theirs }) => `${change} ${(ours ?? theirs)!.step}`);

	it('are compared step by step, what stayed in its place stays', () => {
		expect(said([step('impute'), step('bin'), step('age')], [step('impute'), step('age')])).toEqual([
			'same impute',
			'removed bin',
			'same age',
		]);
		expect(said([step('impute')], [step('bin'), step('impute')])).toEqual(['added bin', 'same impute']);
		expect(said([step('impute', { with: 1 })], [step('impute', { with: 2 })])).toEqual(['changed impute']);
		expect(said([], [])).toEqual([]);
	});

	it('that have nothing in common are all taken away and all added', () => {
		expect(said([step('a'), step('b')], [step('c')]).sort()).toEqual(['added c', 'removed a', 'removed b']);
	});
});

it('metrics say which is better, by what is better for each', () => {
	expect(metricDifferences({ auc: 0.7, logLoss: 0.5, own: 1 }, { auc: 0.8, logLoss: 0.6, rmse: 2 })).toEqual([
		{ metric: 'auc', a: 0.7, b: 0.8, difference: 0.8 - 0.7, better: 'b' },
		{ metric: 'logLoss', a: 0.5, b: 0.6, difference: 0.6 - 0.5, better: 'a' },
		{ metric: 'own', a: 1 },
		{ metric: 'rmse', b: 2 },
	]);
});

it('values that differ are named, whatever they are called, however deep', () => {
	const a = JSON.parse('{"__proto__": 1, "same": {"x": [1]}, "gone": null}') as Record<string, unknown>;
	const b = JSON.parse('{"__proto__": 2, "same": {"x": [1]}}') as Record<string, unknown>;
	expect(valueDifferences(a, b)).toEqual([
		{ name: '__proto__', a: 1, b: 2 },
		{ name: 'gone', a: null },
	]);
});
