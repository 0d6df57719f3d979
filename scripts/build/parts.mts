import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cache, root, slashed } from './paths.mts';

/**
 * Runs each `build.mts` in lib/ (the WebAssembly kernel of the trees, the library for custom code) where its folder, what it made
 * there included, or the lock file is not as the last build left it.
 */
export async function buildParts() {
	for await (const script of fs.glob('lib/**/build.mts', { cwd: root })) {
		const folder = path.join(root, path.dirname(script));
		const stamp = path.join(cache, 'parts', path.dirname(script).replaceAll(/[\\/]/g, '_'));
		if ((await digest(folder)) === (await fs.readFile(stamp, 'utf8').catch(() => ''))) continue;
		await promisify(execFile)(process.execPath, [path.join(root, script)], { cwd: root });
		await fs.mkdir(path.dirname(stamp), { recursive: true });
		await fs.writeFile(stamp, await digest(folder));
	}
}

async function digest(folder: string): Promise<string> {
	const hash = createHash('sha256').update(await fs.readFile(path.join(root, 'package-lock.json')));
	const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
	for (const file of files.sort()) hash.update(slashed(folder, file)).update(await fs.readFile(file).catch(() => ''));
	return hash.digest('hex');
}
