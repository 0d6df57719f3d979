import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** n8n reads its user folder when n8n-core is first required, so this comes before the import below. */
const folder = mkdtempSync(join(tmpdir(), 'mlops-engine-'));
process.env.N8N_USER_FOLDER = folder;
process.env.N8N_LOG_LEVEL ??= 'silent';
process.env.MLOPS_HOME ??= join(folder, 'mlops');
// Nodes read local files only where n8n itself may; the tests' own files lie here.
process.env.N8N_RESTRICT_FILE_ACCESS_TO ??= folder;

import 'reflect-metadata';
import { Container } from '@n8n/di';
import {
	BinaryDataService,
	ExecutionLifecycleHooks,
	InstanceSettings,
	LazyPackageDirectoryLoader,
	PackageDirectoryLoader,
	WorkflowExecute,
} from 'n8n-core';
import type { Store } from '../../lib/store/contract.js';
import {
	createRunExecutionData,
	NodeHelpers,
	Workflow,
	type IBinaryData,
	type INode,
	type INodeExecutionData,
	type INodeTypes,
	type IRun,
	type IWorkflowBase,
	type IWorkflowExecuteAdditionalData,
	type IVersionedNodeType,
	type INodeType,
} from 'n8n-workflow';

export interface EngineRun {
	run: IRun;
	/** Items that a node put out on its output. @throws when the node did not run or failed */
	output(node: string, output?: number): INodeExecutionData[];
	error(node: string): Error | undefined;
	executionId: string;
	/** Text of a binary that a node put out on its first item. */
	binary(node: string, name: string, output?: number): Promise<Buffer>;
}

export interface Engine {
	/** Runs a workflow from `start` (default: the first node of ours behind no other of ours) with `items` going in. */
	execute(
		workflow: Pick<IWorkflowBase, 'nodes' | 'connections'>,
		options?: {
			start?: string;
			items?: INodeExecutionData[];
			mode?: 'manual' | 'trigger';
			/** A run that failed: this one is n8n's own retry of it. */
			retry?: IRun;
			credentials?: Record<string, Record<string, unknown>>;
			onCancel?: (cancel: () => void) => void;
			onMessage?: (messages: unknown[]) => void;
		},
	): Promise<EngineRun>;
	home: string;
}

/** Where n8n's own nodes lie, where full n8n was installed for the browser tests. */
export const baseNodes = ((): string | undefined => {
	const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-mlops');
	const [newest] = (existsSync(cache) ? readdirSync(cache) : [])
		.filter((name) => name.startsWith('n8n-'))
		.sort()
		.reverse();
	const place = newest && join(cache, newest, 'node_modules', 'n8n-nodes-base');
	return place && existsSync(place) ? place : undefined;
})();

/** n8n's real engine over the built package: real loader, real nodes, binaries on disk; only credentials come from the test. */
export async function createEngine(): Promise<Engine> {
	const loader = new PackageDirectoryLoader(ROOT);
	await loader.loadAll();
	const base = baseNodes === undefined ? undefined : new LazyPackageDirectoryLoader(baseNodes);
	await base?.loadAll();
	const nodeTypes: INodeTypes = {
		getByName: (type) => find(type),
		getByNameAndVersion: (type, version) => (find(type) ? NodeHelpers.getVersionedNodeType(find(type), version) : undefined) as INodeType,
		getKnownTypes: () => loader.known.nodes as never,
	};
	function find(type: string): INodeType | IVersionedNodeType {
		// An unknown type (a trigger of n8n's own) stays undefined: n8n then leaves the node alone.
		const name = type.split('.').pop()!;
		if (type.startsWith('n8n-nodes-base.') && name in (base?.known.nodes ?? {})) return base!.getNode(name).type;
		if (!type.startsWith('n8n-nodes-mlops.')) return undefined as never;
		// As a tool of an agent n8n runs the same class under a name of its own.
		return (loader.nodeTypes[name] ?? loader.nodeTypes[name.replace(/Tool$/, '')])?.type as INodeType;
	}
	await Container.get(BinaryDataService)
		.init()
		.catch(() => {});
	Container.get(InstanceSettings);

	return {
		home: process.env.MLOPS_HOME!,
		async execute(template, options = {}) {
			const workflow = new Workflow({
				id: 'test',
				name: 'test workflow',
				nodes: structuredClone(template.nodes),
				connections: template.connections,
				active: false,
				nodeTypes,
				settings: { executionOrder: 'v1' },
			});
			const ours = Object.values(workflow.nodes).filter((n) => n.type.startsWith('n8n-nodes-mlops.') && !n.disabled);
			const start = options.start
				? workflow.getNode(options.start)!
				: ours.find((n) => !workflow.getParentNodes(n.name).some((p) => ours.some((o) => o.name === p)))!;
			const mode = options.retry ? 'retry' : (options.mode ?? 'trigger');
			const executionId = String(Math.trunc(performance.now() * 1000));
			const run = await runFrom(workflow, start, options.items ?? [{ json: {} }], mode, executionId, options);
			return { executionId, ...resultOf(run) };
		},
	};
}

async function runFrom(
	workflow: Workflow,
	start: INode,
	items: INodeExecutionData[],
	mode: 'manual' | 'trigger' | 'retry',
	executionId: string,
	options: Parameters<Engine['execute']>[1],
): Promise<IRun> {
	const hooks = new ExecutionLifecycleHooks(mode, executionId, {
		id: 'test',
		name: 'test workflow',
		nodes: [],
		connections: {},
		active: false,
		createdAt: new Date(),
		updatedAt: new Date(),
	} as unknown as IWorkflowBase);
	const base = 'http://localhost:5678';
	const additionalData = {
		hooks,
		executionId,
		currentNodeExecutionIndex: 0,
		variables: {},
		instanceBaseUrl: `${base}/`,
		restApiUrl: `${base}/rest`,
		webhookBaseUrl: `${base}/webhook`,
		webhookWaitingBaseUrl: `${base}/webhook-waiting`,
		webhookTestBaseUrl: `${base}/webhook-test`,
		formBaseUrl: `${base}/form`,
		formWaitingBaseUrl: `${base}/form-waiting`,
		formTestBaseUrl: `${base}/form-test`,
		mcpBaseUrl: base,
		mcpTestBaseUrl: base,
		// What a node says to the browser's console in a manual run.
		sendDataToUI: (type: string, data: { messages?: unknown[] }) => {
			if (type === 'sendConsoleMessage') options?.onMessage?.(data.messages ?? []);
		},
		setExecutionStatus: () => {},
		logAiEvent: () => {},
		credentialsHelper: credentialsOf(options?.credentials ?? {}),
	} as unknown as IWorkflowExecuteAdditionalData;
	const data = options?.retry
		? retried(options.retry, workflow)
		: createRunExecutionData({
				startData: {},
				resultData: { runData: {} },
				executionData: {
					contextData: {},
					nodeExecutionStack: [{ node: start, data: { main: [items] }, source: null }],
					waitingExecution: {},
					waitingExecutionSource: {},
					metadata: {},
				},
			} as never);
	const promise = new WorkflowExecute(additionalData, mode, data).processRunExecutionData(workflow);
	options?.onCancel?.(() => promise.cancel());
	return await promise;
}

/** What n8n makes of a failed run that is to be tried again with the workflow as it is now: it goes on with the node that failed. */
function retried({ data }: IRun, workflow: Workflow): IRun['data'] {
	const again = structuredClone(data);
	const { resultData } = again;
	delete resultData.error;
	const runs = resultData.runData[resultData.lastNodeExecuted!];
	if (runs.at(-1)?.error !== undefined) runs.pop();
	for (const next of again.executionData!.nodeExecutionStack) next.node = workflow.getNode(next.node.name)!;
	return again;
}

const credentialsOf = (known: Record<string, Record<string, unknown>>) => ({
	getParentTypes: () => [],
	authenticate: async (_c: unknown, _t: string, request: unknown) => request,
	preAuthentication: async () => undefined,
	runPreAuthentication: async () => undefined,
	getCredentials: async () => {
		throw new Error('not needed');
	},
	isCredentialUsableByNode: async () => true,
	getCredentialsProperties: () => [],
	getDecrypted: async (_d: unknown, _n: unknown, type: string) => {
		if (!known[type]) throw new Error(`the test gave no credential ${type}`);
		return known[type];
	},
	updateCredentials: async () => {},
	updateCredentialsOauthTokenData: async () => {},
});

function resultOf(run: IRun): Omit<EngineRun, 'executionId'> {
	const task = (node: string) => run.data.resultData.runData[node]?.at(-1);
	const output = (node: string, index = 0): INodeExecutionData[] => {
		const done = task(node);
		if (!done) throw new Error(`node "${node}" did not run${run.data.resultData.error ? `: ${run.data.resultData.error.message}` : ''}`);
		if (done.error)
			throw Object.assign(new Error(`node "${node}" failed: ${done.error.message}: ${done.error.description ?? ''}`), {
				cause: done.error,
			});
		return done.data?.main[index] ?? [];
	};
	return {
		run,
		output,
		error: (node) => task(node)?.error,
		binary: async (node, name, index = 0) => {
			const binary = output(node, index)[0].binary?.[name] as IBinaryData;
			return binary.id ? await Container.get(BinaryDataService).getAsBuffer(binary) : Buffer.from(binary.data, 'base64');
		},
	};
}

const requireBuilt = module.require.bind(module) as (path: string) => unknown;

/** A module of the built package, in the same process as the nodes (a store or pool of the sources would be another one). */
export const built = <T>(path: string): T => requireBuilt(join(ROOT, 'dist', path)) as T;

/** The store that the nodes use. */
export const openBuiltStore = async (home = process.env.MLOPS_HOME!): Promise<Store> =>
	await built<typeof import('../../lib/store/openStore.js')>('lib/store/openStore.js').openStore({ kind: 'folder', home });

/** A path inside the folder that nodes may read; gone after the tests. */
export const testFile = (name: string): string => join(folder, name);

/** A shipped template by its file name. */
export const template = (file: string): IWorkflowBase => JSON.parse(readFileSync(join(ROOT, 'workflows', file), 'utf8')) as IWorkflowBase;

/** A workflow of nodes in a row, each connected to the next by output `from` (default 0). */
export function chain(
	...nodes: Array<{
		name: string;
		type: string;
		parameters: Record<string, unknown>;
		from?: number;
		onError?: INode['onError'];
		disabled?: boolean;
		typeVersion?: number;
	}>
): Pick<IWorkflowBase, 'nodes' | 'connections'> {
	const connections: IWorkflowBase['connections'] = {};
	for (let i = 0; i + 1 < nodes.length; i++) {
		const outputs = Array.from({ length: (nodes[i].from ?? 0) + 1 }, () => [] as Array<{ node: string; type: 'main'; index: number }>);
		outputs[nodes[i].from ?? 0].push({ node: nodes[i + 1].name, type: 'main', index: 0 });
		connections[nodes[i].name] = { main: outputs };
	}
	return {
		nodes: nodes.map(({ name, type, parameters, onError, disabled, typeVersion = 1 }, i) => ({
			id: `id-${name}`,
			name,
			type: `n8n-nodes-mlops.${type}`,
			typeVersion,
			position: [i * 220, 0],
			parameters: parameters as INode['parameters'],
			...(onError ? { onError } : {}),
			...(disabled ? { disabled } : {}),
		})),
		connections,
	};
}

/** More than the anchor of the audit log may be behind. */
const ANCHORED_MS = 1_300;

/** Call in `afterAll`: ends the compute processes and removes the engine's folder. */
export async function disposeEngine(): Promise<void> {
	await built<typeof import('../../lib/app/jobEngine.js')>('lib/app/jobEngine.js').closeEngines();
	// The nodes' store stays open, as in n8n, and moves the anchor of its audit log within a second: not when its folder is gone.
	await new Promise((resolve) => setTimeout(resolve, ANCHORED_MS));
	rmSync(folder, { recursive: true, force: true });
}
