import { z } from 'zod/v4';
import type { ColumnSchema } from '../../domain/column.js';
import { columnsParam } from '../../domain/ui.js';
import { columnIndex } from '../../data/frame.js';
import { takeRows } from '../../data/takeRows.js';
import { defineStep } from '../contract.js';
import { firstEqualRow, rowsWhere } from '../rows.js';

const params = z.object({
	columns: columnsParam({
		title: 'Compare',
		description: 'Rows that agree in these columns count as duplicates. Leave empty for all columns.',
	}),
	keep: z
		.enum(['first', 'last', 'none'])
		.default('first')
		.meta({
			title: 'Keep',
			description: 'Which of the equal rows stays.',
			labels: { first: 'The first', last: 'The last', none: 'None of them' },
		}),
});
type Params = z.infer<typeof params>;

const compared = (schema: readonly ColumnSchema[], p: Params): number[] =>
	p.columns.length ? p.columns.map((name) => columnIndex(schema, name)) : schema.map((_, i) => i);

/** As pandas' `drop_duplicates`; missing equals missing. */
export const dropDuplicates = defineStep<Params>({
	id: 'drop_duplicates',
	version: 1,
	label: 'Drop duplicates',
	group: 'clean',
	stage: 'dataset',
	rows: 'drop',
	params,
	description: 'Leaves out rows that repeat another row.',
	outputs(input, p) {
		compared(input, p);
		return [...input];
	},
	transform(frame, p) {
		const columns = compared(frame.schema, p);
		if (!columns.length) return frame;
		const first = firstEqualRow(frame, columns);
		let rows: Uint32Array;
		if (p.keep === 'first') rows = rowsWhere(frame.rows, (i) => first[i] === i);
		else {
			const last = new Uint32Array(frame.rows);
			const count = new Uint32Array(frame.rows);
			for (let i = 0; i < frame.rows; i++) {
				last[first[i]] = i;
				count[first[i]]++;
			}
			rows = rowsWhere(frame.rows, (i) => (p.keep === 'last' ? last[first[i]] === i : count[first[i]] === 1));
		}
		return rows.length === frame.rows ? frame : takeRows(frame, rows);
	},
	explain: (p) => `Leaves out rows that repeat another one${p.columns.length ? ` in ${p.columns.join(', ')}` : ''}.`,
});
