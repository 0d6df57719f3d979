import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cache, root, slashed } from './paths.mjs';

/**
 * Runs each `build.mjs` in lib/ (the WebAssembly kernel of the trees, the library for custom code) where something in its
 * folder or the lock file changed, or where a file that it makes is missing: those are named in the folder's .gitignore.
 */
export async function buildParts() {
	for await (const script of fs.glob('lib/**/build.mjs', { cwd: root })) {
		const folder = path.join(root, path.dirname(script));
		const made = (await fs.readFile(path.join(folder, '.gitignore'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
		const stamp = path.join(cache, 'parts', path.dirname(script).replaceAll(/[\\/]/g, '_'));
		if ((await allExist(folder, made)) && (await digest(folder, made)) === (await fs.readFile(stamp, 'utf8').catch(() => ''))) continue;
		await promisify(execFile)(process.execPath, [path.join(root, script)], { cwd: root });
		await fs.mkdir(path.dirname(stamp), { recursive: true });
		await fs.writeFile(stamp, await digest(folder, made));
	}
}

async function allExist(folder, names) {
	const found = await Promise.all(names.map((name) => fs.access(path.join(folder, name)).then(() => true, () => false)));
	return found.every(Boolean);
}

async function digest(folder, made) {
	const hash = createHash('sha256').update(await fs.readFile(path.join(root, 'package-lock.json')));
	const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile() && !made.includes(entry.name)).map((entry) => path.join(entry.parentPath, entry.name));
	for (const file of files.sort()) hash.update(slashed(folder, file)).update(await fs.readFile(file).catch(() => ''));
	return hash.digest('hex');
}
