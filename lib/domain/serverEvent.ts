import { z } from 'zod/v4';
import { SEVERITIES } from './incident.js';

/** What a workflow can be started by, with what people read in the list. All but the last stand in the audit chain. */
export const EVENT_KINDS = {
	aliasMoved: ['Alias Moved', 'A version was deployed or rolled back, so that callers get another one'],
	rolloutStep: ['Rollout Step', 'A rollout began, or gives its candidate another share'],
	rolloutAborted: ['Rollout Aborted', 'A person, or a guard that broke, put everything back to the stable version'],
	rolloutPromoted: ['Rollout Promoted', 'A candidate became the version that all callers get'],
	alert: ['Drift or Quality Alert', 'A comparison found that the data have drifted'],
	incidentOpened: ['Incident Opened', 'A monitor found that something is the matter with a model'],
	incidentClosed: ['Incident Closed', 'What was the matter is over, or somebody closed it'],
	truthReceived: ['Truth Received', 'Somebody told what turned out to be true'],
	approvalAsked: ['Approval Asked', 'Somebody is asked whether something may go live'],
	approvalDecided: ['Approval Decided', 'Somebody approved or rejected, or the time to do so ran out'],
	serverTrouble: ['Server Trouble', 'The server ended and is started anew, or cannot be started'],
} as const satisfies Record<string, readonly [label: string, description: string]>;

export type EventKind = keyof typeof EVENT_KINDS;
export const eventKind = z.enum(Object.keys(EVENT_KINDS) as [EventKind, ...EventKind[]]);

/** Something that happened, as an item carries it. */
export const itemEvent = z.object({
	/** `serverStarted` is what a manual execution gives. */
	kind: z.enum([...eventKind.options, 'serverStarted']),
	/** What happened, in words. */
	what: z.string(),
	model: z.string().optional(),
	alias: z.string().optional(),
	/** The version that this is about, and the one before it. */
	version: z.number().nullable().optional(),
	previousVersion: z.number().nullable().optional(),
	rollout: z.string().optional(),
	/** Id of an incident, whether somebody must look now, and the e-mail addresses of those who look after its model. */
	incident: z.string().optional(),
	severity: z.enum(SEVERITIES).optional(),
	responsible: z.array(z.string()).optional(),
	/** The e-mail addresses of all whom this concerns: MLOps Notify sends to them where no other recipient is named. */
	tell: z.array(z.string()).optional(),
	actor: z.string(),
	reason: z.string().optional(),
	at: z.string(),
	/** What callers of an alias must send, or get, that is not as it was with the version before, each in a sentence. */
	changes: z.array(z.string()).optional(),
	/** Its number in the audit chain; what only the server knows has none. */
	seq: z.number().optional(),
	/** Id of the record or approval that tells more. */
	record: z.string().optional(),
});
export type ItemEvent = z.infer<typeof itemEvent>;

/** Where the server answers, and how to ask it. */
export const itemServer = z.object({
	url: z.string().optional(),
	/** A command that asks it for an answer. */
	curl: z.string().optional(),
	/** What a person should know about it. */
	note: z.string().optional(),
});
export type ItemServer = z.infer<typeof itemServer>;
