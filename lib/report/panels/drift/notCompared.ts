import type { DriftRecord } from '../../../domain/drift.js';
import { plain } from '../../formatting.js';
import { say, table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';

/** Why no column at all could be compared. */
export const nothingCompared = definePanel<DriftRecord, string>({
	id: 'nothing_compared',
	data: ({ columns, failedRequests }) =>
		columns.length > 0
			? undefined
			: failedRequests
				? 'Most requests got an error, and too few answers are left to compare.'
				: 'No column occurs in both data sets.',
	draw: (why) => ({ title: 'Nothing to compare', body: say('warn', why) }),
});

/** Columns that were left out, each with the reason. */
export const notCompared = definePanel<DriftRecord, NonNullable<DriftRecord['notCompared']>>({
	id: 'not_compared',
	data: ({ notCompared: columns }) => (columns?.length ? columns : undefined),
	draw: (columns) => ({
		title: 'Not compared',
		body: table(
			[{ head: 'Column' }, { head: 'Why' }],
			columns.slice(0, 50).map((c) => [plain(c.column, 60), c.why]),
		),
	}),
});
