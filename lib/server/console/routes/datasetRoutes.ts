import { open } from 'node:fs/promises';
import { z } from 'zod/v4';
import { columnDifferences } from '../../../app/differences.js';
import { profileDifferences } from '../../../app/profileDifferences.js';
import { columnSchema } from '../../../domain/column.js';
import { columnProfile, profileSchema, type Profile } from '../../../domain/profile.js';
import type { Store, StoredRecord } from '../../../store/contract.js';
import { consoleRoute } from '../contract.js';
import { heldOf, type DatasetRow } from '../held/held.js';
import { heldPage } from '../held/heldRows.js';
import { cursorAt, ORDERS, pageOf, pageOfNames, pageQuery, placeIn } from '../paging.js';
import { columnDifference } from './differenceSchemas.js';
import { holds, name, refuseLimited, text, unknown, versionNumber } from './routeParts.js';

const datasetEntry = z.object({
	id: z.string(),
	name: z.string(),
	version: z.number().int(),
	createdAt: z.string(),
	rows: z.number().int(),
	columns: z.number().int(),
	target: z.string().optional(),
	task: z.string().optional(),
	/** Rows that could not be read. */
	quarantined: z.number().int(),
	source: z.object({ type: z.string(), description: z.string() }),
});

export const datasets = consoleRoute({
	method: 'GET',
	path: '/datasets',
	role: 'viewer',
	summary: 'The datasets, each with its newest version.',
	query: pageQuery.extend({ text, sort: z.enum(['name', 'newest', 'rows']).default('name'), order: z.enum(ORDERS).default('asc') }),
	answer: pageOf(datasetEntry.extend({ versions: z.number().int() })),
	async does(state, { query, who }) {
		refuseLimited(who);
		const rows = await heldOf(state).datasets.read();
		const place = placeIn('datasets', query);
		const top = place ? Number(place[0]) : (rows.at(-1)?.seq ?? 0);
		const newest = new Map<string, { row: DatasetRow; versions: number }>();
		for (const row of rows)
			if (row.seq <= top && holds(row.name, query.text)) newest.set(row.name, { row, versions: (newest.get(row.name)?.versions ?? 0) + 1 });
		const byName = (a: DatasetRow, b: DatasetRow) => (a.name < b.name ? -1 : 1);
		const sorts = {
			name: byName,
			newest: (a: DatasetRow, b: DatasetRow) => a.seq - b.seq,
			rows: (a: DatasetRow, b: DatasetRow) => a.rows - b.rows || byName(a, b),
		};
		const sorted = [...newest.values()].sort((a, b) => sorts[query.sort](a.row, b.row));
		if (query.order === 'desc') sorted.reverse();
		return pageOfNames(
			'datasets',
			query,
			{ top, last: place?.[1] },
			sorted.map(({ row, versions }) => ({ ...row, versions })),
			(row) => row.name,
		);
	},
});

const ofName = z.object({ dataset: name });
const ofVersion = ofName.extend({ version: versionNumber });

export const datasetVersions = consoleRoute({
	method: 'GET',
	path: '/datasets/:dataset/versions',
	role: 'viewer',
	summary: 'The versions of a dataset.',
	params: ofName,
	query: pageQuery.extend({ order: z.enum(ORDERS).default('desc') }),
	answer: pageOf(datasetEntry),
	async does(state, { params, query, who }) {
		refuseLimited(who);
		const asked = { ...query, dataset: params.dataset };
		return await heldPage(heldOf(state).datasets, {
			list: 'dataset versions',
			asked,
			order: query.order,
			keep: (row) => row.name === params.dataset,
		});
	},
});

async function versionOf(store: Store, { dataset, version }: { dataset: string; version: number }): Promise<StoredRecord<'dataset'>> {
	const record = await store.find('dataset', dataset, version);
	if (!record) throw unknown(`Version ${version} of the dataset "${dataset}"`);
	return record;
}

async function profileOf(store: Store, { body }: StoredRecord<'dataset'>): Promise<Profile | undefined> {
	if (body.profile === undefined) return undefined;
	const read = profileSchema.safeParse(JSON.parse((await store.artifacts.get(body.profile)).toString('utf8')));
	return read.success ? read.data : undefined;
}

/** Records that are looked at for what was made of a dataset. */
const MOST_MADE = 200;

const made = z.object({ id: z.string(), kind: z.string(), name: z.string(), version: z.number().int() });

export const dataset = consoleRoute({
	method: 'GET',
	path: '/datasets/:dataset/versions/:version',
	role: 'viewer',
	summary: 'A version of a dataset: its columns, its profile with what to look at before training, and what was made of it.',
	params: ofVersion,
	answer: datasetEntry.extend({
		schema: z.array(columnSchema),
		/** Absent for versions that were made without one. */
		profile: profileSchema.optional(),
		/** What was said while the rows were read. Absent for versions that were made before it was kept. */
		notes: z.array(z.object({ code: z.string(), text: z.string() })).optional(),
		/** The nearest records that were made of it, at most two hundred. */
		made: z.array(made),
		/** Trainings on it. */
		runs: z.number().int(),
	}),
	async does(state, { params, who }) {
		refuseLimited(who);
		const { store } = state;
		const record = await versionOf(store, params);
		const held = heldOf(state);
		await held.datasets.read();
		return {
			...held.datasets.get(record.id)!,
			schema: record.body.columns,
			profile: await profileOf(store, record),
			notes: record.body.notes,
			made: await store.lineage(record.id, 'down', MOST_MADE),
			runs: await store.count('run', { parent: record.id }),
		};
	},
});

const side = columnProfile
	.pick({ missing: true, distinct: true, min: true, max: true, mean: true, std: true, quantiles: true, histogram: true, top: true })
	.extend({ rows: z.number().int() });

export const datasetDifference = consoleRoute({
	method: 'GET',
	path: '/datasets/:dataset/versions/:version/differences/:other',
	role: 'viewer',
	summary: 'What changed between two versions of a dataset: columns, rows, and how values are distributed.',
	params: ofVersion.extend({ other: versionNumber }),
	answer: z.object({
		a: datasetEntry,
		b: datasetEntry,
		columns: z.array(columnDifference),
		/** Columns that both have, those that differ most first; empty where a version has no profile. */
		distributions: z.array(
			z.object({
				name: z.string(),
				type: z.string(),
				a: side,
				b: side,
				/** Change of the share of rows without a value. */
				missing: z.number(),
				/** How far the mean moved, in standard deviations of `a`. */
				shift: z.number().optional(),
				/** Half the sum of the absolute changes of the most frequent values' shares. */
				variation: z.number().optional(),
			}),
		),
		profiles: z.boolean(),
	}),
	async does(state, { params: { dataset: called, version, other }, who }) {
		refuseLimited(who);
		const { store } = state;
		const [a, b] = [await versionOf(store, { dataset: called, version }), await versionOf(store, { dataset: called, version: other })];
		const [ours, theirs] = [await profileOf(store, a), await profileOf(store, b)];
		const { datasets: held } = heldOf(state);
		await held.read();
		return {
			a: held.get(a.id)!,
			b: held.get(b.id)!,
			columns: columnDifferences(a.body.columns, b.body.columns),
			distributions: ours && theirs ? profileDifferences(ours, theirs) : [],
			profiles: ours !== undefined && theirs !== undefined,
		};
	},
});

/** Bytes of the quarantine file that are read for a page at most. */
const QUARANTINE_BYTES = 4 * 1024 * 1024;

export const quarantine = consoleRoute({
	method: 'GET',
	path: '/datasets/:dataset/versions/:version/quarantine',
	role: 'viewer',
	summary: 'Rows of a dataset that could not be read, each with the reason.',
	params: ofVersion,
	query: pageQuery,
	answer: pageOf(z.record(z.string(), z.unknown())),
	async does({ store }, { params, query, who }) {
		refuseLimited(who);
		const { body } = await versionOf(store, params);
		if (body.quarantine === undefined) return { entries: [], total: 0 };
		const asked = { ...query, ...params };
		const from = Number(placeIn('quarantine', asked)?.[0] ?? 0);
		const { lines, next } = await linesFrom(await store.artifacts.materialise(body.quarantine), from, query.limit);
		const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
		return { entries, total: body.quarantined, ...(next === undefined ? {} : { next: cursorAt('quarantine', asked, [next]) }) };
	},
});

/** Whole lines of a file from a byte on, and the byte behind them where there are more. */
async function linesFrom(path: string, from: number, most: number): Promise<{ lines: string[]; next?: number }> {
	const file = await open(path);
	try {
		const { size } = await file.stat();
		const bytes = Buffer.alloc(Math.max(0, Math.min(QUARANTINE_BYTES, size - from)));
		await file.read(bytes, 0, bytes.length, from);
		const lines: string[] = [];
		let at = 0;
		while (lines.length < most) {
			const end = bytes.indexOf(0x0a, at);
			if (end < 0) break;
			if (end > at) lines.push(bytes.toString('utf8', at, end));
			at = end + 1;
		}
		return { lines, ...(at > 0 && from + at < size ? { next: from + at } : {}) };
	} finally {
		await file.close();
	}
}
