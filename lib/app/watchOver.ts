import { MlopsError } from '../domain/errors.js';
import type { MonitorWindow } from '../domain/monitor.js';
import type { WatchId } from '../domain/watches.js';
import type { ReportRecord } from '../domain/report.js';
import type { ItemWatched } from '../domain/watched.js';
import { watchJob } from './jobs/watchJob.js';
import { windowStart } from './monitorWindows.js';
import type { Session } from './session.js';
import type { WatchSpan } from './watches/span.js';

const HOURS = { hour: 1, day: 24, week: 168, rows: 24, all: 24 } as const;
const HOUR_MS = 3_600_000;
/** How far back is looked where nobody says: so many windows. */
const WINDOWS_BACK = 30;

export interface WatchRequest {
	watch: WatchId;
	model: string;
	/** Answers through this alias, or of this version alone. */
	alias?: string;
	version?: number;
	span: WatchSpan;
	/** The watch's own, read by its schema. */
	params: Record<string, unknown>;
}

/**
 * Looks over a model's answers of a time, window by window, outside this process. The report is kept.
 * @throws `monitor.*`, `input.invalid`, `store.not_found`, `compute.*`
 */
export async function watchOver(
	{ store, run }: Pick<Session, 'store' | 'run'>,
	{ watch, model, alias, version, span, params }: WatchRequest,
): Promise<{ watched: ItemWatched; report: ReportRecord }> {
	const until = span.until.trim() ? moment(span.until) : Date.now();
	const hours = HOURS[span.window];
	const from = span.from.trim() ? moment(span.from) : until - WINDOWS_BACK * hours * HOUR_MS;
	const window: MonitorWindow | undefined =
		span.window === 'rows' ? { by: 'rows', rows: span.windowRows } : span.window === 'all' ? undefined : { by: 'time', hours };
	// Where nobody says from when, the first window is a whole one.
	const begin = span.from.trim() || window?.by !== 'time' ? from : windowStart(hours, from);
	return await run(watchJob, {
		store: store.ref,
		watch,
		model,
		...(alias === undefined ? {} : { alias }),
		...(version === undefined ? {} : { versions: [version] }),
		segments: span.segments,
		from: new Date(begin).toISOString(),
		until: new Date(until).toISOString(),
		...(window ? { window } : {}),
		falseAlarmsAYear: span.falseAlarmsAYear,
		params,
	});
}

function moment(text: string): number {
	const trimmed = text.trim();
	const at = Date.parse(/^\d{4}-\d\d-\d\d$/.test(trimmed) ? `${trimmed}T00:00:00Z` : trimmed);
	if (Number.isNaN(at))
		throw new MlopsError('input.invalid', `"${text}" is no moment.`, {
			expected: 'a date, or a date and time such as 2026-01-31T14:03:00Z',
			remedy: 'Correct "From" or "Until".',
		});
	return at;
}
