import { z } from 'zod/v4';
import { listIncidents } from '../../../app/incidents.js';
import { findMonitor } from '../../../app/monitors.js';
import { newestRecords } from '../../../app/newestRecords.js';
import { verdictsOf } from '../../../app/verdicts.js';
import { INCIDENT_STATES, SEVERITIES } from '../../../domain/incident.js';
import { finding, MONITOR_STATES, monitorWindow, VERDICTS, watchId, type Finding, type VerdictRecord } from '../../../domain/monitor.js';
import { WATCHES } from '../../../domain/watches.js';
import { columnsByDays } from '../../../report/columnsByDays.js';
import { metricWords } from '../../../report/reportWords.js';
import type { Store, StoredRecord } from '../../../store/contract.js';
import { consoleRoute, type Who } from '../contract.js';
import { cursorAt, pageOf, pageQuery, placeIn, refusedCursor } from '../paging.js';
import { maySee, name, refuseOthers } from './routeParts.js';

const verdictNow = z.object({
	from: z.string(),
	until: z.string(),
	verdict: z.enum(VERDICTS),
	summary: z.string(),
	rows: z.number().int(),
});

const watched = z.object({
	id: z.string(),
	model: z.string(),
	alias: z.string(),
	watch: watchId,
	/** What is watched, and whether what, in words. */
	label: z.string(),
	asks: z.string(),
	state: z.enum(MONITOR_STATES),
	window: monitorWindow,
	segments: z.array(z.string()),
	falseAlarmsAYear: z.number(),
	/** What was found last; absent: nothing yet. */
	newest: verdictNow.optional(),
});

async function watchedOf(store: Store, { body }: StoredRecord<'monitor'>): Promise<z.input<typeof watched>> {
	const { id, model, alias, watch, state, window, segments, falseAlarmsAYear } = body;
	const [last] = await verdictsOf(store, id, 8);
	const newest = last && (({ from, until, verdict, summary, rows }: VerdictRecord) => ({ from, until, verdict, summary, rows }))(last.body);
	const [label, asks] = WATCHES[watch];
	return { id, model, alias, watch, label, asks, state, window, segments, falseAlarmsAYear, ...(newest ? { newest } : {}) };
}

/** Monitors that a question is answered about; a store has some for each model. */
export const watchedModels = consoleRoute({
	method: 'GET',
	path: '/watched',
	role: 'viewer',
	summary: 'What is watched of which model, with what was found last; by model.',
	query: pageQuery.extend({ model: z.string().max(500).optional().meta({ description: 'Only monitors of this model' }) }),
	answer: pageOf(watched),
	async does({ store }, { query, who }) {
		const place = placeIn('watched', query);
		const all = (await newestRecords(store, 'monitor'))
			.filter(({ body }) => maySee(who, body.model) && (query.model === undefined || body.model === query.model) && body.state !== 'ended')
			.sort((a, b) => (a.body.model < b.body.model ? -1 : a.body.model > b.body.model ? 1 : a.name < b.name ? -1 : 1));
		const after = place === undefined ? 0 : all.findIndex(({ body, name: id }) => placeKey(body.model, id) > placeKey(...textsOf(place)));
		const shown = after < 0 ? [] : all.slice(after, after + query.limit);
		const last = shown.at(-1);
		return {
			entries: await Promise.all(shown.map(async (record) => await watchedOf(store, record))),
			total: all.length,
			...(last && after + query.limit < all.length ? { next: cursorAt('watched', query, [last.body.model, last.name]) } : {}),
		};
	},
});

const placeKey = (model: string, id: string): string => `${model}\0${id}`;

function textsOf([model, id]: ReadonlyArray<string | number | null>): [string, string] {
	if (typeof model !== 'string' || typeof id !== 'string') throw refusedCursor();
	return [model, id];
}

const oneMonitor = z.object({ monitor: name });

/** @throws `store.not_found` */
async function monitorFor(store: Store, who: Who, id: string): Promise<StoredRecord<'monitor'>> {
	const record = await findMonitor(store, id);
	refuseOthers(who, record.body.model);
	return record;
}

export const watchedMonitor = consoleRoute({
	method: 'GET',
	path: '/watched/:monitor',
	role: 'viewer',
	summary: 'A monitor, the others of its model, and the incidents that are open about it.',
	params: oneMonitor,
	answer: watched.extend({
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
		const others = (await newestRecords(store, 'monitor')).filter(({ body }) => body.model === model && body.state !== 'ended');
		const incidents = await listIncidents(store, { model });
		return {
			...(await watchedOf(store, record)),
			beside: others
				.sort((a, b) => (a.name < b.name ? -1 : 1))
				.map(({ body: { id, watch, alias } }) => ({ id, watch, alias, label: WATCHES[watch][0] })),
			incidents: incidents.map(({ body: { id, title, state, severity, openedAt, monitors } }) => ({
				id,
				title,
				state,
				severity,
				openedAt,
				here: monitors.includes(record.name),
			})),
		};
	},
});

/** Findings of a window that a page shows. */
const MOST_FINDINGS = 40;

const windowEntry = z.object({
	from: z.string(),
	until: z.string(),
	verdict: z.enum(VERDICTS),
	rows: z.number().int(),
	known: z.number().int().optional(),
	versions: z.array(z.number().int()),
	summary: z.string(),
	notes: z.array(z.object({ code: z.string(), text: z.string() })),
	/** What is out of order first, then what matters most. */
	findings: z.array(finding.extend({ label: z.string() })),
	/** Findings that are not shown. */
	leftOut: z.number().int(),
});

function entryOf({ body }: Pick<StoredRecord<'verdict'>, 'body'>): z.input<typeof windowEntry> {
	const { from, until, verdict, rows, known, versions, summary, notes, findings, watch } = body;
	const columns = watch === 'data' || watch === 'answers';
	const rank = (f: Finding): number => Number(f.why !== undefined) * 2 + Number(f.segment === undefined);
	const sorted = [...findings].sort((a, b) => rank(b) - rank(a) || (b.weight ?? 1) - (a.weight ?? 1));
	return {
		...{ from, until, verdict, rows, known, versions, summary, notes },
		findings: sorted.slice(0, MOST_FINDINGS).map((f) => ({ ...f, label: columns ? f.about : metricWords(f.about).label })),
		leftOut: Math.max(0, sorted.length - MOST_FINDINGS),
	};
}

/** Windows that are looked back at: two years of days. */
const MOST_WINDOWS = 750;

export const watchedWindows = consoleRoute({
	method: 'GET',
	path: '/watched/:monitor/windows',
	role: 'viewer',
	summary: 'What a monitor found, window by window, the latest first.',
	params: oneMonitor,
	query: pageQuery,
	answer: pageOf(windowEntry),
	async does({ store }, { params, query, who }) {
		await monitorFor(store, who, params.monitor);
		const list = `watched ${params.monitor}`;
		const place = placeIn(list, query);
		if (place && typeof place[0] !== 'string') throw refusedCursor();
		const all = await verdictsOf(store, params.monitor, MOST_WINDOWS);
		const behind = place === undefined ? all : all.filter(({ body }) => body.from < (place[0] as string));
		const shown = behind.slice(0, query.limit);
		return {
			entries: shown.map(entryOf),
			...(behind.length > shown.length ? { next: cursorAt(list, query, [shown.at(-1)!.body.from]) } : {}),
		};
	},
});

export const watchedColumns = consoleRoute({
	method: 'GET',
	path: '/watched/:monitor/columns',
	role: 'viewer',
	summary:
		'Which columns drifted when: a row for each, in the order of importance times drift, and a place for each of the latest windows.',
	params: oneMonitor,
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
		// A window that waited has more than one record.
		const verdicts = await verdictsOf(store, params.monitor, query.windows * 2);
		return columnsByDays(
			verdicts.slice(0, query.windows).map(({ body }) => body),
			query.columns,
		);
	},
});
