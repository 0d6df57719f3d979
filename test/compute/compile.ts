import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Compiles a TypeScript file with all that it imports into one that plain Node runs; `remove` takes it away. */
export async function compile(source: string): Promise<{ path: string; remove(): Promise<void> }> {
	const folder = await mkdtemp(join(tmpdir(), 'mlops-entry-'));
	const path = join(folder, 'entry.cjs');
	await build({ entryPoints: [source], outfile: path, bundle: true, platform: 'node', target: 'node24', format: 'cjs', logLevel: 'error' });
	return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Whether a process is there and runs; one that ended but that nobody asked about yet (a zombie) does not. */
export function lives(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return process.platform !== 'linux' || readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z';
	} catch {
		return false;
	}
}
