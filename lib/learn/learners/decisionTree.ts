import { z } from 'zod/v4';
import { defineLearner } from '../contract.js';
import { bothClasses } from '../trees/forest/bothClasses.js';
import { growForest } from '../trees/forest/growForest.js';
import { prune } from '../trees/forest/prune.js';
import { forestBytes } from '../trees/forest/planForest.js';
import { toState } from '../trees/ensemble.js';
import { treeModel } from '../trees/treeModel.js';
import { maxBin } from './maxBin.js';

const params = z.object({
	max_depth: z.number().int().min(-1).max(1000).default(-1).meta({
		title: 'Maximum depth',
		description: 'How many questions may follow one another; -1 sets no limit. A few make a tree that people can read.',
	}),
	min_samples_leaf: z
		.number()
		.int()
		.min(1)
		.default(1)
		.meta({ title: 'Smallest leaf', description: 'No answer may rest on fewer training rows than this.' }),
	ccp_alpha: z.number().min(0).default(0).meta({
		title: 'Pruning',
		description: 'Cuts off branches that improve the fit by less than this for each leaf they add; 0 cuts nothing. Try 0.001 to 0.02.',
	}),
	min_samples_split: z.number().int().min(2).default(2).meta({
		title: 'Fewest rows for a question',
		description: 'Where fewer rows than this arrive, nothing more is asked.',
		advanced: true,
	}),
	min_impurity_decrease: z.number().min(0).default(0).meta({
		title: 'Least improvement',
		description:
			'A question is asked only if it lowers the impurity, times the share of the rows that it is asked of, by at least this much.',
		advanced: true,
	}),
	max_leaf_nodes: z.number().int().min(2).max(10_000_000).default(10_000_000).meta({
		title: 'Most leaves',
		description: 'How many different answers the tree may give; the most useful questions are asked first.',
		advanced: true,
	}),
	max_features: z
		.enum(['all', 'sqrt', 'log2'])
		.default('all')
		.meta({
			title: 'Columns to choose from',
			description: 'How many columns, drawn at random, each question may choose from.',
			advanced: true,
			labels: { all: 'All', sqrt: 'Square root of all', log2: 'Logarithm of all' },
		}),
	splitter: z
		.enum(['best', 'random'])
		.default('best')
		.meta({
			title: 'Thresholds',
			description: 'Whether a question asks for the best place to divide a column, or for a random one.',
			advanced: true,
			labels: { best: 'Best', random: 'Random' },
		}),
	max_bin: maxBin,
});
type Params = z.infer<typeof params>;

const triesOf = ({ max_features }: Params, columns: number): number =>
	Math.max(1, Math.floor({ all: columns, sqrt: Math.sqrt(columns), log2: Math.log2(columns) }[max_features]));

/** A single decision tree on the forest's engine; parameters and their meanings are scikit-learn's. */
export const decisionTree = defineLearner<Params>({
	id: 'decisionTree',
	label: 'Decision tree',
	description:
		'One tree of questions that lead to an answer. Easy to explain when kept small, less accurate than many trees together; ' +
		'takes missing values and categories as they are.',
	outputs: ['probability', 'probabilities', 'value'],
	params,
	searchSpace: { min_samples_leaf: [20, 5, 50], max_depth: [-1, 8, 5], ccp_alpha: [0, 0.001] },
	needs: () => ({ categories: 'codes', missing: 'native', scaled: false }),
	estimate: (rows, columns, p) => ({
		bytes: forestBytes({ rows, columns, trees: 1, threads: 1, leaves: Math.min(p.max_leaf_nodes, rows / p.min_samples_leaf) }),
	}),
	async fit(input, p, context) {
		const { classes } = input.labels;
		const { model, stopped, backend } = await growForest({
			train: input.train,
			labels: input.labels,
			context,
			params: {
				numTrees: 1,
				bootstrap: false,
				maxDepth: p.max_depth,
				minDataInLeaf: p.min_samples_leaf,
				minDataToSplit: p.min_samples_split,
				maxLeaves: p.max_leaf_nodes,
				minImpurityDecrease: p.min_impurity_decrease,
				tries: triesOf(p, input.train.columns.length),
				randomThresholds: p.splitter === 'random',
				maxBin: p.max_bin,
				seed: context.seed,
			},
		});
		const pruned = bothClasses(prune(model, p.ccp_alpha, classes), input);
		return { state: toState(pruned, { learner: 'decisionTree', params: p }), stopped, backend };
	},
	...treeModel,
});
