import { z } from 'zod/v4';
import { defineLearner } from '../contract.js';
import { bothClasses } from '../trees/forest/bothClasses.js';
import { growForest } from '../trees/forest/growForest.js';
import { forestBytes } from '../trees/forest/planForest.js';
import { toState } from '../trees/ensemble.js';
import { treeModel } from '../trees/treeModel.js';
import { maxBin } from './maxBin.js';

const params = z.object({
	n_estimators: z
		.number()
		.int()
		.min(1)
		.max(10_000)
		.default(100)
		.meta({ title: 'Number of trees', description: 'How many trees vote. More trees are steadier and take longer.' }),
	max_depth: z
		.number()
		.int()
		.min(-1)
		.max(1000)
		.default(-1)
		.meta({ title: 'Maximum depth', description: 'The longest chain of questions in a tree; -1 sets no limit.' }),
	min_samples_leaf: z.number().int().min(1).default(1).meta({
		title: 'Smallest leaf',
		description: 'A group with fewer rows than this is not split off. Larger values resist noise and give smaller models.',
	}),
	min_samples_split: z
		.number()
		.int()
		.min(2)
		.default(2)
		.meta({ title: 'Smallest group to divide', description: 'A group with fewer rows than this is not divided further.', advanced: true }),
	max_features: z
		.enum(['auto', 'sqrt', 'log2', 'third', 'all'])
		.default('auto')
		.meta({
			title: 'Columns tried at each split',
			description: 'How many randomly chosen columns a split may use.',
			advanced: true,
			labels: {
				auto: 'Automatic (square root for classes, all for numbers)',
				sqrt: 'Square root of all',
				log2: 'Logarithm of all',
				third: 'A third',
				all: 'All',
			},
		}),
	max_leaf_nodes: z
		.number()
		.int()
		.min(2)
		.max(10_000_000)
		.default(10_000_000)
		.meta({ title: 'Leaves a tree', description: 'The largest number of groups a tree may divide the rows into.', advanced: true }),
	bootstrap: z
		.boolean()
		.default(true)
		.meta({ title: 'Draw rows', description: 'Whether each tree learns from a random draw of the rows with replacement.', advanced: true }),
	extra_trees: z.boolean().default(false).meta({
		title: 'Random thresholds',
		description: 'Whether to split at a random place instead of the best one: faster, and sometimes steadier.',
		advanced: true,
	}),
	max_bin: maxBin,
});
type Params = z.infer<typeof params>;

function tries(p: Params, columns: number, classes: number): number {
	const rule = p.max_features === 'auto' ? (classes > 0 ? 'sqrt' : 'all') : p.max_features;
	const count = { sqrt: Math.sqrt(columns), log2: Math.log2(columns), third: columns / 3, all: columns }[rule];
	return Math.max(1, Math.floor(count));
}

/** Random forest and extra trees on the tree engine; parameters and their meanings are scikit-learn's. */
export const randomForest = defineLearner<Params>({
	id: 'randomForest',
	label: 'Random forest',
	description:
		'Many deep trees on random draws of rows and columns that vote. Robust, with hardly anything to set; takes missing values ' +
		'and categories as they are.',
	outputs: ['probability', 'probabilities', 'value'],
	params,
	searchSpace: { min_samples_leaf: [1, 5, 20], max_features: ['auto', 'third', 'log2'], n_estimators: [100, 300] },
	needs: () => ({ categories: 'codes', missing: 'native', scaled: false }),
	// A draw with replacement holds 63 % of the rows.
	estimate: (rows, columns, p, threads) => ({
		bytes: forestBytes({
			rows,
			columns,
			threads,
			trees: p.n_estimators,
			leaves: Math.min(p.max_leaf_nodes, ((p.bootstrap ? 0.64 : 1) * rows) / p.min_samples_leaf),
		}),
	}),
	async fit(input, p, context) {
		const result = await growForest({
			train: input.train,
			labels: input.labels,
			context,
			params: {
				numTrees: p.n_estimators,
				maxDepth: p.max_depth,
				minDataInLeaf: p.min_samples_leaf,
				minDataToSplit: p.min_samples_split,
				maxLeaves: p.max_leaf_nodes,
				minImpurityDecrease: 0,
				tries: tries(p, input.train.columns.length, input.labels.classes),
				bootstrap: p.bootstrap,
				randomThresholds: p.extra_trees,
				maxBin: p.max_bin,
				seed: context.seed,
			},
		});
		const state = toState(bothClasses(result.model, input), { learner: 'randomForest', params: p });
		return { state, stopped: result.stopped, backend: result.backend };
	},
	...treeModel,
});
