import { z } from 'zod/v4';
import {
	changeMonitor,
	findMonitor,
	listMonitors,
	makeMonitor,
	monitorChange,
	monitorRequest,
	type Monitor,
} from '../../../app/monitors.js';
import { listIncidents } from '../../../app/incidents.js';
import { verdictsOfWindows } from '../../../app/verdicts.js';
import { watchModel } from '../../../app/watchModel.js';
import { INCIDENT_STATES, SEVERITIES } from '../../../domain/incident.js';
import { finding, monitorRecord, verdictRecord, watchId, type Finding, type VerdictRecord } from '../../../domain/monitor.js';
import { WATCHES } from '../../../domain/watches.js';
import { columnsByDays } from '../../../report/columnsByDays.js';
import { metricWords } from '../../../report/reportWords.js';
import type { Store } from '../../../store/contract.js';
import { consoleRoute, type Who } from '../contract.js';
import { pageOf, pageOfNames, pageQuery, placeIn } from '../paging.js';
import { maySee, name, refuseOthers, unknown } from './routeParts.js';

const reason = z.string().max(2_000).optional();
const ofMonitor = z.object({ monitor: name });
/** Windows that a list goes back to: a year of hours. */
const MOST_WINDOWS = 10_000;

export const monitorEntry = monitorRecord.extend({
	/** To be sent along with a change: it is refused where somebody else changed the monitor meanwhile. */
	revision: z.number().int(),
	/** What is watched, and whether what, in words. */
	label: z.string(),
	asks: z.string(),
	/** The last window that it looked at. */
	last: verdictRecord.pick({ from: true, until: true, verdict: true, summary: true, rows: true, incident: true }).optional(),
});

export async function monitorEntryOf(store: Store, { name: id, version: revision, body }: Monitor): Promise<z.input<typeof monitorEntry>> {
	const last = await lastVerdict(store, id);
	const [label, asks] = WATCHES[body.watch];
	return { ...body, revision, label, asks, ...(last ? { last } : {}) };
}

/** What each monitor found last, and its newest verdict then: lists ask again and again, and most have looked at nothing new. */
const lastOnes = new WeakMap<Store, Map<string, { newest: string; last: VerdictRecord }>>();

async function lastVerdict(store: Store, id: string): Promise<VerdictRecord | undefined> {
	let known = lastOnes.get(store);
	if (!known) lastOnes.set(store, (known = new Map()));
	const newest = await store.find('verdict', id);
	if (!newest) return undefined;
	const before = known.get(id);
	if (before?.newest === newest.id) return before.last;
	// One that waited for its truth is older than the last window.
	const [{ body: last }] = await verdictsOfWindows(store, id, await store.windows(id, 1));
	known.set(id, { newest: newest.id, last });
	return last;
}

/** @throws `store.not_found`, as for one that is not there, to a key that is good for other models */
async function monitorFor(store: Store, who: Who, id: string): Promise<Monitor> {
	const found = await store.find('monitor', id);
	if (!found || !maySee(who, found.body.model)) throw unknown(`The monitor "${id}"`);
	return found;
}

export const monitors = consoleRoute({
	method: 'GET',
	path: '/monitors',
	role: 'viewer',
	summary: 'What is watched of which model: the monitors, by model, each with what it found last.',
	query: pageQuery.extend({
		model: name.optional(),
		ended: z.stringbool().default(false).meta({ description: 'Also those that have ended' }),
	}),
	answer: pageOf(monitorEntry),
	async does({ store }, { query, who }) {
		const found = (await listMonitors(store, query))
			.filter(({ body }) => maySee(who, body.model))
			.sort((a, b) => byText(a.body.model, b.body.model) || byText(a.name, b.name));
		const page = pageOfNames('monitors', query, { top: 0, last: placeIn('monitors', query)?.[1] }, found, (monitor) => monitor.name);
		return { ...page, entries: await Promise.all(page.entries.map(async (monitor) => await monitorEntryOf(store, monitor))) };
	},
});

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const monitor = consoleRoute({
	method: 'GET',
	path: '/monitors/:monitor',
	role: 'viewer',
	summary: 'A monitor with what it found last, the others of its model, and the incidents that are open about that.',
	params: ofMonitor,
	answer: monitorEntry.extend({
		beside: z.array(z.object({ id: z.string(), watch: watchId, label: z.string(), alias: z.string() })),
		incidents: z.array(
			z.object({
				id: z.string(),
				title: z.string(),
				state: z.enum(INCIDENT_STATES),
				severity: z.enum(SEVERITIES),
				openedAt: z.string(),
				/** This monitor found it. */
				here: z.boolean(),
			}),
		),
	}),
	async does({ store }, { params, who }) {
		const record = await monitorFor(store, who, params.monitor);
		const { model } = record.body;
		const incidents = await listIncidents(store, { model });
		return {
			...(await monitorEntryOf(store, record)),
			beside: (await listMonitors(store, { model }))
				.sort((a, b) => byText(a.name, b.name))
				.map(({ body: { id, watch, alias } }) => ({ id, watch, alias, label: WATCHES[watch][0] })),
			incidents: incidents.map(({ body: { id, title, state, severity, openedAt, monitors: found } }) => ({
				...{ id, title, state, severity, openedAt },
				here: found.includes(record.name),
			})),
		};
	},
});

export const makeMonitors = consoleRoute({
	method: 'POST',
	path: '/monitors',
	role: 'operator',
	summary: 'Watches a model: one thing, or without "watch" all that can be watched of it.',
	body: monitorRequest.partial({ watch: true }).extend({ reason }),
	answer: z.object({ monitors: z.array(monitorEntry), text: z.string() }),
	status: 201,
	async does({ store }, { body: { watch, reason: why, ...request }, who }) {
		refuseOthers(who, request.model);
		const acting = { actor: who.name, ...(why ? { reason: why } : {}) };
		if (watch !== undefined) {
			const made = await makeMonitor(store, { ...request, watch }, acting);
			return { monitors: [await monitorEntryOf(store, made)], text: `The monitor "${made.name}" looks from now on.` };
		}
		const { model, alias, segments } = request;
		const watching = await watchModel(store, { model, alias, segments, watch: [], ...acting });
		const made = await Promise.all(watching.monitors.map(async ({ id }) => await monitorEntryOf(store, await findMonitor(store, id))));
		return { monitors: made, text: watching.text };
	},
});

const changing = consoleRoute({
	method: 'POST',
	path: '/monitors/:monitor',
	role: 'operator',
	summary: 'Changes a monitor, pauses or resumes it, or ends it for good.',
	params: ofMonitor,
	body: monitorChange.extend({
		reason,
		revision: z.number().int().optional().meta({ description: 'The revision that was looked at: refused where there is a newer one' }),
	}),
	answer: monitorEntry,
	async does({ store }, { params, body: { reason: why, revision, ...change }, who }) {
		await monitorFor(store, who, params.monitor);
		const acting = { actor: who.name, ...(why ? { reason: why } : {}), ...(revision === undefined ? {} : { expect: revision }) };
		return await monitorEntryOf(store, await changeMonitor(store, params.monitor, change, acting));
	},
});

/** Findings of a window that a page shows. */
const MOST_FINDINGS = 40;

const windowEntry = verdictRecord.extend({
	findings: z.array(finding.extend({ label: z.string() })),
	/** Findings that are not shown. */
	leftOut: z.number().int(),
});

/** What is out of order first, then what matters most. */
function windowOf(verdict: VerdictRecord, most: number): z.input<typeof windowEntry> {
	const { findings, watch } = verdict;
	const columns = watch === 'data' || watch === 'answers';
	const rank = (f: Finding): number => Number(f.why !== undefined) * 2 + Number(f.segment === undefined);
	const sorted = [...findings].sort((a, b) => rank(b) - rank(a) || (b.weight ?? 1) - (a.weight ?? 1));
	return {
		...verdict,
		findings: sorted.slice(0, most).map((f) => ({ ...f, label: columns ? f.about : metricWords(f.about).label })),
		leftOut: Math.max(0, sorted.length - most),
	};
}

export const verdicts = consoleRoute({
	method: 'GET',
	path: '/monitors/:monitor/verdicts',
	role: 'viewer',
	summary: 'What a monitor found, window by window, the latest first: what is out of order, then what matters most.',
	params: ofMonitor,
	query: pageQuery.extend({
		findings: z
			.enum(['some', 'all'])
			.default('some')
			.meta({ description: `All that was found, or the first ${MOST_FINDINGS}` }),
	}),
	answer: pageOf(windowEntry),
	async does({ store }, { params, query, who }) {
		await monitorFor(store, who, params.monitor);
		const windows = await store.windows(params.monitor, MOST_WINDOWS);
		const asked = { ...query, monitor: params.monitor };
		const page = pageOfNames('verdicts', asked, { top: 0, last: placeIn('verdicts', asked)?.[1] }, windows, ({ from }) => from);
		const found = await verdictsOfWindows(store, params.monitor, page.entries);
		const most = query.findings === 'all' ? Number.POSITIVE_INFINITY : MOST_FINDINGS;
		return { ...page, entries: found.map(({ body }) => windowOf(body, most)) };
	},
});

export const monitorColumns = consoleRoute({
	method: 'GET',
	path: '/monitors/:monitor/columns',
	role: 'viewer',
	summary:
		'Which columns drifted when: a row for each, in the order of importance times drift, and a place for each of the latest windows.',
	params: ofMonitor,
	query: z.object({
		windows: z.coerce.number().int().min(2).max(120).default(60).meta({ description: 'So many windows, the latest ones' }),
		columns: z.coerce.number().int().min(1).max(100).default(30).meta({ description: 'So many columns' }),
	}),
	answer: z.object({
		windows: z.array(z.object({ from: z.string(), until: z.string() })),
		columns: z.array(
			z.object({
				about: z.string(),
				segment: z.string().optional(),
				changes: z.array(z.number().nullable()),
				why: z.array(z.string().nullable()),
			}),
		),
		leftOut: z.number().int(),
	}),
	async does({ store }, { params, query, who }) {
		await monitorFor(store, who, params.monitor);
		const found = await verdictsOfWindows(store, params.monitor, await store.windows(params.monitor, query.windows));
		return columnsByDays(
			found.map(({ body }) => body),
			query.columns,
		);
	},
});

export const monitorRoutes = [monitors, monitor, makeMonitors, changing, verdicts, monitorColumns];
