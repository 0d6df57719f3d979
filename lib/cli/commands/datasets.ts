import { z } from 'zod/v4';
import { defineCommand } from '../contract.js';
import { moment, textTable } from '../textTable.js';

/** What was read. */
export const datasets = defineCommand({
	name: 'datasets',
	does: 'Lists the versions of the datasets, the newest first.',
	args: ['name'],
	options: z.object({
		name: z.string().optional().meta({ description: 'Only versions of this dataset', placeholder: 'NAME' }),
		limit: z.number().int().min(1).default(20).meta({ description: 'How many' }),
	}),
	async run({ name, limit }, desk) {
		const { store } = await desk.session();
		const records = await store.list('dataset', { ...(name ? { name } : {}), limit });
		const listed = records.map(({ id, name: of, version, createdAt, body }) => ({
			id,
			name: of,
			version,
			at: createdAt,
			rows: body.rows,
			columns: body.columns.length,
			...(body.target ? { target: body.target } : {}),
			source: body.source.description,
		}));
		return {
			json: listed,
			text: listed.length
				? textTable(
						['Dataset', 'When (UTC)', 'Rows', 'Columns', 'Target', 'Source'],
						listed.map((d) => [`${d.name}@${d.version}`, moment(d.at), d.rows, d.columns, d.target ?? '', d.source]),
					)
				: 'Nothing was read yet.',
		};
	},
});
