import { promoteParams } from '../../../lib/app/rolloutParams.js';
import { promoteRollout } from '../../../lib/app/rollouts.js';
import { formFields } from '../../shared/form.js';
import { formValues } from '../../shared/parameters.js';
import { isPreview } from './change.js';
import type { Operation } from './contract.js';
import { rolledOut, rolloutOf, versionNumber } from './rollout.js';

export const promote: Operation = {
	option: {
		name: 'Promote',
		value: 'promote',
		action: 'Promote a version',
		description: 'End a rollout well: all callers get its new version, if gate and approval allow it',
	},
	changes: true,
	fields: formFields(promoteParams, { operation: ['promote'] }),
	async run(functions, runtime, index, item) {
		const { alias, version, reason, override_reason } = formValues(functions, index, promoteParams, 'Promote');
		const done = await promoteRollout(runtime.store, {
			...rolloutOf(functions, index, item.json, alias),
			version: versionNumber(version),
			actor: runtime.actor,
			...(reason ? { reason } : {}),
			params: { override_reason },
			preview: isPreview(functions, index),
			executionId: functions.getExecutionId(),
		});
		return await rolledOut(functions, runtime, item, done);
	},
};
