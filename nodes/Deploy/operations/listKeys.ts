import type { IDataObject } from 'n8n-workflow';
import { keysOfItem } from '../../../lib/app/keyItems.js';
import type { Operation } from './contract.js';

export const listKeys: Operation = {
	option: {
		name: 'List API Keys',
		value: 'listKeys',
		action: 'List the API keys',
		description: "The model server's keys without their secrets: what each opens, until when, and which are used up",
	},
	subtitle: '"API keys"',
	fields: [],
	async run(_functions, runtime, _index, item) {
		const apiKeys = (await keysOfItem(runtime.store)) as unknown as IDataObject[];
		return { ...item, json: { ...item.json, apiKeys } };
	},
};
