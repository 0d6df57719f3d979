import { metricsFor } from '../task/measure.js';
import { metricById } from '../task/metrics/index.js';
import { murmurTwice } from '../domain/random.js';
import { shuffled } from '../task/statistics/sampling.js';
import type { TallyInput } from './predictionTally.js';

/**
 * With fewer test rows of a class than this the gate does not judge: of four positives, two that happen to score high are an AUC of 0.75.
 */
export const LEAST_OF_A_CLASS = 5;
/** The same for all test rows together. */
export const LEAST_ROWS = 10;

const named = (classes: readonly string[], counts: ArrayLike<number>, of: readonly number[]): string => {
	const shown = of.slice(0, 5).map((c) => `${counts[c]} of "${classes[c]}"`);
	return `${shown.join(', ')}${of.length > 5 ? ` and ${of.length - 5} more classes` : ''}`;
};

/** Rows of each class. */
export function classCounts(labels: Float64Array, classes: number): Uint32Array {
	const counts = new Uint32Array(classes);
	for (const y of labels) counts[y]++;
	return counts;
}

/**
 * Why these rows are too few to judge a model by these metrics, and what to do; undefined where they are enough. Two classes: five rows of
 * each. More: five of each class where the metric counts classes alike, else five of at least two. Always ten rows. @param what these rows
 * are called
 */
export function tooFewToJudge(
	classes: readonly string[],
	labels: Float64Array,
	metrics: readonly string[],
	what = 'test rows',
): string | undefined {
	const remedy = 'Bring in more rows, or give the test a larger share in Train.';
	if (labels.length < LEAST_ROWS)
		return (
			`There are only ${labels.length} ${what}: with fewer than ${LEAST_ROWS} any score may be luck, so the gate does not ` +
			`judge. ${remedy}`
		);
	if (!classes.length) return undefined;
	const counts = classCounts(labels, classes.length);
	const rare = classes.map((_, c) => c).filter((c) => counts[c] < LEAST_OF_A_CLASS);
	const each = metrics.some((m) => metricById(m)?.eachClass);
	if (each ? rare.length === 0 : classes.length - rare.length >= 2) return undefined;
	return (
		`Among the ${labels.length.toLocaleString('en-US')} ${what} are only ${named(classes, counts, rare)}: with fewer than ` +
		`${LEAST_OF_A_CLASS} of a class any score may be luck, so the gate does not judge. Bring in more rows of ` +
		`${rare.length === 1 ? 'that class' : 'those classes'}, or give the test a larger share in Train.`
	);
}

/** Classes that the test can say nothing of although it judges the whole. */
export function unjudgedClasses(classes: readonly string[], labels: Float64Array): string | undefined {
	const counts = classCounts(labels, classes.length);
	const rare = classes.map((_, c) => c).filter((c) => counts[c] < LEAST_OF_A_CLASS);
	return rare.length ? `Too few test rows to judge these classes: ${named(classes, counts, rare)}.` : undefined;
}

/** Beyond these counts the intervals are trusted alone. */
const MANY_OF_A_CLASS = 200;
const MANY_ROWS = 1000;
const MOST_PERMUTATIONS = 999;
/** A one-sided p-value may be small as this with so many permutations: 1 in 80. */
const LEAST_PERMUTATIONS = 79;
const WORK = 2e6;
const SEED = 1934;

/**
 * One-sided level of the gate. Half of what the end of a 95 % interval has: at that level one table of noise in forty passes, and more than
 * three of sixty in one try of fifteen.
 */
export const CHANCE_LEVEL = 0.0125;

/**
 * Permutation test (Fisher 1935; Phipson & Smyth 2010 for the p-value): how often these very scores do as well on labels that are dealt out
 * to the rows at random. Exact for every metric and number of rows. Undefined where there are so many rows that the interval says enough.
 * Stops early once the p-value is sure to be above the level.
 */
export function chanceOf(
	metric: string,
	higherIsBetter: boolean,
	{ task, classes, scores, labels, threshold }: Omit<TallyInput, 'units'>,
): number | undefined {
	const rows = labels.length;
	const rarest = classes ? Math.min(...Array.from(classCounts(labels, classes)).filter((n) => n > 0)) : rows;
	if (rows >= MANY_ROWS && rarest >= MANY_OF_A_CLASS) return undefined;
	const value = (y: Float64Array): number => metricsFor(task, y, scores, classes, { threshold, only: [metric] })[metric] ?? NaN;
	const seen = value(labels);
	const total = Math.round(Math.max(LEAST_PERMUTATIONS, Math.min(MOST_PERMUTATIONS, WORK / rows)));
	const random = murmurTwice(SEED);
	const most = CHANCE_LEVEL * (total + 1) - 1;
	let asGood = 0;
	for (let r = 0; r < total; r++) {
		const y = Float64Array.from(shuffled(rows, random), (i) => labels[i]);
		const other = value(y);
		if (higherIsBetter ? other >= seen - 1e-12 : other <= seen + 1e-12) asGood++;
		if (asGood > most) return Math.max((1 + asGood) / (r + 2), CHANCE_LEVEL + 1e-9);
	}
	return (1 + asGood) / (total + 1);
}
