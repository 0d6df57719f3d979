// The demo in full n8n: the same workflow, started as the editor's button starts it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { signIn, startN8n, type Call } from '../n8nHost.mts';
import type { Executions, Host, HostOptions } from './execution.mts';

// n8n sends execution data "flatted"; n8n-workflow brings the reader.
const { parse } = createRequire(createRequire(import.meta.url).resolve('n8n-workflow'))('flatted');
const COLOUR = /\u001b\[\d+m/g;

/** n8n as people run it, with our package linked. */
export async function startFullHost({ folder, env, say }: HostOptions): Promise<Host> {
	const host = await startN8n({ userFolder: folder, env: { ...env, N8N_LOG_LEVEL: 'info', N8N_LOG_OUTPUT: 'console' }, say });
	const call = await signIn(host);
	return {
		...executionsOf(call),
		name: 'full n8n',
		url: host.url.replace('//localhost:', '//127.0.0.1:'),
		log: host.log,
		lines: () => fs.readFileSync(host.log, 'utf8').replace(COLOUR, '').split('\n').slice(0, -1),
		stop: host.stop,
	};
}

/** Starting executions and looking at them, through n8n's REST interface. */
export const executionsOf = (call: Call): Executions => ({
	start: async (template, trigger) => {
		const workflowData = await call('GET', `/rest/workflows/${template.id}`);
		return (await call('POST', `/rest/workflows/${template.id}/run`, { workflowData, triggerToStartFrom: { name: trigger } })).executionId;
	},
	look: async (id) => {
		const { status, data } = await call('GET', `/rest/executions/${id}`);
		return { status, data: typeof data === 'string' ? parse(data) : data };
	},
});
