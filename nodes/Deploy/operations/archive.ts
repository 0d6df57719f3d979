import { archiveVersion } from '../../../lib/app/deploy.js';
import { modelIn } from '../../../lib/app/itemHandles.js';
import { changed, isPreview, nameFor } from './change.js';
import type { Operation } from './contract.js';

export const archive: Operation = {
	option: { name: 'Archive', value: 'archive', action: 'Archive a version', description: 'Mark a version as not to be used again' },
	subtitle: '"archive"',
	changes: true,
	fields: [
		{
			displayName: 'Version',
			name: 'version',
			type: 'string',
			default: '',
			required: true,
			displayOptions: { show: { operation: ['archive'] } },
			description: 'Number of the version, or an alias',
		},
	],
	async run(functions, runtime, index, item) {
		const reason = functions.getNodeParameter('reason', index) as string;
		const deployment = await archiveVersion(runtime.store, {
			modelName: nameFor(functions, index, modelIn(item.json)),
			which: functions.getNodeParameter('version', index) as string,
			actor: runtime.actor,
			reason,
			preview: isPreview(functions, index),
		});
		return await changed(functions, runtime, item, { deployment, reason });
	},
};
