import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { learnerChoice, learnerChoices, taskChoices } from '../../lib/app/catalogue.js';
import { consoleLink } from '../../lib/app/consoleLink.js';
import { AUTOMATIC, trainOptions } from '../../lib/app/trainOptions.js';
import { CONSOLE_PATHS } from '../../lib/domain/consolePaths.js';
import { splitParams } from '../../lib/domain/split.js';
import { COLUMNS_DEPEND_ON } from '../shared/columnsDependOn.js';
import { forEachItem, withReport } from '../shared/execute.js';
import { formFields, readForm } from '../shared/form.js';
import { datasetOf, datasetSource } from '../shared/datasetSource.js';
import { nodeBase } from '../shared/nodeBase.js';
import { formValues, textParameter } from '../shared/parameters.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf, sayMeanwhile } from '../shared/runtime.js';
import { storeField } from '../shared/storeCredential.js';
import { isNewer, twoVersions } from '../shared/versions.js';

/** Notes that a person must not miss: they stand above the output. */
const SHOWN_NOTES = new Set(['learn.rows_left_out', 'learn.target_gaps', 'learn.leak', 'learn.label_spellings', 'learn.truth']);

export class MlopsTrain implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('train'),
		...twoVersions,
		displayName: 'MLOps Train',
		name: 'mlopsTrain',
		subtitle: '={{ $parameter["learner"] }}',
		description: 'Train a model: pick a learner, or let Automatic try them within a time budget. Rows for testing are kept apart.',
		defaults: { name: 'MLOps Train' },
		usableAsTool: undefined,
		properties: [
			...datasetSource,
			{
				displayName: 'Target Column Name or ID',
				name: 'target',
				type: 'options',
				default: '={{ $json.dataset?.target ?? "" }}',
				allowArbitraryValues: true,
				typeOptions: { loadOptionsMethod: 'getTargets', loadOptionsDependsOn: [...COLUMNS_DEPEND_ON, 'learner'] },
				description:
					'The column to predict; a task without a target needs none. Choose from the list, or specify an ID using an <a ' +
					'href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			{
				displayName: 'Task',
				name: 'task',
				type: 'options',
				default: 'auto',
				options: [
					{ name: 'Automatic', value: 'auto', description: "Decided by the target's values" },
					...taskChoices
						.map(({ label, id, description }) => ({ name: label, value: id, description }))
						.sort((a, b) => a.name.localeCompare(b.name)),
				],
				description: 'What kind of answer the model gives',
			},
			{
				displayName: 'Learner',
				name: 'learner',
				type: 'options',
				default: AUTOMATIC,
				noDataExpression: true,
				options: [
					{
						name: 'Automatic',
						value: AUTOMATIC,
						description: 'Tries the learners within the time budget and keeps the best, or the mean of several',
					},
					...learnerChoices.map((l) => ({ name: l.label, value: l.id, description: l.description })),
				],
				description: 'How the model learns',
			},
			{
				displayName: 'Model Name',
				name: 'modelName',
				type: 'string',
				default: '={{ $json.dataset?.name ?? "model" }}',
				required: true,
				description: 'Name under which runs are kept and Deploy will register the model',
			},
			...learnerChoices.map((l) => ({
				displayName: `${l.label} Parameters`,
				name: `params_${l.id}`,
				type: 'collection' as const,
				placeholder: 'Add parameter',
				default: {},
				displayOptions: { show: { learner: [l.id] } },
				description: l.description,
				options: formFields(l.params, undefined, [], 'collection')
					.flatMap((f) => (f.name === 'options' && f.type === 'collection' ? (f.options as (typeof f)[]) : [f]))
					.sort((a, b) => a.displayName.localeCompare(b.displayName)),
			})),
			{
				displayName: 'Split',
				name: 'split',
				type: 'collection',
				placeholder: 'Change the split',
				default: {},
				description:
					'Which rows train and which are kept for the test. Left alone: forward in time when a column has the role time, by ' +
					'group, else at random.',
				options: formFields(splitParams, undefined, [], 'collection').sort((a, b) => a.displayName.localeCompare(b.displayName)),
			},
			...formFields(trainOptions),
			storeField,
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		const { trainOn } = await import('../../lib/app/trainOn.js');
		const follow = await consoleLink(runtime.store, CONSOLE_PATHS.training());
		if (follow !== undefined) sayMeanwhile(this, `Follow the training at ${follow}`);
		return await forEachItem(this, 1, async (index, item) => {
			const { dataset, recipe } = await datasetOf(this, runtime.store, index, item);
			const learner = this.getNodeParameter('learner', index) as string;
			const choice = learner === AUTOMATIC ? undefined : learnerChoice(learner);
			const values = (name: string) => this.getNodeParameter(name, index, {}) as Record<string, unknown>;
			const task = this.getNodeParameter('task', index) as string;
			const options = formValues(this, index, trainOptions, 'Train');
			const { fields, notes, report } = await trainOn(runtime, {
				dataset,
				recipe,
				learner,
				params: choice ? readForm(choice.params, values(`params_${learner}`)) : {},
				split: readForm(splitParams, values('split')),
				target: (this.getNodeParameter('target', index) as string) || undefined,
				...(task === 'auto' ? {} : { task }),
				modelName: textParameter(this, 'modelName', index) || undefined,
				// Automatic of a first version gave one learner: what follows there, an export for example, may count on it.
				options: choice || isNewer(this) || 'oneModelOnly' in values('options') ? options : { ...options, oneModelOnly: true },
			});
			if (fields.run.reused)
				this.addExecutionHints({
					message: 'The same data and parameters were trained before: this is the stored run. Turn on "Run Again" to train anew.',
					location: 'outputPane',
				});
			for (const { code, text } of notes) if (SHOWN_NOTES.has(code)) this.addExecutionHints({ message: text, location: 'outputPane' });
			const { dataset: _old, ...json } = item.json;
			return { item: await withReport(this, runtime, { ...json, ...fields } as unknown as IDataObject, report) };
		});
	}
}
