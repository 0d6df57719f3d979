import { number } from '../../formatting.js';
import { table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { RolloutInput } from './input.js';

/** What each arm answered so far. */
export const arms = definePanel<RolloutInput, NonNullable<RolloutInput['counts']>>({
	id: 'rollout_arms',
	data: ({ counts }) => (counts?.length ? counts : undefined),
	draw: (counts) => {
		const paired = counts.some(({ pairs }) => pairs > 0);
		return {
			title: 'What was answered',
			body: table(
				[
					{ head: 'Version' },
					{ head: 'Requests', number: true },
					{ head: 'Rows answered', number: true },
					{ head: 'Rows failed', number: true },
					...(paired ? [{ head: 'Same answer', number: true }] : []),
				],
				counts.map(({ arm, requests, rows, failed, pairs, agreeing }) => [
					arm,
					number(requests),
					number(rows),
					number(failed),
					...(paired ? [pairs ? `${((100 * agreeing) / pairs).toFixed(1)} %` : ''] : []),
				]),
			),
		};
	},
});
