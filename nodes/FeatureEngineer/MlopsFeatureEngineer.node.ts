import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { datasetSource } from '../shared/datasetSource.js';
import { nodeBase } from '../shared/nodeBase.js';
import { methods } from '../shared/pickers.js';
import { appendSteps } from '../shared/appendSteps.js';
import { readSteps, stepsField } from '../shared/stepsForm.js';
import { storeField } from '../shared/storeCredential.js';

export class MlopsFeatureEngineer implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('featureEngineer'),
		displayName: 'MLOps Feature Engineer',
		name: 'mlopsFeatureEngineer',
		subtitle: '={{ ($parameter["steps"].step || []).map((s) => s.step).join(", ") || "no steps yet" }}',
		description: 'Make columns that help a model: date parts, encodings, scaling, bins, expressions, the target itself',
		defaults: { name: 'MLOps Feature Engineer' },
		usableAsTool: undefined,
		properties: [...datasetSource, stepsField('feature'), storeField],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await appendSteps(this, 'features', (index) => readSteps(this.getNodeParameter('steps', index, {})));
	}
}
