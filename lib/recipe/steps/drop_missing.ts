import { z } from 'zod/v4';
import type { ColumnSchema } from '../../domain/column.js';
import { columnsParam } from '../../domain/ui.js';
import { columnIndex } from '../../data/frame.js';
import { takeRows } from '../../data/takeRows.js';
import { defineStep } from '../contract.js';
import { rowsWhere } from '../rows.js';
import { isMissing } from '../stats.js';

const params = z.object({
	columns: columnsParam({ title: 'Columns', description: 'Where gaps count. Leave empty for all features and the target.' }),
	how: z
		.enum(['any', 'all'])
		.default('any')
		.meta({
			title: 'Drop a row if',
			description: 'How many gaps it takes.',
			labels: { any: 'Any of them is missing', all: 'All of them are missing' },
		}),
});
type Params = z.infer<typeof params>;

const looked = (schema: readonly ColumnSchema[], p: Params): number[] =>
	p.columns.length
		? p.columns.map((name) => columnIndex(schema, name))
		: schema.flatMap((c, i) => (c.role === 'feature' || c.role === 'target' ? [i] : []));

/** As pandas' `dropna`. Rows to predict are never dropped. */
export const dropMissing = defineStep<Params>({
	id: 'drop_missing',
	version: 1,
	label: 'Drop rows with gaps',
	group: 'clean',
	stage: 'dataset',
	rows: 'drop',
	params,
	description: 'Leaves out rows with missing values. Rows to predict are never left out.',
	outputs(input, p) {
		looked(input, p);
		return [...input];
	},
	transform(frame, p) {
		const vectors = looked(frame.schema, p).map((i) => frame.vectors[i]);
		if (!vectors.length) return frame;
		const rows = rowsWhere(
			frame.rows,
			p.how === 'any' ? (i) => !vectors.some((v) => isMissing(v, i)) : (i) => !vectors.every((v) => isMissing(v, i)),
		);
		return rows.length === frame.rows ? frame : takeRows(frame, rows);
	},
	explain: (p) =>
		`Leaves out rows where ${p.how} of ${p.columns.join(', ') || 'the features and the target'} ${p.how === 'any' ? 'is' : 'are'} missing.`,
});
