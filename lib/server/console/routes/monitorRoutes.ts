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
import { verdictsOf } from '../../../app/verdicts.js';
import { watchModel } from '../../../app/watchModel.js';
import { monitorRecord, verdictRecord, type VerdictRecord } from '../../../domain/monitor.js';
import type { Store } from '../../../store/contract.js';
import { consoleRoute, type Who } from '../contract.js';
import { pageOf, pageOfNames, pageQuery, placeIn } from '../paging.js';
import { maySee, name, refuseOthers, unknown } from './routeParts.js';

const reason = z.string().max(2_000).optional();
const ofMonitor = z.object({ monitor: name });
/** Windows that a list goes back to. */
const MOST_WINDOWS = 2_000;

export const monitorEntry = monitorRecord.extend({
	/** To be sent along with a change: it is refused where somebody else changed the monitor meanwhile. */
	version: z.number().int(),
	/** The last window that it looked at. */
	last: verdictRecord.pick({ from: true, until: true, verdict: true, summary: true, rows: true, incident: true }).optional(),
});

export async function monitorEntryOf(store: Store, { name: id, version, body }: Monitor): Promise<z.input<typeof monitorEntry>> {
	const [last] = await verdictsOf(store, id, 40);
	return { ...body, version, ...(last ? { last: last.body } : {}) };
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
	summary: 'The monitors, by their ids, each with what it found last.',
	query: pageQuery.extend({
		model: name.optional(),
		ended: z.stringbool().default(false).meta({ description: 'Also those that have ended' }),
	}),
	answer: pageOf(monitorEntry),
	async does({ store }, { query, who }) {
		const found = (await listMonitors(store, query))
			.filter(({ body }) => maySee(who, body.model))
			.sort((a, b) => (a.name < b.name ? -1 : 1));
		const page = pageOfNames('monitors', query, { top: 0, last: placeIn('monitors', query)?.[1] }, found, (monitor) => monitor.name);
		return { ...page, entries: await Promise.all(page.entries.map(async (monitor) => await monitorEntryOf(store, monitor))) };
	},
});

const monitor = consoleRoute({
	method: 'GET',
	path: '/monitors/:monitor',
	role: 'viewer',
	summary: 'A monitor, with what it found last.',
	params: ofMonitor,
	answer: monitorEntry,
	does: async ({ store }, { params, who }) => await monitorEntryOf(store, await monitorFor(store, who, params.monitor)),
});

const makeMonitors = consoleRoute({
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
	body: monitorChange.extend({ reason, version: z.number().int().optional() }),
	answer: monitorEntry,
	async does({ store }, { params, body: { reason: why, version, ...change }, who }) {
		await monitorFor(store, who, params.monitor);
		const acting = { actor: who.name, ...(why ? { reason: why } : {}), ...(version === undefined ? {} : { expect: version }) };
		return await monitorEntryOf(store, await changeMonitor(store, params.monitor, change, acting));
	},
});

/** Of the findings those that are out of order, else those that matter most. */
export const causesIn = (verdict: VerdictRecord): VerdictRecord => {
	const causes = verdict.findings.filter(({ why }) => why !== undefined);
	const most = [...verdict.findings].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0)).slice(0, 5);
	return { ...verdict, findings: causes.length > 0 ? causes.slice(0, 20) : most };
};

const verdicts = consoleRoute({
	method: 'GET',
	path: '/monitors/:monitor/verdicts',
	role: 'viewer',
	summary: 'What a monitor found, window by window, the latest first.',
	params: ofMonitor,
	query: pageQuery.extend({
		findings: z.enum(['causes', 'all']).default('causes').meta({ description: 'All that was found, or what is out of order alone' }),
	}),
	answer: pageOf(verdictRecord),
	async does({ store }, { params, query, who }) {
		await monitorFor(store, who, params.monitor);
		const found = (await verdictsOf(store, params.monitor, MOST_WINDOWS)).map(({ body }) => body);
		const asked = { ...query, monitor: params.monitor };
		const page = pageOfNames('verdicts', asked, { top: 0, last: placeIn('verdicts', asked)?.[1] }, found, ({ from }) => from);
		return { ...page, entries: query.findings === 'all' ? page.entries : page.entries.map(causesIn) };
	},
});

export const monitorRoutes = [monitors, monitor, makeMonitors, changing, verdicts];
