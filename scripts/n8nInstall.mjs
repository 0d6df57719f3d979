import fs from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { withLock } from './build/lock.mjs';
import { userCache } from './node24.mjs';
import { npm } from './setup.mjs';

/** The n8n that `npm start`, the demo and the tests run: the newest whose packages can all be had. */
const n8nVersion = '2.41.1';

/** Folders directly in node_modules once everything is there: what the share done is reckoned from. */
const expectedFolders = 1600;

const folder = path.join(userCache, `n8n-${n8nVersion}`);

/** True when everything was fetched. */
const isN8nReady = async () => await exists(path.join(folder, 'ready'));

/**
 * Fetches n8n once for all clones of this user, and returns its folder. A fetch that was interrupted is taken up again;
 * the marker `ready` is written last, so a half-finished folder is never used.
 */
export async function ensureN8n(say) {
	if (await isN8nReady()) return folder;
	await withLock(
		`${folder}.lock`,
		async () => {
			if (!(await isN8nReady())) await fetchN8n(say);
		},
		() => say('Another process fetches n8n: waiting for it ...'),
	);
	return folder;
}

async function fetchN8n(say) {
	const started = Date.now();
	await fs.mkdir(folder, { recursive: true });
	const manifest = { name: 'n8n-host', private: true, dependencies: { n8n: n8nVersion } };
	await fs.writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest, null, '\t'));
	if (!(await isInstalled())) {
		say(`Fetching n8n ${n8nVersion} into ${folder}: once, about 3 GB, six to eight minutes. It may be interrupted.`);
		const stop = reportShare(say, started);
		try {
			await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
		} finally {
			stop();
		}
	}
	if (!(await exists(path.join(folder, 'node_modules/sqlite3/build/Release/node_sqlite3.node')))) {
		say('Preparing its database driver (up to two minutes where it must be compiled) ...');
		await npm(['rebuild', 'sqlite3'], { cwd: folder }).catch((error) => {
			throw new Error(`${error.message}\n\nThe SQLite driver of n8n could neither be downloaded nor compiled. Install a C++ compiler, make and python3, then try again.`);
		});
	}
	await fs.writeFile(path.join(folder, 'ready'), `${new Date().toISOString()}\n`);
	say(`n8n ${n8nVersion} is there (${Math.round((Date.now() - started) / 1000)} s).`);
}

async function isInstalled() {
	const lock = await fs.readFile(path.join(folder, 'node_modules/.package-lock.json'), 'utf8').then(JSON.parse, () => undefined);
	return lock?.packages['node_modules/n8n']?.version === n8nVersion && (await exists(path.join(folder, 'node_modules/n8n/bin/n8n')));
}

function reportShare(say, started) {
	const timer = setInterval(async () => {
		const share = Math.min(0.99, (await countFolders(path.join(folder, 'node_modules'))) / expectedFolders);
		const stage = share === 0 ? 'reading the list of its packages and downloading' : `${Math.round(share * 100)} % unpacked`;
		say(`  n8n: ${stage}, ${Math.round((Date.now() - started) / 1000)} s`);
	}, 15_000);
	return () => clearInterval(timer);
}

async function countFolders(parent) {
	let count = 0;
	for (const name of await fs.readdir(parent).catch(() => [])) {
		count += name.startsWith('@') ? (await fs.readdir(path.join(parent, name)).catch(() => [])).length : 1;
	}
	return count;
}

async function exists(file) {
	return await fs.access(file).then(() => true, () => false);
}

/** The program and arguments that run n8n's command line. */
export const n8nCommand = (...args) => [process.execPath, [path.join(folder, 'node_modules/n8n/bin/n8n'), ...args]];
