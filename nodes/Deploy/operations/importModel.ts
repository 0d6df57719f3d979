import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { MlopsError } from '../../../lib/domain/errors.js';
import { COLUMNS_DEPEND_ON } from '../../shared/columnsDependOn.js';
import { fileAccess } from '../../shared/fileAccess.js';
import { datasetOf, datasetSource } from '../../shared/datasetSource.js';
import type { Operation } from './contract.js';
import { textParameter } from '../../shared/parameters.js';

const VALUE = 'importModel';
const show = { operation: [VALUE] };

/** A larger file is no model of trees that one process can answer from. */
const MOST_MB = 1024;

/** Where the example table comes from; the hidden references feed the list of columns in any case. */
const exampleTable = datasetSource.map(
	(field): INodeProperties =>
		field.type === 'hidden' ? field : { ...field, displayOptions: { show: { ...show, ...field.displayOptions?.show } } },
);

export const importModel: Operation = {
	option: {
		name: 'Import a Model',
		value: VALUE,
		action: 'Import a model',
		description: 'Register a model that LightGBM or XGBoost has trained, from its own file, without putting it in use',
	},
	subtitle: '"import a model"',
	fields: [
		{
			displayName: 'Model File',
			name: 'modelFile',
			type: 'options',
			noDataExpression: true,
			default: 'binary',
			displayOptions: { show },
			options: [
				{ name: 'From the Previous Node', value: 'binary', description: 'A file that an earlier node downloaded or received' },
				{ name: 'On This Machine', value: 'path', description: 'A file in a folder that n8n may read' },
			],
			description: 'A text model of LightGBM (save_model("model.txt")), or a JSON or UBJSON model of XGBoost (save_model("model.json"))',
		},
		{
			displayName: 'Input Binary Field',
			name: 'binaryProperty',
			type: 'string',
			default: 'data',
			required: true,
			displayOptions: { show: { ...show, modelFile: ['binary'] } },
			description: 'Name of the field that holds the file',
		},
		{
			displayName: 'Path',
			name: 'path',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'models/churn.txt',
			displayOptions: { show: { ...show, modelFile: ['path'] } },
			description: 'Where the file lies; n8n must be allowed to read it (by default ~/.n8n-files)',
		},
		...exampleTable,
		{
			displayName:
				'The table above is an example of the rows that the model answers: it tells types, notations and class labels. The model ' +
				'learns nothing from it.',
			name: 'exampleNotice',
			type: 'notice',
			default: '',
			displayOptions: { show },
		},
		{
			displayName: 'Target Column Name or ID',
			name: 'target',
			type: 'options',
			typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: COLUMNS_DEPEND_ON },
			allowArbitraryValues: true,
			default: '',
			displayOptions: { show },
			description:
				'Column that the model predicts; empty: the one that Ingest was told. Choose from the list, or specify an ID using an <a ' +
				'href="https://docs.n8n.io/code/expressions/">expression</a>.',
		},
		{
			displayName: 'Class Labels',
			name: 'classes',
			type: 'string',
			default: '',
			placeholder: 'no, yes',
			displayOptions: { show },
			description:
				"In the order of the model's classes (0, 1, ...), separated by commas. Empty: the values of the target in rising order, " +
				'as scikit-learn numbers them.',
		},
		{
			displayName: 'Model Name',
			name: 'importName',
			type: 'string',
			default: '',
			displayOptions: { show },
			placeholder: "The file's name",
			description: 'Name in the registry; a new name starts at version 1',
		},
	],
	async run(functions, { store, actor, run }, index, item) {
		const { dataset } = await datasetOf(functions, store, index, item);
		const { bytes, fileName } = await modelFile(functions, index);
		const text = (name: string) => textParameter(functions, name, index);
		const { importModelJob } = await import('../../../lib/app/jobs/importModelJob.js');
		const { model, imported } = await run(importModelJob, {
			store: store.ref,
			file: await store.artifacts.put(bytes),
			fileName,
			datasetId: dataset.id,
			target: text('target') || (dataset.target ?? ''),
			classes: text('classes')
				.split(',')
				.map((label) => label.trim())
				.filter(Boolean),
			modelName: text('importName') || fileName.replace(/\.[^.]*$/, ''),
			actor,
		});
		for (const { text: message } of imported.notes) functions.addExecutionHints({ message, location: 'outputPane' });
		// What an item carries of another model's training and decision is not about this one.
		const { run: _run, evaluation: _evaluation, approval: _approval, deployment: _deployment, ...kept } = item.json;
		return { json: { ...kept, dataset: { ...dataset } as IDataObject, model: { ...model }, imported } };
	},
};

/** The file that the form names. @throws `data.path_blocked`, `data.source_unreachable`, `data.too_large` */
async function modelFile(functions: IExecuteFunctions, index: number): Promise<{ bytes: Buffer; fileName: string }> {
	if (functions.getNodeParameter('modelFile', index) === 'binary') {
		const field = functions.getNodeParameter('binaryProperty', index) as string;
		const { fileName } = functions.helpers.assertBinaryData(index, field);
		return { bytes: await functions.helpers.getBinaryDataBuffer(index, field), fileName: fileName || 'model' };
	}
	const { allowedFile } = await import('../../../lib/app/allowedFiles.js');
	const path = await allowedFile(functions.getNodeParameter('path', index) as string, fileAccess(functions));
	const { size } = await stat(path);
	if (size > MOST_MB * 2 ** 20)
		throw new MlopsError('data.too_large', `The model file has ${Math.round(size / 2 ** 20).toLocaleString('en')} MB.`, {
			expected: `at most ${MOST_MB.toLocaleString('en')} MB`,
			remedy: 'Train fewer or smaller trees.',
		});
	return { bytes: await readFile(path), fileName: basename(path) };
}
