import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { nodeBase } from '../shared/nodeBase.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf } from '../shared/runtime.js';
import { twoVersions } from '../shared/versions.js';
import { predictDataset } from './predictDataset.js';
import { predictItems } from './items.js';
import { properties } from './predictProperties.js';
import { getModelsOfEither, getRowFieldsOfEither, predictItemsAtServer } from './server.js';
import { SERVER_TEST, serverCredential, testServer } from '../shared/serverCredential.js';
import { storeField } from '../shared/storeCredential.js';

const base = nodeBase('predict');

export class MlopsPredict implements INodeType {
	description: INodeTypeDescription = {
		...base,
		...twoVersions,
		displayName: 'MLOps Predict',
		name: 'mlopsPredict',
		subtitle: '={{ $parameter["modelSource"] === "registry" ? $parameter["model"] + "@" + $parameter["alias"] : "model of the item" }}',
		description: 'Ask a deployed model: prediction, probability and the top reasons for each row, written to the prediction log',
		defaults: { name: 'MLOps Predict' },
		usableAsTool: true,
		credentials: [...base.credentials, serverCredential({ input: ['items'], answeredBy: ['server'] })],
		properties: [...properties, storeField],
	};

	methods = {
		...methods,
		loadOptions: { ...methods.loadOptions, getModels: getModelsOfEither },
		resourceMapping: { getRowFields: getRowFieldsOfEither },
		credentialTest: { ...methods.credentialTest, [SERVER_TEST]: testServer },
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const ofDataset = this.getNodeParameter('input', 0) === 'dataset';
		if (!ofDataset && this.getNodeParameter('answeredBy', 0, 'here') === 'server') return await predictItemsAtServer(this);
		const runtime = await runtimeOf(this);
		return ofDataset ? await predictDataset(this, runtime) : await predictItems(this, runtime);
	}
}
