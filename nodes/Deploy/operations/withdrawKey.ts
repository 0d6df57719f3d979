import type { IDataObject } from 'n8n-workflow';
import { withdrawnKey } from '../../../lib/app/keyItems.js';
import { hintPreview, isPreview } from './change.js';
import type { Operation } from './contract.js';

export const withdrawKey: Operation = {
	option: {
		name: 'Withdraw an API Key',
		value: 'withdrawKey',
		action: 'Withdraw an API key',
		description: 'A key of the model server opens nothing any more, within seconds',
	},
	subtitle: '"withdraw a key"',
	changes: true,
	namesModel: false,
	fields: [
		{
			displayName: 'Key Name or ID',
			name: 'apiKey',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'getApiKeys' },
			default: '',
			required: true,
			displayOptions: { show: { operation: ['withdrawKey'] } },
			description:
				'The key. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>. ' +
				'Keys are made with the credential of MLOps Server, in the console, or by "mlops key make".',
		},
	],
	async run(functions, runtime, index, item) {
		const apiKey = await withdrawnKey(runtime, {
			key: functions.getNodeParameter('apiKey', index) as string,
			reason: functions.getNodeParameter('reason', index) as string,
			preview: isPreview(functions, index),
		});
		if (apiKey.preview) hintPreview(functions, apiKey.text);
		return { ...item, json: { ...item.json, apiKey: { ...apiKey } as unknown as IDataObject } };
	},
};
