import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import type { Output } from '../../task/contract.js';
import { TASKS } from '../../task/index.js';
import type { Metric } from '../../task/metrics/contract.js';
import { METRICS } from '../../task/metrics/index.js';
import { maxBin } from './maxBin.js';

/** What boosting can give. */
export const OUTPUTS: readonly Output[] = ['probability', 'probabilities', 'value'];
/** What can be watched in the place of the loss. */
const WATCHED = METRICS.filter((m) => !m.withoutTruth && m.outputs.some((output) => OUTPUTS.includes(output)));

const tasksJudged = ({ outputs }: Metric): string =>
	TASKS.filter(({ output }) => OUTPUTS.includes(output) && outputs.includes(output))
		.map((t) => t.short)
		.join(', ');

/** Parameters of boosting, LightGBM's in the names of its scikit-learn interface. */
export const params = z.object({
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
	max_bin: maxBin,
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
	max_cat_to_onehot: z
		.number()
		.int()
		.min(1)
		.max(10_000)
		.default(4)
		.meta({
			title: 'Few categories',
			description:
				'A column with fewer different values than this is split one value against all others; one with more by a set of values. ' +
				'As in LightGBM, missing counts as one of them, whether any value is missing or not.',
			advanced: true,
		}),
	min_data_per_group: z.number().int().min(1).default(100).meta({
		title: 'Smallest group of categories',
		description: 'Where a set of categories is split off, it grows by at least this many rows at a time. Larger values resist noise.',
		advanced: true,
	}),
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
	extra_trees: z
		.boolean()
		.default(false)
		.meta({
			title: 'Borders at random',
			description:
				'In each group one border a column is tried, drawn at random, in the place of all. Trees differ more and learn less by heart: ' +
				'often better on few rows, with more trees.',
			advanced: true,
		}),
	simple_ctr: z
		.boolean()
		.default(false)
		.meta({
			title: 'Categories by their answers',
			description:
				'Columns of many categories are divided by the mean answer of each category, found for every row from rows before it in a random ' +
				'order, as CatBoost does. Often better where many categories have few rows each.',
			advanced: true,
		}),
	category_pairs: z
		.number()
		.int()
		.min(0)
		.max(20)
		.default(0)
		.meta({
			title: 'Pairs of categories',
			description:
				'So many pairs of category columns, at most, become columns of their own: those whose values together tell what neither tells ' +
				'alone (a kind of card and its year, say). They are chosen by the training rows; where none tells more, there are none.',
			advanced: true,
		}),
	one_hot_max_size: z
		.number()
		.int()
		.min(1)
		.max(10_000)
		.default(10)
		.meta({
			title: 'Categories that stay as they are',
			description: 'A column with at most so many different values is not divided by their answers.',
			advanced: true,
			when: { simple_ctr: [true] },
		}),
});
export type Params = z.infer<typeof params>;
