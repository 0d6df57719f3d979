import { own } from '../domain/dictionary.js';
import type { TaskType } from '../domain/column.js';
import type { Quality } from '../task/contract.js';
import { taskById } from '../task/index.js';
import type { Metric } from '../task/metrics/contract.js';
import { METRICS, metricById } from '../task/metrics/index.js';
import { number, percent, plain, score } from './formatting.js';

type About = { task: TaskType; target: string };

/** What a model is about, for titles: its target, or what it finds without one. */
export const subject = ({ task, target }: About): string => taskById(task).finds ?? target;

/** What a model does: `predicts “churn”`, `finds anomalies`. */
export const purpose = ({ task, target }: About): string => {
	const { finds } = taskById(task);
	return finds ? `finds ${finds}` : `predicts “${plain(target, 60)}”`;
};

/** The same as a fact with its label. */
export function purposeFact({ task, target }: About): { label: string; value: string } {
	const { finds } = taskById(task);
	return finds ? { label: 'Finds', value: finds } : { label: 'Predicts', value: target };
}

/** How a metric is called, read and written for people. */
export interface MetricWords {
	label: string;
	better: 'higher' | 'lower';
	/** Shares are written as percentages, the others as numbers. */
	share: boolean;
	/** What it measures, in half a sentence. */
	meaning: string;
}

/** Letters and digits of an id, however it is written. */
const bare = (id: string): string => id.replace(/[^a-z0-9]/gi, '').toLowerCase();

const SPELLINGS = new Map(METRICS.flatMap((m) => [bare(m.id), ...(m.aliases ?? [])].map((name) => [name, m])));

/** The metric of an id, or of another tool's spelling that means the same. */
const metricOf = (id: string): Metric | undefined => metricById(id) ?? SPELLINGS.get(bare(id));

/** Words for a metric id; an unknown one is called by its id and taken as "higher is better" unless its name says error or loss. */
export function metricWords(id: string): MetricWords {
	const known = metricOf(id);
	if (known) return { label: known.title, better: known.better, share: known.unit === 'share', meaning: known.meaning };
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

/** Whether an interval is all that the metric can be: it says nothing but that rows are too few. */
export function saysNothing(id: string, low: number, high: number): boolean {
	const range = metricOf(id)?.range;
	return range !== undefined && Number.isFinite(range[1] - range[0]) && low <= range[0] && high >= range[1];
}

/** An error of more than so many times the true value is told as no figure. */
const MOST_TIMES = 1e4;

/** A metric's value as text: `70.2 %` for shares, `0.702` for scores. */
export function metricValue(id: string, value: number | null | undefined): string {
	const size = Math.abs(value ?? 0);
	// A share of true values next to 0 is a number of fifteen digits that says nothing.
	if (metricWords(id).share)
		return size > MOST_TIMES ? '> 1,000,000\u00a0%' : percent(value, value !== null && value !== undefined && size < 1 ? 1 : 0);
	// `0.000` would say that nothing is left.
	if (size > 0 && size < 0.0005) return number(value, 2);
	return size >= 100 ? number(value, 4) : score(value);
}

/**
 * One sentence for a business user on how good a model is and what guessing would give.
 * Reads the primary metric and its baseline; further metrics only where they make the sentence plainer.
 */
export function conclusion(input: Quality & { task: TaskType }): string {
	const { task, metrics, baseline } = input;
	const value = own(metrics, input.primary);
	const guess = own(baseline, input.primary);
	const words = metricWords(input.primary);
	if (value === undefined || !Number.isFinite(value)) return `No ${words.label.toLowerCase()} could be computed for this model.`;
	const said = taskById(task).conclusion(input, { number, percent });
	if (said) return said;
	if (guess === undefined) return `${words.label} is ${metricValue(input.primary, value)}.`;
	const gain = words.better === 'higher' ? value - guess : guess - value;
	return (
		`${words.label} is ${metricValue(input.primary, value)}; guessing gives ` +
		`${metricValue(input.primary, guess)}${gain <= 0 ? ', so this model is of no use yet' : ''}.`
	);
}

/**
 * The metric that stands in front of a report: the one that ranks, unless its figure means nothing to most people (a log loss of 0.013)
 * while there is a plainer one for the task.
 */
export function headlineMetric(task: TaskType, primary: string, metrics: Record<string, unknown>): string {
	const { plain } = taskById(task);
	if (plain.length === 0 || plain.includes(primary) || metricWords(primary).share) return primary;
	return plain.find((id) => Object.hasOwn(metrics, id)) ?? primary;
}
