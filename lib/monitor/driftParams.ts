import { z } from 'zod/v4';
import { dictionaryOf } from '../domain/dictionary.js';
import { columnsParam } from '../domain/ui.js';

/** How two sets of rows are compared. The defaults suit a nightly watch: few false alarms, small changes passed over. */
export const driftParams = z.object({
	mode: z
		.enum(['default', 'evidently'])
		.default('default')
		.meta({
			title: 'Decision',
			description: 'Default has few false alarms and also sees missing and new values. Evidently gives the scores of Evidently 0.7.23.',
			labels: { default: 'Default (few false alarms)', evidently: 'As Evidently does' },
		}),
	columns: columnsParam({ title: 'Columns', description: 'Columns to compare. Leave empty for all but ids, dates and ignored columns.' }),
	share: z
		.number()
		.min(0)
		.max(1)
		.default(0.5)
		.meta({
			title: 'Share of Columns',
			description:
				'The whole dataset counts as drifted when at least this share of its columns drifted. A column that is gone, empty or ' +
				'stuck at one value is enough by itself.',
		}),
	alpha: z
		.number()
		.gt(0)
		.max(0.5)
		.default(0.05)
		.meta({
			title: 'Significance',
			description: 'Chance of a false alarm that is put up with, over all columns together.',
			advanced: true,
			when: { mode: ['default'] },
		}),
	minDistance: z
		.number()
		.min(0)
		.max(1)
		.default(0.1)
		.meta({
			title: 'Smallest Change',
			description: 'Changes of a distribution below this distance are passed over, however certain they are.',
			advanced: true,
			when: { mode: ['default'] },
		}),
	minMissing: z
		.number()
		.min(0)
		.max(1)
		.default(0.02)
		.meta({
			title: 'Smallest Change of Missing Values',
			description: 'Changes of the share of missing values below this are passed over.',
			advanced: true,
			when: { mode: ['default'] },
		}),
	minNew: z
		.number()
		.min(0)
		.max(1)
		.default(0.05)
		.meta({
			title: 'Smallest Share of New Values',
			description: 'Values never seen in the reference are passed over below this share of the rows.',
			advanced: true,
			when: { mode: ['default'] },
		}),
	tests: dictionaryOf(z.string()).prefault({}).meta({
		title: 'Test of a Column',
		description: 'Another test for single columns, such as ks, psi, hellinger or mannw.',
		ui: 'column',
		advanced: true,
	}),
	thresholds: dictionaryOf(z.coerce.number<number>()).prefault({}).meta({
		title: 'Limit of a Column',
		description: 'Another limit for single columns: a distance or a p-value, as the test has it.',
		ui: 'column',
		advanced: true,
	}),
});
export type DriftParams = z.infer<typeof driftParams>;
