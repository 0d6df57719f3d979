import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { datasetSource } from '../shared/datasetSource.js';
import { nodeBase } from '../shared/nodeBase.js';
import { methods } from '../shared/pickers.js';
import { appendSteps } from '../shared/appendSteps.js';
import { readSteps, stepsField } from '../shared/stepsForm.js';
import { storeField } from '../shared/storeCredential.js';

export class MlopsClean implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('clean'),
		displayName: 'MLOps Clean',
		name: 'mlopsClean',
		subtitle:
			'={{ $parameter["mode"] === "automatic" ? "automatic" : ($parameter["steps"].step || []).map((s) => s.step).join(", ") || ' +
			'"no steps yet" }}',
		description:
			'Repair data: duplicates, missing values, types, outliers, messy text. Automatic proposes steps from the profile and says why.',
		defaults: { name: 'MLOps Clean' },
		usableAsTool: undefined,
		properties: [
			...datasetSource,
			{
				displayName: 'Mode',
				name: 'mode',
				type: 'options',
				noDataExpression: true,
				default: 'automatic',
				options: [
					{
						name: 'Automatic',
						value: 'automatic',
						description: 'Looks at the profile, proposes what is needed, and says what it did and why',
					},
					{ name: 'Choose Steps', value: 'manual', description: 'You list the steps' },
				],
				description: 'Who chooses the steps',
			},
			stepsField('clean', { mode: ['manual'] }),
			storeField,
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await appendSteps(this, 'clean', (index) =>
			this.getNodeParameter('mode', index) === 'automatic' ? 'automatic' : readSteps(this.getNodeParameter('steps', index, {})),
		);
	}
}
