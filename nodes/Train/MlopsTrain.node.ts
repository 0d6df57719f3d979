import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { z } from 'zod/v4';
import { trainSpec, trainJob } from '../../lib/app/jobs/train.js';
import { splitParams } from '../../lib/domain/split.js';
import { LEARNERS, learnerById, taskWithoutLabels } from '../../lib/learn/learners/index.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { TASKS } from '../../lib/task/index.js';
import { METRICS } from '../../lib/task/metrics/index.js';
import { COLUMNS_DEPEND_ON } from '../shared/columnsDependOn.js';
import { forEachItem, withReport } from '../shared/execute.js';
import { formFields, readForm } from '../shared/form.js';
import { carriedRecipe, datasetOf, datasetSource, parseParams } from '../shared/handles.js';
import { nodeBase } from '../shared/nodeBase.js';
import { formValues } from '../shared/parameters.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf } from '../shared/runtime.js';

/** Everything beside data, target and learner; a newcomer never opens it. */
const trainOptions = z.object({
	crossValidation: z
		.number()
		.int()
		.min(0)
		.max(20)
		.default(0)
		.meta({ title: 'Cross-Validation Folds', advanced: true, description: 'Also fit and score this many folds; 0 for none' }),
	classWeight: z
		.enum(['none', 'balanced'])
		.default('none')
		.meta({
			title: 'Class Weight',
			advanced: true,
			description: 'How much rows of rare classes count',
			labels: { none: 'All Rows Alike', balanced: 'Balanced' },
		}),
	seed: z
		.number()
		.int()
		.default(0)
		.meta({ title: 'Seed', advanced: true, description: 'The same seed and data give the same model, bit for bit' }),
	timeBudgetSeconds: z
		.number()
		.min(5)
		.default(60)
		.meta({ title: 'Time Budget (Seconds)', advanced: true, description: 'How long Automatic may try learners' }),
	refit: z.boolean().default(true).meta({
		title: 'Refit on All Training Rows',
		advanced: true,
		description: 'Whether to fit once more with the validation rows after they served to choose',
	}),
	metric: z
		.enum(['', ...METRICS.map(({ id }) => id)])
		.default('')
		.meta({
			title: 'Metric',
			advanced: true,
			description: 'Metric that ranks; it must fit what is predicted: classes or numbers',
			labels: Object.fromEntries([['', 'Usual One for the Task'], ...METRICS.map(({ id, label }) => [id, `${label} (${id})`])]),
		}),
	falsePositiveCost: z.number().min(0).default(0).meta({
		title: 'Cost of a False Alarm',
		advanced: true,
		description: 'With the cost of a miss, chooses the threshold; 0 for both: by F1',
	}),
	falseNegativeCost: z
		.number()
		.min(0)
		.default(0)
		.meta({ title: 'Cost of a Miss', advanced: true, description: 'With the cost of a false alarm, chooses the threshold' }),
	positiveClass: z.string().default('').meta({
		title: 'Positive Class',
		advanced: true,
		description: 'The class whose probability is predicted; empty: yes, true, 1, or the rarer one',
	}),
	runAgain: z.boolean().default(false).meta({
		title: 'Run Again',
		advanced: true,
		description: 'Whether to train anew even when the same data and parameters were trained before',
	}),
});

/** Notes that a person must not miss: they stand above the output. */
const SHOWN_NOTES = new Set(['learn.rows_left_out', 'learn.target_gaps', 'learn.leak', 'learn.label_spellings']);

export class MlopsTrain implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('train'),
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
				typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: COLUMNS_DEPEND_ON },
				description:
					'The column to predict; a task without a target needs none. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			{
				displayName: 'Task',
				name: 'task',
				type: 'options',
				default: 'auto',
				options: [
					{ name: 'Automatic', value: 'auto', description: "Decided by the target's values" },
					...TASKS.map(({ label, id, description }) => ({ name: label, value: id, description })).sort((a, b) =>
						a.name.localeCompare(b.name),
					),
				],
				description: 'What kind of answer the model gives',
			},
			{
				displayName: 'Learner',
				name: 'learner',
				type: 'options',
				default: 'automatic',
				noDataExpression: true,
				options: [
					{ name: 'Automatic', value: 'automatic', description: 'Tries the learners within the time budget and keeps the best' },
					...LEARNERS.map((l) => ({ name: l.label, value: l.id, description: l.description })),
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
			...LEARNERS.map((l) => ({
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
					'Which rows train and which are kept for the test. Left alone: forward in time when a column has the role time, by group, else at random.',
				options: formFields(splitParams, undefined, [], 'collection').sort((a, b) => a.displayName.localeCompare(b.displayName)),
			},
			...formFields(trainOptions),
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		return await forEachItem(this, 1, async (index, item) => {
			const { dataset, recipe } = await datasetOf(this, runtime.store, index, item);
			const { runAgain, ...options } = formValues(this, index, trainOptions, 'Train');
			const learner = this.getNodeParameter('learner', index) as string;
			const target = (this.getNodeParameter('target', index) as string) || dataset.target || '';
			const asked = this.getNodeParameter('task', index) as string;
			const chosen = asked === 'auto' ? (taskWithoutLabels(learner) ?? asked) : asked;
			if (!target && TASKS.find(({ id }) => id === chosen)?.labels !== 'none') {
				throw new MlopsError('learn.target_missing', 'No target is chosen: the model does not know what to predict.', {
					expected: `one of: ${dataset.columns
						.slice(0, 20)
						.map((c) => c.name)
						.join(', ')}`,
					remedy: 'Pick the column to predict under "Target Column".',
				});
			}
			const task = chosen === 'auto' ? (target === dataset.target ? dataset.task : undefined) : chosen;
			const result = await runtime.run(trainJob, {
				store: runtime.store.ref,
				datasetId: dataset.id,
				recipe: { steps: recipe.steps },
				runAgain,
				modelName: (this.getNodeParameter('modelName', index) as string).trim() || dataset.name,
				spec: parseParams(
					trainSpec,
					{
						...options,
						target,
						task,
						learner,
						metric: options.metric || undefined,
						positiveClass: options.positiveClass || undefined,
						falsePositiveCost: options.falsePositiveCost || undefined,
						falseNegativeCost: options.falseNegativeCost || undefined,
						params: learnerParams(learner, this.getNodeParameter(`params_${learner}`, index, {}) as Record<string, unknown>),
						split: readForm(splitParams, this.getNodeParameter('split', index, {}) as Record<string, unknown>),
					},
					'Train',
				),
			});
			if (result.run.reused)
				this.addExecutionHints({
					message: 'The same data and parameters were trained before: this is the stored run. Turn on "Run Again" to train anew.',
					location: 'outputPane',
				});
			for (const { code, text } of result.run.notes)
				if (SHOWN_NOTES.has(code)) this.addExecutionHints({ message: text, location: 'outputPane' });
			const { dataset: _old, ...json } = item.json;
			return {
				item: await withReport(
					this,
					runtime,
					{
						...json,
						dataset: { ...dataset, ...(target ? { target } : {}), ...(task ? { task } : {}) },
						recipe: await carriedRecipe(runtime.store, recipe),
						run: result.run,
						model: result.model,
					} as IDataObject,
					result.report,
				),
			};
		});
	}
}

const learnerParams = (id: string, values: Record<string, unknown>): Record<string, unknown> => {
	if (id === 'automatic') return {};
	const learner = learnerById(id);
	return parseParams(learner.params, readForm(learner.params, values), learner.label) as Record<string, unknown>;
};
