import type { DriftRecord } from '../../../domain/drift.js';
import { plain } from '../../formatting.js';
import { html, say, table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';

type Dead = NonNullable<DriftRecord['dead']>;

const HOW: Record<Dead[number]['how'], string> = {
	gone: 'it is gone',
	empty: 'it holds no value any more, or next to none',
	stuck: 'it holds the same value in every row',
};

/** Columns from which nothing comes any more. */
export const deadColumns = definePanel<DriftRecord, Dead>({
	id: 'dead_columns',
	data: ({ dead }) => (dead?.length ? dead : undefined),
	draw: (dead) => ({
		title: 'Dead columns',
		body: [
			say('warn', 'Nothing comes from these columns any more. However few they are, that is drift.'),
			table(
				[{ head: 'Column' }, { head: 'What is wrong' }],
				dead.slice(0, 50).map((d) => [html`<b>${plain(d.column, 60)}</b>`, HOW[d.how]]),
			),
		],
	}),
});
