import { readFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { untilState, type Execution, type Item } from '../../scripts/demo/execution.mts';
import { executionsOf } from '../../scripts/demo/fullHost.mts';
import { freePort, signIn, startN8n, type N8nHost } from '../../scripts/n8nHost.mts';
import type { Store } from '../../lib/store/contract.js';

export type Call = (method: string, route: string, body?: unknown) => Promise<unknown>;

export interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	[setting: string]: unknown;
}

export interface WorkflowFile {
	name: string;
	nodes: WorkflowNode[];
	connections: Record<string, unknown>;
	settings?: Record<string, unknown>;
}

/** Full n8n on a user folder of its own, with the store beside, which ends and is wiped with `dispose`. */
export class TestN8n {
	private constructor(
		readonly folder: string,
		readonly home: string,
		private readonly port: number,
		private readonly templates: boolean,
		private readonly env: Record<string, string>,
		public host: N8nHost,
		public call: Call,
	) {}

	static async start({ templates = false, env = {} }: { templates?: boolean; env?: Record<string, string> } = {}): Promise<TestN8n> {
		const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-e2e-'));
		const userFolder = path.join(folder, 'n8n');
		await fs.mkdir(userFolder);
		const home = path.join(folder, 'store');
		const port = await freePort();
		const host = await startHost({ userFolder, home, port, templates, env });
		return new TestN8n(folder, home, port, templates, env, host, await signIn(host));
	}

	/** Ends n8n and starts it again on the same folder and address, as after a reboot. */
	async restart(): Promise<void> {
		await this.host.stop();
		this.host = await startHost({
			userFolder: path.join(this.folder, 'n8n'),
			home: this.home,
			port: this.port,
			templates: this.templates,
			env: this.env,
		});
		this.call = await signIn(this.host);
	}

	/** Ends n8n and all that it started without a word, as a power failure does. */
	async kill(): Promise<void> {
		process.kill(-this.host.pid, 'SIGKILL');
		await this.host.ended;
	}

	async dispose(): Promise<void> {
		await this.host.stop();
		await fs.rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}

	/** Saves a workflow as the editor does and returns its id. */
	async add({ name, nodes, connections, settings }: WorkflowFile): Promise<string> {
		const saved = await this.call('POST', '/rest/workflows', {
			name,
			nodes,
			connections,
			active: false,
			settings: { executionOrder: 'v1', saveManualExecutions: true, ...settings },
		});
		return (saved as { id: string }).id;
	}

	async begin(workflowId: string, trigger = 'Start'): Promise<string> {
		return await executionsOf(this.call).start({ id: workflowId }, trigger);
	}

	/** Ids of a workflow's executions, the newest first. */
	async executionsOf(workflowId: string): Promise<string[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = (await this.call('GET', `/rest/executions?filter=${filter}`)) as { results: Array<{ id: string }> };
		return results.map(({ id }) => id);
	}

	async until(executionId: string, states: string[], seconds = 600): Promise<Execution> {
		return await untilState(executionsOf(this.call), executionId, states, { seconds });
	}

	/** Signed approval links of one execution by approver, from n8n's log; those through a model server say where they lead. */
	async links(executionId: string, approvers: string[], seconds = 120): Promise<Record<string, string>> {
		const pattern = /Approval page for ([^:]+): (https?:\/\/\S+)/g;
		const leadsTo = (url: string): string => Buffer.from(new URL(url).searchParams.get('to') ?? '', 'base64url').toString() || url;
		for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(100)) {
			const all = [...readFileSync(this.host.log, 'utf8').matchAll(pattern)].map(([, name, url]) => [name, url] as const);
			const found = Object.fromEntries(all.filter(([, url]) => leadsTo(url).includes(`/webhook-waiting/${executionId}/`)));
			if (approvers.every((name) => name in found)) return found;
		}
		throw new Error(`n8n's log names no links for ${approvers.join(', ')} of execution ${executionId}.`);
	}

	/** Looks into the store of this n8n. */
	async store<T>(look: (store: Store) => Promise<T>): Promise<T> {
		const built = createRequire(path.resolve('package.json'))('./dist/lib/store/openStore.js') as {
			openStore(where: { kind: 'folder'; home: string }): Promise<Store>;
		};
		const store = await built.openStore({ kind: 'folder', home: this.home });
		try {
			return await look(store);
		} finally {
			await store.close();
		}
	}
}

async function startHost({
	userFolder,
	home,
	port,
	templates,
	env,
}: {
	userFolder: string;
	home: string;
	port: number;
	templates: boolean;
	env: Record<string, string>;
}): Promise<N8nHost> {
	return await startN8n({
		userFolder,
		port,
		templates,
		env: { ...env, MLOPS_HOME: home, N8N_LOG_LEVEL: 'info', N8N_LOG_OUTPUT: 'console' },
	});
}

/** Items that a node gave by one of its outputs. */
export const itemsOf = (execution: Execution, node: string, output = 0): Item[] =>
	execution.data.resultData.runData[node]?.at(-1)?.data?.main[output] ?? [];

export const ran = (execution: Execution, node: string): boolean => node in execution.data.resultData.runData;

/** A node of ours or of n8n's, placed on a grid by its number. */
export function node(
	name: string,
	type: string,
	parameters: Record<string, unknown> = {},
	more: Record<string, unknown> = {},
): WorkflowNode {
	const [, full, version] = /^(.[^@]*)(?:@(.+))?$/.exec(type.includes('.') ? type : `n8n-nodes-mlops.mlops${type}`)!;
	return {
		id: name.toLowerCase().replace(/\W+/g, '-'),
		name,
		type: full,
		typeVersion: Number(version ?? 1),
		position: [0, 0],
		parameters,
		...more,
	};
}

/** `wire(['A', 'B'], ['B', 'C', 1])`: from A to B, and from B's second output to C. */
export function wire(...lines: Array<[string, string, number?, string?]>): Record<string, unknown> {
	const connections: Record<string, Record<string, Array<Array<{ node: string; type: string; index: number }>>>> = {};
	for (const [from, to, output = 0, type = 'main'] of lines) {
		const outputs = ((connections[from] ??= {})[type] ??= []);
		while (outputs.length <= output) outputs.push([]);
		outputs[output].push({ node: to, type, index: 0 });
	}
	return connections;
}

/** Places nodes from left to right, so that the workflow can be read when somebody opens it. */
export const inARow = (nodes: WorkflowNode[]): WorkflowNode[] => nodes.map((n, i) => ({ ...n, position: [i * 220, 0] }));
