import { rollBack as pointBack } from '../../../lib/app/deploy.js';
import { handleOfVersion } from '../../../lib/app/modelReference.js';
import { modelIn } from '../../../lib/app/itemHandles.js';
import { changed, isPreview, nameFor } from './change.js';
import type { Operation } from './contract.js';

export const rollBack: Operation = {
	option: { name: 'Roll Back', value: 'rollback', action: 'Roll back a model', description: 'Point an alias back to the version before' },
	changes: true,
	fields: [
		{
			displayName: 'Alias',
			name: 'rollbackAlias',
			type: 'string',
			default: 'champion',
			displayOptions: { show: { operation: ['rollback'] } },
			description: 'Alias to point back to the version before',
		},
	],
	async run(functions, runtime, index, item) {
		const { store, actor } = runtime;
		const alias = functions.getNodeParameter('rollbackAlias', index) as string;
		const reason = functions.getNodeParameter('reason', index) as string;
		const preview = isPreview(functions, index);
		const deployment = await pointBack(store, {
			modelName: nameFor(functions, index, modelIn(item.json)),
			alias,
			actor,
			reason,
			preview,
		});
		const record = await store.find('modelVersion', deployment.model, deployment.version);
		const model = record && !preview ? await handleOfVersion(store, record) : undefined;
		return await changed(functions, runtime, item, { deployment, reason, model });
	},
};
