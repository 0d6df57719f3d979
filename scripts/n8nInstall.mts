import fs from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { withLock } from './build/lock.mts';
import { countFiles, progressLine } from './n8nProgress.mts';
import { userCache } from './node24.mjs';
import { npm, type Say } from './setup.mts';

/** The n8n that `npm start`, the demo and the tests run: the newest whose packages can all be had. */
const n8nVersion = '2.41.1';

/** How often people are told how far it is. */
const SAY_EVERY_MS = 15_000;

const folder = path.join(userCache, `n8n-${n8nVersion}`);

/** True when everything was fetched. */
const isN8nReady = async () => await exists(path.join(folder, 'ready'));

/**
 * Fetches n8n once for all clones of this user, and returns its folder. A fetch that was interrupted is taken up again;
 * the marker `ready` is written last, so a half-finished folder is never used.
 */
export async function ensureN8n(say: Say): Promise<string> {
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

async function fetchN8n(say: Say): Promise<void> {
	const started = Date.now();
	await fs.mkdir(folder, { recursive: true });
	const manifest = { name: 'n8n-host', private: true, dependencies: { n8n: n8nVersion } };
	await fs.writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest, null, '\t'));
	if (!(await isInstalled())) {
		say(
			`Fetching n8n ${n8nVersion} into ${folder}: once, about 3 GB, five to ten minutes. It may be interrupted; it goes on where it was.`,
		);
		say(
			'Meanwhile, in another terminal: "npm run demo" shows the whole lifecycle on three million flights without it, in a minute or two.',
		);
		say('Or put a table of your own (CSV, Excel, Parquet) into the folder .n8n-files in your home, where Ingest looks for files.');
		const watch = reportProgress(say, started);
		try {
			// `http`: a line for each answer of the registry, the only sign of life that npm gives.
			await npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'], { cwd: folder, onLine: watch.line });
		} finally {
			watch.stop();
		}
	}
	if (!(await exists(path.join(folder, 'node_modules/sqlite3/build/Release/node_sqlite3.node')))) {
		say('Preparing its database driver (up to two minutes where it must be compiled) ...');
		await npm(['rebuild', 'sqlite3'], { cwd: folder }).catch((error: Error) => {
			throw new Error(
				`${error.message}\n\nThe SQLite driver of n8n could neither be downloaded nor compiled. Install a C++ compiler, make ` +
					`and python3, then try again.`,
			);
		});
	}
	await fs.writeFile(path.join(folder, 'ready'), `${new Date().toISOString()}\n`);
	say(`n8n ${n8nVersion} is there (${Math.round((Date.now() - started) / 1000)} s).`);
}

async function isInstalled() {
	const lock = await fs.readFile(path.join(folder, 'node_modules/.package-lock.json'), 'utf8').then(JSON.parse, () => undefined);
	return lock?.packages['node_modules/n8n']?.version === n8nVersion && (await exists(path.join(folder, 'node_modules/n8n/bin/n8n')));
}

/** Tells how far npm is, from the lines that it prints and the files that lie there. */
function reportProgress(say: Say, started: number): { line(text: string): void; stop(): void } {
	let answers = 0;
	let counting = false;
	const timer = setInterval(async () => {
		// Counting takes seconds near the end; it never runs twice at once.
		if (counting) return;
		counting = true;
		const files = await countFiles(path.join(folder, 'node_modules'));
		counting = false;
		say(progressLine({ seconds: (Date.now() - started) / 1000, answers, files }));
	}, SAY_EVERY_MS);
	return {
		line: (text) => {
			if (/^npm http (fetch|cache) /.test(text) && !text.includes('.tgz')) answers++;
		},
		stop: () => clearInterval(timer),
	};
}

async function exists(file: string): Promise<boolean> {
	return await fs.access(file).then(
		() => true,
		() => false,
	);
}

/** The program and arguments that run n8n's command line. */
export const n8nCommand = (...args: string[]): [program: string, args: string[]] => [
	process.execPath,
	[path.join(folder, 'node_modules/n8n/bin/n8n'), ...args],
];
