import { own } from '../../domain/dictionary.js';
import type { Finding } from '../../domain/monitor.js';
import { metricValue, metricWords } from '../../report/reportWords.js';
import { normalSf } from '../../task/statistics/distributions.js';
import type { Metric } from '../../task/metrics/contract.js';
import { metricById } from '../../task/metrics/index.js';
import { groupWeights, type AnswerGroup } from '../groupWeights.js';
import type { MetricReference, ReferenceGroup } from './reference.js';

/** Standard errors between an estimate and the ends of its interval, as in NannyML. */
const RANGE = 3;
/** Level of a sentence about one look: what is out of order by itself. Whether that is an alarm is decided over many looks. */
const LEVEL = 0.05;

/** Answers of one version in a window, all of them or those of a segment. */
export interface EstimatedGroup extends AnswerGroup {
	/** `Carrier = AA`, `version 3`, `version 3, Carrier = AA`; absent: all answers of the version that speaks for the window. */
	segment?: string;
	/** Metrics by their ids; those that these answers do not define are left out. */
	values: Readonly<Record<string, number>>;
	/** The same of the rows whose truth is known. */
	reference?: ReferenceGroup;
}

export interface Judging {
	/** Id of the metric that decides. */
	metric: string;
	/** Share of the reference's value by which estimates may be worse before it counts. */
	smallestChange: number;
}

/** The estimate's interval: how far chance may take the metric itself, among so many answers. */
export function estimateInterval({ range: [low, high] }: Metric, value: number, chance: number, rows: number): [number, number] {
	const error = Math.sqrt(chance / rows);
	return [Math.max(low, value - RANGE * error), Math.min(high, value + RANGE * error)];
}

/**
 * Chance of an estimate at least so much worse than that of the reference, were what is asked about drawn as there; how much of this chance
 * is the reference's own; and the change by the smallest that matters. The window's chance is that of the estimate, which knows no truth
 * that could scatter; the reference's is that of the truth itself, since calibrators and inner models learned from it.
 */
export function compareEstimate(
	metric: Metric,
	value: number,
	rows: number,
	reference: MetricReference & { rows: number },
	smallestChange: number,
): Pick<Finding, 'pValue' | 'shared' | 'effect'> {
	const worse = metric.better === 'higher' ? reference.estimate - value : value - reference.estimate;
	const theirs = reference.chance / reference.rows;
	const variance = reference.spread / rows + theirs;
	const smallest = smallestChange * Math.abs(reference.value);
	return {
		pValue: variance > 0 ? normalSf(worse / Math.sqrt(variance)) : worse > 0 ? 0 : 1,
		shared: variance > 0 ? Math.min(1, theirs / variance) : 0,
		...(smallest > 0 ? { effect: worse / smallest } : {}),
	};
}

/**
 * What was found in a window: for each group one finding a metric. The metric that decides carries the weight, half of it for all answers
 * of a version and half for its segments, by the version's share of the answers; the other metrics are shown with weight 0.
 */
export function estimateFindings(groups: readonly EstimatedGroup[], judging: Judging): Finding[] {
	const weights = groupWeights(groups);
	return groups.flatMap((group, k) =>
		Object.entries(group.values).map(([id, value]) => findingOf(id, value, group, judging, id === judging.metric ? weights[k] : 0)),
	);
}

function findingOf(id: string, value: number, group: EstimatedGroup, { smallestChange }: Judging, weight: number): Finding {
	const { version, segment, rows } = group;
	const metric = metricById(id)!;
	const reference = group.reference && own(group.reference.metrics, id);
	const interval = reference && estimateInterval(metric, value, reference.chance, rows);
	const compared =
		reference && group.judged
			? compareEstimate(metric, value, rows, { ...reference, rows: group.reference!.rows }, smallestChange)
			: undefined;
	const out = weight > 0 && compared !== undefined && compared.pValue! < LEVEL * weight && (compared.effect ?? 1) >= 1;
	return {
		about: id,
		version,
		...(segment === undefined ? {} : { segment }),
		value,
		reference: reference?.value ?? null,
		...(interval ? { interval } : {}),
		...compared,
		...(metric.unit ? { unit: metric.unit } : {}),
		weight,
		...(out ? { why: whyOf(id, value, interval!, reference!.value, segment) } : {}),
	};
}

function whyOf(id: string, value: number, [low, high]: [number, number], reference: number, segment: string | undefined): string {
	const write = (x: number): string => metricValue(id, x);
	return (
		`${metricWords(id).label} is estimated at ${write(value)} (${write(low)} to ${write(high)})` +
		`${segment === undefined ? '' : ` for ${segment}`}, where the test rows gave ${write(reference)}`
	);
}

/** One sentence on a window that was judged, for a business user. */
export function estimateSummary(findings: readonly Finding[], metric: string, rows: number): string {
	const bad = findings.flatMap(({ why }) => (why === undefined ? [] : [why]));
	if (bad.length) return `${bad.join('. ')}.`;
	const main = findings.find(({ about, segment }) => about === metric && segment === undefined);
	const { label } = metricWords(metric);
	if (!main) return `${label} cannot be estimated in this window.`;
	const told = main.reference === null || main.reference === undefined ? '' : `; the test rows gave ${metricValue(metric, main.reference)}`;
	const value = metricValue(metric, main.value);
	return `${label} of ${rows.toLocaleString('en-US')} answers is estimated at ${value}, without their truth${told}.`;
}
