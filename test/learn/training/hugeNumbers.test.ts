import { loadModel } from '../../../lib/learn/score.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { frameOf } from '../../data/frames.js';
import { specOf, taskContext } from '../penguins.js';

const N = 300;
const of = <T>(value: (i: number) => T): T[] => Array.from({ length: N }, (_, i) => value(i));
const x = of((i) => Math.sin(i * 12.9898) * 2);
/** Among common numbers a few that fill all that a number can hold. */
const wild = of((i) => (i % 60 === 7 ? (i % 120 === 7 ? 1e308 : -1e308) : Math.sin(i * 3.1)));
const TARGETS = {
	binary: of((i) => (x[i] + Math.sin(i * 7.7) * 0.5 > 0 ? 'yes' : 'no')),
	multiclass: of((i) => (x[i] > 0.7 ? 'high' : x[i] < -0.7 ? 'low' : 'middle')),
	regression: of((i) => 3 * x[i] + Math.sin(i * 7.7)),
};

test.each([
	['logisticRegression', 'binary', 'auc'],
	['logisticRegression', 'multiclass', 'auc_ovr'],
	['linearRegression', 'regression', 'r2'],
	['neuralNetwork', 'binary', 'auc'],
	['neuralNetwork', 'multiclass', 'auc_ovr'],
	['neuralNetwork', 'regression', 'r2'],
] as const)('%s (%s) learns beside a column with values of 1e308', async (learner, task, metric) => {
	const frame = frameOf(
		[
			{ name: 'x', type: 'number', role: 'feature' },
			{ name: 'wild', type: 'number', role: 'feature' },
			{ name: 't', type: task === 'regression' ? 'number' : 'category', role: 'target' },
		],
		{ x, wild, t: TARGETS[task] },
	);
	const { run, package: bytes } = await trainModel(frame, specOf({ target: 't', task, learner }), taskContext());
	expect(run.metrics[metric]).toBeGreaterThan(0.8);
	const row = (await loadModel(bytes)).rowFunction!();
	for (const value of [1e308, -1e308, 0.5, null]) expect(row({ x: 1, wild: value }).score.every(Number.isFinite)).toBe(true);
});
