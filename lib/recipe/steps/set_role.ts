import { z } from 'zod/v4';
import { columnRole, type ColumnSchema } from '../../domain/column.js';
import { columnsParam } from '../../domain/ui.js';
import { columnIndex } from '../../data/frame.js';
import { defineStep } from '../contract.js';

const params = z.object({
	columns: columnsParam({ title: 'Columns', description: 'Columns that get the role.' }),
	role: columnRole.default('ignore').meta({
		title: 'Role',
		description: 'What the columns are for.',
		labels: {
			feature: 'Feature (the model learns from it)',
			target: 'Target (what is predicted)',
			time: 'Time (splits go forward in time)',
			group: 'Group (rows of one group stay together)',
			weight: 'Weight of the row',
			id: 'Id',
			ignore: 'Ignore',
		},
	}),
});
type Params = z.infer<typeof params>;

function withRoles(input: readonly ColumnSchema[], p: Params): ColumnSchema[] {
	const named = new Set(p.columns.map((name) => columnIndex(input, name)));
	return input.map((c, i): ColumnSchema => {
		if (named.has(i)) return { ...c, role: p.role };
		// There is one target: a former one must not slip in among the features.
		return p.role === 'target' && named.size && c.role === 'target' ? { ...c, role: 'ignore' } : c;
	});
}

export const setRole = defineStep<Params>({
	id: 'set_role',
	version: 1,
	label: 'Set role',
	group: 'feature',
	stage: 'dataset',
	rows: 'keep',
	setsRoles: true,
	params,
	description: 'Says what columns are for: feature, target, time, group, weight, id, or nothing.',
	outputs: withRoles,
	reads: (_input, _params, _state, needed) => needed,
	transform: (frame, p) => ({ ...frame, schema: withRoles(frame.schema, p) }),
	row: () => () => {},
	explain: (p) => `${p.columns.join(', ') || 'Nothing'} gets the role ${p.role}.`,
});
