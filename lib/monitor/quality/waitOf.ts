import { tooFewToJudge } from '../../evaluate/enough.js';
import { count, percent } from '../../report/formatting.js';
import type { QualityParams } from './qualityParams.js';

/** How much of the truth of a window is known. */
export interface Known {
	/** Answers that somebody saw. */
	rows: number;
	/** Of these, those whose truth is known and was read. */
	known: number;
	/** Of the known ones, by version: classes and truths, none missing. */
	groups: ReadonlyArray<{ classes: readonly string[]; labels: Float64Array }>;
}

export type Wait = { waiting: string; waitsUntil?: string } | { partial?: string };

const DAY_MS = 86_400_000;

/**
 * Whether a window can be judged. It waits until enough answers and enough of them are known; when the longest wait is over it is judged
 * by what is known, if that is the least number of answers. A window is judged once by a monitor: what is corrected afterwards shows in
 * reports, and changes no verdict.
 */
export function waitOf(
	{ rows, known, groups }: Known,
	until: string,
	now: string,
	{ metric, leastKnown, leastRows, maxWaitDays }: Pick<QualityParams, 'metric' | 'leastKnown' | 'leastRows' | 'maxWaitDays'>,
): Wait {
	if (rows === 0) return { waiting: 'Nobody was given an answer in this time.' };
	if (rows < leastRows) return { waiting: `There are only ${count(rows, 'answer')}, and ${leastRows} are needed to judge.` };
	const end = Date.parse(until) + maxWaitDays * DAY_MS;
	const waits = known < rows ? { waitsUntil: new Date(end).toISOString() } : {};
	const share = known / rows;
	const said = `the truth of ${count(known, 'answer')} (${percent(share)} of ${count(rows, 'answer')}) is known`;
	if (known < leastRows) return { waiting: `Only ${said}, and ${leastRows} are needed to judge.`, ...waits };
	if (!groups.some(({ classes, labels }) => labels.length >= leastRows && !tooFewToJudge(classes, labels, [metric]))) {
		const [most] = [...groups].sort((a, b) => b.labels.length - a.labels.length);
		const why =
			most && most.labels.length >= leastRows ? tooFewToJudge(most.classes, most.labels, [metric], 'answers with truth') : undefined;
		return {
			waiting: why
				? `${why.split(': with fewer')[0]}, too few of a class to judge.`
				: `No version has ${leastRows} answers whose truth is known.`,
			...waits,
		};
	}
	if (share >= leastKnown) return {};
	const partial = `${said.charAt(0).toUpperCase()}${said.slice(1)}, fewer than the ${percent(leastKnown)} asked for`;
	return Date.parse(now) >= end
		? { partial: `${partial}: the wait is over, so it is judged by these, which may not be like the rest.` }
		: { waiting: `${partial}.`, ...waits };
}
