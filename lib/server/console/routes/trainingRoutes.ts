import { z } from 'zod/v4';
import { jobRow, runningJobs, wishOf } from '../../../app/runningJobs.js';
import { consoleRoute, type Who } from '../contract.js';
import { pageOf } from '../paging.js';
import { maySee, name, unknown } from './routeParts.js';

const running = jobRow.extend({
	/** When it was heard of last. */
	at: z.string(),
	/** `lost`: its process is gone, or cannot reach the store. */
	state: z.enum(['running', 'lost']),
});

const seen = (who: Who, model: string | undefined): boolean => (model === undefined ? who.models === undefined : maySee(who, model));

export const trainings = consoleRoute({
	method: 'GET',
	path: '/trainings',
	role: 'viewer',
	summary: 'What runs now, whoever started it: trainings with stage, time left, learning curve and leaderboard, and all other heavy work.',
	answer: pageOf(running),
	async does({ store }, { who }) {
		const entries = (await runningJobs(store)).filter(({ about }) => seen(who, about.model));
		return { entries, total: entries.length };
	},
});

export const stopTraining = consoleRoute({
	method: 'POST',
	path: '/trainings/:job/stop',
	role: 'operator',
	summary: 'Asks work that runs to stop, or a training to end with the best it has; it hears that within seconds.',
	params: z.object({ job: name }),
	body: z.object({ how: z.enum(['stop', 'keepBest']), reason: z.string().max(2_000).optional() }),
	answer: running,
	async does({ store }, { params, body, who }) {
		const found = (await runningJobs(store)).find(({ id }) => id === params.job);
		if (found && !seen(who, found.about.model)) throw unknown('The job');
		return await wishOf(store, { id: params.job, by: who.name, ...body });
	},
});
