import fs from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { withLock } from './build/lock.mts';
import { root } from './build/paths.mts';
import { environmentOf } from './node24.mjs';
import { startGroup } from './processes.mts';

/** Tells people what is being done. */
export type Say = (text: string) => void;

/** Installs the packages where they are missing or the lock file changed. */
export async function ensureModules(say: Say): Promise<void> {
	if (await isInstalled()) return;
	const lock = path.join(root, '.tmp/setup.lock');
	await withLock(
		lock,
		async () => {
			if (await isInstalled()) return;
			say('Installing packages (about a minute) ...');
			const started = Date.now();
			await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root });
			say(`Packages installed in ${Math.round((Date.now() - started) / 1000)} s.`);
		},
		() => say('Another process installs the packages: waiting for it ...'),
	);
}

/** Packages installed and `dist` up to date. */
export async function ensureBuilt(say: Say): Promise<void> {
	await ensureModules(say);
	const started = Date.now();
	const { emit } = await import('./build/build.mts');
	await emit();
	const seconds = (Date.now() - started) / 1000;
	if (seconds > 1) say(`Built in ${seconds.toFixed(1)} s.`);
}

/** Runs npm under this very Node; throws with the end of its output when it fails. */
export async function npm(args: string[], { cwd, onLine = () => {} }: { cwd: string; onLine?: (line: string) => void }): Promise<void> {
	const windows = process.platform === 'win32';
	const child = startGroup(windows ? 'npm.cmd' : 'npm', args, {
		cwd,
		env: environmentOf(process.execPath),
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: windows,
	});
	const tail: string[] = [];
	for (const stream of [child.stdout, child.stderr]) {
		stream?.setEncoding('utf8').on('data', (text: string) => {
			for (const line of text.split('\n').filter(Boolean)) {
				onLine(line);
				// What it fetched is no explanation of why it failed.
				if (line.startsWith('npm http ')) continue;
				tail.push(line);
				if (tail.length > 30) tail.shift();
			}
		});
	}
	const code = await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', resolve);
	});
	if (code !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${tail.join('\n')}`);
}

interface Locked {
	version?: string;
	optional?: boolean;
	devOptional?: boolean;
	peer?: boolean;
}

/** Compares what npm says that it installed with the lock file. */
async function isInstalled(): Promise<boolean> {
	const [wanted, present] = await Promise.all(
		['package-lock.json', 'node_modules/.package-lock.json'].map((file) =>
			fs.readFile(path.join(root, file), 'utf8').then(JSON.parse, () => undefined),
		),
	);
	if (!present) return false;
	return Object.entries<Locked>(wanted.packages).every(([folder, { version, optional, devOptional, peer }]) => {
		const found = present.packages[folder];
		return folder === '' || (found ? found.version === version : Boolean(optional || devOptional || peer));
	});
}
