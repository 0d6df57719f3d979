import { metricById } from '../../task/metrics/index.js';
import type { AlarmCause } from './alarm.js';

/** Names that a sentence holds. */
const MOST = 3;

const day = (at: string): string =>
	new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** An alarm in a sentence: what, since when, and what was found of what matters most. */
export function sentenceOf(causes: readonly AlarmCause[], since: string): string {
	const names = causes.slice(0, MOST).map(({ about, segment }) => `${nameOf(about)}${segment === undefined ? '' : ` (${segment})`}`);
	const more = causes.length - names.length;
	const parts = more > 0 ? [...names, `${more} more`] : names;
	const all = parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : parts[0];
	const why = causes.find((c) => c.finding.why)?.finding.why;
	return `Since ${day(since)}, ${all} ${causes.length > 1 ? 'are' : 'is'} not as before.${why ? ` ${why}` : ''}`;
}

/** A metric by the name that people know it by; a column, or what else a watch names, as it is called. */
const nameOf = (about: string): string => metricById(about)?.label ?? `"${about}"`;
