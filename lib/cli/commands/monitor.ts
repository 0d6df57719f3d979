import { z } from 'zod/v4';
import { monitor as compare, monitorRequest, type MonitorRequest } from '../../app/calls/monitorCall.js';
import { watchAnswers, watchRequest } from '../../app/calls/watchCall.js';
import { defineCommand, EXIT } from '../contract.js';
import { handOn, itemOption, readItem, withCarried } from '../item.js';

/** MLOps Monitor Drift. */
export const monitor = defineCommand({
	name: 'monitor',
	does: 'Says whether data have changed, or whether a model still does as well (3: no longer).',
	args: ['model'],
	options: z.object({ ...watchRequest.shape, ...monitorRequest.shape, ...itemOption }),
	examples: [
		'mlops monitor churn@champion --dataset march',
		'mlops monitor churn --from 2026-03-01',
		'mlops monitor churn --watch quality --window week',
	],
	async run({ item: from, ...options }, desk) {
		const item = readItem(from);
		const asked = withCarried(options, item, ['model', 'dataset']);
		const session = await desk.session();
		if (asked.watch === 'data') {
			const ofData = Object.fromEntries(Object.entries(asked).filter(([name]) => Object.hasOwn(monitorRequest.shape, name)));
			const outcome = await compare(session, ofData as MonitorRequest);
			const { drifted, summary } = outcome.fields.drift;
			return { json: handOn(item, outcome, desk.context), exit: drifted ? EXIT.no : EXIT.done, text: summary };
		}
		const outcome = await watchAnswers(session, asked.watch, asked);
		const { drifted, summary } = outcome.fields.watched;
		return { json: handOn(item, outcome, desk.context), exit: drifted ? EXIT.no : EXIT.done, text: summary };
	},
});
