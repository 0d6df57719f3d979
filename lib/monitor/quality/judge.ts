import type { Interval } from '../../domain/evaluation.js';
import type { Finding } from '../../domain/monitor.js';
import { metricValue, metricWords } from '../../report/words.js';
import type { Metric } from '../../task/metrics/contract.js';
import { metricById } from '../../task/metrics/index.js';
import { own } from '../../domain/dictionary.js';
import { pAsGood, type Reference } from './compare.js';
import type { Measured } from './measure.js';
import type { QualityParams } from './params.js';

/** Level of a sentence about one look: what is out of order by itself. Whether that is an alarm is decided over many looks. */
const LEVEL = 0.05;

/** Answers of one version in a window, all of them or those of a segment, with what they are compared with. */
export interface QualityGroup {
	version?: number;
	/** `Carrier = AA`; absent: all. */
	segment?: string;
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
	const wholes = groups.filter(({ segment }) => segment === undefined);
	const rows = wholes.reduce((n, { now, judged }) => n + (judged ? now.rows : 0), 0);
	return groups.flatMap((group) => {
		const whole = wholes.find(({ version }) => version === group.version);
		const parts = groups.filter(({ version, segment, judged }) => judged && segment !== undefined && version === group.version).length;
		const share = group.judged && whole?.judged && rows > 0 ? whole.now.rows / rows : 0;
		const weight = share * (parts === 0 ? 1 : group.segment === undefined ? 0.5 : 0.5 / parts);
		return Object.entries(group.now.metrics).map(([id, now]) => findingOf(id, now, group, judging, id === judging.metric ? weight : 0));
	});
}

function findingOf(id: string, now: Interval, group: QualityGroup, judging: Judging, weight: number): Finding {
	const { version, segment, before } = group;
	const metric = metricById(id)!;
	const against = referenceOf(id, group, judging);
	const margin = judging.against === 'limit' ? 0 : judging.smallestChange;
	const p = (reference: Reference): number =>
		pAsGood(metric, now, group.now.effective, reference, margin * Math.abs(reference.value.value));
	const pValue = against && group.judged ? p(against) : undefined;
	const earlier = before && own(before.metrics, id);
	return {
		about: id,
		...(segment === undefined ? {} : { segment }),
		...(version === undefined ? {} : { version }),
		value: now.value,
		reference: against?.value.value ?? null,
		interval: [now.low, now.high],
		...(pValue === undefined ? {} : { pValue }),
		...(metric.unit ? { unit: metric.unit } : {}),
		weight,
		...(earlier
			? {
					before: {
						version: before.version,
						value: earlier.value,
						rows: before.rows,
						...(group.judged ? { pValue: p({ value: earlier, effective: before.effective }) } : {}),
					},
				}
			: {}),
		...(weight > 0 && pValue !== undefined && pValue < LEVEL * weight ? { why: whyOf(metric, now, against!.value.value, group, judging) } : {}),
	};
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
