import { z } from 'zod/v4';
import { MlopsError } from '../domain/errors.js';
import { INCIDENT_STATES, type IncidentAction, type IncidentRecord, type IncidentStep } from '../domain/incident.js';
import { personText } from '../domain/text.js';
import type { Store, StoredRecord, Transactional } from '../store/contract.js';
import { instant } from '../store/log/lines.js';
import { newestRecords } from './newestRecords.js';

export type Incident = StoredRecord<'incident'>;

/** Who acts where nobody does. */
export const SYSTEM = 'system';
/** Characters of a comment. */
const LONGEST = 2_000;

/** @throws `store.not_found` */
export async function findIncident(store: Pick<Transactional, 'find'>, id: string): Promise<Incident> {
	const found = await store.find('incident', id);
	if (found) return found;
	throw new MlopsError('store.not_found', `There is no incident "${id}".`, { found: id, remedy: 'Look at "mlops incident list".' });
}

export const incidentFilter = z.object({
	model: z.string().optional(),
	/** `active`: all that are not closed. */
	state: z.enum(['active', 'all', ...INCIDENT_STATES]).default('active'),
});
export type IncidentFilter = z.input<typeof incidentFilter>;

/** Incidents, the latest change first. */
export async function listIncidents(store: Pick<Transactional, 'list'>, filter: IncidentFilter = {}): Promise<Incident[]> {
	const { model, state } = incidentFilter.parse(filter);
	return (await newestRecords(store, 'incident')).filter(
		({ body }) =>
			(model === undefined || body.model === model) &&
			(state === 'all' || (state === 'active' ? body.state !== 'closed' : body.state === state)),
	);
}

export interface IncidentRequest {
	id: string;
	action: IncidentAction;
	actor: string;
	/** A comment, or why. */
	text?: string;
	/** Until when it is snoozed, ISO 8601. */
	until?: string;
	/** The version of its record that was looked at; another one by now is `store.conflict`. */
	expect?: number;
	now?: Date;
}

/** What a person does with an incident. @throws `incident.closed`, `store.not_found`, `store.conflict`, `input.invalid` */
export async function actOnIncident(store: Store, request: IncidentRequest): Promise<Incident> {
	const { id, action, actor, expect, now = new Date() } = request;
	const text = request.text === undefined ? undefined : personText(request.text).trim() || undefined;
	if (text && text.length > LONGEST)
		throw new MlopsError('input.invalid', `The text is longer than ${LONGEST} characters.`, { remedy: 'Write less.' });
	return await store.transact(async (part) => {
		const incident = await findIncident(part, id);
		// That somebody was told is no step that a person would have to look at first.
		if (expect !== undefined && incident.body.history.slice(expect).some(({ what: step }) => step !== 'told'))
			throw new MlopsError('store.conflict', `The incident "${id}" was changed by someone else meanwhile.`, {
				remedy: 'Look at it again.',
			});
		if ((incident.body.state === 'closed') !== (action === 'reopen')) throw refusal(incident.body, action);
		const { what, change } = await STEPS[action]({ incident, text, actor, now, until: request.until });
		return await stepIncident(part, incident, { ...change, step: { at: now.toISOString(), by: actor, what, ...(text ? { text } : {}) } });
	});
}

const refusal = ({ id, closedAt }: IncidentRecord, action: IncidentAction): MlopsError =>
	action === 'reopen'
		? new MlopsError('input.invalid', `The incident "${id}" is not closed.`, { remedy: 'There is nothing to open again.' })
		: new MlopsError('incident.closed', `The incident "${id}" was closed${closedAt ? ` at ${closedAt}` : ''}.`, {
				remedy: 'Open it again first.',
			});

interface Stepping {
	incident: Incident;
	text?: string;
	actor: string;
	now: Date;
	until?: string;
}

type Step = (stepping: Stepping) => { what: IncidentStep['what']; change: Partial<IncidentRecord> } | Promise<never>;

const STEPS: Record<IncidentAction, Step> = {
	acknowledge: ({ actor }) => ({ what: 'acknowledged', change: { state: 'acknowledged', owner: actor, snoozedUntil: undefined } }),
	snooze: ({ until, now }) => {
		const moment = instant(until ?? '');
		if (moment <= now.toISOString())
			throw new MlopsError('input.invalid', 'A snooze must end later than now.', { found: moment, remedy: 'Choose a later moment.' });
		return { what: 'snoozed', change: { state: 'snoozed', snoozedUntil: moment } };
	},
	wake: ({ incident: { body } }) => ({ what: 'woken', change: { state: awake(body), snoozedUntil: undefined } }),
	comment: ({ text }) => {
		if (!text) throw new MlopsError('input.invalid', 'There is no comment.', { remedy: 'Write one.' });
		return { what: 'commented', change: {} };
	},
	close: ({ now }) => ({ what: 'closed', change: { state: 'closed', closedAt: now.toISOString(), snoozedUntil: undefined } }),
	reopen: () => ({ what: 'reopened', change: { state: 'open', closedAt: undefined } }),
};

/** What an incident is once it is not snoozed any more: somebody looks after it, or nobody. */
export const awake = ({ owner }: IncidentRecord): IncidentRecord['state'] => (owner === undefined ? 'open' : 'acknowledged');

/** Adds a step to an incident that was just read within this transaction, with its event. */
export async function stepIncident(
	store: Transactional,
	{ name, body: before }: Incident,
	{ step, ...change }: Partial<IncidentRecord> & { step: IncidentStep },
): Promise<Incident> {
	const merged: IncidentRecord = { ...before, ...change, history: [...before.history, step] };
	const kept = await store.add('incident', name, withoutGaps(merged));
	await tellIncident(store, kept, step);
	return kept;
}

/** Fields that are taken away are `undefined` until here; canonical JSON has none. */
const withoutGaps = (body: IncidentRecord): IncidentRecord =>
	Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as IncidentRecord;

/** The event of a step. */
export async function tellIncident(store: Transactional, { id, name, body }: Incident, { by, what, text }: IncidentStep): Promise<void> {
	const { model, alias, severity, title, version } = body;
	await store.audit({
		actor: by,
		action: `incident.${what}`,
		subject: model,
		details: { incident: name, alias, severity, title, version, id, ...(text ? { reason: text } : {}) },
	});
}

/** Wakes incidents whose snooze is over. @returns how many */
export async function wakeIncidents(store: Store, now: Date): Promise<number> {
	const over = ({ state, snoozedUntil }: IncidentRecord): boolean =>
		state === 'snoozed' && (snoozedUntil === undefined || snoozedUntil <= now.toISOString());
	let woken = 0;
	for (const { name } of (await listIncidents(store, { state: 'snoozed' })).filter(({ body }) => over(body))) {
		await store.transact(async (part) => {
			const incident = await findIncident(part, name);
			if (!over(incident.body)) return;
			const step = { at: now.toISOString(), by: SYSTEM, what: 'woken' as const, text: 'The snooze is over, and it is not.' };
			await stepIncident(part, incident, { state: awake(incident.body), snoozedUntil: undefined, step });
			woken++;
		});
	}
	return woken;
}

/** Writes down that an incident's step was handed to somebody; a second time, or for a step that is not the last told, does nothing. */
export async function noteTold(store: Store, id: string, to: string, now = new Date()): Promise<void> {
	await store.transact(async (part) => {
		const incident = await findIncident(part, id);
		const { history } = incident.body;
		const since = history.findLastIndex(({ what }) => TELLING.has(what));
		if (history.slice(since + 1).some(({ what, text }) => what === 'told' && text === to)) return;
		await stepIncident(part, incident, { step: { at: now.toISOString(), by: SYSTEM, what: 'told', text: to } });
	});
}

/** Steps of which people are told. */
const TELLING: ReadonlySet<IncidentStep['what']> = new Set(['opened', 'worse', 'woken', 'reopened', 'closed']);
