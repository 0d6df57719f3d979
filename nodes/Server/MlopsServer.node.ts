import {
	NodeConnectionTypes,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
} from 'n8n-workflow';
import { EVENT_KINDS } from '../../lib/domain/serverEvent.js';
import { serveOptions } from '../../lib/domain/serveOptions.js';
import { formFields } from '../shared/form.js';
import { nodeBase } from '../shared/nodeBase.js';
import { methods } from '../shared/pickers.js';
import { storeField } from '../shared/storeCredential.js';
import { SERVER_CREDENTIAL } from '../shared/serverCredential.js';
import { startTrigger } from './startTrigger.js';

const RUNS = { run: ['serve'] };

/** Its options come last, as in every form. */
const serving = formFields(serveOptions, RUNS, ['models']);

const modelsField: INodeProperties = {
	displayName: 'Model Names or IDs',
	name: 'models',
	type: 'multiOptions',
	typeOptions: { loadOptionsMethod: 'getModels' },
	default: [],
	allowArbitraryValues: true,
	description:
		'Registered models to serve and to hear of; none: all, those to come too. Choose from the list, or specify IDs using an <a ' +
		'href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

export class MlopsServer implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('server'),
		displayName: 'MLOps Server',
		name: 'mlopsServer',
		group: ['trigger'],
		subtitle: '={{ $parameter["run"] === "subscribe" ? "events" : "port " + $parameter["port"] }}',
		description: 'Serve models over HTTP while the workflow is active, and start it when something happens to them',
		defaults: { name: 'MLOps Server' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		eventTriggerDescription: 'Starting the model server',
		activationMessage: 'The model server runs, and the workflow starts on the events that you ticked.',
		triggerPanel: {
			header: 'Start the server and show how to ask it',
			executionsHelp: {
				inactive:
					'<b>While you build the workflow</b>, press the button: the server starts, and the item that comes out has its address and an ' +
					'example call. It stays for five minutes.<br /><br /><b>When it is done</b>, activate the workflow: the server runs as long ' +
					'as the workflow is active.',
				active:
					'<b>The workflow is active</b>: the server runs, and each event that you ticked starts the workflow.<br /><br /><b>While you ' +
					'build on</b>, press the button: the item that comes out has the address and an example call.',
			},
			activationHint: 'Activate the workflow to let the server run and to hear of events.',
		},
		credentials: [
			...nodeBase('server').credentials,
			{ name: SERVER_CREDENTIAL, required: false, displayOptions: { show: { ...RUNS, keys: [true] } } },
		],
		properties: [
			{
				displayName: 'Server',
				name: 'run',
				type: 'options',
				noDataExpression: true,
				default: 'serve',
				options: [
					{ name: 'Runs While This Workflow Is Active', value: 'serve', description: 'As a process beside n8n' },
					{ name: 'Runs Elsewhere', value: 'subscribe', description: 'As a container or by "mlops serve": this node only hears of events' },
				],
				description:
					'Whether this node runs the server. Where n8n has several processes (queue or multi-main mode) it never does: run it as a ' +
					'container or by "mlops serve" there.',
			},
			...serving.filter(({ name }) => name !== 'options'),
			modelsField,
			{
				displayName: 'Events',
				name: 'events',
				type: 'multiOptions',
				options: Object.entries(EVENT_KINDS).map(([value, [name, description]]) => ({ name, value, description })),
				default: ['aliasMoved', 'rolloutAborted', 'rolloutPromoted', 'alert', 'serverTrouble'],
				description: 'What starts the workflow, each time with one item that says what happened; none: nothing does',
			},
			...serving.filter(({ name }) => name === 'options'),
			storeField,
		],
	};

	methods = methods;

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		return await startTrigger(this);
	}
}
