import type { AliasMove } from '../../../store/contract.js';
import { date, plain } from '../../formatting.js';
import { table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import { versionText, type DeploymentInput } from './input.js';

/** What served when; the newest 20 moves. */
export const aliasHistory = definePanel<DeploymentInput, readonly AliasMove[]>({
	id: 'alias_history',
	data: ({ history }) => (history?.length ? history : undefined),
	draw: (history) => ({
		title: 'What served when',
		body: table(
			[{ head: 'When' }, { head: 'Alias' }, { head: 'From' }, { head: 'To' }, { head: 'By' }, { head: 'Why' }],
			history
				.slice(0, 20)
				.map((m) => [date(m.at, true), m.alias, versionText(m.from), versionText(m.to), plain(m.actor, 40), plain(m.reason ?? '', 80)]),
		),
	}),
});
