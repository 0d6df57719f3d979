import { z } from 'zod/v4';
import type { Store } from '../store/contract.js';

/** Digests of a rendered report in the store. */
export const reportFiles = z.object({
	name: z.string(),
	/** HTML that survives n8n's sanitiser. */
	html: z.string(),
	/** One self-contained interactive HTML file. */
	full: z.string().optional(),
	charts: z.array(z.object({ name: z.string(), digest: z.string() })),
});
export type ReportFiles = z.infer<typeof reportFiles>;

/** What lib/report renders. */
export interface RenderedReport { html: string; full?: string; charts: Array<{ name: string; png: Uint8Array }> }

/** Keeps a rendered report: its files, and a record that names them. */
export async function keepReport(store: Store, name: string, report: RenderedReport): Promise<ReportFiles> {
	const charts = [];
	for (const c of report.charts) charts.push({ name: c.name, digest: await store.artifacts.put(c.png) });
	const files: ReportFiles = {
		name, charts,
		html: await store.artifacts.put(report.html),
		...(report.full ? { full: await store.artifacts.put(report.full) } : {}),
	};
	await store.add('report', name, files);
	return files;
}
