import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { nodeBase } from '../shared/nodeBase.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf } from '../shared/runtime.js';
import { twoVersions } from '../shared/versions.js';
import { predictDataset } from './dataset.js';
import { predictItems } from './items.js';
import { properties } from './properties.js';
import { getRowFields } from './rowForm.js';
import { storeField } from '../shared/storeCredential.js';

export class MlopsPredict implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('predict'),
		...twoVersions,
		displayName: 'MLOps Predict',
		name: 'mlopsPredict',
		subtitle: '={{ $parameter["modelSource"] === "registry" ? $parameter["model"] + "@" + $parameter["alias"] : "model of the item" }}',
		description: 'Ask a deployed model: prediction, probability and the top reasons for each row, written to the prediction log',
		defaults: { name: 'MLOps Predict' },
		usableAsTool: true,
		properties: [...properties, storeField],
	};

	methods = { ...methods, resourceMapping: { getRowFields } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		return this.getNodeParameter('input', 0) === 'dataset' ? await predictDataset(this, runtime) : await predictItems(this, runtime);
	}
}
