import type { MonitorRecord } from '../domain/monitor.js';

/** A stretch of time, in milliseconds; `until` is not included. */
export interface Window {
	from: number;
	until: number;
}

const HOUR_MS = 3_600_000;
/** A Monday: weeks begin with it, and days at midnight (UTC, which knows no summer time). */
const ORIGIN = Date.UTC(1970, 0, 5);
/** Answers are in the log by then, whichever server gave them. */
const SETTLE_MS = 60_000;
/** Windows that a monitor catches up with, after nobody looked for a while; what lies before is left out, and said. */
export const MOST_MISSED = 500;

/** The beginning of the window in which a moment lies. */
export const windowStart = (hours: number, at: number): number => {
	const length = hours * HOUR_MS;
	return ORIGIN + Math.floor((at - ORIGIN) / length) * length;
};

/** When a window of so many hours can be looked at, in milliseconds from its end. */
const settling = (hours: number): number => Math.min(SETTLE_MS, (hours * HOUR_MS) / 10);

export interface Missed {
	windows: Window[];
	/** Windows that were left out, since too many were missed. */
	skipped: number;
	/** There are more to look at. */
	more: boolean;
}

/** The windows of so many hours that have closed by `now`, from `position` on, the oldest first and at most `most`. */
export function closedWindows(hours: number, position: number, now: number, most: number): Missed {
	const length = hours * HOUR_MS;
	const end = now - settling(hours);
	const missed = Math.floor((end - windowStart(hours, position)) / length);
	const skipped = Math.max(0, missed - MOST_MISSED);
	let from = skipped > 0 ? windowStart(hours, position) + skipped * length : position;
	const windows: Window[] = [];
	for (;;) {
		// The first one may be what is left of a window: the monitor's hours were changed within it.
		const until = windowStart(hours, from) + length;
		if (until > end) return { windows, skipped, more: false };
		if (windows.length === most) return { windows, skipped, more: true };
		windows.push({ from, until });
		from = until;
	}
}

/** When the next window closes after `position`; undefined where that is not a matter of time alone. */
export const nextClose = ({ window }: Pick<MonitorRecord, 'window'>, position: number): number | undefined =>
	window.by === 'time' ? windowStart(window.hours, position) + window.hours * HOUR_MS + settling(window.hours) : undefined;

/** Each look at a window that waits for its truth is so much later than the one before, counted from its end. */
const LATER = 1.1;

/** Whether a window that waits is to be looked at again now, after a look at `previous`: often while it is young, then less and less. */
export function lookAgain(until: number, everyMinutes: number, previous: number | undefined, now: number): boolean {
	if (previous === undefined || previous < until) return true;
	const step = (at: number): number => Math.floor(Math.log(Math.max(1, (at - until) / (everyMinutes * 60_000))) / Math.log(LATER));
	return step(now) > step(previous);
}
