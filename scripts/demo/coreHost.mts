// The demo's small host: n8n's own engine (n8n-core) in this process, and a web server for the link of a waiting execution.
// Everything else of n8n (its editor, its database, 2,000 packages) is left out, so that a fresh clone need not wait for it.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import type {
	IConnections,
	IHttpRequestMethods,
	IWebhookDescription,
	INodeExecutionData,
	INodeTypes,
	IRunExecutionData,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';
import { root } from '../build/paths.mts';
import type { Execution, Host, HostOptions, Template } from './execution.mts';

const require = createRequire(import.meta.url);

type Core = typeof import('n8n-core');
type Engine = Awaited<ReturnType<typeof loadEngine>>;

interface Running {
	id: string;
	template: Template;
	url: string;
	status: string;
	data: IRunExecutionData | undefined;
}

/** The only workflow that this host runs has this id for n8n's purposes. */
const WORKFLOW_ID = 'demo';
const PAGE_BYTES = 1 << 20;

/**
 * Starts the host. `env` must be set before, since n8n-core reads it when it is first required.
 * @returns a host, as `fullHost.mts` says what one is
 */
export async function startCoreHost({ folder, env }: Omit<HostOptions, 'say'>): Promise<Host> {
	Object.assign(process.env, env, {
		N8N_USER_FOLDER: folder,
		N8N_LOG_LEVEL: 'info',
		N8N_LOG_OUTPUT: 'file',
		N8N_LOG_FILE_LOCATION: path.join(folder, 'n8n.log'),
		NO_COLOR: '1',
	});
	const engine = await loadEngine();
	const lines: string[] = [];
	engine.logger.getInternalLogger().on('data', ({ message }: { message: unknown }) => lines.push(String(message)));
	const executions = new Map<string, Running>();
	const server = http.createServer((request, response) => {
		answer(engine, executions, request, response).catch((error: Error) => {
			response.writeHead(500, { 'content-type': 'text/plain' }).end(error.message);
		});
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject).listen(0, '127.0.0.1', resolve);
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const { version } = require('n8n-core/package.json');
	return {
		name: `n8n-core ${version}`,
		url,
		log: path.join(folder, 'n8n.log'),
		lines: () => lines,
		start: async (template, trigger) => {
			const id = String(executions.size + 1);
			const execution: Running = { id, template, url, status: 'new', data: undefined };
			executions.set(id, execution);
			run(engine, execution, firstData(engine, template, trigger));
			return id;
		},
		look: async (id) => {
			const { status, data } = executions.get(id)!;
			// n8n's run data, of which we look at a part.
			return { status, data } as unknown as Execution;
		},
		stop: async () => {
			server.closeAllConnections();
			await new Promise<void>((resolve) => {
				server.close(() => resolve());
			});
			const { closeEngines } = require(path.join(root, 'dist/lib/app/jobEngine.js'));
			await closeEngines();
		},
	};
}

async function loadEngine() {
	require('reflect-metadata');
	const core = require('n8n-core') as Core;
	const workflow = require('n8n-workflow') as typeof import('n8n-workflow');
	const { Container } = require('@n8n/di');
	// n8n's own logger, from the package that the engine itself takes it from.
	const { Logger } = createRequire(require.resolve('n8n-core'))('@n8n/backend-common');
	const loader = new core.PackageDirectoryLoader(root);
	await loader.loadAll();
	// A type that is not ours (the trigger, notes) stays unknown: the engine leaves such a node alone.
	const find = (type: string) => (type.startsWith('n8n-nodes-mlops.') ? loader.nodeTypes[type.split('.').pop()!]?.type : undefined);
	const nodeTypes = {
		getByName: find,
		getByNameAndVersion: (type: string, version?: number) =>
			find(type) ? workflow.NodeHelpers.getVersionedNodeType(find(type)!, version) : undefined,
		getKnownTypes: () => loader.known.nodes,
	} as INodeTypes;
	await Container.get(core.BinaryDataService).init();
	return { core, workflow, nodeTypes, logger: Container.get(Logger), secret: Container.get(core.InstanceSettings).hmacSignatureSecret };
}

const workflowOf = ({ workflow, nodeTypes }: Engine, template: Template) =>
	new workflow.Workflow({
		id: WORKFLOW_ID,
		name: template.name,
		nodes: structuredClone(template.nodes),
		connections: template.connections as unknown as IConnections,
		active: false,
		nodeTypes,
		settings: { executionOrder: 'v1' },
	});

/** An execution that begins with the nodes behind the trigger. */
function firstData(engine: Engine, template: Template, trigger: string): IRunExecutionData {
	const { nodes } = workflowOf(engine, template);
	// The engine's own copy of a node has the default values that a file leaves out.
	const behind = template.connections[trigger].main[0].map(({ node }) => nodes[node]);
	return engine.workflow.createRunExecutionData({
		startData: {},
		resultData: { runData: {} },
		executionData: {
			contextData: {},
			metadata: {},
			waitingExecution: {},
			waitingExecutionSource: {},
			nodeExecutionStack: behind.map((node) => ({ node, data: { main: [[{ json: {} }]] }, source: null })),
		},
	});
}

/** Runs until the end or until a node waits; the execution remembers how that was. */
function run(engine: Engine, execution: Running, data: IRunExecutionData): void {
	execution.status = 'running';
	const { core } = engine;
	const running = new core.WorkflowExecute(additionalData(engine, execution), 'manual', data).processRunExecutionData(
		workflowOf(engine, execution.template),
	);
	running.then(
		(result) => {
			const { error } = result.data.resultData;
			Object.assign(execution, { data: result.data, status: error ? 'error' : result.waitTill ? 'waiting' : 'success' });
		},
		(error) => Object.assign(execution, { status: 'error', data: { resultData: { error, runData: {} } } }),
	);
}

function additionalData({ core }: Engine, { id, url, template }: Running): IWorkflowExecuteAdditionalData {
	const noCredentials = async () => {
		throw new Error('The demo has no credentials.');
	};
	// As much of n8n's own as these nodes ask for.
	return {
		hooks: new core.ExecutionLifecycleHooks('manual', id, {
			id: WORKFLOW_ID,
			name: template.name,
			nodes: [],
			connections: {},
			active: false,
		} as unknown as IWorkflowBase),
		executionId: id,
		currentNodeExecutionIndex: 0,
		variables: {},
		instanceBaseUrl: `${url}/`,
		restApiUrl: `${url}/rest`,
		webhookBaseUrl: `${url}/webhook`,
		webhookWaitingBaseUrl: `${url}/webhook-waiting`,
		webhookTestBaseUrl: `${url}/webhook-test`,
		formBaseUrl: `${url}/form`,
		formWaitingBaseUrl: `${url}/form-waiting`,
		formTestBaseUrl: `${url}/form-test`,
		sendDataToUI: () => {},
		setExecutionStatus: () => {},
		logAiEvent: () => {},
		credentialsHelper: {
			getParentTypes: () => [],
			getDecrypted: noCredentials,
			getCredentials: noCredentials,
			isCredentialUsableByNode: () => true,
			getCredentialsProperties: () => [],
		},
	} as unknown as IWorkflowExecuteAdditionalData;
}

/** `/healthz`, and the link of a node that waits: signed by n8n's own rules, answered by the node's own webhook. */
async function answer(
	engine: Engine,
	executions: Map<string, Running>,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<unknown> {
	const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
	if (url.pathname === '/healthz') return response.end('{"status":"ok"}');
	const [, door, id, nodeId] = url.pathname.split('/');
	const execution = door === 'webhook-waiting' ? executions.get(id) : undefined;
	if (!execution?.data) return response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing at this address.');
	const { core } = engine;
	if (!core.validateUrlSignature(url.searchParams.get(core.WAITING_TOKEN_QUERY_PARAM) ?? '', url, engine.secret)) {
		return response.writeHead(401, { 'content-type': 'text/plain' }).end('This link was altered.');
	}
	const workflow = workflowOf(engine, execution.template);
	const node = Object.values(workflow.nodes).find((n) => n.id === decodeURIComponent(nodeId));
	const webhook = node && engine.nodeTypes.getByNameAndVersion(node.type, node.typeVersion)?.webhook;
	if (!webhook) return response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing at this address.');
	const body = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
	const data = {
		...additionalData(engine, execution),
		httpRequest: { method: request.method, query: Object.fromEntries(url.searchParams), headers: request.headers, body, params: {} },
		httpResponse: expressLike(response),
	} as unknown as IWorkflowExecuteAdditionalData;
	const httpMethod = request.method as IHttpRequestMethods;
	const description: IWebhookDescription = { name: 'default', httpMethod, path: '', responseMode: 'onReceived' };
	const context = new core.WebhookContext(
		workflow,
		node,
		data,
		'manual',
		{
			node: node.name,
			path: '',
			httpMethod,
			webhookDescription: description,
			workflowId: WORKFLOW_ID,
			workflowExecuteAdditionalData: data,
		},
		[],
		execution.data,
	);
	const result = await webhook.call(context);
	// A link that is opened again later gets its page too, but a workflow goes on only once.
	if (result.workflowData && execution.status === 'waiting') resume(engine, execution, result.workflowData);
}

/** As n8n does: what the webhook gave leaves by the outputs of the node that waited. */
function resume(engine: Engine, execution: Running, outputs: INodeExecutionData[][]): void {
	const data = structuredClone(execution.data!);
	const [waiting] = data.executionData!.nodeExecutionStack;
	waiting.data.main = outputs;
	waiting.metadata = { ...waiting.metadata, forwardAllOutputs: true };
	run(engine, execution, data);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
	let text = '';
	for await (const chunk of request) {
		text += chunk;
		if (text.length > PAGE_BYTES) throw new Error('The form is too large.');
	}
	return text;
}

/** The few methods of Express's response that a node's webhook uses. */
function expressLike(response: ServerResponse) {
	return {
		status(code: number) {
			response.statusCode = code;
			return this;
		},
		set(headers: Record<string, string>) {
			for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
			return this;
		},
		setHeader(name: string, value: string) {
			response.setHeader(name, value);
			return this;
		},
		send(text: string) {
			response.end(text);
			return this;
		},
		end(text: string) {
			response.end(text);
			return this;
		},
	};
}
