// npm run demo: the flagship template (three million flights) headless in full n8n, started and stopped here.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createRequire } from 'node:module';
import { root } from './build/paths.mjs';
import { approvalLink, approve, startByHand, untilState } from './demo/execution.mjs';
import { watchMemory } from './demo/memory.mjs';
import { watchPulse } from './demo/pulse.mjs';
import { summaryOf, tableOf } from './demo/summary.mjs';
import { signIn, startN8n } from './n8nHost.mjs';
import { followOurLines } from './n8nLog.mjs';

const json = process.argv.includes('--json');
const say = (text) => process.stderr.write(`${text}\n`);

const folder = path.join(os.tmpdir(), `mlops-demo-${new Date().toISOString().replace(/[:.]/g, '-')}`);
fs.mkdirSync(folder, { recursive: true });
const home = path.join(folder, 'store');

say('Starting n8n ...');
const host = await startN8n({ userFolder: folder, env: { MLOPS_HOME: home, N8N_LOG_LEVEL: 'info', N8N_LOG_OUTPUT: 'console' }, say });
const memory = watchMemory(process.pid);
try {
	const call = await signIn(host);
	const started = Date.now();
	const pulse = watchPulse(host.url.replace('//localhost:', '//127.0.0.1:'));
	const id = await startByHand(call, 'MlopsFlightDelay', 'Start');
	say(`Running "Flight delays" as execution ${id} on ${host.url}`);
	const progress = followOurLines(host.log, (line) => { if (!json) say(`  ${line}`); });
	await untilState(call, id, ['waiting'], { seconds: 600, each: progress });
	const link = await approvalLink(host.log, 'owner');
	say(`The workflow waits for an approval. Answering at its link:\n  ${link}`);
	const page = await approve(link, 'Approved by npm run demo');
	const execution = await untilState(call, id, ['success'], { seconds: 600, each: progress });
	const seconds = (Date.now() - started) / 1000;
	const healthzMs = await pulse.stop();
	memory.stop();
	const { openStore } = createRequire(import.meta.url)(path.join(root, 'dist/lib/store/openStore.js'));
	const store = await openStore({ home });
	const summary = await summaryOf({ store, execution, memory, seconds, folder, page, healthzMs });
	await store.close();
	process.stdout.write(json ? `${JSON.stringify(summary, null, '\t')}\n` : tableOf(summary));
} finally {
	memory.stop();
	await host.stop();
}
