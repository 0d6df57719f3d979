import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	INodeType,
	INodeTypeDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { channelChoices } from '../../lib/app/catalogue.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { isTool, nodeError } from '../shared/execute.js';
import { formFields } from '../shared/form.js';
import { nodeBase } from '../shared/nodeBase.js';
import { storeCredential, storeField } from '../shared/storeCredential.js';
import { methods } from '../shared/pickers.js';
import { FIRST, NEWER, twoVersions } from '../shared/versions.js';
import { answerApproval, askAndWait } from './askAndWait.js';
import { sendMessages } from './send.js';

const sending = { operation: ['send', 'sendAndWait'] };
const asking = { operation: ['sendAndWait'] };

/** Opening a link shows the page, sending its form decides: mail scanners open every link. */
const approvalWebhook = (httpMethod: 'GET' | 'POST') => ({
	name: 'default' as const,
	httpMethod,
	responseMode: 'onReceived' as const,
	responseData: '',
	path: '={{ $nodeId }}',
	restartWebhook: true,
	isFullPath: true,
});

const approvers: INodeProperties = {
	displayName: 'Approvers',
	name: 'approvers',
	type: 'string',
	default: '',
	placeholder: 'ana@example.com, bo@example.com',
	description: 'Who may decide: names or e-mail addresses, separated by commas. Each gets a link of their own; the first decision counts.',
};

/** What the panel of the waiting node says; n8n keeps its tags. The link is there in test runs whose links go to n8n's log. */
const WAITING =
	'Waiting for an approval. Each approver got a link of their own through the channel (n8n Log: it stands in the log of n8n).';
const WAITING_HERE =
	'Waiting for an approval.<br><br><a href="\' + $execution.resumeUrl + \'" target="_blank">Open the approval ' +
	'page</a><br><br>The workflow goes on when somebody has decided there.';

/** The outputs of a question, as n8n's expression makes them. */
const ANSWERS = '[{ type: "main", displayName: "Not approved" }, { type: "main", displayName: "Approved" }]';

export class MlopsNotify implements INodeType {
	description: INodeTypeDescription = {
		...nodeBase('notify'),
		...twoVersions,
		displayName: 'MLOps Notify',
		name: 'mlopsNotify',
		subtitle: '={{ ($parameter["operation"] === "sendAndWait" ? "ask for approval" : "message") + ": " + $parameter["channel"] }}',
		description: 'Tell people what happened, or ask one of them to approve before a model goes live',
		defaults: { name: 'MLOps Notify' },
		// No tool for agents: waiting for a person inside a tool call is not supported by n8n.
		usableAsTool: undefined,
		outputs: `={{ $parameter["operation"] === "sendAndWait" ? ${ANSWERS} : [{ type: "main" }] }}`,
		credentials: [
			...channelChoices
				.filter((c) => c.credential)
				.map((c) => ({
					name: c.credential!.name,
					required: c.credential!.required,
					displayOptions: { show: { channel: [c.id], ...c.credential!.when } },
				})),
			storeCredential,
		],
		webhooks: [approvalWebhook('GET'), approvalWebhook('POST')],
		waitingNodeTooltip: `={{ $execution.resumeUrl.includes("token=") ? '${WAITING_HERE}' : '${WAITING}' }}`,
		properties: [
			{
				displayName: 'Operation',
				name: 'operation',
				type: 'options',
				noDataExpression: true,
				default: 'send',
				options: [
					// The editor offers the first one first: what needs nothing set.
					{
						name: 'Send Message',
						value: 'send',
						action: 'Send a message',
						description: 'Write a readable message from whatever the item carries',
					},
					{
						name: 'Ask for Approval',
						value: 'sendAndWait',
						action: 'Ask for an approval',
						description: 'Send each approver a link to a page with the facts, wait for the decision',
					},
				],
				description: 'Whether to tell people something, or to ask them for a decision',
			},
			{
				displayName: 'Channel',
				name: 'channel',
				type: 'options',
				default: 'log',
				displayOptions: { show: sending },
				options: channelChoices.map((c) => ({ name: c.label, value: c.id, description: c.description })),
				description: 'How people are reached',
			},
			...channelChoices.flatMap((c) => formFields(c.params, { channel: [c.id] })),
			{ ...approvers, required: true, displayOptions: { show: { ...asking, ...FIRST } } },
			{ ...approvers, displayOptions: { show: { ...asking, ...NEWER } } },
			{
				displayName: 'Ask the Accountable People',
				name: 'askAccountable',
				type: 'boolean',
				default: false,
				displayOptions: { show: { ...asking, ...NEWER } },
				description: "Whether those who are accountable for the model, as its page in the model server's console says, are asked too",
			},
			{
				displayName: 'Expires After (Hours)',
				name: 'expiresHours',
				type: 'number',
				default: 72,
				typeOptions: { minValue: 0.01 },
				displayOptions: { show: asking },
				description: 'Without a decision until then, the items leave by "Not approved"',
			},
			{
				displayName: 'Address of the Model Server',
				name: 'serverUrl',
				type: 'string',
				default: '',
				placeholder: 'https://models.example.com',
				displayOptions: { show: asking },
				description:
					'With it, links lead through a model server of this store, where they say who decided what, and when, for as long as they ' +
					'are valid. Left empty, a server that runs beside n8n on the same machine is taken where n8n itself is reached from there ' +
					'alone; without one, n8n answers a link by itself once the workflow has gone on.',
			},
			{
				displayName: 'Title',
				name: 'title',
				type: 'string',
				default: '',
				placeholder: 'Made from the item',
				description: 'Heading of the message. Left empty, it is made from what the item carries.',
			},
			{
				displayName: 'Text',
				name: 'text',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				placeholder: 'Made from the item',
				description: 'Body of the message. Left empty, it is made from what the item carries.',
			},
			storeField,
		],
	};

	methods = methods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		// n8n offers every node that can ask and wait as a review of an agent's tool calls; ours asks about models alone.
		if (this.getNode().type.endsWith('HitlTool')) {
			throw nodeError(
				this.getNode(),
				new MlopsError('input.invalid', 'MLOps Notify cannot review what an agent wants to do.', {
					remedy: "Use n8n's own nodes for that, such as Send Email, Slack or Chat.",
				}),
			);
		}
		const asks = this.getNodeParameter('operation', 0) === 'sendAndWait' && !isTool(this);
		return asks ? await askAndWait(this) : await sendMessages(this);
	}

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerApproval(this);
	}
}
