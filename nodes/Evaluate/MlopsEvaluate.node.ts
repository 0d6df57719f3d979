import {
	NodeConnectionTypes,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { metricChoices } from '../../lib/app/catalogue.js';
import { evaluateOptions } from '../../lib/app/evaluateOptions.js';
import { gateRule } from '../../lib/domain/evaluation.js';
import { forEachItem, isTool, withReport } from '../shared/execute.js';
import { formFields } from '../shared/form.js';
import { datasetOf, datasetSource } from '../shared/datasetSource.js';
import { chosenHandle, modelSourceFields } from '../shared/modelSource.js';
import { nodeBase } from '../shared/nodeBase.js';
import { formValues, textParameter } from '../shared/parameters.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf } from '../shared/runtime.js';
import { wiredOutputs } from '../shared/wiredOutputs.js';
import { storeField } from '../shared/storeCredential.js';

const RULES: Record<string, { name: string; description: string }> = {
	baseline: { name: 'Better Than Guessing By', description: 'The metric beats plain guessing by at least this much' },
	champion: {
		name: 'Better Than the Champion By',
		description: 'The metric beats the model in use by at least this much, and not by chance; passes while there is no champion',
	},
	max: { name: 'At Most', description: 'The metric is this or less' },
	min: { name: 'At Least', description: 'The metric is this or more' },
};

/** Where another dataset comes from, shown when one is asked for; the hidden references feed the list of columns in any case. */
const otherDataset = datasetSource.map(
	(field): INodeProperties =>
		field.type === 'hidden'
			? field
			: {
					...field,
					displayOptions: { show: { rows: ['dataset'], ...field.displayOptions?.show } },
				},
);

export class MlopsEvaluate implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('evaluate'),
		displayName: 'MLOps Evaluate',
		name: 'mlopsEvaluate',
		subtitle:
			'={{ ($parameter["rules"].rule || []).length ? "gate: " + $parameter["rules"].rule.map((r) => r.metric || ' +
			'"metric").join(", ") : "usual gate" }}',
		description: 'Test a model on rows it never saw, compare it with the champion, and let it pass the gate or not',
		defaults: { name: 'MLOps Evaluate' },
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Failed', 'Passed'],
		usableAsTool: undefined,
		properties: [
			...modelSourceFields({ source: 'previous' }),
			{
				displayName: 'Rows',
				name: 'rows',
				type: 'options',
				default: 'test',
				noDataExpression: true,
				options: [
					{ name: 'The Test Rows Kept Apart', value: 'test', description: 'Rows of the training data that Train put aside' },
					{
						name: 'Another Dataset',
						value: 'dataset',
						description: 'A table with the answers that the model never saw: another site, a later month',
					},
				],
				description: 'What the model is tested on',
			},
			...otherDataset,
			{
				displayName: 'Side by Side Name or ID',
				name: 'sideBySide',
				type: 'options',
				default: '',
				allowArbitraryValues: true,
				typeOptions: { loadOptionsMethod: 'getColumns' },
				description:
					'A column whose values stand side by side in the results, such as a site; of a time, its months. Choose from the list, ' +
					'or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
			},
			{
				displayName: 'Compare With Model',
				name: 'modelName',
				type: 'string',
				default: '',
				placeholder: "The model's own name",
				description: 'Registered name whose champion is compared on the same rows; nothing is compared while there is none',
			},
			{
				displayName: 'Gate Rules',
				name: 'rules',
				type: 'fixedCollection',
				default: {},
				placeholder: 'Add rule',
				typeOptions: { multipleValues: true, sortable: true },
				description: 'What a model must fulfil to leave by Passed. Without rules: better than guessing, and not worse than the champion.',
				options: [
					{
						displayName: 'Rule',
						name: 'rule',
						values: [
							{
								displayName: 'Metric',
								name: 'metric',
								type: 'options',
								default: '',
								description: 'What is judged; it must fit what is predicted: classes or numbers',
								options: [
									{ name: 'Main One of the Run', value: '', description: 'What Train ranked by' },
									...metricChoices.map(({ id, label, description }) => ({ name: `${label} (${id})`, value: id, description })),
								],
							},
							{
								displayName: 'Rule',
								name: 'kind',
								type: 'options',
								default: 'min',
								options: gateRule.shape.kind.options
									.map((value) => ({ value, ...RULES[value] }))
									.sort((a, b) => a.name.localeCompare(b.name)),
								description: 'How the metric is judged',
							},
							{
								displayName: 'Value',
								name: 'value',
								type: 'number',
								default: 0,
								description:
									'The limit, or the least improvement. For the champion rule a value below 0 says how much worse the model may be.',
							},
						],
					},
				],
			},
			...formFields(evaluateOptions),
			storeField,
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		const { evaluateRun } = await import('../../lib/app/evaluateRun.js');
		return await forEachItem(this, isTool(this) ? 1 : 2, async (index, item) => {
			const model = await chosenHandle(this, runtime.store, index, item);
			const other = this.getNodeParameter('rows', index, 'test') === 'dataset';
			const { fields, report } = await evaluateRun(runtime, {
				model,
				modelName: textParameter(this, 'modelName', index) || undefined,
				rules: (this.getNodeParameter('rules', index, {}) as { rule?: unknown[] }).rule ?? [],
				...(other ? { dataset: (await datasetOf(this, runtime.store, index, item)).dataset } : {}),
				sideBySide: (this.getNodeParameter('sideBySide', index, '') as string).trim() || undefined,
				options: formValues(this, index, evaluateOptions, 'Evaluate'),
			});
			sayWhereItWent(this, fields.evaluation.gate);
			return {
				output: fields.evaluation.gate.passed ? 1 : 0,
				item: await withReport(this, runtime, { ...item.json, ...fields } as unknown as IDataObject, report),
			};
		});
	}
}

/** A test run that ends here looks finished: the output panel says why nothing came after it. */
function sayWhereItWent(
	functions: IExecuteFunctions,
	{ passed, reasons }: { passed: boolean; reasons: ReadonlyArray<{ passed: boolean; text: string }> },
): void {
	const say = (message: string, type: 'info' | 'warning') => functions.addExecutionHints({ message, type, location: 'outputPane' });
	if (!passed)
		say(
			`The gate did not pass, so the item leaves by "Failed": ${reasons
				.filter((r) => !r.passed)
				.map((r) => r.text)
				.join(' ')}`,
			'warning',
		);
	const wires = wiredOutputs(functions);
	if (passed && wires && !wires[1] && wires[0])
		say(
			'The gate passed, so the item leaves by "Passed", the second output, and nothing is connected there. Draw the line to the ' +
				'next node from "Passed".',
			'warning',
		);
}
