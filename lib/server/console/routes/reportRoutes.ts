import { z } from 'zod/v4';
import { consoleRoute } from '../contract.js';
import { pageOf, pageQuery, storedPage } from '../paging.js';
import { name, refuseLimited, unknown } from './routeParts.js';

const reportEntry = z.object({
	id: z.string(),
	/** What it is about: `run`, `evaluation`, `dataset`, `drift`, ... */
	about: z.string(),
	createdAt: z.string(),
	/** Whether there is a page with all of it beside the short one. */
	full: z.boolean(),
	charts: z.array(z.string()),
});

export const reports = consoleRoute({
	method: 'GET',
	path: '/reports',
	role: 'viewer',
	summary: 'The reports, the newest first.',
	query: pageQuery.extend({ about: name.optional() }),
	answer: pageOf(reportEntry),
	async does({ store }, { query, who }) {
		refuseLimited(who);
		return await storedPage(
			'reports',
			query,
			async (before, limit) => await store.page('report', { name: query.about, before, limit }),
			({ id, name: about, createdAt, body }) => ({
				...{ id, about, createdAt, full: body.full !== undefined },
				charts: body.charts.map((chart) => chart.name),
			}),
		);
	},
});

/**
 * A report's page holds what people wrote in their data: it may do what its own script does, in an origin of its own that reaches neither
 * the console, nor its cookies, nor any other address.
 */
const SANDBOX =
	"sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'self'";

export const reportPage = consoleRoute({
	method: 'GET',
	path: '/reports/:report/page',
	role: 'viewer',
	summary: 'A report as a page, which can reach nothing outside itself.',
	params: z.object({ report: name }),
	query: z.object({ short: z.enum(['true', 'false']).default('false').meta({ description: 'The short form, as n8n shows it' }) }),
	answer: z.string(),
	page: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': SANDBOX, 'x-content-type-options': 'nosniff' },
	async does({ store }, { params, query, who }) {
		refuseLimited(who);
		const { body } = await store.get('report', params.report).catch(() => {
			throw unknown(`The report ${params.report}`);
		});
		const short = query.short === 'true' || body.full === undefined;
		const html = (await store.artifacts.get(short ? body.html : body.full!)).toString('utf8');
		return short
			? `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Report</title></head><body>${html}</body></html>`
			: html;
	},
});
