import type { IBinaryKeyData, IDataObject } from 'n8n-workflow';
import { modelLabel } from '../../../lib/app/modelReference.js';
import { exportChoices } from '../../../lib/app/catalogue.js';
import { attachFile } from '../../shared/attachFile.js';
import { chosenHandle } from '../../shared/modelSource.js';
import type { Operation } from './contract.js';

/** The value says ONNX, since that was the only format once: workflows have it saved. */
const VALUE = 'exportOnnx';

export const exportModel: Operation = {
	option: {
		name: 'Export',
		value: VALUE,
		action: 'Export a model',
		description: 'Write the model as files that other programs can run',
	},
	subtitle: `"export to " + ${JSON.stringify(Object.fromEntries(exportChoices.map(({ id, label }) => [id, label])))}[$parameter["format"]]`,
	takesModel: true,
	fields: [
		{
			displayName: 'Format',
			name: 'format',
			type: 'options',
			noDataExpression: true,
			default: exportChoices[0].id,
			displayOptions: { show: { operation: [VALUE] } },
			options: exportChoices.map(({ id, label, description }) => ({ name: label, value: id, description })),
			description: 'What the files are for',
		},
	],
	async run(functions, { store, actor, run }, index, item) {
		const model = await chosenHandle(functions, store, index, item, 'modelVersion');
		const format = functions.getNodeParameter('format', index) as string;
		const { exportModelJob } = await import('../../../lib/app/jobs/exportModelJob.js');
		const { exported, former, attachments } = await run(exportModelJob, {
			store: store.ref,
			digest: model.digest,
			model: modelLabel(model),
			format,
			actor,
		});
		const attached = await Promise.all(attachments.map(async (attachment) => await attachFile(functions, store, attachment)));
		// Only the main file can be too large to go along.
		const path = attached.find((a) => a.path)?.path;
		const placed = (fields: IDataObject): IDataObject =>
			path ? Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { ...(value as IDataObject), path }])) : fields;
		return {
			json: { ...item.json, model, ...placed({ exported, ...(former as IDataObject) }) },
			binary: Object.assign({}, ...attached.map((a) => a.binary ?? {})) as IBinaryKeyData,
		};
	},
};
