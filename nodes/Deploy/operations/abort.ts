import { abortParams } from '../../../lib/app/rolloutParams.js';
import { abortRollout } from '../../../lib/app/rollouts.js';
import { formFields } from '../../shared/form.js';
import { formValues } from '../../shared/parameters.js';
import { isPreview } from './change.js';
import type { Operation } from './contract.js';
import { rolledOut, rolloutOf } from './rollout.js';

export const abort: Operation = {
	option: {
		name: 'Abort',
		value: 'abort',
		action: 'Abort a rollout',
		description: 'End a rollout: all callers get the stable version again',
	},
	changes: true,
	fields: formFields(abortParams, { operation: ['abort'] }),
	async run(functions, runtime, index, item) {
		const { alias, reason } = formValues(functions, index, abortParams, 'Abort');
		const rollout = await abortRollout(runtime.store, {
			...rolloutOf(functions, index, item.json, alias),
			actor: runtime.actor,
			...(reason ? { reason } : {}),
			preview: isPreview(functions, index),
		});
		return await rolledOut(functions, runtime, item, { rollout });
	},
};
