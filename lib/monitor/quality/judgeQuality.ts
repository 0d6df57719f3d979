import type { Interval } from '../../domain/evaluation.js';
import type { Finding } from '../../domain/monitor.js';
import { metricValue, metricWords } from '../../report/reportWords.js';
import type { Metric } from '../../task/metrics/contract.js';
import { metricById } from '../../task/metrics/index.js';
import { own } from '../../domain/dictionary.js';
import { standingOf, type Reference } from './standing.js';
import { groupWeights } from '../groupWeights.js';
import type { Measured } from './measureKnown.js';
import type { QualityParams } from './qualityParams.js';

/** Level of a sentence about one look: what is out of order by itself. Whether that is an alarm is decided over many looks. */
const LEVEL = 0.05;

/** Answers of one version in a window, all of them or those of a segment, with what they are compared with. */
export interface QualityGroup {
	version: number;
	/** `Carrier = AA`, `version 3`, `version 3, Carrier = AA`; absent: all answers of the version that speaks for the window. */
	segment?: string;
	/** Whether these are all answers of the version. */
	whole: boolean;
	now: Measured;
	/** The same measured on the test rows. */
	test?: Measured;
	/** And on answers of the version before. */
	before?: Measured & { version: number };
	/** Whether enough of it is known to be compared. */
	judged: boolean;
}

type Judging = Pick<QualityParams, 'against' | 'limit' | 'smallestChange'> & { metric: string };

/**
 * What was found in a window: for each group one finding a metric. The metric that decides carries the weight, half of it for all answers
 * of a version and half for its segments, by the version's share of the answers; the other metrics are shown with weight 0.
 */
export function qualityFindings(groups: readonly QualityGroup[], judging: Judging): Finding[] {
	const weights = groupWeights(groups.map((group) => ({ ...group, rows: group.now.rows })));
	return groups.flatMap((group, k) =>
		Object.entries(group.now.metrics).map(([id, now]) => findingOf(id, now, group, judging, id === judging.metric ? weights[k] : 0)),
	);
}

function findingOf(id: string, now: Interval, group: QualityGroup, judging: Judging, weight: number): Finding {
	const { version, segment, before, judged } = group;
	const metric = metricById(id)!;
	const against = referenceOf(id, group, judging);
	const standing = against && judged ? standingOf(metric, now, group.now.effective, against) : undefined;
	const smallest = judging.against === 'limit' ? 0 : judging.smallestChange * Math.abs(against?.value.value ?? 0);
	const effect = standing && smallest > 0 ? Math.max(0, standing.worse / smallest) : undefined;
	const earlier = before && own(before.metrics, id);
	const bad = weight > 0 && standing !== undefined && standing.pValue < LEVEL * weight && (effect ?? 1) >= 1;
	return {
		about: id,
		...(segment === undefined ? {} : { segment }),
		version,
		value: now.value,
		reference: against?.value.value ?? null,
		interval: [now.low, now.high],
		...(standing ? { pValue: standing.pValue, ...(standing.shared > 0 ? { shared: standing.shared } : {}) } : {}),
		...(effect === undefined ? {} : { effect }),
		...(metric.unit ? { unit: metric.unit } : {}),
		weight,
		...(earlier ? { before: beforeOf(metric, now, group, before, earlier) } : {}),
		...(bad ? { why: whyOf(metric, now, against!.value.value, group, judging) } : {}),
	};
}

function beforeOf(
	metric: Metric,
	now: Interval,
	{ now: { effective }, judged }: QualityGroup,
	{ version, rows, effective: theirs }: NonNullable<QualityGroup['before']>,
	value: Interval,
): Finding['before'] {
	const { pValue } = standingOf(metric, now, effective, { value, effective: theirs });
	return { version, value: value.value, rows, ...(judged ? { pValue } : {}) };
}

/** What a metric is compared with; nothing where it has no value there. A limit is one of the deciding metric alone. */
function referenceOf(id: string, { test, before }: QualityGroup, judging: Judging): Reference | undefined {
	if (judging.against === 'limit') {
		const { limit: value } = judging;
		return id === judging.metric ? { value: { value, low: value, high: value } } : undefined;
	}
	const from = judging.against === 'before' ? before : test;
	const value = from && own(from.metrics, id);
	return value && { value, effective: from.effective };
}

const AGAINST = {
	test: () => 'the test rows gave',
	before: ({ before }: QualityGroup) => `version ${before!.version} had`,
	limit: () => 'the limit is',
} as const;

function whyOf({ id }: Metric, { value, low, high }: Interval, reference: number, group: QualityGroup, { against }: Judging): string {
	const write = (x: number): string => metricValue(id, x);
	return (
		`${metricWords(id).label} is ${write(value)} (${write(low)} to ${write(high)})` +
		`${group.segment === undefined ? '' : ` for ${group.segment}`}, where ${AGAINST[against](group)} ${write(reference)}`
	);
}

/** One sentence on a window that was judged, for a business user. */
export function qualitySummary(findings: readonly Finding[], metric: string, known: number): string {
	const bad = findings.flatMap(({ why }) => (why === undefined ? [] : [why]));
	if (bad.length) return `${bad.join('. ')}.`;
	const main = findings.find(({ about, segment }) => about === metric && segment === undefined);
	const { label } = metricWords(metric);
	if (!main) return `${label} has no value in this window.`;
	const told =
		main.reference === null || main.reference === undefined ? '' : `, where ${metricValue(metric, main.reference)} was to be expected`;
	return `${label} is ${metricValue(metric, main.value)} by ${known.toLocaleString('en-US')} answers whose truth is known${told}.`;
}
