import { z } from 'zod/v4';
import { dictionaryOf } from './dictionary.js';
import { WATCHES, type WatchId } from './watches.js';

/** What can be watched. */
export const watchId = z.enum(Object.keys(WATCHES) as [WatchId, ...WatchId[]]);

/** How answers are divided: by time (UTC; windows of days begin at midnight), or by how many there are. */
export const monitorWindow = z.discriminatedUnion('by', [
	z.object({ by: z.literal('time'), hours: z.number().positive() }),
	z.object({ by: z.literal('rows'), rows: z.number().int().positive() }),
]);
export type MonitorWindow = z.infer<typeof monitorWindow>;

export const MONITOR_STATES = ['active', 'paused', 'ended'] as const;

/**
 * Record kind `monitor`, under its id as the record's name: a change is one more version, and the newest counts. What it found is in
 * records of the kind `verdict`.
 */
export const monitorRecord = z.object({
	id: z.string(),
	model: z.string(),
	/** The alias whose answers are watched, whichever version it points to; of one version alone `version 3`, to call it by. */
	alias: z.string(),
	/** The version whose answers alone are watched, by whichever alias callers came to it. */
	version: z.number().int().positive().optional(),
	watch: watchId,
	window: monitorWindow,
	/** Columns by whose values the answers are looked at separately as well. */
	segments: z.array(z.string()),
	/** What `watch` takes besides, read by that watch's own schema (lib/app/watches). */
	params: dictionaryOf(z.unknown()),
	/** False alarms that may be had, a year of windows. */
	falseAlarmsAYear: z.number().positive(),
	/** Minutes between two looks of a running model server. */
	everyMinutes: z.number().positive(),
	/** E-mail addresses of those who are told besides the model's own people. */
	tell: z.array(z.string()).optional(),
	/** Where its first window begins, ISO 8601. */
	since: z.string(),
	state: z.enum(MONITOR_STATES),
	madeBy: z.string(),
	madeAt: z.string(),
});
export type MonitorRecord = z.infer<typeof monitorRecord>;

/** One thing that was looked at in a window: a column, a metric, a share of errors; `segment` says of which part of the answers. */
export const finding = z.object({
	/** A column's name, a metric's id, or what a watch calls it. */
	about: z.string(),
	segment: z.string().optional(),
	/** Version whose answers these are, where each version is looked at by itself. */
	version: z.number().int().optional(),
	/** What was found, and what is usual or was so in the reference. */
	value: z.number().nullable(),
	reference: z.number().nullable().optional(),
	interval: z.tuple([z.number(), z.number()]).optional(),
	/**
	 * Chance of a change at least as great, were there none (lib/monitor/alarm goes by it); where only one direction is bad, of one at least
	 * as bad.
	 */
	pValue: z.number().optional(),
	/**
	 * How much of the chance in `pValue` lies in the reference, which is the same one in each window: its squared standard error by that of
	 * the comparison, for two samples the window's rows by the rows of both. Absent: the reference is known exactly.
	 */
	shared: z.number().min(0).max(1).optional(),
	/** The change in multiples of the smallest that matters: below 1 it is passed over, however certain it is. Absent: any change matters. */
	effect: z.number().optional(),
	unit: z.string().optional(),
	/** How much it matters for the answers, 0 to 1 over all that was looked at together; what is only shown has 0. */
	weight: z.number().optional(),
	/** The same of the version that answered before this one, and the chance of doing so much worse than it, were both as good. */
	before: z.object({ version: z.number().int(), value: z.number(), rows: z.number().int(), pValue: z.number().optional() }).optional(),
	/** What is out of order, as a sentence; absent where nothing is. */
	why: z.string().optional(),
});
export type Finding = z.infer<typeof finding>;

/** What a window came to: `waiting` where too little is known to judge it yet, `unknown` where nobody waits for that any more. */
export const VERDICTS = ['ok', 'alarm', 'waiting', 'unknown'] as const;

/**
 * Record kind `verdict`, under its monitor's id: what was found in one window that had closed. A window that was `waiting` gets another
 * one when it can be judged; the newest of those that begin alike counts.
 */
export const verdictRecord = z.object({
	monitor: z.string(),
	model: z.string(),
	watch: watchId,
	from: z.string(),
	until: z.string(),
	/** Versions that answered in it. */
	versions: z.array(z.number().int()),
	/** What the findings were compared with (a run, an evaluation, a dataset): another one begins the history of alarms anew. */
	reference: z.string().optional(),
	rows: z.number().int(),
	/** Of these, those whose truth is known. */
	known: z.number().int().optional(),
	verdict: z.enum(VERDICTS),
	findings: z.array(finding),
	/** One sentence for a business user. */
	summary: z.string(),
	/** Why it could not be judged, what was left out. */
	notes: z.array(z.object({ code: z.string(), text: z.string() })),
	/** Of one that is `waiting`: until when another look may find more. */
	waitsUntil: z.string().optional(),
	/** Id of the incident that an alarm belongs to. */
	incident: z.string().optional(),
});
export type VerdictRecord = z.infer<typeof verdictRecord>;
