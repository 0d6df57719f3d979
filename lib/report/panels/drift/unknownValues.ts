import type { DriftRecord } from '../../../domain/drift.js';
import { number, percent, plain } from '../../formatting.js';
import { html, table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';

interface Reading {
	columns: NonNullable<DriftRecord['reading']>;
	rows: number;
}

/** Cells that the model cannot read, or has never seen the like of. */
export const unknownValues = definePanel<DriftRecord, Reading>({
	id: 'unknown_values',
	data: ({ reading, current }) => (reading?.length ? { columns: reading, rows: current.rows } : undefined),
	draw: ({ columns, rows }) => ({
		title: 'Values the model does not know',
		body: table(
			[
				{ head: 'Column' },
				{ head: 'Unreadable', number: true },
				{ head: 'Unknown', number: true },
				{ head: 'Far outside', number: true },
				{ head: 'For example' },
			],
			columns
				.slice(0, 50)
				.map((c) => [
					html`<b>${plain(c.column, 60)}</b>`,
					...[c.unread, c.unknown, c.outside].map((n) => `${number(n)} (${percent(n / Math.max(1, rows))})`),
					c.examples.map((e) => plain(e, 40)).join(', '),
				]),
		),
	}),
});
