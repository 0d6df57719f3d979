import type { AuditEvent } from '../../../store/contract.js';
import { date, plain } from '../../formatting.js';
import { table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { RolloutInput } from './input.js';

/** What happened, by whom and why. */
export const history = definePanel<RolloutInput, readonly AuditEvent[]>({
	id: 'rollout_history',
	data: ({ events }) => {
		const own = events?.filter(({ action }) => action.startsWith('rollout.'));
		return own?.length ? own : undefined;
	},
	draw: (events) => ({
		title: 'What happened',
		body: table(
			[{ head: 'When' }, { head: 'What' }, { head: 'By' }, { head: 'Why' }],
			events
				.slice(0, 20)
				.map(({ at, action, actor, details }) => [
					date(at, true),
					action.slice('rollout.'.length),
					plain(actor, 40),
					plain(typeof details.reason === 'string' ? details.reason : '', 160),
				]),
		),
	}),
});
