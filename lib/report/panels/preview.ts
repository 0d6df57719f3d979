import type { ColumnSchema } from '../../domain/column.js';
import { own } from '../../domain/dictionary.js';
import { date, number, plain } from '../formatting.js';
import { html, table, type Content } from '../safeHtml.js';
import { definePanel, type Panel } from './panel.js';

/** A few rows to look at; `rows` are objects by column name. */
export interface Preview {
	columns: ReadonlyArray<string | ColumnSchema>;
	rows: ReadonlyArray<Record<string, unknown>>;
}

const MOST = { rows: 10, columns: 20 };

function rowTable(preview: Preview): Content {
	const names = preview.columns.map((c) => (typeof c === 'string' ? c : c.name));
	const dates = new Set(preview.columns.flatMap((c) => (typeof c !== 'string' && c.type === 'datetime' ? [c.name] : [])));
	const shown = names.slice(0, MOST.columns);
	const cell = (name: string, v: unknown) =>
		dates.has(name) && (typeof v === 'number' || typeof v === 'string') ? date(v, true) : plain(v, 40);
	return html`${table(
		shown.map((head) => ({ head })),
		preview.rows.slice(0, MOST.rows).map((row) => shown.map((name) => cell(name, own(row, name)))),
		{ kind: 'preview' },
	)}${names.length > shown.length ? html`<p class="hint">${number(names.length - shown.length)} more columns are not shown.</p>` : ''}`;
}

/** Example rows, at most 10 by 20. */
export const previewPanel = (title: string): Panel<{ preview?: Preview }> =>
	definePanel<{ preview?: Preview }, Preview>({
		id: 'preview',
		data: ({ preview }) => (preview?.rows.length ? preview : undefined),
		draw: (preview) => ({ title, body: rowTable(preview) }),
	});
