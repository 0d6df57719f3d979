import { z } from 'zod/v4';
import { deploy as deployModel, deployRequest } from '../../app/calls/deployCall.js';
import { defineCommand } from '../contract.js';
import { handOn, itemOption, readItem, withCarried } from '../item.js';
import { needed } from '../options.js';

/** MLOps Deploy. */
export const deploy = defineCommand({
	name: 'deploy',
	does: 'Registers a model and points an alias to it; refuses what the gate or a missing approval forbids.',
	args: ['model'],
	options: z.object({ ...deployRequest.shape, model: deployRequest.shape.model.optional(), ...itemOption }),
	examples: ['mlops deploy run:rn_1a2b3c --name churn', 'mlops deploy churn@3 --alias champion --reason "the fourth one drifts"'],
	async run({ item: from, ...options }, desk) {
		const item = readItem(from);
		const asked = withCarried(options, item, ['model']);
		const outcome = await deployModel(await desk.session(), { ...asked, model: needed(asked.model, 'MODEL', 'deploy') });
		return { json: handOn(item, outcome, desk.context), text: outcome.fields.deployment.text };
	},
});
