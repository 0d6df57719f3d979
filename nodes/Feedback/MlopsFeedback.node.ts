import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { nodeBase } from '../shared/nodeBase.js';
import { methods } from '../shared/pickers.js';
import { runtimeOf } from '../shared/runtime.js';
import { properties } from './feedbackProperties.js';
import { tellDataset, tellItems } from './tell.js';

export class MlopsFeedback implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('feedback'),
		displayName: 'MLOps Feedback',
		name: 'mlopsFeedback',
		subtitle:
			'={{ ($parameter["input"] === "dataset" ? "dataset" : "items") + ", by " + ($parameter["findBy"] === "key" ? "key" : "answer ID") }}',
		description: 'Tell what turned out to be true of answers: late, in bulk, corrected; Ingest reads it back for the next training',
		defaults: { name: 'MLOps Feedback' },
		usableAsTool: true,
		properties,
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const runtime = await runtimeOf(this);
		return this.getNodeParameter('input', 0) === 'dataset' ? await tellDataset(this, runtime) : await tellItems(this, runtime);
	}
}
