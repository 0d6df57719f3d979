// The demo in full n8n: the same workflow, started as the editor's button starts it.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { signIn, startN8n } from '../n8nHost.mjs';

// n8n sends execution data "flatted"; n8n-workflow brings the reader.
const { parse } = createRequire(createRequire(import.meta.url).resolve('n8n-workflow'))('flatted');
const COLOUR = /\u001b\[\d+m/g;

/**
 * A host is where the demo's workflow runs: `name` and version for people; `url`, where `/healthz` and links of waiting executions are answered;
 * `log`, n8n's own log file; `lines()`, all that it logged so far; `start(template, trigger)`, which gives an execution's id; `look(id)`, which gives
 * its `status` and n8n's run `data`; `stop()`.
 */
export async function startFullHost({ folder, env, say }) {
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
export const executionsOf = (call) => ({
	start: async (template, trigger) => {
		const workflowData = await call('GET', `/rest/workflows/${template.id}`);
		return (await call('POST', `/rest/workflows/${template.id}/run`, { workflowData, triggerToStartFrom: { name: trigger } })).executionId;
	},
	look: async (id) => {
		const { status, data } = await call('GET', `/rest/executions/${id}`);
		return { status, data: typeof data === 'string' ? parse(data) : data };
	},
});
