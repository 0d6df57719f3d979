import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths.mts';

const run = promisify(execFile);

/** The files that package.json promises to n8n and that the build did not make. */
export async function missingEntries(): Promise<string[]> {
	const { n8n } = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8'));
	const missing: string[] = [];
	for (const file of [...n8n.nodes, ...n8n.credentials]) {
		await fs.access(path.join(root, file)).catch(() => missing.push(file));
	}
	return missing;
}

/** Writes `dist/known` and `dist/types` with n8n-core's own tool, so that n8n reads them instead of requiring every node. */
export async function generateMetadata() {
	await run(process.execPath, [path.join(root, 'node_modules/n8n-core/bin/generate-metadata')], { cwd: root });
}

/** Runs `scripts/generate/*.mts` in the order of their names: they write into `dist` what is derived from the built code. */
export async function runGenerators() {
	const folder = path.join(root, 'scripts/generate');
	const entries = await fs.readdir(folder).catch((): string[] => []);
	for (const file of entries.filter((name) => name.endsWith('.mts')).sort()) {
		const { stdout, stderr } = await run(process.execPath, [path.join(folder, file)], { cwd: root });
		process.stderr.write(stdout + stderr);
	}
}
