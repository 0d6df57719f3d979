import { boost } from '../../../lib/learn/trees/boost.js';
import { compile } from '../../../lib/learn/trees/compileTrees.js';
import { lossOf } from '../../../lib/learn/trees/losses/index.js';
import { treeDefaults } from '../../../lib/learn/trees/treeParams.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import { rawBatch } from '../../../lib/learn/trees/rawScore.js';
import { context } from './helpers/data.js';
import { made } from './helpers/mixed.js';

/** Mean loss on other data of the same kind. */
async function lossWith(task: 'binary' | 'multiclass' | 'regression', numGradQuantBins: number, seed = 0): Promise<number> {
	const loss = lossOf(task)!;
	const data = made(8000, task, false, 21);
	const other = made(8000, task, false, 22);
	const { model } = await boost({
		...data,
		loss,
		params: { ...treeDefaults, numIterations: 40, numGradQuantBins, seed },
		context: context(),
	});
	const raw = rawBatch(compile(model), other.train);
	const score = model.initial.map((_, k) => Float64Array.from({ length: 8000 }, (__, i) => raw[i * model.outputs + k]));
	return loss.evaluate({ rows: 8000, score, y: other.labels.y });
}

it.each(['binary', 'multiclass', 'regression'] as const)(
	'%s: four levels of gradients, rounded by chance, learn almost as well as exact ones, and differently by the seed',
	async (task) => {
		const exact = await lossWith(task, 0);
		const coarse = await lossWith(task, 4);
		expect(coarse).not.toBe(exact);
		expect(coarse).toBeLessThan(1.05 * exact);
		expect(await lossWith(task, 4)).toBe(coarse);
		expect(await lossWith(task, 4, 1)).not.toBe(coarse);
	},
);

it('finds columns that tell something only together sooner, since a split by chance on the first lets the second tell', async () => {
	const rows = 60_000;
	const random = murmurPairs(5);
	const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	const columns = Array.from({ length: 12 }, (_, j) => ({
		name: `c${j}`,
		kind: 'number' as const,
		data: Float64Array.from({ length: rows }, normal),
	}));
	const y = Float64Array.from(
		{ length: rows },
		(_, i) => columns[0].data[i] * columns[1].data[i] + columns.slice(2).reduce((sum, c) => sum + 0.5 * c.data[i], 0) + normal(),
	);
	const splits = async (numGradQuantBins: number) => {
		const { model } = await boost({
			train: { rows, columns },
			labels: { y, classes: 0 },
			loss: lossOf('regression')!,
			params: { ...treeDefaults, numIterations: 30, numGradQuantBins },
			context: context(),
		});
		return model.trees.reduce((n, t) => n + Array.from(t.feature).filter((f) => f === 0 || f === 1).length, 0);
	};
	expect(await splits(4)).toBeGreaterThan(1.5 * (await splits(0)));
});
