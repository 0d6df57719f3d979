import type { IDataObject } from 'n8n-workflow';
import { watchModelParams } from '../../../lib/app/watchModelParams.js';
import { formFields } from '../../shared/form.js';
import { formValues } from '../../shared/parameters.js';
import { hintPreview, isPreview } from './change.js';
import type { Operation } from './contract.js';
import { modelOf } from './rollout.js';

export const watchModel: Operation = {
	option: {
		name: 'Watch Model',
		value: 'watchModel',
		action: 'Watch a model',
		description: 'Let the model server look by itself how a model does: its data, answers, quality and service',
	},
	subtitle: '"watch: " + $parameter["alias"]',
	changes: true,
	fields: formFields(watchModelParams, { operation: ['watchModel'] }),
	async run(functions, runtime, index, item) {
		const { watchModel: watch } = await import('../../../lib/app/watchModel.js');
		const watching = await watch(runtime.store, {
			model: modelOf(functions, index, item.json),
			...formValues(functions, index, watchModelParams, 'Watch Model'),
			actor: runtime.actor,
			preview: isPreview(functions, index),
		});
		if (watching.preview) hintPreview(functions, watching.text);
		const { watching: _before, ...others } = item.json;
		return { ...item, json: { ...others, watching: { ...watching } as unknown as IDataObject } };
	},
};
