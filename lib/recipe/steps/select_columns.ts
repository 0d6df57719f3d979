import { z } from 'zod/v4';
import type { ColumnSchema } from '../../domain/column.js';
import { columnsParam } from '../../domain/ui.js';
import { columnIndex, withoutColumns } from '../../data/frame.js';
import { defineStep } from '../contract.js';

const params = z.object({
	columns: columnsParam({
		title: 'Features to keep',
		description: 'Features that stay; the others are left out. Target, time, group, weight and id columns always stay. Empty keeps all.',
	}),
});
type Params = z.infer<typeof params>;

function dropped(input: readonly ColumnSchema[], p: Params): string[] {
	if (!p.columns.length) return [];
	for (const name of p.columns) columnIndex(input, name);
	const named = new Set(p.columns);
	return input.filter((c) => c.role === 'feature' && !named.has(c.name)).map((c) => c.name);
}

export const selectColumns = defineStep<Params>({
	id: 'select_columns',
	version: 1,
	label: 'Select columns',
	group: 'clean',
	stage: 'dataset',
	rows: 'keep',
	params,
	description: 'Keeps only the features you name.',
	outputs: (input, p) => {
		const names = new Set(dropped(input, p));
		return input.filter((c) => !names.has(c.name));
	},
	reads: (_input, _params, _state, needed) => needed,
	transform: (frame, p) => withoutColumns(frame, dropped(frame.schema, p)),
	row(input, p) {
		const names = dropped(input, p);
		return (row) => {
			for (const name of names) delete row[name];
		};
	},
	explain: (p) => (p.columns.length ? `Keeps the features ${p.columns.join(', ')}.` : 'Keeps all columns.'),
});
