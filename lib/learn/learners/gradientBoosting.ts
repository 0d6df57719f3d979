import { z } from 'zod/v4';
import { defineLearner, type State } from '../contract.js';
import { boost } from '../trees/boost.js';
import { logistic } from '../trees/losses/logistic.js';
import { softmax } from '../trees/losses/softmax.js';
import { squared } from '../trees/losses/squared.js';
import { fromState, toState } from '../trees/model.js';
import { treeDefaults, type TreeParams } from '../trees/params.js';
import { treePredictor } from '../trees/predict.js';

const params = z.object({
	n_estimators: z.number().int().min(1).max(100_000).default(100).meta({ title: 'Number of trees', description: 'How many trees are added one after another. More trees learn more detail and take longer.' }),
	learning_rate: z.number().positive().max(1).default(0.1).meta({ title: 'Learning rate', description: 'How much each tree may correct. Smaller is more careful and needs more trees.' }),
	num_leaves: z.number().int().min(2).max(131_072).default(31).meta({ title: 'Leaves a tree', description: 'The largest number of groups a single tree may divide the rows into.' }),
	max_depth: z.number().int().min(-1).max(1000).default(-1).meta({ title: 'Maximum depth', description: 'The longest chain of questions in a tree; -1 sets no limit.', advanced: true }),
	min_child_samples: z.number().int().min(0).default(20).meta({ title: 'Smallest leaf', description: 'A group with fewer rows than this is not split off. Larger values resist noise.' }),
	early_stopping_rounds: z.number().int().min(0).default(0).meta({ title: 'Stop early after', description: 'Stop when the validation rows have not improved for this many trees, and keep the best; 0 never stops early.' }),
	subsample: z.number().positive().max(1).default(1).meta({ title: 'Share of rows a tree', description: 'Each tree sees a random share of the rows. Below 1 is faster and may generalise better.', advanced: true }),
	subsample_freq: z.number().int().min(0).default(1).meta({ title: 'Redraw rows every', description: 'After how many trees the random share of rows is drawn again.', advanced: true }),
	colsample_bytree: z.number().positive().max(1).default(1).meta({ title: 'Share of columns a tree', description: 'Each tree may use a random share of the columns.', advanced: true }),
	reg_alpha: z.number().min(0).default(0).meta({ title: 'L1 regularisation', description: 'Pulls small leaf values to zero.', advanced: true }),
	reg_lambda: z.number().min(0).default(0).meta({ title: 'L2 regularisation', description: 'Shrinks leaf values, most in small leaves.', advanced: true }),
	min_split_gain: z.number().min(0).default(0).meta({ title: 'Smallest gain', description: 'A split must improve the loss by at least this much.', advanced: true }),
	min_child_weight: z.number().min(0).default(1e-3).meta({ title: 'Smallest leaf weight', description: 'The smallest sum of second derivatives in a leaf.', advanced: true }),
	max_bin: z.number().int().min(2).max(255).default(255).meta({ title: 'Bins a column', description: 'Numbers are grouped into at most this many bins before training.', advanced: true }),
	cat_smooth: z.number().min(0).default(10).meta({ title: 'Smoothing of categories', description: 'Dampens the effect of rare categories.', advanced: true }),
	cat_l2: z.number().min(0).default(10).meta({ title: 'L2 for categories', description: 'Extra shrinkage for splits by category.', advanced: true }),
	grow_policy: z.enum(['leaf', 'depth']).default('leaf').meta({ title: 'Growth', description: 'Which group is divided next: the one that gains most, or level by level.', labels: { leaf: 'Best gain first', depth: 'Level by level' }, advanced: true }),
});
type Params = z.infer<typeof params>;

const engineParams = (p: Params, seed: number): TreeParams => ({
	...treeDefaults,
	numIterations: p.n_estimators, learningRate: p.learning_rate, numLeaves: p.num_leaves, maxDepth: p.max_depth, minDataInLeaf: p.min_child_samples,
	minSumHessianInLeaf: p.min_child_weight, lambdaL1: p.reg_alpha, lambdaL2: p.reg_lambda, minGainToSplit: p.min_split_gain, maxBin: p.max_bin,
	featureFraction: p.colsample_bytree, baggingFraction: p.subsample, baggingFreq: p.subsample < 1 ? p.subsample_freq : 0,
	catSmooth: p.cat_smooth, catL2: p.cat_l2, growth: p.grow_policy, earlyStoppingRounds: p.early_stopping_rounds, seed,
});

/** Gradient boosted trees on this project's own engine; parameters are LightGBM's, in the names of its scikit-learn interface. */
export const gradientBoosting = defineLearner<Params>({
	id: 'gradientBoosting',
	label: 'Gradient boosting',
	description: 'Many small trees, each correcting the ones before. Usually the most accurate choice for tables; takes missing values and categories as they are.',
	tasks: ['binary', 'multiclass', 'regression'],
	params,
	searchSpace: {
		num_leaves: [31, 63, 15, 127],
		learning_rate: [0.1, 0.05, 0.2],
		min_child_samples: [20, 50, 5, 200],
		colsample_bytree: [1, 0.8, 0.6],
		reg_lambda: [0, 1, 10],
		n_estimators: [100, 300, 600],
	},
	needs: () => ({ categories: 'codes', missing: 'native', scaled: false }),
	estimate(rows, columns, p) {
		// Bins twice (by column and by row), two index arrays, score, label, weight, gradients; histograms of every leaf.
		const row = 2 * Math.max(8, Math.ceil(columns * 1.15)) + 8 + 24 + 8;
		return { bytes: rows * row + Math.min(p.num_leaves, rows) * columns * 2048 + 64e6 };
	},
	async fit(input, p, context) {
		const loss = input.task === 'binary' ? logistic : input.task === 'multiclass' ? softmax : squared;
		const result = await boost({
			train: input.train, labels: input.labels, valid: input.valid, loss, params: engineParams(p, context.seed),
			init: input.init ? fromState(input.init) : undefined, context,
		});
		return {
			state: toState(result.model, { learner: 'gradientBoosting', params: p }), stopped: result.stopped, bestIteration: result.bestIteration, backend: result.backend,
		};
	},
	validate(state: State) {
		fromState(state);
		return state;
	},
	predictor: (state, columns) => treePredictor(fromState(state), columns),
});
