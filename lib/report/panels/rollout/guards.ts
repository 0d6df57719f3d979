import type { ItemRollout } from '../../../domain/item.js';
import { badge, table } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { RolloutInput } from './input.js';

/** What each guard says now. */
export const guards = definePanel<RolloutInput, NonNullable<ItemRollout['findings']>>({
	id: 'rollout_guards',
	data: ({ rollout: { findings } }) => (findings?.length ? findings : undefined),
	draw: (findings) => ({
		title: 'What the guards say',
		body: table(
			[{ head: '' }, { head: 'Guard' }, { head: 'What is seen' }],
			findings.map(({ guard, broken, text }) => [
				broken ? badge('broken', 'bad') : badge('holds', 'good'),
				NAMES.get(guard) ?? guard,
				text,
			]),
		),
	}),
});

const NAMES = new Map([
	['loads', 'can be loaded'],
	['errorRate', 'errors'],
	['latency', 'latency'],
	['answers', 'distance of the answers'],
	['agreement', 'agreement'],
	['quality', 'quality'],
]);
