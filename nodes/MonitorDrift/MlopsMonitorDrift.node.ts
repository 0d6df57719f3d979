import {
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { driftParams } from '../../lib/app/catalogue.js';
import { datasetByName } from '../../lib/app/datasetByName.js';
import { assertOurs, modelIn } from '../../lib/app/itemHandles.js';
import { modelLabel, parseReference, resolveVersion } from '../../lib/app/modelReference.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { forEachItem, isTool, withReport } from '../shared/execute.js';
import { formFields } from '../shared/form.js';
import { datasetOf, datasetSource } from '../shared/datasetSource.js';
import { writeItemRows } from '../shared/itemRows.js';
import { nodeBase } from '../shared/nodeBase.js';
import { orNotYet } from '../shared/notYet.js';
import { formValues, textParameter } from '../shared/parameters.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf, type Runtime } from '../shared/runtime.js';
import { isNewer, twoVersions } from '../shared/versions.js';
import { storeField } from '../shared/storeCredential.js';
import { watchModel } from './watchNow.js';
import { WATCH_OUTPUTS, WATCH_SUBTITLE, watchField, watchFields, watchOf } from './watchFields.js';

const only = (show: Record<string, string[]>) => ({ displayOptions: { show } });
/** Fields of a look at data alone: as they were before other things could be watched. */
const ofData = (fields: readonly INodeProperties[]): INodeProperties[] =>
	fields.map((field) => ({
		...field,
		displayOptions: { ...field.displayOptions, show: { watch: ['data'], ...field.displayOptions?.show } },
	}));
const when = (name: string, displayName: string, show: Record<string, string[]>, description: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	default: '',
	placeholder: '2026-01-31',
	...only(show),
	description: `${description} A date, or an expression such as {{ $now.minus(7, "days").toISO() }}. Left empty: no limit.`,
});

export class MlopsMonitorDrift implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('monitorDrift'),
		...twoVersions,
		displayName: 'MLOps Monitor Drift',
		name: 'mlopsMonitorDrift',
		subtitle: WATCH_SUBTITLE,
		description: 'Find out whether data have changed, or whether a model still does as well: with few false alarms',
		defaults: { name: 'MLOps Monitor Drift' },
		outputs: WATCH_OUTPUTS,
		// What the expression is without its words: lists and pages of nodes read these.
		outputNames: ['Drifted', 'Stable'],
		usableAsTool: true,
		properties: [
			watchField,
			...ofData([
				{
					displayName: 'Current Data',
					name: 'current',
					type: 'options',
					noDataExpression: true,
					default: 'dataset',
					options: [
						{ name: 'Dataset', value: 'dataset', description: 'Rows of a dataset, with the steps of its recipe that need no fitting' },
						{ name: 'Incoming Items', value: 'items', description: 'Each item is one row as it would be predicted' },
						{ name: 'Prediction Log', value: 'log', description: 'What the deployed model was asked' },
					],
					description: 'The data that may have changed',
				},
				...datasetSource.map((p) =>
					p.name === 'datasetRef' ? p : { ...p, displayOptions: { show: { current: ['dataset'], ...p.displayOptions?.show } } },
				),
				when('currentFrom', 'From', { current: ['dataset', 'log'] }, 'First moment of the current data.'),
				when('currentUntil', 'Until', { current: ['dataset', 'log'] }, 'End of the current data, itself not included.'),
				{
					displayName: 'Compare With',
					name: 'reference',
					type: 'options',
					noDataExpression: true,
					default: 'model',
					options: [
						{ name: 'A Dataset', value: 'dataset', description: 'Rows of a dataset in the registry' },
						{
							name: 'Training Data of a Model',
							value: 'model',
							description: 'What the deployed model learned from; a sketch of it is kept with the model',
						},
					],
					description: 'What the current data are compared with',
				},
				{
					displayName: 'Reference Dataset Name or ID',
					name: 'referenceDataset',
					type: 'options',
					typeOptions: { loadOptionsMethod: 'getDatasets' },
					default: '',
					required: true,
					allowArbitraryValues: true,
					...only({ reference: ['dataset'] }),
					description:
						'Name given in Ingest. Choose from the list, or specify an ID using an <a ' +
						'href="https://docs.n8n.io/code/expressions/">expression</a>.',
				},
				when('referenceFrom', 'Reference From', { reference: ['dataset'] }, 'First moment of the reference.'),
				when('referenceUntil', 'Reference Until', { reference: ['dataset'] }, 'End of the reference, itself not included.'),
				{
					displayName: 'Model Name or ID',
					name: 'referenceModel',
					type: 'options',
					typeOptions: { loadOptionsMethod: 'getModels' },
					default: '',
					allowArbitraryValues: true,
					displayOptions: { show: { reference: ['model'] } },
					description:
						'Registered model whose training data are the reference; empty: the model that the item carries. Choose from the list, ' +
						'or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
				},
				{
					displayName: 'Logged Model Name or ID',
					name: 'logModel',
					type: 'options',
					typeOptions: { loadOptionsMethod: 'getModels' },
					default: '',
					allowArbitraryValues: true,
					displayOptions: { show: { current: ['log', 'items'], reference: ['dataset'] } },
					description:
						'Model whose inputs these are. Choose from the list, or specify an ID using an <a ' +
						'href="https://docs.n8n.io/code/expressions/">expression</a>.',
				},
				{
					displayName: 'Alias or Version',
					name: 'alias',
					type: 'string',
					default: 'champion',
					description: 'Which version of the model, where one is named',
					displayOptions: { hide: { current: ['dataset'], reference: ['dataset'] } },
				},
				...formFields(driftParams),
				{
					displayName: 'Show the Other Mode Beside',
					name: 'beside',
					type: 'boolean',
					default: false,
					description: 'Whether to also say what the other way of deciding (default or Evidently) finds',
				},
			]),
			...watchFields,
			storeField,
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		if (watchOf(this) !== 'data') return await watchModel(this);
		const runtime = await runtimeOf(this);
		const tool = isTool(this);
		const together = this.getNodeParameter('current', 0) === 'items';
		const out = await forEachItem(this, tool ? 1 : 2, async (index, item) => {
			if (together && index > 0) return [];
			const { drift, report } = await compare(this, runtime, index, item);
			// An agent sees one small item with the decision as a field.
			if (tool) return { item: { json: { drifted: drift.drifted, summary: drift.summary, driftedColumns: drift.driftedColumns } } };
			return {
				output: drift.drifted ? 0 : 1,
				item: await withReport(this, runtime, { ...(together ? {} : item.json), drift: drift as unknown as IDataObject }, report),
			};
		});
		return out;
	}
}

async function compare(functions: IExecuteFunctions, runtime: Runtime, index: number, item: INodeExecutionData) {
	const { store } = runtime;
	const text = (name: string) => textParameter(functions, name, index);
	const model = await orNotYet(functions, async () => {
		if (text('reference') === 'model') return await modelNamed(text('referenceModel'));
		return text('current') === 'dataset' ? undefined : await modelNamed(text('logModel'));
	});
	const reference =
		text('reference') === 'model'
			? model!
			: {
					datasetId: (await orNotYet(functions, async () => await datasetByName(store, text('referenceDataset')))).id,
					from: text('referenceFrom') || undefined,
					until: text('referenceUntil') || undefined,
				};
	const { monitorOn } = await import('../../lib/app/monitorOn.js');
	const compared = async () =>
		await monitorOn(runtime, {
			reference,
			params: formValues(functions, index, driftParams, 'Monitor Drift'),
			beside: functions.getNodeParameter('beside', index, false) as boolean,
			modelName: model?.name,
			current: await currentOf(),
		});
	// A log that nobody has written to yet is no error while the workflow is being built.
	return text('current') === 'log' ? await orNotYet(functions, compared, ['monitor.too_few_rows']) : await compared();

	/** A registered model; from version 2 on the item's own where none is named. */
	async function modelNamed(name: string) {
		const carried = name || !isNewer(functions) ? undefined : modelIn(item.json);
		if (carried) {
			assertOurs(store, carried.storeId);
			return { name: carried.name, label: modelLabel(carried), runId: carried.runId, digest: carried.digest };
		}
		if (!name && isNewer(functions)) {
			throw new MlopsError('input.no_handle', 'No model is chosen, and the item carries none.', {
				remedy: 'Connect this node behind MLOps Deploy, or choose a deployed model by its name.',
			});
		}
		const record = await resolveVersion(store, parseReference(`${name}@${text('alias') || 'champion'}`));
		return { name: record.name, label: `${record.name}@${record.version}`, runId: record.body.runId, digest: record.body.digest };
	}

	async function currentOf() {
		const from = text('currentFrom') || undefined;
		const until = text('currentUntil') || undefined;
		if (text('current') === 'dataset') {
			const { dataset, recipe } = await datasetOf(functions, store, index, item);
			return { datasetId: dataset.id, recipe: { steps: recipe.steps }, from, until };
		}
		if (text('current') === 'log') return { logOf: model!, from, until };
		return { handedOver: (await writeItemRows(functions, store)).handedOver, readBy: model! };
	}
}
