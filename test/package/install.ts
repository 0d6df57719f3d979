import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const root = path.resolve(__dirname, '../..');

export interface Manifest {
	name: string;
	version: string;
	n8n: { nodes: string[]; credentials: string[] };
	[key: string]: unknown;
}

/**
 * Packs this repository and installs the archive into a fresh `<userFolder>/.n8n/nodes`, with the steps and arguments that
 * n8n's own install screen uses. Returns the folder of the installed package.
 */
export async function installAsN8nDoes(userFolder: string): Promise<string> {
	const nodes = path.join(userFolder, '.n8n/nodes');
	await fs.mkdir(nodes, { recursive: true });
	const packed = await run('npm', ['pack', root, '--quiet', '--ignore-scripts'], { cwd: nodes });
	const archive = path.join(nodes, packed.stdout.trim().split('\n').at(-1) ?? '');
	const manifest = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8')) as Manifest;
	const folder = path.join(nodes, 'node_modules', manifest.name);
	await fs.mkdir(folder, { recursive: true });
	await run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']);
	await fs.rm(archive);
	const file = path.join(folder, 'package.json');
	const published = JSON.parse(await fs.readFile(file, 'utf8')) as Manifest;
	for (const key of ['devDependencies', 'peerDependencies', 'optionalDependencies']) delete published[key];
	await fs.writeFile(file, JSON.stringify(published, null, 2));
	const flags = [
		'--audit=false',
		'--fund=false',
		'--bin-links=false',
		'--install-strategy=shallow',
		'--ignore-scripts=true',
		'--package-lock=false',
	];
	await run('npm', ['install', ...flags], { cwd: folder });
	await fs.writeFile(
		path.join(nodes, 'package.json'),
		JSON.stringify({ name: 'installed-nodes', private: true, dependencies: { [manifest.name]: manifest.version } }, null, 2),
	);
	return folder;
}

/** Bytes of all files below a folder. */
export async function sizeOf(folder: string): Promise<number> {
	let bytes = 0;
	for (const entry of await fs.readdir(folder, { recursive: true, withFileTypes: true })) {
		if (entry.isFile()) bytes += (await fs.stat(path.join(entry.parentPath, entry.name))).size;
	}
	return bytes;
}

/**
 * Runs a script in a fresh Node process where, as in n8n, packages that the installed one does not bring are found in n8n's
 * own modules (n8n sets NODE_PATH for that), and nothing of this repository's source is. Returns what it printed as JSON.
 */
export async function inFreshProcess<T>(script: string, cwd: string): Promise<T> {
	const env = { ...process.env, NODE_PATH: path.join(root, 'node_modules'), NODE_OPTIONS: '' };
	const { stdout } = await run(process.execPath, ['-e', script], { cwd, env, maxBuffer: 1 << 26 });
	return JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') as T;
}
