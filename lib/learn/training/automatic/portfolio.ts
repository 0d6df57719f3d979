/** A setting of a learner that Automatic tries before it searches. */
export interface Setting {
	learner: string;
	params: Readonly<Record<string, unknown>>;
	/** Why it has this place. */
	why: string;
}

const LIKE_CATBOOST = {
	n_estimators: 3000,
	learning_rate: 0.05,
	grow_policy: 'depth',
	max_depth: 6,
	num_leaves: 64,
	min_child_samples: 1,
	reg_lambda: 3,
	subsample: 0.8,
	extra_trees: true,
	simple_ctr: true,
	early_stopping_rounds: 50,
} as const;

/** Pairs of category columns that a setting may use, at most. */
const PAIRS = 8;

/**
 * What Automatic tries first, in this order: strong settings that go well together, quick ones first, so that a short budget has something
 * good of each kind. Where figures come from a study it is named: LGBM_TD are the tuned defaults of pytabkit (Holzmüller, Grinsztajn and
 * Steinwart 2024), AutoGluon's are of its portfolio of December 2025, translated to the parameters that our engine has.
 */
export const PORTFOLIO: readonly Setting[] = [
	{ learner: 'gradientBoosting', params: {}, why: "LightGBM's defaults: quick, and rarely far from the best." },
	{
		learner: 'logisticRegression',
		params: {},
		why: 'The other kind of model: quick, best on small tables, and errs elsewhere than trees.',
	},
	{ learner: 'linearRegression', params: {}, why: 'The same for numbers.' },
	{ learner: 'decisionTree', params: {}, why: 'Takes no time, and shows what a model that fits on a page can do.' },
	{
		learner: 'randomForest',
		params: { n_estimators: 300 },
		why: "AutoGluon's and scikit-learn's forest. 300 trees, since the shares of 100 come in steps of .01.",
	},
	{
		learner: 'gradientBoosting',
		params: LIKE_CATBOOST,
		why:
			"CatBoost's defaults, as far as our engine has them: trees that grow level by level, six deep, with leaves that are shrunk, " +
			'many categories by their answers, and borders at random in the place of its noise. The best setting on tables with categories.',
	},
	{
		learner: 'gradientBoosting',
		params: { category_pairs: PAIRS },
		why: 'Two categories that tell something together alone, as CatBoost combines them; tried where such pairs are found.',
	},
	{
		learner: 'gradientBoosting',
		params: { ...LIKE_CATBOOST, category_pairs: PAIRS },
		why: 'The same with the answers of each pair: many categories, and few rows each.',
	},
	{
		learner: 'randomForest',
		params: { n_estimators: 300, extra_trees: true },
		why: "AutoGluon's extra trees: thresholds at random err elsewhere than the forest.",
	},
	{
		learner: 'gradientBoosting',
		params: { n_estimators: 5000, learning_rate: 0.025, num_leaves: 6, min_child_samples: 10, early_stopping_rounds: 50 },
		why: 'Shallow trees: columns that mostly add up, and small tables, where 31 leaves learn by heart.',
	},
	{ learner: 'neuralNetwork', params: {}, why: 'Smooth combinations of columns that trees have to build of steps.' },
	{
		learner: 'gradientBoosting',
		params: { n_estimators: 3000, learning_rate: 0.05, extra_trees: true, min_child_samples: 10, early_stopping_rounds: 50 },
		why: 'One border a column, at random: as large as the default, and errs elsewhere.',
	},
	{
		learner: 'gradientBoosting',
		params: {
			n_estimators: 3000,
			learning_rate: 0.04,
			num_leaves: 50,
			min_child_samples: 40,
			subsample: 0.75,
			early_stopping_rounds: 50,
		},
		why: 'LGBM_TD: many small steps, the best fixed setting over 118 tables.',
	},
	{
		learner: 'gradientBoosting',
		params: { n_estimators: 4000, learning_rate: 0.0179, num_leaves: 39, colsample_bytree: 0.46, early_stopping_rounds: 60 },
		why: "AutoGluon's third: half of the columns a tree.",
	},
	{
		learner: 'gradientBoosting',
		params: {
			n_estimators: 3000,
			learning_rate: 0.03,
			num_leaves: 128,
			colsample_bytree: 0.9,
			min_child_samples: 3,
			early_stopping_rounds: 50,
		},
		why: "AutoGluon's large boosting: fine detail, for tables with many rows.",
	},
	{
		learner: 'logisticRegression',
		params: { C: 0.1, l1_ratio: 0.5 },
		why: 'Drops what says nothing: tables with more columns than they deserve.',
	},
	{ learner: 'linearRegression', params: { alpha: 0.1, l1_ratio: 0.5 }, why: 'The same for numbers.' },
	{
		learner: 'tabularNetwork',
		params: {},
		why:
			'RealMLP-TD as far as a processor has time for it: often the best single model of a table, and errs elsewhere than trees. It takes ' +
			'ten times as long as they do, so that it comes when they had their turn.',
	},
	{
		learner: 'gradientBoosting',
		params: { n_estimators: 5000, learning_rate: 0.0114, num_leaves: 84, colsample_bytree: 0.53, early_stopping_rounds: 60 },
		why: "AutoGluon's fifth: the smallest steps, so the last.",
	},
];
