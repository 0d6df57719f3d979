import { z } from 'zod/v4';
import { defineCommand } from '../contract.js';

/** Proves that the store was not altered. */
export const verify = defineCommand({
	name: 'verify',
	does: 'Proves that nothing in the store was altered, cut or put back, and fails where something was.',
	options: z.object({}),
	examples: ['mlops verify --home ~/.n8n/mlops'],
	async run(_options, desk) {
		const { store } = await desk.session();
		const found = await store.verify();
		const { events, records, reports = 0, exceptions = [] } = found;
		return {
			json: found,
			text: [
				`Whole: ${events} events of the audit log, ${records} records and ${reports} reports are as they were written.`,
				...exceptions.map(({ about, text }) => `Not proved (${about}): ${text}`),
			].join('\n'),
		};
	},
});
