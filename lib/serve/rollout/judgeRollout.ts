import { own } from '../../domain/dictionary.js';
import type { Guards, RolloutRecord } from '../../domain/rollout.js';
import type { Metric } from '../../task/metrics/contract.js';
import { armName, asked, candidateAnswers, noCounts, STABLE, type ArmCounts, type Counts } from './counts.js';
import { differenceSequence, meanOf, shareDifference, shareSequence, type Estimate, type Interval } from './sequences.js';
import { agreementText, answersText, errorsText, latencyText, qualityText } from './rolloutWords.js';

/** The main metric of each arm by the truth that came back so far. */
export interface Quality {
	metric: Pick<Metric, 'id' | 'label' | 'better' | 'unit'>;
	arms: Readonly<Record<string, Estimate>>;
}

export type GuardName = 'loads' | Exclude<keyof Guards, 'minAnswers' | 'alpha'>;

/** What a guard says of a candidate. */
export interface Finding {
	guard: GuardName;
	version: number;
	broken: boolean;
	/** In words, whether broken or not. */
	text: string;
	/** What is allowed, and between what and what the true figure lies, in the guard's own units. */
	limit?: number;
	interval?: Interval;
}

/** How much better (above 0) or worse a candidate is than the stable version, by the main metric. */
export interface Result {
	version: number;
	metric: string;
	/** Answers of both with a known truth. */
	n: number;
	difference: number;
	interval: Interval;
	text: string;
}

export interface Judgement {
	/** `ready`: all is done that was to be done before a candidate may be promoted. */
	action: 'continue' | 'step' | 'abort' | 'ready';
	reason: string;
	/** Of `ready`: the version to promote; the stable one where none is better. */
	version?: number;
	findings: Finding[];
	results: Result[];
}

export interface Sight {
	counts: Counts;
	quality?: Quality;
	/** Versions that cannot be loaded, and why. */
	unloadable?: Readonly<Record<number, string>>;
	/** Milliseconds since 1970. */
	now: number;
}

/** The level of the intervals that results are told with. */
const LEVEL = 0.05;
/** Sequences are narrowest at so many times the answers from which on a guard judges. */
const BEST = 10;
/** Answers from which on results are told where no guards are set. */
const ENOUGH = 100;
/** The share of requests that a p99 leaves above it. */
const SLOW = 0.01;

/**
 * What is to be done with a rollout, by all that is known of it: a pure function, which needs sums alone and not the order in which they
 * came, so that whoever takes over judges the same. `alpha` is shared by all guards of all candidates, and each is a confidence sequence:
 * together they end a rollout of equally good versions with that chance at most, however often they are asked.
 */
export function judge(record: RolloutRecord, sight: Sight): Judgement {
	const { counts, quality, now } = sight;
	const findings = record.candidates.flatMap(({ version }) => findingsOf(record, version, sight));
	const results = quality ? record.candidates.flatMap(({ version }) => resultOf(record, version, quality)) : [];
	const broken = findings.find((f) => f.broken);
	if (broken) return { action: 'abort', reason: broken.text, findings, results };
	const better = results.filter(({ interval }) => interval.low > 0).sort((a, b) => b.interval.low - a.interval.low)[0];
	if (record.kind === 'ab' && better) return { action: 'ready', reason: better.text, version: better.version, findings, results };
	const waits = waitsFor(record, counts, now);
	if (waits) return { action: 'continue', reason: waits, findings, results };
	const next = record.steps[record.step + 1];
	if (next) return { action: 'step', reason: `Its next step gives it ${percent(next.share)} of the callers.`, findings, results };
	if (record.kind === 'ab')
		return {
			action: 'ready',
			reason: 'No version is better than the stable one, as far as can be told.',
			version: record.stable,
			findings,
			results,
		};
	return {
		action: 'ready',
		reason: 'All steps are done and no guard was broken.',
		version: record.candidates[0].version,
		findings,
		results,
	};
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/** What the step still waits for; nothing where it is done. */
function waitsFor(record: RolloutRecord, counts: Counts, now: number): string | undefined {
	const { steps, step, stepSince, stepFrom = 0, guards } = record;
	const { minutes, answers } = steps[step] ?? {};
	if (minutes === undefined && answers === undefined) return 'This step lasts until a person ends it.';
	const given = candidateAnswers(record, counts);
	if (answers !== undefined && given - stepFrom < answers) return `${given - stepFrom} of ${answers} answers of this step are given.`;
	const over = Date.parse(stepSince) + (minutes ?? 0) * 60_000;
	if (now < over) return `This step lasts until ${new Date(over).toISOString().slice(0, 19)}Z.`;
	// Time alone shows nothing: a candidate that nobody asks in a step goes no further.
	const least = (guards?.minAnswers ?? 1) * record.candidates.length;
	if (given - stepFrom < least)
		return `The time of this step is over, but only ${given - stepFrom} of ${least} answers are given to judge by.`;
	return undefined;
}

const armCounts = (record: RolloutRecord, version: number, { arms, edges }: Counts): ArmCounts =>
	own(arms, version === record.stable ? STABLE : armName(record, version)) ?? noCounts(edges.length + 1);

function findingsOf(record: RolloutRecord, version: number, sight: Sight): Finding[] {
	const { unloadable = {}, counts, quality } = sight;
	const why = unloadable[version];
	if (why !== undefined) return [{ guard: 'loads', version, broken: true, text: `Version ${version} cannot be loaded: ${why}` }];
	const { guards } = record;
	if (!guards) return [];
	const pair = { record, version, candidate: armCounts(record, version, counts), stable: armCounts(record, record.stable, counts) };
	const set = GUARDS.filter(({ name }) => guards[name] !== undefined);
	const alpha = guards.alpha / (set.length * record.candidates.length);
	return set.flatMap(({ name, judge: ask }) => {
		const finding = ask({ ...pair, limit: guards[name]!, alpha, guards, edges: counts.edges, quality });
		return finding ? [{ guard: name, version, limit: guards[name]!, ...finding }] : [];
	});
}

interface Asked {
	record: RolloutRecord;
	version: number;
	candidate: ArmCounts;
	stable: ArmCounts;
	limit: number;
	alpha: number;
	guards: Guards;
	edges: readonly number[];
	quality: Quality | undefined;
}
type Found = Pick<Finding, 'broken' | 'text' | 'interval'>;

/** Each says nothing while there is too little to judge by. */
const GUARDS: ReadonlyArray<{ name: Exclude<GuardName, 'loads'>; judge(asked: Asked): Found | undefined }> = [
	{
		name: 'errorRate',
		judge({ candidate, stable, limit, alpha, guards, version, record }) {
			const [a, b] = [asked(candidate), asked(stable)];
			if (a.n < guards.minAnswers) return undefined;
			// Where the stable version is asked nothing any more, none of its answers failed.
			const interval = b.n === 0 ? shareSequence(a.hits, a.n, alpha) : shareDifference(a, b, alpha);
			const broken = interval.low > limit;
			return { broken, interval, text: errorsText({ version, stable: record.stable, a, b, limit, interval, broken }) };
		},
	},
	{
		name: 'latency',
		judge({ candidate, stable, limit, alpha, guards, edges, version, record }) {
			const usual = p99(stable, edges);
			if (usual === undefined || stable.requests < guards.minAnswers || candidate.requests < guards.minAnswers) return undefined;
			const at = edges.findIndex((edge) => edge >= usual * limit);
			if (at < 0) return undefined;
			const slow = candidate.buckets.slice(at + 1).reduce((sum, n) => sum + n, 0);
			const interval = shareSequence(slow, total(candidate.buckets), alpha);
			const broken = interval.low > SLOW;
			const text = latencyText({
				version,
				stable: record.stable,
				usual,
				edge: edges[at],
				share: slow / total(candidate.buckets),
				interval,
				broken,
			});
			return { broken, interval, text };
		},
	},
	{
		name: 'answers',
		judge({ candidate, stable, limit, alpha, guards, version, record }) {
			if (Math.min(candidate.rows, stable.rows) < guards.minAnswers) return undefined;
			const [a, b] = [candidate, stable].map(({ rows, score, score2 }) => meanOf(rows, score, score2));
			const { low, high } = differenceSequence(a, b, alpha, BEST * guards.minAnswers);
			const unit = b.deviation || Number.MIN_VALUE;
			const interval = { low: low / unit, high: high / unit };
			const broken = interval.low > limit || interval.high < -limit;
			const moved = (a.value - b.value) / unit;
			return { broken, interval, text: answersText({ version, stable: record.stable, moved, limit, interval, broken }) };
		},
	},
	{
		name: 'agreement',
		judge({ candidate: { pairs, agreeing }, limit, alpha, guards, version, record }) {
			if (pairs < guards.minAnswers) return undefined;
			const interval = shareSequence(agreeing, pairs, alpha);
			const broken = interval.high < limit;
			return {
				broken,
				interval,
				text: agreementText({ version, stable: record.stable, share: agreeing / pairs, limit, interval, broken }),
			};
		},
	},
	{
		name: 'quality',
		judge({ record, version, limit, alpha, quality }) {
			const result = quality && compared(record, version, quality, alpha);
			if (!result) return undefined;
			return {
				broken: result.interval.high < -limit,
				interval: result.interval,
				text: qualityText(version, result, quality.metric, alpha),
			};
		},
	},
];

const total = (buckets: readonly number[]): number => buckets.reduce((sum, n) => sum + n, 0);

/** The upper end of the bucket in which the 99th percentile lies; nothing where that bucket has none. */
function p99({ buckets }: ArmCounts, edges: readonly number[]): number | undefined {
	const all = total(buckets);
	let above = all;
	for (const [i, edge] of edges.entries()) {
		above -= buckets[i];
		if (above <= SLOW * all) return edge;
	}
	return undefined;
}

/**
 * At what level results are told, where their sequences are narrowest, and from how many answers on; several candidates share the level.
 */
export function lookedAt({ guards, candidates }: RolloutRecord): { alpha: number; best: number; least: number } {
	const least = guards?.minAnswers ?? ENOUGH;
	return { alpha: LEVEL / candidates.length, best: BEST * least, least };
}

/** Above 0: better. Nothing below the number of answers from which on guards judge. */
function compared(record: RolloutRecord, version: number, { metric, arms }: Quality, alpha: number) {
	const { best, least } = lookedAt(record);
	const [of, than] = [own(arms, armName(record, version)), own(arms, STABLE)];
	if (!of || !than || Math.min(of.n, than.n) < least) return undefined;
	const sequence = differenceSequence(of, than, alpha, best);
	if (!Number.isFinite(sequence.low)) return undefined;
	const sign = metric.better === 'higher' ? 1 : -1;
	const interval = sign > 0 ? sequence : { low: -sequence.high, high: -sequence.low };
	return { difference: sign * (of.value - than.value), interval, n: of.n + than.n };
}

function resultOf(record: RolloutRecord, version: number, quality: Quality): Result[] {
	const { alpha } = lookedAt(record);
	const result = compared(record, version, quality, alpha);
	if (!result) return [];
	return [{ version, metric: quality.metric.id, ...result, text: qualityText(version, result, quality.metric, alpha) }];
}
