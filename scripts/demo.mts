// npm run demo: the flagship template (three million flights) headless, started and stopped here.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { root } from './build/paths.mts';
import { approvalLink, approve, follow, untilState, type Host, type HostOptions } from './demo/execution.mts';
import { watchMemory } from './demo/memory.mts';
import { watchPulse } from './demo/pulse.mts';
import { summaryOf, tableOf } from './demo/summary.mts';

const { values: wanted } = parseArgs({ options: { json: { type: 'boolean' }, n8n: { type: 'boolean' } } });
const say = (text: string) => process.stderr.write(`${text}\n`);

const folder = path.join(os.tmpdir(), `mlops-demo-${new Date().toISOString().replace(/[:.]/g, '-')}`);
fs.mkdirSync(folder, { recursive: true });
const home = path.join(folder, 'store');
const template = JSON.parse(fs.readFileSync(path.join(root, 'workflows/flight-delays.json'), 'utf8'));

const host = await startHost({ folder, env: { MLOPS_HOME: home }, say });
const memory = watchMemory(process.pid);
try {
	const started = Date.now();
	const pulse = watchPulse(host.url);
	const id = await host.start(template, 'Start');
	say(`Running "${template.name}" in ${host.name}: three million flights, about a minute.`);
	const progress = follow(host, (line) => {
		if (!wanted.json) say(`  ${line}`);
	});
	await untilState(host, id, ['waiting'], { seconds: 600, each: progress });
	const link = await approvalLink(host, 'owner');
	say(`The workflow waits for an approval. Answering at its link, as a person would:\n  ${link}`);
	const page = await approve(link, 'Approved by npm run demo');
	const execution = await untilState(host, id, ['success'], { seconds: 600, each: progress });
	const seconds = (Date.now() - started) / 1000;
	const healthzMs = await pulse.stop();
	memory.stop();
	const { openStore } = createRequire(import.meta.url)(path.join(root, 'dist/lib/store/openStore.js'));
	const store = await openStore({ kind: 'folder', home });
	const summary = { host: host.name, ...(await summaryOf({ store, execution, memory, seconds, folder, page, healthzMs })) };
	await store.close();
	process.stdout.write(wanted.json ? `${JSON.stringify(summary, null, '\t')}\n` : tableOf(summary));
} finally {
	memory.stop();
	await host.stop();
}

/** n8n's engine is among the packages of this clone; full n8n is fetched when somebody asks for it. */
async function startHost(options: HostOptions): Promise<Host> {
	if (!wanted.n8n) {
		const { startCoreHost } = await import('./demo/coreHost.mts');
		return await startCoreHost(options);
	}
	say('Starting n8n ...');
	const { startFullHost } = await import('./demo/fullHost.mts');
	return await startFullHost(options);
}
