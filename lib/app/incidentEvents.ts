import type { Severity } from '../domain/incident.js';
import type { ItemEvent } from '../domain/serverEvent.js';
import type { AuditEvent, Store } from '../store/contract.js';
import { basics, type Meaning } from './eventMeaning.js';
import { SYSTEM } from './incidents.js';

interface Details {
	incident: string;
	alias: string;
	severity: Severity;
	title: string;
	version: number | null;
	reason?: string;
}

const URGENCY: Record<Severity, string> = { page: 'Somebody must look now.', tell: 'It explains what happens and can wait.' };

/** An incident that people are told of, with those who look after its model, so that a message can be sent to them. */
async function told(store: Store, entry: AuditEvent, kind: ItemEvent['kind'], what: (details: Details) => string): Promise<ItemEvent> {
	const details = entry.details as unknown as Details;
	const { reason: _reason, ...about } = basics(entry);
	return {
		kind,
		what: `${entry.subject}: ${what(details)}`,
		model: entry.subject,
		alias: details.alias,
		version: details.version,
		incident: details.incident,
		severity: details.severity,
		responsible: await toldOf(store, entry.subject, details.incident),
		...about,
		...(kind === 'incidentClosed' && details.reason ? { reason: details.reason } : {}),
	};
}

/** Who is told of an incident: those who look after its model, and whom the monitors that show it name besides. */
export async function toldOf(store: Pick<Store, 'find'>, model: string, incident: string): Promise<string[]> {
	const told = new Set((await store.find('people', model))?.body.responsible ?? []);
	for (const monitor of (await store.find('incident', incident))?.body.monitors ?? [])
		for (const address of (await store.find('monitor', monitor))?.body.tell ?? []) told.add(address);
	return [...told];
}

const opened =
	(how: string): Meaning =>
	async (store, entry) =>
		await told(
			store,
			entry,
			'incidentOpened',
			({ incident, title, severity, reason }) => `incident ${incident} ${how}. ${reason ?? title} ${URGENCY[severity]}`,
		);

/**
 * What of an incident's history people are told: that it opened or came back, got worse, is to be looked at again, or is over. What shows
 * it besides, and what people themselves did with it, starts nothing.
 */
export const incidentMeanings: Record<string, Meaning> = {
	'incident.opened': opened('opened'),
	'incident.reopened': opened('is open again'),
	'incident.worse': opened('got worse'),
	'incident.woken': async (store, entry) =>
		entry.actor === SYSTEM
			? await told(
					store,
					entry,
					'incidentOpened',
					({ incident, title }) => `the snooze of incident ${incident} is over, and it is not. ${title}`,
				)
			: undefined,
	'incident.closed': async (store, entry) =>
		await told(store, entry, 'incidentClosed', ({ incident, title, reason }) =>
			entry.actor === SYSTEM
				? `incident ${incident} is over. ${reason ?? ''} It was: ${title}`
				: `incident ${incident} was closed by ${entry.actor}${reason ? `: "${reason}"` : '.'} It was: ${title}`,
		),
};
