import type { IExecuteFunctions, INodeExecutionData, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import type { Runtime } from '../../shared/runtime.js';

/** One thing that Deploy does. Its value and the names of its fields are saved in people's workflows. */
export interface Operation {
	/** How the form offers it. */
	option: INodePropertyOptions & { value: string };
	/** What stands below the node on the canvas, as an expression's code; without it operation and alias. */
	subtitle?: string;
	/** Takes a model from the previous node or from the registry. */
	takesModel?: boolean;
	/** Changes what the registry says is in use, so that a test run in the editor shows it only. */
	changes?: boolean;
	/** Whether it asks for a model's name; without this, what changes something does. */
	namesModel?: boolean;
	/** Fields of its own; what several operations ask for stands in the node. */
	fields: INodeProperties[];
	run(functions: IExecuteFunctions, runtime: Runtime, index: number, item: INodeExecutionData): Promise<INodeExecutionData>;
}
