import { z } from 'zod/v4';
import { trafficOf } from '../../app/traffic.js';
import { defineCommand } from '../contract.js';
import { figure, moment, textTable } from '../textTable.js';

/** What a model answered, over time. */
export const traffic = defineCommand({
	name: 'traffic',
	does: 'Shows what a model answered over time, by version, arm and door: answers, errors, warnings, milliseconds, scores, classes.',
	args: ['model'],
	options: z.object({
		model: z.string().meta({ description: 'Name of a registered model', placeholder: 'NAME' }),
		since: z
			.string()
			.optional()
			.meta({ description: 'From when on, ISO 8601; a day before the end, unless it is given', placeholder: 'TIME' }),
		until: z.string().optional().meta({ description: 'Until when, ISO 8601; now, unless it is given', placeholder: 'TIME' }),
		step: z.number().int().min(1).default(60).meta({ description: 'Minutes that are put together', placeholder: 'N' }),
	}),
	examples: ['mlops traffic churn', 'mlops traffic churn --since 2026-03-01 --until 2026-03-02 --step 1 --json'],
	async run({ model, since, until, step }, desk) {
		const { store } = await desk.session();
		const found = await trafficOf(store, { model, since, until, step });
		const rows = found.map((t) => [
			moment(t.at),
			t.version === undefined ? '' : String(t.version),
			t.arm ?? '',
			t.door ?? '',
			t.answers,
			t.errors,
			t.warnings,
			t.unlogged,
			figure(t.ms?.p50),
			figure(t.ms?.p99),
			figure(t.score?.mean),
		]);
		const head = ['When (UTC)', 'Version', 'Arm', 'Door', 'Answers', 'Errors', 'Warnings', 'Not logged', 'p50 ms', 'p99 ms', 'Mean score'];
		return { json: found, text: rows.length > 0 ? textTable(head, rows) : 'Nothing was answered then, or not written to the log.' };
	},
});
