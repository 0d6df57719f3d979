import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { columnsParam } from '../../domain/ui.js';
import type { Output } from '../../task/contract.js';
import { TASKS, taskById } from '../../task/index.js';
import type { Metric } from '../../task/metrics/contract.js';
import { METRICS } from '../../task/metrics/index.js';
import { defineLearner, type FitInput, type State } from '../contract.js';
import { boost } from '../trees/boost.js';
import { lossOf, type Loss } from '../trees/losses/index.js';
import { treesToOnnx } from '../trees/export/onnx.js';
import { fromState, toState } from '../trees/model.js';
import { treeDefaults, type TreeParams } from '../trees/params.js';
import { treePredictor } from '../trees/predict.js';
import { stopMetric } from './stopMetric.js';

const OUTPUTS: readonly Output[] = ['probability', 'probabilities', 'value'];
/** What can be watched in the place of the loss. */
const WATCHED = METRICS.filter((m) => !m.withoutTruth && m.outputs.some((output) => OUTPUTS.includes(output)));

const tasksJudged = ({ outputs }: Metric): string =>
	TASKS.filter(({ output }) => OUTPUTS.includes(output) && outputs.includes(output))
		.map((t) => t.short)
		.join(', ');

const params = z.object({
	n_estimators: z.number().int().min(1).max(100_000).default(100).meta({
		title: 'Number of trees',
		description: 'How many trees are added one after another. More trees learn more detail and take longer.',
	}),
	learning_rate: z
		.number()
		.positive()
		.max(1)
		.default(0.1)
		.meta({ title: 'Learning rate', description: 'How much each tree may correct. Smaller is more careful and needs more trees.' }),
	num_leaves: z
		.number()
		.int()
		.min(2)
		.max(131_072)
		.default(31)
		.meta({ title: 'Leaves a tree', description: 'The largest number of groups a single tree may divide the rows into.' }),
	max_depth: z
		.number()
		.int()
		.min(-1)
		.max(1000)
		.default(-1)
		.meta({ title: 'Maximum depth', description: 'The longest chain of questions in a tree; -1 sets no limit.', advanced: true }),
	min_child_samples: z
		.number()
		.int()
		.min(0)
		.default(20)
		.meta({ title: 'Smallest leaf', description: 'A group with fewer rows than this is not split off. Larger values resist noise.' }),
	objective: z
		.enum(['regression', 'regression_l1', 'huber', 'quantile', 'poisson', 'gamma', 'tweedie'])
		.default('regression')
		.meta({
			title: 'Error to minimise (numbers)',
			description: 'What counts as a good prediction when the target is a number. Ignored when the target is a class.',
			advanced: true,
			labels: {
				regression: 'Squared error: the mean',
				regression_l1: 'Absolute error: the median',
				huber: 'Huber: the mean, robust to outliers',
				quantile: 'Quantile: a value that a share of rows stays below',
				poisson: 'Poisson: counts',
				gamma: 'Gamma: positive amounts',
				tweedie: 'Tweedie: amounts that are often zero',
			},
		}),
	alpha: z
		.number()
		.positive()
		.max(1e6)
		.default(0.9)
		.meta({
			title: 'Quantile, or where Huber turns linear',
			description: 'For the quantile error a share between 0 and 1; for the Huber error a distance in units of the target.',
			advanced: true,
			when: { objective: ['quantile', 'huber'] },
		}),
	tweedie_variance_power: z
		.number()
		.gt(1)
		.lt(2)
		.default(1.5)
		.meta({
			title: 'Tweedie power',
			description: 'Between 1 (like counts) and 2 (like amounts).',
			advanced: true,
			when: { objective: ['tweedie'] },
		}),
	monotone_increasing: columnsParam({
		title: 'Only rising with',
		description: 'The prediction never falls when one of these numeric columns grows.',
		advanced: true,
	}),
	monotone_decreasing: columnsParam({
		title: 'Only falling with',
		description: 'The prediction never rises when one of these numeric columns grows.',
		advanced: true,
	}),
	interaction_constraints: z
		.string()
		.default('')
		.meta({
			title: 'Columns that may interact',
			description:
				'One set of column names a line, separated by commas: columns of different sets never appear on the same path of a tree. ' +
				'Empty sets no limit.',
			ui: 'text',
			advanced: true,
		}),
	early_stopping_rounds: z.number().int().min(0).default(0).meta({
		title: 'Stop early after',
		description: 'Stop when the validation rows have not improved for this many trees, and keep the best; 0 never stops early.',
	}),
	early_stopping_metric: z
		.enum(['loss', ...WATCHED.map(({ id }) => id)])
		.default('loss')
		.meta({
			title: 'Metric for stopping early',
			description: 'What has to improve on the validation rows.',
			advanced: true,
			labels: Object.fromEntries([
				['loss', 'The error that training minimises'],
				...WATCHED.map((m) => [m.id, `${m.label} (${tasksJudged(m)})`]),
			]),
		}),
	subsample: z.number().positive().max(1).default(1).meta({
		title: 'Share of rows a tree',
		description: 'Each tree sees a random share of the rows. Below 1 is faster and may generalise better.',
		advanced: true,
	}),
	subsample_freq: z
		.number()
		.int()
		.min(0)
		.default(1)
		.meta({ title: 'Redraw rows every', description: 'After how many trees the random share of rows is drawn again.', advanced: true }),
	data_sample_strategy: z
		.enum(['bagging', 'goss'])
		.default('bagging')
		.meta({
			title: 'How rows are drawn',
			description:
				'At random, or by the size of their error: all rows that are predicted badly and a few of the others. The latter is ' +
				'faster on large data.',
			advanced: true,
			labels: { bagging: 'At random', goss: 'By gradient (GOSS)' },
		}),
	top_rate: z
		.number()
		.min(0)
		.max(1)
		.default(0.2)
		.meta({
			title: 'Share kept for large gradients',
			description: 'The share of rows with the largest gradients that every tree sees.',
			advanced: true,
			when: { data_sample_strategy: ['goss'] },
		}),
	other_rate: z
		.number()
		.min(0)
		.max(1)
		.default(0.1)
		.meta({
			title: 'Share drawn of the others',
			description: 'How many of the other rows each tree sees, as a share of all rows.',
			advanced: true,
			when: { data_sample_strategy: ['goss'] },
		}),
	colsample_bytree: z
		.number()
		.positive()
		.max(1)
		.default(1)
		.meta({ title: 'Share of columns a tree', description: 'Each tree may use a random share of the columns.', advanced: true }),
	reg_alpha: z
		.number()
		.min(0)
		.default(0)
		.meta({ title: 'L1 regularisation', description: 'Pulls small leaf values to zero.', advanced: true }),
	reg_lambda: z
		.number()
		.min(0)
		.default(0)
		.meta({ title: 'L2 regularisation', description: 'Shrinks leaf values, most in small leaves.', advanced: true }),
	min_split_gain: z
		.number()
		.min(0)
		.default(0)
		.meta({ title: 'Smallest gain', description: 'A split must improve the loss by at least this much.', advanced: true }),
	min_child_weight: z
		.number()
		.min(0)
		.default(1e-3)
		.meta({ title: 'Smallest leaf weight', description: 'The smallest sum of second derivatives in a leaf.', advanced: true }),
	max_bin: z
		.number()
		.int()
		.min(2)
		.max(255)
		.default(255)
		.meta({ title: 'Bins a column', description: 'Numbers are grouped into at most this many bins before training.', advanced: true }),
	cat_rare_share: z.number().min(0).max(0.5).default(0.01).meta({
		title: 'Rare categories together',
		description: 'The rarest categories that together make up at most this share of the rows count as one; they say too little each.',
		advanced: true,
	}),
	cat_smooth: z
		.number()
		.min(0)
		.default(10)
		.meta({ title: 'Smoothing of categories', description: 'Dampens the effect of rare categories.', advanced: true }),
	cat_l2: z
		.number()
		.min(0)
		.default(10)
		.meta({ title: 'L2 for categories', description: 'Extra shrinkage for splits by category.', advanced: true }),
	num_grad_quant_bins: z
		.number()
		.int()
		.min(0)
		.max(254)
		.default(0)
		.meta({
			title: 'Levels of gradients',
			description:
				'Rounds what a tree learns from to so many levels, up or down by chance, as the quantized training of LightGBM does with ' +
				'4. Can find columns that only tell something together; 0 does not round.',
			advanced: true,
		}),
	grow_policy: z
		.enum(['leaf', 'depth'])
		.default('leaf')
		.meta({
			title: 'Growth',
			description: 'Which group is divided next: the one that gains most, or level by level.',
			labels: { leaf: 'Best gain first', depth: 'Level by level' },
			advanced: true,
		}),
});
type Params = z.infer<typeof params>;

const engineParams = (p: Params, seed: number): TreeParams => ({
	...treeDefaults,
	numIterations: p.n_estimators,
	learningRate: p.learning_rate,
	numLeaves: p.num_leaves,
	maxDepth: p.max_depth,
	minDataInLeaf: p.min_child_samples,
	minSumHessianInLeaf: p.min_child_weight,
	lambdaL1: p.reg_alpha,
	lambdaL2: p.reg_lambda,
	minGainToSplit: p.min_split_gain,
	maxBin: p.max_bin,
	featureFraction: p.colsample_bytree,
	baggingFraction: p.subsample,
	baggingFreq: p.subsample < 1 ? p.subsample_freq : 0,
	sampling: p.data_sample_strategy,
	topRate: p.top_rate,
	otherRate: p.other_rate,
	catRareShare: p.cat_rare_share,
	catSmooth: p.cat_smooth,
	catL2: p.cat_l2,
	numGradQuantBins: p.num_grad_quant_bins,
	growth: p.grow_policy,
	earlyStoppingRounds: p.early_stopping_rounds,
	seed,
});

function chooseLoss(input: FitInput, p: Params): Loss {
	const losses: Partial<Record<Output, string>> = { probability: 'binary', probabilities: 'multiclass', value: p.objective };
	const id = losses[taskById(input.task).output]!;
	if (id === 'quantile' && p.alpha >= 1) {
		throw new MlopsError('learn.parameter_invalid', `The quantile is ${p.alpha}.`, {
			expected: 'a share between 0 and 1',
			remedy: 'Set alpha to, for example, 0.9.',
		});
	}
	return lossOf(id, { alpha: p.alpha, tweedieVariancePower: p.tweedie_variance_power }) as Loss;
}

/** @throws `learn.parameter_invalid` */
function checkSampling(p: Params): void {
	if (p.data_sample_strategy !== 'goss') return;
	if (p.top_rate + p.other_rate > 1 || p.top_rate === 0 || p.other_rate === 0) {
		throw new MlopsError('learn.parameter_invalid', `GOSS would keep ${p.top_rate} of the rows and draw ${p.other_rate}.`, {
			expected: 'two shares above 0 that add up to at most 1',
			remedy: 'Set them to, for example, 0.2 and 0.1.',
		});
	}
	if (p.subsample < 1) {
		throw new MlopsError('learn.parameter_invalid', 'Rows cannot be drawn by gradient and at random at once.', {
			expected: 'a share of rows of 1 with GOSS',
			remedy: 'Set the share of rows to 1, or draw at random.',
		});
	}
}

/** Constraints by name become constraints by position. @throws `learn.parameter_invalid` */
function constraints({ train, task }: FitInput, p: Params): Pick<TreeParams, 'monotone' | 'interactions'> {
	const position = (name: string): number => {
		const at = train.columns.findIndex((c) => c.name === name);
		if (at < 0)
			throw new MlopsError('learn.parameter_invalid', `A constraint names the column "${name}", which is no feature.`, {
				column: name,
				remedy: 'Pick the column from the list again.',
			});
		return at;
	};
	const monotone = new Array<number>(train.columns.length).fill(0);
	for (const [names, direction] of [
		[p.monotone_increasing, 1],
		[p.monotone_decreasing, -1],
	] as const) {
		for (const name of names) {
			const at = position(name);
			if (train.columns[at].kind === 'category') {
				throw new MlopsError('learn.parameter_invalid', `Column "${name}" holds categories, which have no order to rise or fall with.`, {
					column: name,
					expected: 'a numeric column',
				});
			}
			monotone[at] = direction;
		}
	}
	const sets = p.interaction_constraints
		.split('\n')
		.map((line) =>
			line
				.split(',')
				.map((n) => n.trim())
				.filter(Boolean)
				.map(position),
		)
		.filter((set) => set.length > 0);
	const any = monotone.some((d) => d !== 0);
	if (any && taskById(task).output === 'probabilities') {
		throw new MlopsError(
			'learn.parameter_invalid',
			'Rising or falling constraints need a single output, and this target has several classes.',
			{ remedy: 'Remove the constraint, or choose a target with two classes.' },
		);
	}
	return { monotone: any ? monotone : undefined, interactions: sets.length ? sets : undefined };
}

/** Gradient boosted trees on this project's own engine; parameters are LightGBM's, in the names of its scikit-learn interface. */
export const gradientBoosting = defineLearner<Params>({
	id: 'gradientBoosting',
	label: 'Gradient boosting',
	description:
		'Many small trees, each correcting the ones before. Usually the most accurate choice for tables; takes missing values and ' +
		'categories as they are.',
	outputs: OUTPUTS,
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
		checkSampling(p);
		const loss = chooseLoss(input, p);
		const result = await boost({
			train: input.train,
			labels: input.labels,
			valid: input.valid,
			loss,
			watch: p.early_stopping_metric === 'loss' ? undefined : stopMetric(p.early_stopping_metric, input.task, loss),
			params: { ...engineParams(p, context.seed), ...constraints(input, p) },
			init: input.init ? fromState(input.init) : undefined,
			context,
		});
		return {
			state: toState(result.model, { learner: 'gradientBoosting', params: p }),
			stopped: result.stopped,
			bestIteration: result.bestIteration,
			backend: result.backend,
		};
	},
	validate(state: State) {
		fromState(state);
		return state;
	},
	predictor: (state, columns) => treePredictor(fromState(state), columns),
	onnx: (state) => treesToOnnx(fromState(state)),
});
