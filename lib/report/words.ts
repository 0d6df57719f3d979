import { own } from '../domain/dictionary.js';
import type { TaskType } from '../domain/column.js';
import { number, percent, score } from './format.js';

/** How a metric is called, read and written for people. */
export interface MetricWords {
	label: string;
	better: 'higher' | 'lower';
	/** Shares are written as percentages, the others as numbers. */
	share: boolean;
	/** What it measures, in half a sentence. */
	meaning: string;
}

const METRICS: Record<string, MetricWords> = {
	auc: {
		label: 'Ranking quality (AUC)',
		better: 'higher',
		share: false,
		meaning: 'how often the model scores a positive row above a negative one; 0.5 is guessing, 1 is perfect',
	},
	aucOvr: {
		label: 'Ranking quality (AUC)',
		better: 'higher',
		share: false,
		meaning: 'how well each class is told from all others; 0.5 is guessing, 1 is perfect',
	},
	averagePrecision: {
		label: 'Average precision',
		better: 'higher',
		share: false,
		meaning: 'precision averaged over all thresholds; guessing gives the share of positives',
	},
	accuracy: { label: 'Accuracy', better: 'higher', share: true, meaning: 'share of rows that the model names correctly' },
	balancedAccuracy: { label: 'Balanced accuracy', better: 'higher', share: true, meaning: 'accuracy with every class counted alike' },
	precision: { label: 'Precision', better: 'higher', share: true, meaning: 'of the rows called positive, the share that is' },
	recall: { label: 'Recall', better: 'higher', share: true, meaning: 'of the positive rows, the share that is found' },
	specificity: { label: 'Specificity', better: 'higher', share: true, meaning: 'of the negative rows, the share that is left alone' },
	f1: { label: 'F1', better: 'higher', share: false, meaning: 'one figure for precision and recall together' },
	mcc: {
		label: 'Matthews correlation',
		better: 'higher',
		share: false,
		meaning: 'agreement of prediction and truth; 0 is guessing, 1 is perfect',
	},
	kappa: { label: "Cohen's kappa", better: 'higher', share: false, meaning: 'agreement beyond chance' },
	logLoss: { label: 'Log loss', better: 'lower', share: false, meaning: 'penalty for confident mistakes; lower is better' },
	brier: { label: 'Brier score', better: 'lower', share: false, meaning: 'mean squared error of the probabilities' },
	ece: { label: 'Calibration error', better: 'lower', share: true, meaning: 'average gap between promised and actual frequency' },
	rmse: {
		label: 'Typical error (RMSE)',
		better: 'lower',
		share: false,
		meaning: 'root of the mean squared error; large misses count more',
	},
	mse: { label: 'Mean squared error', better: 'lower', share: false, meaning: 'mean of the squared errors' },
	mae: { label: 'Mean absolute error', better: 'lower', share: false, meaning: 'how far predictions are off on average' },
	medianAe: { label: 'Median absolute error', better: 'lower', share: false, meaning: 'half of the predictions are off by less' },
	mape: { label: 'Mean absolute percentage error', better: 'lower', share: true, meaning: 'average miss as a share of the true value' },
	smape: {
		label: 'Symmetric percentage error',
		better: 'lower',
		share: true,
		meaning: 'average miss as a share of true and predicted value',
	},
	r2: {
		label: 'Explained variance (R²)',
		better: 'higher',
		share: false,
		meaning: 'share of the variation that the model explains; 0 is always predicting the mean',
	},
	cost: { label: 'Cost', better: 'lower', share: false, meaning: 'average cost of the mistakes at the chosen threshold' },
};

/** Spellings of other tools that mean the same. */
const ALIASES: Record<string, string> = {
	rocauc: 'auc',
	rocaucscore: 'auc',
	macroauc: 'auc',
	aucroc: 'auc',
	prauc: 'averagePrecision',
	auprc: 'averagePrecision',
	ap: 'averagePrecision',
	averageprecision: 'averagePrecision',
	aucovr: 'aucOvr',
	balancedaccuracy: 'balancedAccuracy',
	logloss: 'logLoss',
	crossentropy: 'logLoss',
	brierscore: 'brier',
	f1score: 'f1',
	f1macro: 'f1',
	macrof1: 'f1',
	meanabsoluteerror: 'mae',
	meansquarederror: 'mse',
	medianabsoluteerror: 'medianAe',
	medianae: 'medianAe',
	r2score: 'r2',
	matthews: 'mcc',
	cohenkappa: 'kappa',
};

/** Words for a metric id; an unknown one is called by its id and taken as "higher is better" unless its name says error or loss. */
export function metricWords(id: string): MetricWords {
	const key = id.replace(/[^a-z0-9]/gi, '').toLowerCase();
	const known = own(METRICS, id) ?? own(METRICS, key) ?? own(METRICS, own(ALIASES, key) ?? '');
	if (known) return known;
	const words = id
		.replace(/[_-]+/g, ' ')
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.toLowerCase();
	return {
		label: words.charAt(0).toUpperCase() + words.slice(1),
		better: /err|loss|cost|dev/i.test(id) ? 'lower' : 'higher',
		share: false,
		meaning: '',
	};
}

/** The canonical id behind another spelling. */
export const metricKey = (id: string): string => own(ALIASES, id.replace(/[^a-z0-9]/gi, '').toLowerCase()) ?? id;

/** A metric's value as text: `70.2 %` for shares, `0.702` for scores. */
export const metricValue = (id: string, value: number | null | undefined): string =>
	// `0.000` would say that nothing is left.
	!metricWords(id).share && value && Math.abs(value) < 0.0005
		? `${value < 0 ? '> −' : '< '}0.001`
		: metricWords(id).share
			? percent(value, value !== null && value !== undefined && Math.abs(value) < 1 ? 1 : 0)
			: Math.abs(value ?? 0) >= 100
				? number(value, 4)
				: score(value);

/** What the target's positive case is called in a sentence: `late = yes`, or just the class where that says it all. */
export const caseName = (target: string, label: string): string =>
	/^(0|1|true|false|yes|no|y|n|t|f)$/i.test(label) ? `${target} = ${label}` : label;

/**
 * One sentence for a business user on how good a model is and what guessing would give.
 * Reads the primary metric and its baseline; further metrics only where they make the sentence plainer.
 */
export function conclusion(input: {
	task: TaskType;
	target: string;
	classes: readonly string[];
	primary: string;
	metrics: Record<string, number>;
	baseline: Record<string, number>;
}): string {
	const { task, target, classes, metrics, baseline } = input;
	const key = metricKey(input.primary);
	const value = own(metrics, input.primary);
	const guess = own(baseline, input.primary);
	const words = metricWords(input.primary);
	if (value === undefined || !Number.isFinite(value)) return `No ${words.label.toLowerCase()} could be computed for this model.`;
	if (task === 'binary' && key === 'auc') {
		if (classes.length < 2)
			return `This model ranks a positive “${target}” row above a negative one ${percent(value)} of the time; guessing gives ${percent(guess ?? 0.5)}.`;
		const positive = caseName(target, classes[1]);
		const negative = caseName(target, classes[0]);
		return `This model ranks a “${positive}” case above a “${negative}” one ${percent(value)} of the time; guessing gives ${percent(guess ?? 0.5)}.`;
	}
	const hits = metrics.accuracy;
	if (task === 'multiclass' && hits !== undefined) {
		return `This model names the right “${target}” in ${percent(hits)} of cases${baseline.accuracy === undefined ? '' : `; always giving the most frequent answer gets ${percent(baseline.accuracy)}`}.`;
	}
	const miss = metrics.mae ?? (key === 'rmse' ? value : undefined);
	if (task === 'regression' && miss !== undefined) {
		const naive = metrics.mae === undefined ? guess : baseline.mae;
		return `Its predictions of “${target}” are off by ${number(miss)} ${metrics.mae === undefined ? 'as a rule' : 'on average'}${naive === undefined ? '' : `; a constant guess would be off by ${number(naive)}`}.`;
	}
	if (guess === undefined) return `${words.label} is ${metricValue(input.primary, value)}.`;
	const gain = words.better === 'higher' ? value - guess : guess - value;
	return `${words.label} is ${metricValue(input.primary, value)}; guessing gives ${metricValue(input.primary, guess)}${gain <= 0 ? ', so this model is of no use yet' : ''}.`;
}

/** Metrics that say something to everybody, by task, the best first; numbers speak for themselves. */
const PLAIN: Record<TaskType, readonly string[]> = {
	binary: ['auc', 'accuracy'],
	multiclass: ['accuracy', 'balancedAccuracy', 'auc', 'aucOvr'],
	regression: [],
};

/**
 * The metric that stands in front of a report: the one that ranks, unless its figure means nothing to most people (a log loss of 0.013) while there is a
 * plainer one for the task.
 */
export function headlineMetric(task: TaskType, primary: string, metrics: Record<string, unknown>): string {
	const plain = PLAIN[task];
	if (plain.length === 0 || plain.includes(metricKey(primary)) || metricWords(primary).share) return primary;
	for (const key of plain) {
		const id = Object.keys(metrics).find((name) => metricKey(name) === key);
		if (id !== undefined) return id;
	}
	return primary;
}
