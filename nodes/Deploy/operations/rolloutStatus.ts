import type { IDataObject } from 'n8n-workflow';
import { promotable } from '../../../lib/app/promotable.js';
import { statusParams } from '../../../lib/app/rolloutParams.js';
import { findRollout, rolloutItem } from '../../../lib/app/rollouts.js';
import { formFields } from '../../shared/form.js';
import { formValues } from '../../shared/parameters.js';
import type { Operation } from './contract.js';
import { modelOf, rolledOut } from './rollout.js';

export const rolloutStatus: Operation = {
	option: {
		name: 'Rollout Status',
		value: 'rolloutStatus',
		action: 'Get the status of a rollout',
		description: 'What the guards of a rollout say now, what the truth says of its versions, and what happens next',
	},
	subtitle: '"status: " + $parameter["alias"]',
	namesModel: true,
	fields: formFields(statusParams, { operation: ['rolloutStatus'] }),
	async run(functions, runtime, index, item) {
		const { alias } = formValues(functions, index, statusParams, 'Rollout Status');
		const { body } = await findRollout(runtime.store, { model: modelOf(functions, index, item.json), alias });
		const json = { ...item.json, ...((await promotable(runtime.store, body)) as IDataObject) };
		return await rolledOut(functions, runtime, { ...item, json }, { rollout: rolloutItem(body) });
	},
};
