import { MlopsError } from '../../domain/errors.js';
import type { Output } from '../../task/contract.js';
import { taskById } from '../../task/index.js';
import { defineLearner, type FitContext, type FitInput } from '../contract.js';
import { boost } from '../trees/boost.js';
import { lossOf, type Loss } from '../trees/losses/index.js';
import { fromState, toState } from '../trees/ensemble.js';
import { treeModel } from '../trees/treeModel.js';
import { orderedColumns, type OrderedColumns } from '../trees/ordered/orderedColumns.js';
import { treeDefaults, type TreeParams } from '../trees/treeParams.js';
import { OUTPUTS, params, type Params } from './boostingParams.js';
import { stopMetric } from './stopMetric.js';

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
	maxCatToOnehot: p.max_cat_to_onehot,
	minDataPerGroup: p.min_data_per_group,
	numGradQuantBins: p.num_grad_quant_bins,
	growth: p.grow_policy,
	extraTrees: p.extra_trees,
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

/** @throws `learn.parameter_invalid` */
function statistics({ train, labels, init }: FitInput, p: Params, { seed, note }: FitContext): OrderedColumns | undefined {
	if (!p.simple_ctr) return undefined;
	if (init) {
		throw new MlopsError('learn.parameter_invalid', 'A training with statistics of answers cannot continue an earlier one.', {
			remedy: 'Train anew, or turn the statistics off.',
		});
	}
	return orderedColumns(train, labels, { oneHotMaxSize: p.one_hot_max_size, seed, note });
}

/** Constraints by name become constraints by position. @throws `learn.parameter_invalid` */
function constraints({ train, task }: FitInput, p: Params, ordered?: OrderedColumns): Pick<TreeParams, 'monotone' | 'interactions'> {
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
		.filter((set) => set.length > 0)
		.map((set) => [...set, ...set.flatMap((column) => ordered?.statisticsOf(column) ?? [])]);
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
		num_leaves: [31, 63, 15, 7, 127],
		learning_rate: [0.03, 0.05, 0.015, 0.1],
		min_child_samples: [20, 5, 50, 1, 200],
		colsample_bytree: [1, 0.7, 0.5, 0.3],
		subsample: [1, 0.8, 0.6],
		extra_trees: [true, false],
		simple_ctr: [false, true],
		reg_lambda: [0, 3, 1, 10],
		n_estimators: [3000],
	},
	needs: (p) => ({
		...{ categories: 'codes', missing: 'native', scaled: false, byColumn: true },
		// Where people say which columns may meet, no others do.
		...(p.category_pairs && !p.interaction_constraints.trim() ? { pairs: p.category_pairs } : {}),
	}),
	estimate(rows, given, p) {
		const columns = given + p.category_pairs;
		// Bins twice (by column and by row), two index arrays, score, label, weight, gradients; histograms of every leaf.
		// Statistics of a column: four bytes, binned like columns, and one more each as they are made.
		const wide = p.simple_ctr ? 5 * columns : columns;
		const row = 2 * Math.max(8, Math.ceil(wide * 1.15)) + 8 + 24 + 8 + (wide - columns);
		return { bytes: rows * row + Math.min(p.num_leaves, rows) * wide * 2048 + 64e6 };
	},
	async fit(input, p, context) {
		checkSampling(p);
		const loss = chooseLoss(input, p);
		const ordered = statistics(input, p, context);
		const { valid } = input;
		const result = await boost({
			train: ordered?.train ?? input.train,
			labels: input.labels,
			valid: valid && ordered ? { ...valid, x: ordered.others(valid.x) } : valid,
			turns: ordered?.turns,
			loss,
			watch: p.early_stopping_metric === 'loss' ? undefined : stopMetric(p.early_stopping_metric, input.task, loss),
			params: { ...engineParams(p, context.seed), ...constraints(input, p, ordered) },
			init: input.init ? fromState(input.init) : undefined,
			context,
		});
		return {
			state: toState(ordered?.asCategories(result.model) ?? result.model, { learner: 'gradientBoosting', params: p }),
			stopped: result.stopped,
			bestIteration: result.bestIteration,
			backend: result.backend,
		};
	},
	...treeModel,
	draws: (p) =>
		p.extra_trees ||
		p.simple_ctr ||
		p.colsample_bytree < 1 ||
		p.num_grad_quant_bins > 0 ||
		p.data_sample_strategy === 'goss' ||
		(p.subsample < 1 && p.subsample_freq > 0),
});
