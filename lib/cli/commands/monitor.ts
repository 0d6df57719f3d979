import { z } from 'zod/v4';
import { monitor as compare, monitorRequest } from '../../app/calls/monitor.js';
import { defineCommand, EXIT } from '../contract.js';
import { handOn, itemOption, readItem, withCarried } from '../item.js';

/** MLOps Monitor Drift. */
export const monitor = defineCommand({
	name: 'monitor',
	does: 'Says whether data have changed, column by column (3: they have).',
	args: ['model'],
	options: z.object({ ...monitorRequest.shape, ...itemOption }),
	examples: ['mlops monitor churn@champion --dataset march', 'mlops monitor churn --from 2026-03-01'],
	async run({ item: from, ...options }, desk) {
		const item = readItem(from);
		const outcome = await compare(await desk.session(), withCarried(options, item, ['model', 'dataset']));
		const { drift } = outcome.fields;
		return {
			json: handOn(item, outcome, desk.context),
			exit: drift.drifted ? EXIT.no : EXIT.done,
			text: drift.summary,
		};
	},
});
