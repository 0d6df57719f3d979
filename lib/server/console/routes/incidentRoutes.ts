import { z } from 'zod/v4';
import { toldOf } from '../../../app/incidentEvents.js';
import { actOnIncident, incidentFilter, type Incident } from '../../../app/incidents.js';
import { verdictsOf } from '../../../app/verdicts.js';
import { incidentAction, incidentRecord } from '../../../domain/incident.js';
import { verdictRecord, type VerdictRecord } from '../../../domain/monitor.js';
import type { Store } from '../../../store/contract.js';
import { consoleRoute, type Who } from '../contract.js';
import { heldOf, newestOf } from '../held/held.js';
import { pageOf, pageOfNames, pageQuery, placeIn } from '../paging.js';
import { monitorEntry, monitorEntryOf } from './monitorRoutes.js';
import { maySee, name, unknown } from './routeParts.js';

/** Windows of each monitor that are shown as evidence. */
const MOST_EVIDENCE = 30;

const incidentEntry = incidentRecord.omit({ history: true, verdicts: true }).extend({
	/** Its last step. */
	last: incidentRecord.shape.history.element,
});

export const incidents = consoleRoute({
	method: 'GET',
	path: '/incidents',
	role: 'viewer',
	summary: 'What the monitors found to be the matter, the latest change first.',
	query: pageQuery.extend({ model: name.optional(), state: incidentFilter.shape.state }),
	answer: pageOf(incidentEntry),
	async does(state, { query, who }) {
		const { model, state: wanted } = query;
		const rows = await heldOf(state).incidents.read();
		const place = placeIn('incidents', query);
		const top = place ? Number(place[0]) : (rows.at(-1)?.seq ?? 0);
		const fits = (now: string): boolean => wanted === 'all' || (wanted === 'active' ? now !== 'closed' : now === wanted);
		const found = [...newestOf(rows.filter(({ seq }) => seq <= top)).values()]
			.filter((row) => maySee(who, row.model) && (model === undefined || row.model === model) && fits(row.state))
			.sort((a, b) => b.seq - a.seq);
		const page = pageOfNames('incidents', query, { top, last: place?.[1] }, found, (row) => row.name);
		const entries: Array<z.input<typeof incidentEntry>> = [];
		for (const row of page.entries) {
			const { history, ...body } = (await state.store.find('incident', row.name))!.body;
			entries.push({ ...body, last: history.at(-1)! });
		}
		return { ...page, entries };
	},
});

const shown = z.object({
	/** To be sent along with a step: it is refused where somebody else took one meanwhile. */
	version: z.number().int(),
	record: incidentRecord,
	/** E-mail addresses of those who are told. */
	responsible: z.array(z.string()),
	monitors: z.array(monitorEntry),
	/** Windows that show it, and those since then that do not, the latest first. */
	evidence: z.array(verdictRecord),
});

/** Of the findings those that are out of order, else those that matter most. */
const causesIn = (verdict: VerdictRecord): VerdictRecord => {
	const causes = verdict.findings.filter(({ why }) => why !== undefined);
	const most = [...verdict.findings].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0)).slice(0, 5);
	return { ...verdict, findings: causes.length > 0 ? causes.slice(0, 20) : most };
};

async function incidentFor(store: Store, who: Who, id: string): Promise<Incident> {
	const found = await store.find('incident', id);
	if (!found || !maySee(who, found.body.model)) throw unknown(`The incident "${id}"`);
	return found;
}

async function show(store: Store, { name: id, version, body }: Incident): Promise<z.input<typeof shown>> {
	const monitors: Array<z.input<typeof monitorEntry>> = [];
	const evidence: VerdictRecord[] = [];
	for (const monitorId of body.monitors) {
		const monitor = await store.find('monitor', monitorId);
		if (monitor) monitors.push(await monitorEntryOf(store, monitor));
		const found = (await verdictsOf(store, monitorId, 400)).map((verdict) => verdict.body);
		const begun = found.findLast((verdict) => verdict.incident === id);
		const during = found.filter(({ from }) => begun && from >= begun.from && (!body.closedAt || from < body.closedAt));
		evidence.push(...during.slice(0, MOST_EVIDENCE).map(causesIn));
	}
	evidence.sort((a, b) => (a.from < b.from ? 1 : a.from > b.from ? -1 : 0));
	return { version, record: body, responsible: await toldOf(store, body.model, id), monitors, evidence };
}

export const incident = consoleRoute({
	method: 'GET',
	path: '/incidents/:incident',
	role: 'viewer',
	summary: 'An incident: what is the matter, what shows it, and all that happened.',
	params: z.object({ incident: name }),
	answer: shown,
	does: async ({ store }, { params, who }) => await show(store, await incidentFor(store, who, params.incident)),
});

export const actOn = consoleRoute({
	method: 'POST',
	path: '/incidents/:incident/:action',
	role: 'operator',
	summary: 'Acknowledges, snoozes, wakes, comments, closes or reopens an incident.',
	params: z.object({ incident: name, action: incidentAction }),
	body: z.object({
		text: z.string().max(2_000).optional().meta({ description: 'A comment, or why' }),
		until: z.string().optional().meta({ description: 'Until when it is snoozed, ISO 8601' }),
		version: z.number().int().optional().meta({ description: 'The version that was looked at' }),
	}),
	answer: shown,
	async does({ store }, { params, body, who }) {
		const { name: id } = await incidentFor(store, who, params.incident);
		const { text, until, version: expect } = body;
		return await show(store, await actOnIncident(store, { id, action: params.action, actor: who.name, text, until, expect }));
	},
});

export const incidentRoutes = [incidents, incident, actOn];
