import { z } from 'zod/v4';
import { runSummary } from '../../app/jobs/trainJob.js';
import { subject } from '../../report/reportWords.js';
import { defineCommand } from '../contract.js';
import { figure, moment, textTable } from '../textTable.js';

/** What was trained. */
export const runs = defineCommand({
	name: 'runs',
	does: 'Lists what was trained, the newest first.',
	args: ['name'],
	options: z.object({
		name: z.string().optional().meta({ description: 'Only runs that are kept under this name', placeholder: 'NAME' }),
		limit: z.number().int().min(1).default(20).meta({ description: 'How many' }),
	}),
	async run({ name, limit }, desk) {
		const { store } = await desk.session();
		const records = await store.list('run', { ...(name ? { name } : {}), limit });
		return {
			json: records.map((record) => ({ name: record.name, at: record.createdAt, ...runSummary(record, false), model: record.body.model })),
			text: records.length
				? textTable(
						['Run', 'Name', 'When (UTC)', 'Learner', 'About', 'Metric', 'Value'],
						records.map(({ id, name: of, createdAt, body }) => [
							id,
							of,
							moment(createdAt),
							body.learner,
							subject(body),
							body.primary,
							figure(body.metrics[body.primary]),
						]),
					)
				: 'Nothing was trained yet.',
		};
	},
});
