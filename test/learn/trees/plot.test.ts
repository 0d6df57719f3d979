import { gradientBoosting } from '../../../lib/learn/learners/gradientBoosting.js';
import { fromState, type Ensemble } from '../../../lib/learn/trees/ensemble.js';
import { plotTree, type PlotNode } from '../../../lib/learn/trees/plot.js';
import { context, labelsOf, makeData, rowOf } from './helpers/data.js';
import { imported, readModel } from './helpers/imported.js';

const train = makeData(2000, 'regression', 1);
const fitted = async () =>
	fromState(
		(
			await gradientBoosting.fit(
				{ task: 'regression', train: train.x, labels: labelsOf(train, 'regression') },
				gradientBoosting.params.parse({ n_estimators: 5 }),
				context(),
			)
		).state,
	);
const leaves = (node: PlotNode): PlotNode[] => (node.split ? [...leaves(node.split.yes), ...leaves(node.split.no)] : [node]);

it('names what each node asks, in words that decide as the tree does', async () => {
	const model = await fitted();
	const label = (column: string, code: number) => `${column}${code}`;
	const counts = new Map<PlotNode, number>();
	const plots = model.trees.map((_, i) => plotTree(model, i, { label, names: 100 }));
	for (const root of plots) {
		for (let i = 0; i < train.x.rows; i++) {
			const row = rowOf(train.x, i);
			let node = root;
			while (node.split) {
				const { column, condition, missing, yes, no } = node.split;
				const v = row[train.x.columns.findIndex((c) => c.name === column)];
				const [, kind, right] = condition.match(/^\w+ (≤|is) (.+)$/)!;
				const answer = Number.isNaN(v)
					? missing === 'yes'
					: kind === '≤'
						? v <= Number(right)
						: right.split(/, | or /).includes(label(column, v));
				node = answer ? yes : no;
			}
			counts.set(node, (counts.get(node) ?? 0) + 1);
		}
		expect(leaves(root).reduce((sum, leaf) => sum + leaf.share, 0)).toBeCloseTo(1, 12);
	}
	// A threshold of six digits may put a row that lies at it on the other side.
	const wrong = plots.flatMap(leaves).reduce((sum, leaf) => sum + Math.abs((counts.get(leaf) ?? 0) - leaf.rows), 0);
	expect(wrong).toBeLessThanOrEqual(4);
	const [first] = plots;
	expect(
		leaves(first)
			.map((l) => l.value)
			.sort((a, b) => a - b),
	).toEqual(
		Array.from(model.trees[0].value)
			.filter((_, n) => model.trees[0].feature[n] < 0)
			.sort((a, b) => a - b),
	);
	expect(first.split?.gain).toBe(model.trees[0].gain[0]);
});

it('stops at a depth and says how much is below', async () => {
	const model = await fitted();
	const root = plotTree(model, 1, { depth: 2 });
	expect(leaves(root)).toHaveLength(4);
	const shown = 3 + 4;
	expect(leaves(root).reduce((sum, leaf) => sum + (leaf.hidden ?? 0), 0)).toBe(model.trees[1].feature.length - shown);
	expect(() => plotTree(model, 99)).toThrow(/no tree 99/);
});

it('shortens long lists of categories', () => {
	const model = readModel(imported.find((m) => m.kind === 'lightgbm' && m.name === 'categories')!);
	const conditions: string[] = [];
	const walk = ({ split }: PlotNode) => {
		if (split) {
			conditions.push(split.condition);
			walk(split.yes);
			walk(split.no);
		}
	};
	model.trees.forEach((_, i) => walk(plotTree(model, i, { names: 3 })));
	expect(conditions.some((c) => /^Column_3 is \d+, \d+ or \d+ more$/.test(c))).toBe(true);
});

/** What each column's splits gained, or how many there are; those without a gain count for nothing in LightGBM's `feature_importance`. */
function importanceIn({ trees, columns }: Ensemble, kind: 'gain' | 'split'): number[] {
	const out = columns.map(() => 0);
	for (const { feature, gain } of trees)
		for (let n = 0; n < feature.length; n++) if (feature[n] >= 0 && gain[n] > 0) out[feature[n]] += kind === 'gain' ? gain[n] : 1;
	return out;
}

it.each(imported.filter((m) => m.importance).map((m) => [m.name, m] as const))(
	"an imported model's splits gain what LightGBM's own importance says: %s",
	(_name, m) => {
		const model = readModel(m);
		for (const kind of ['gain', 'split'] as const) {
			const ours = importanceIn(model, kind);
			expect(ours.some((v) => v > 0)).toBe(true);
			m.importance![kind].forEach((wanted, j) => expect(Math.abs(ours[j] - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1, wanted)));
		}
	},
);
