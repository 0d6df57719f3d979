import type { ReportRecord } from '../domain/report.js';
import type { Store } from '../store/contract.js';

/** What lib/report renders. */
export interface RenderedReport {
	html: string;
	full?: string;
	charts: Array<{ name: string; png: Uint8Array }>;
}

/** Keeps a rendered report: its files, and a record that names them. */
export async function keepReport(store: Store, name: string, report: RenderedReport): Promise<ReportRecord> {
	const charts = [];
	for (const c of report.charts) charts.push({ name: c.name, digest: await store.artifacts.put(c.png) });
	const files: ReportRecord = {
		name,
		charts,
		html: await store.artifacts.put(report.html),
		...(report.full ? { full: await store.artifacts.put(report.full) } : {}),
	};
	await store.add('report', name, files);
	return files;
}
