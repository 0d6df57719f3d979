import type { ColumnDrift, DriftRecord } from '../../../domain/drift.js';
import { percent, plain } from '../../formatting.js';
import { badge, html, table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';

interface New {
	column: string;
	values: NonNullable<ColumnDrift['newValues']>;
}

/** Values that did not occur in the data compared with; the columns with most of them. */
export const newValues = definePanel<DriftRecord, New[]>({
	id: 'new_values',
	data({ columns }) {
		const found = columns.flatMap((c) => (c.newValues ? [{ column: c.column, values: c.newValues }] : []));
		return found.length ? found.sort((a, b) => b.values.share - a.values.share).slice(0, 30) : undefined;
	},
	draw: (found) => ({
		title: 'Values never seen before',
		body: table(
			[{ head: 'Column' }, { head: 'Share of the rows', number: true }, { head: '' }, { head: 'The most frequent' }],
			found.map(({ column, values }) => [
				html`<b>${plain(column, 60)}</b>`,
				percent(values.share),
				values.drifted ? badge('drifted', 'bad') : badge('few', 'good'),
				values.values
					.slice(0, 8)
					.map((v) => plain(v, 40))
					.join(', '),
			]),
		),
	}),
});
