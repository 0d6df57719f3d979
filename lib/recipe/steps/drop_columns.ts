import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { columnIndex, withoutColumns } from '../../data/frame.js';
import { defineStep } from '../contract.js';

const params = z.object({
	columns: columnsParam({ title: 'Columns to drop', description: 'Columns that are left out from here on.' }),
});

export const dropColumns = defineStep<z.infer<typeof params>>({
	id: 'drop_columns',
	version: 1,
	label: 'Drop columns',
	group: 'clean',
	stage: 'dataset',
	rows: 'keep',
	params,
	description: 'Leaves out columns that are of no use.',
	outputs(input, p) {
		for (const name of p.columns) columnIndex(input, name);
		const gone = new Set(p.columns);
		return input.filter((c) => !gone.has(c.name));
	},
	reads: (_input, _params, _state, needed) => needed,
	transform(frame, p) {
		for (const name of p.columns) columnIndex(frame.schema, name);
		return withoutColumns(frame, p.columns);
	},
	row: (_, p) => (row) => {
		for (const name of p.columns) delete row[name];
	},
	explain: (p) => `Drops ${p.columns.join(', ') || 'nothing'}.`,
});
