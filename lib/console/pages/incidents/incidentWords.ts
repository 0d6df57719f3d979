import type { IncidentState, IncidentStep, Severity } from '../../../domain/incident.js';
import type { Finding } from '../../../domain/monitor.js';
import { WATCHES, type WatchId } from '../../../domain/watches.js';
import { count, number, percent, UNKNOWN } from '../../data/inWords.js';

type Tone = 'neutral' | 'accent' | 'good' | 'warn' | 'bad';

export const SEVERITY_WORDS: Record<Severity, readonly [words: string, tone: Tone]> = {
	page: ['look now', 'bad'],
	tell: ['can wait', 'warn'],
};
export const STATE_WORDS: Record<IncidentState, readonly [words: string, tone: Tone]> = {
	open: ['nobody looks after it', 'warn'],
	acknowledged: ['looked after', 'accent'],
	snoozed: ['snoozed', 'neutral'],
	closed: ['closed', 'good'],
};
export const VERDICT_WORDS = {
	ok: ['as usual', 'good'],
	alarm: ['not as usual', 'bad'],
	waiting: ['waits for its truth', 'neutral'],
	unknown: ['could not be judged', 'neutral'],
} as const;
export const STEP_WORDS: Record<IncidentStep['what'], string> = {
	opened: 'It began',
	joined: 'Another watch shows it, too',
	worse: 'It got worse: somebody must look now',
	better: 'It got better',
	told: 'Somebody was told',
	acknowledged: 'Looked after from now on',
	snoozed: 'Snoozed',
	woken: 'The snooze ended',
	commented: 'Comment',
	closed: 'Closed',
	reopened: 'Open again',
};

export const watchLabel = (id: WatchId): string => WATCHES[id][0];

/** What a finding is about, where it is no column or metric of people's own. */
const ABOUT: ReadonlyMap<string, string> = new Map([
	['traffic', 'Answers'],
	['missing_traffic', 'Missing answers'],
	['errors', 'Rows without an answer'],
	['latency_p99', 'Slowest answer of a hundred'],
	['latency_median', 'Answer in the middle'],
	['version_age', 'Age of the version'],
	['data_age', 'Age of the data'],
]);
export const aboutText = (about: string, watch: WatchId): string => (watch === 'service' ? (ABOUT.get(about) ?? about) : about);

export function valueText(value: number | null | undefined, unit: Finding['unit']): string {
	if (value === null || value === undefined) return UNKNOWN;
	if (unit === 'share') return percent(value);
	if (unit === 'answers') return count(value);
	return unit ? `${number(value)} ${unit}` : number(value);
}
