import type { Column, Matrix } from '../../../lib/learn/contract.js';
import { boost } from '../../../lib/learn/trees/boost.js';
import { planBins } from '../../../lib/learn/trees/binning.js';
import { planLayout } from '../../../lib/learn/trees/layout.js';
import { lossOf } from '../../../lib/learn/trees/losses/index.js';
import { toState } from '../../../lib/learn/trees/ensemble.js';
import { treeDefaults, type TreeParams } from '../../../lib/learn/trees/treeParams.js';
import { murmurPairs } from '../../../lib/domain/random.js';
import { context } from './helpers/data.js';
import { nodesOf } from './helpers/firstForm.js';

/** Columns that exclude each other, columns that do not, columns mostly missing, and (not with `only`) dense ones and a wide category. */
function made(rows: number, only: boolean, seed: number): { x: Matrix; y: Float64Array } {
	const random = murmurPairs(seed);
	const numbers = (name: string, of: (i: number) => number): Column => ({
		name,
		kind: 'number',
		data: Float64Array.from({ length: rows }, (_, i) => of(i)),
	});
	const level = Uint8Array.from({ length: rows }, () => Math.floor(random() * 12));
	const columns = [
		...Array.from({ length: 12 }, (_, k) => numbers(`level${k}`, (i) => +(level[i] === k))),
		...Array.from({ length: 10 }, (_, k) => numbers(`rare${k}`, () => (random() < 0.05 ? Math.round(random() * 1000) / 100 - 3 : 0))),
		...Array.from({ length: 3 }, (_, k) => numbers(`known${k}`, () => (random() < 0.1 ? random() : NaN))),
		numbers('both', () => (random() < 0.9 ? 0 : random() < 0.5 ? NaN : random())),
	];
	if (!only) {
		columns.unshift(numbers('dense', () => random() * 4));
		columns.push({
			name: 'wide',
			kind: 'category',
			levels: 600,
			data: Uint16Array.from({ length: rows }, () => Math.floor(random() ** 2 * 600)),
		});
		columns.push(numbers('gaps', () => (random() < 0.3 ? NaN : random())));
	}
	const y = Float64Array.from(
		{ length: rows },
		(_, i) => Math.sin(level[i]) + columns.slice(12, 24).reduce((s, c) => s + (c.data[i] || 0.2) / 3, 0) + random(),
	);
	return { x: { rows, columns }, y };
}

it.each<[string, boolean, Partial<TreeParams>]>([
	['with dense columns beside them', false, {}],
	['alone', true, {}],
	['drawn rows and columns', false, { baggingFraction: 0.5, baggingFreq: 1, featureFraction: 0.5 }],
	[
		'drawn by gradient, with rising columns',
		false,
		{ sampling: 'goss', learningRate: 0.5, monotone: [0, ...new Array<number>(12).fill(0), 1, -1] },
	],
])('sparse columns grow the trees of dense ones, in both kernels and with any threads: %s', async (_name, only, over) => {
	const { x, y } = made(20_001, only, 4);
	const valid = made(500, only, 5);
	const run = async (threads: number, plain: boolean, dense: boolean) =>
		toState(
			(
				await boost({
					train: x,
					labels: { y, classes: 0 },
					valid: { x: valid.x, labels: { y: valid.y, classes: 0 } },
					loss: lossOf('regression')!,
					params: { ...treeDefaults, numIterations: 5, ...over },
					plain,
					dense,
					cellsPerThread: 1,
					context: context({ threads }),
				})
			).model,
		);
	const expected = await run(1, false, true);
	expect(nodesOf(expected).feature.length).toBeGreaterThan(200);
	expect(await run(1, true, false)).toEqual(expected);
	for (const threads of [1, 2, 4]) expect(await run(threads, false, false)).toEqual(expected);
});

it('keeps as lists what is mostly zero or missing, where there is enough of it', () => {
	const { x } = made(5000, false, 4);
	const layoutOf = (columns: Column[]) =>
		planLayout({
			rows: 5000,
			validRows: 0,
			outputs: 1,
			bins: planBins({ rows: 5000, columns }, 255, 1),
			histSlots: 2,
			threads: 1,
			weighted: false,
			start: 0,
			leaves: 31,
		});
	const sparse = layoutOf(x.columns)
		.features.filter((f) => f.sparse)
		.map((f) => x.columns[f.column].name);
	expect(sparse).toHaveLength(26);
	expect(sparse).not.toContain('dense');
	expect(sparse).not.toContain('wide');
	expect(layoutOf(x.columns.slice(0, 8)).features.filter((f) => f.sparse)).toHaveLength(0);
});
