// Runs on any Node >= 18: it is what brings Node 24 when the system's is older.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

const wanted = 24;
const windows = process.platform === 'win32';

/** The folder for what is fetched once and shared by all clones. */
export const userCache = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'n8n-nodes-mlops');

/** True where this process can run n8n and our code. */
export const isRecentNode = () => Number(process.versions.node.split('.')[0]) >= wanted;

/** The environment in which `node`, and so `npm`, is the Node at `executable`. */
export const environmentOf = (executable) => ({
	...process.env,
	PATH: path.dirname(executable) + path.delimiter + (process.env.PATH ?? ''),
});

/**
 * The path of a Node 24 executable from the npm registry. Where it is, is remembered in the cache folder, so that the
 * second start takes no time.
 */
export function findNode(say) {
	const remembered = path.join(userCache, `node-${wanted}.path`);
	const known = read(remembered);
	if (known && versionOf(known) >= wanted) return known;
	say(`Node ${process.versions.node} is older than n8n needs: fetching Node ${wanted} (once, about 50 MB) ...`);
	const script = 'node -p process.execPath';
	const found = execFileSync(windows ? 'npx.cmd' : 'npx', ['-y', '-p', `node@${wanted}`, '-c', script], {
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'inherit'],
		shell: windows,
	}).trim();
	if (!(versionOf(found) >= wanted))
		throw new Error(`npx brought no Node ${wanted}. Install Node ${wanted} or newer by hand and try again.`);
	fs.mkdirSync(userCache, { recursive: true });
	fs.writeFileSync(remembered, found);
	return found;
}

/** Runs `script` under the Node at `executable`, passing on signals, and ends as it ended. */
export function handOver(executable, script, args) {
	const child = spawn(executable, [script, ...args], { stdio: 'inherit', env: environmentOf(executable) });
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
	child.on('error', (error) => {
		console.error(error.message);
		process.exit(1);
	});
	child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
}

function read(file) {
	try {
		return fs.readFileSync(file, 'utf8').trim();
	} catch {
		return '';
	}
}

function versionOf(executable) {
	try {
		return Number(
			execFileSync(executable, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
		);
	} catch {
		return 0;
	}
}
