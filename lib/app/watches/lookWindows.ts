import type { Context } from '../../domain/progress.js';
import type { MonitorWindow } from '../../domain/monitor.js';
import type { WatchedOver, WatchedWindow } from '../../domain/watched.js';
import { alarmOver } from '../../monitor/alarm/alarm.js';
import type { Store } from '../../store/contract.js';
import type { Looked, Span, Watch, Watched } from './contract.js';

const HOUR_MS = 3_600_000;
const YEAR_HOURS = 365.25 * 24;

/** Whether enough was known of a window to say anything. */
export const isJudged = (verdict: WatchedWindow['verdict']): boolean => verdict === 'ok' || verdict === 'alarm';

export interface LookWindows {
	watch: Watch;
	watched: Watched;
	windows: readonly Span[];
	/** How the time was divided, for how many windows a year has. */
	window: MonitorWindow | undefined;
	/** Checked by the watch's own schema. */
	params: never;
	/** False alarms that may be had, a year of windows. */
	falseAlarmsAYear: number;
}

/** Looks at several windows at once, and says whether now is an alarm by all of them together, as a monitor would. */
export async function lookWindows(
	store: Store,
	{ watch, watched, windows, window, params, falseAlarmsAYear }: LookWindows,
	context: Context,
): Promise<WatchedOver> {
	const looked = watch.lookOver
		? await watch.lookOver(store, watched, windows, params, context)
		: await oneByOne(store, watch, watched, windows, params, context);
	const options = { falseAlarmsAYear, windowsAYear: windowsAYear(windows, window) };
	const seen: WatchedWindow[] = [];
	let last: { drifted: boolean; summary: string; since?: string } | undefined;
	for (const [i, span] of windows.entries()) {
		const { waiting, waitsUntil, summary, ...found } = looked[i];
		if (waiting !== undefined) {
			const more = waitsUntil !== undefined && Date.parse(waitsUntil) > Date.now();
			seen.push({ ...span, ...found, verdict: more ? 'waiting' : 'unknown', summary: waiting });
			continue;
		}
		const judged = [...seen.filter(({ verdict }) => isJudged(verdict)), { ...span, ...found, verdict: 'ok' as const }];
		const alarm = alarmOver(judged, options);
		// What breaks a limit that somebody set needs no history.
		const broken = found.findings.filter(({ pValue, why, weight }) => why !== undefined && pValue === undefined && weight !== 0);
		const drifted = alarm.alarm || broken.length > 0;
		const said = [...broken.map(({ why }) => `${why!.replace(/\.$/, '')}.`), ...(alarm.alarm ? [alarm.summary] : [])].join(' ');
		const sentence = drifted ? said : (summary ?? 'All is as usual.');
		last = { drifted, summary: sentence, ...(drifted ? { since: alarm.since ?? span.from } : {}) };
		seen.push({ ...span, ...found, verdict: drifted ? 'alarm' : 'ok', summary: sentence });
	}
	const judged = [...seen].reverse().find(({ verdict }) => isJudged(verdict));
	return {
		watch: watch.id,
		model: watched.model,
		...(watched.alias === undefined ? {} : { alias: watched.alias }),
		drifted: last?.drifted ?? false,
		verdict: judged?.verdict ?? 'waiting',
		summary: last?.summary ?? `Nothing could be judged yet. ${seen.at(-1)?.summary ?? ''}`.trim(),
		...(last?.since === undefined ? {} : { since: last.since }),
		windows: seen,
	};
}

async function oneByOne(
	store: Store,
	watch: Watch,
	watched: Watched,
	windows: readonly Span[],
	params: never,
	context: Context,
): Promise<Looked[]> {
	const looked: Looked[] = [];
	for (const [i, span] of windows.entries()) {
		context.progress({ stage: `Looking at ${span.from.slice(0, 10)}`, share: i / windows.length });
		looked.push(await watch.look(store, { ...watched, ...span }, params, context));
	}
	return looked;
}

/** Of windows of rows, and of one alone, as many as there would be at their pace. */
function windowsAYear(windows: readonly Span[], window: MonitorWindow | undefined): number {
	if (window?.by === 'time') return YEAR_HOURS / window.hours;
	const hours = (Date.parse(windows[windows.length - 1].until) - Date.parse(windows[0].from)) / HOUR_MS;
	return Math.max(1, (windows.length * YEAR_HOURS) / Math.max(1 / 60, hours));
}
