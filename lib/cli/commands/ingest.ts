import { z } from 'zod/v4';
import { ingest as ingestTable, ingestRequest } from '../../app/calls/ingestCall.js';
import { defineCommand } from '../contract.js';
import { handOn } from '../item.js';
import { textTable } from '../textTable.js';

const MOST_COLUMNS = 40;

/** MLOps Ingest. */
export const ingest = defineCommand({
	name: 'ingest',
	does: 'Reads a file, a URL, a database or an example, finds types and problems, and keeps a version of the dataset.',
	args: ['file'],
	options: z.object(ingestRequest.shape),
	examples: [
		'mlops ingest customers.csv --target churned',
		`mlops ingest --source example --params '{"example":"penguins"}'`,
		'mlops ingest "2024-*.csv" --name sales --json',
	],
	async run(options, desk) {
		const outcome = await ingestTable(await desk.session(), options);
		const { dataset, profile, reused } = outcome.fields;
		const shown = dataset.columns.slice(0, MOST_COLUMNS);
		return {
			json: handOn({}, outcome, desk.context),
			text: [
				`${dataset.name}@${dataset.version}: ${dataset.rows.toLocaleString('en')} rows, ${dataset.columnCount} columns` +
					`${reused ? ', the same as were read before' : ''}.`,
				'',
				textTable(
					['Column', 'Type', 'Role'],
					shown.map(({ name, type, role }) => [name, type, role]),
				),
				...(dataset.columnCount > shown.length ? [`... and ${dataset.columnCount - shown.length} more`] : []),
				'',
				`${profile.missingCells.toLocaleString('en')} cells are missing; ` +
					`${profile.quarantined.toLocaleString('en')} rows could not be read.`,
				...profile.warnings.map(({ text }) => `Note: ${text}`),
			].join('\n'),
		};
	},
});
