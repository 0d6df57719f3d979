import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths.mjs';

const folder = path.join(root, 'lib/learn/trees/kernel');
const script = path.join(folder, 'build.mjs');

/** Compiles the WebAssembly kernel of the trees where its sources are newer than what it made last. */
export async function buildKernel() {
	const sources = await timesIn(path.join(folder, 'assembly'));
	const exists = await fs.access(script).then(() => true, () => false);
	if (!exists || sources.length === 0) return;
	const made = (await timesIn(folder)).filter(({ file }) => /\.wasm(\.ts)?$|\.generated\.ts$/.test(file));
	const newest = Math.max(...sources.map(({ time }) => time), (await fs.stat(script)).mtimeMs);
	if (made.length > 0 && Math.min(...made.map(({ time }) => time)) >= newest) return;
	await promisify(execFile)(process.execPath, [script], { cwd: root });
}

async function timesIn(parent) {
	const entries = await fs.readdir(parent, { recursive: true, withFileTypes: true }).catch(() => []);
	const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
	return await Promise.all(files.map(async (file) => ({ file, time: (await fs.stat(file)).mtimeMs })));
}
