import { z } from 'zod/v4';
import { lastVerification, verification, verifyNow } from '../../../app/verifyNow.js';
import { harmlessCell } from '../../../app/writeCsv.js';
import { csvCell } from '../../../data/csvWriter.js';
import type { AuditEvent } from '../../../store/contract.js';
import { consoleRoute } from '../contract.js';
import { pageOf, pageQuery, storedPage } from '../paging.js';
import { moment, name, refuseLimited } from './routeParts.js';

const filters = z.object({
	actor: name.optional(),
	subject: name.optional().meta({ description: 'A model, an id, an address: what it happened to' }),
	action: name.optional().meta({ description: 'How the action begins: `alias.` for all about aliases' }),
	from: moment.optional(),
	until: moment.optional(),
});

const event = z.object({
	seq: z.number().int(),
	at: z.string(),
	actor: z.string(),
	action: z.string(),
	subject: z.string(),
	details: z.record(z.string(), z.unknown()),
	previous: z.string(),
	hash: z.string(),
});

export const audit = consoleRoute({
	method: 'GET',
	path: '/audit',
	role: 'viewer',
	summary: 'What happened, who did it, and when: the audit log, the latest first.',
	query: pageQuery.extend(filters.shape),
	answer: pageOf(event),
	async does({ store }, { query, who }) {
		refuseLimited(who);
		const { limit: _limit, cursor: _cursor, ...filter } = query;
		return await storedPage(
			'audit',
			query,
			async (before, limit) => await store.auditLog({ ...filter, before, limit }),
			(found) => found,
		);
	},
});

/** Events of one piece of an export at most. */
const MOST_EXPORTED = 5_000;
const CSV = ['seq', 'at', 'actor', 'action', 'subject', 'details', 'hash'] as const;

/** A cell that no spreadsheet takes for a formula. */
const cell = (value: unknown): string => {
	const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
	return csvCell(harmlessCell(text));
};
const FORMATS = {
	ndjson: { type: 'application/x-ndjson; charset=utf-8', head: '', line: (found: AuditEvent) => `${JSON.stringify(found)}\n` },
	csv: {
		type: 'text/csv; charset=utf-8',
		head: `${CSV.join(',')}\r\n`,
		line: (found: AuditEvent) => `${CSV.map((column) => cell(found[column])).join(',')}\r\n`,
	},
} as const;

const auditExport = consoleRoute({
	method: 'GET',
	path: '/audit/export',
	role: 'viewer',
	summary:
		'The audit log as lines, the oldest first, piece by piece: `x-mlops-next`, where there is one, is `after` of the next piece, and ' +
		'only the first piece has a line of names.',
	query: filters.extend({
		format: z.enum(['ndjson', 'csv']).default('ndjson'),
		after: z.coerce.number().int().min(0).default(0).meta({ description: 'Number of the last event that is there already' }),
		limit: z.coerce.number().int().min(1).max(MOST_EXPORTED).default(MOST_EXPORTED),
	}),
	answer: z.string(),
	page: { 'x-content-type-options': 'nosniff', 'content-disposition': 'attachment; filename="audit-log"' },
	types: Object.values(FORMATS).map(({ type }) => type),
	async does({ store }, { query: { format, after, limit, ...filter }, who, http }) {
		refuseLimited(who);
		const found = await store.auditLog({ ...filter, since: after, limit: limit + 1 });
		const shown = found.slice(0, limit);
		const { type, head, line } = FORMATS[format];
		Object.assign(http.headers, { 'content-type': type }, found.length > limit ? { 'x-mlops-next': String(shown.at(-1)!.seq) } : {});
		return (after === 0 ? head : '') + shown.map(line).join('');
	},
});

const verifyState = z.object({ last: verification.optional() });

export const verified = consoleRoute({
	method: 'GET',
	path: '/audit/verification',
	role: 'viewer',
	summary: 'The last verification of the store, or how the one that goes on is getting along.',
	answer: verifyState,
	does: async ({ store }, { who }) => {
		refuseLimited(who);
		return { last: await lastVerification(store) };
	},
});

const verify = consoleRoute({
	method: 'POST',
	path: '/audit/verification',
	role: 'operator',
	summary: 'Begins to verify the whole store, unless that goes on already.',
	answer: verifyState,
	status: 202,
	does: async ({ store }, { who }) => {
		refuseLimited(who);
		return { last: await verifyNow(store, who.name) };
	},
});

export const auditRoutes = [audit, auditExport, verified, verify];
