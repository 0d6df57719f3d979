import { z } from 'zod/v4';
import { watchId } from './monitor.js';
import type { WatchId } from './watches.js';

export const INCIDENT_STATES = ['open', 'acknowledged', 'snoozed', 'closed'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** `page`: somebody must look now (quality, service); `tell`: it explains and can wait (drift alone). */
export const SEVERITIES = ['page', 'tell'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What an alarm of each watch does: quality and service page, drift explains. */
export const SEVERITY_OF: Record<WatchId, Severity> = { data: 'tell', answers: 'tell', quality: 'page', estimate: 'page', service: 'page' };

/** What a person may do with an incident. */
export const INCIDENT_ACTIONS = {
	acknowledge: ['Acknowledge', 'Says that you look after it'],
	snooze: ['Snooze', 'Nobody is told of it until a moment, unless it gets worse'],
	wake: ['Wake', 'Ends a snooze'],
	comment: ['Comment', 'Adds a comment to its history'],
	close: ['Close', 'Ends it'],
	reopen: ['Reopen', 'Opens one again that was closed'],
} as const satisfies Record<string, readonly [label: string, description: string]>;
export type IncidentAction = keyof typeof INCIDENT_ACTIONS;
export const incidentAction = z.enum(Object.keys(INCIDENT_ACTIONS) as [IncidentAction, ...IncidentAction[]]);

export const incidentStep = z.object({
	at: z.string(),
	by: z.string(),
	/** `joined`: another watch shows it as well; `worse`, `better`: its severity rose or fell. */
	what: z.enum(['opened', 'joined', 'worse', 'better', 'told', 'acknowledged', 'snoozed', 'woken', 'commented', 'closed', 'reopened']),
	text: z.string().optional(),
});
export type IncidentStep = z.infer<typeof incidentStep>;

/**
 * Record kind `incident`, under its id as the record's name: one for a cause, however many columns and windows show it. Each step is one
 * more version, so that version n has n steps of history; the newest counts.
 */
export const incidentRecord = z.object({
	id: z.string(),
	model: z.string(),
	alias: z.string(),
	severity: z.enum(SEVERITIES),
	state: z.enum(INCIDENT_STATES),
	/** The watches that found it, the first one first. */
	watches: z.array(watchId),
	monitors: z.array(z.string()),
	/** Ids of the verdicts that opened or changed it, the newest last; all others of these monitors while it was open name it as well. */
	verdicts: z.array(z.string()),
	/** What is the matter, in one sentence. */
	title: z.string(),
	/** Version that answered when it began. */
	version: z.number().int().nullable(),
	openedAt: z.string(),
	snoozedUntil: z.string().optional(),
	closedAt: z.string().optional(),
	/** Whoever looks after it. */
	owner: z.string().optional(),
	history: z.array(incidentStep),
});
export type IncidentRecord = z.infer<typeof incidentRecord>;
