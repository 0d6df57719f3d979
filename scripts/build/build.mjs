import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { copyAssets } from './assets.mjs';
import { compile } from './compile.mjs';
import { buildKernel } from './kernel.mjs';
import { withLock } from './lock.mjs';
import { generateMetadata, missingEntries, runGenerators } from './metadata.mjs';
import { Outputs } from './outputs.mjs';
import { cache, dist, root } from './paths.mjs';
import { bundleVendors } from './vendor.mjs';

/** Folders of `dist` that generators and n8n's own tool write. */
const generated = ['known', 'types', 'methods', 'generated'];

/** Emits `dist` from the sources without checking types. Work that would repeat the last build's result is left out. */
export async function emit({ complete = false } = {}) {
	await withLock(path.join(cache, 'build.lock'), async () => {
		await fs.mkdir(dist, { recursive: true });
		const finished = path.join(cache, 'finished');
		const outputs = new Outputs(dist);
		await buildKernel();
		const vendors = await compile(outputs);
		await bundleVendors(vendors, outputs);
		await copyAssets(outputs);
		await outputs.prune(generated, (file) => file.includes(`${path.sep}__schema__${path.sep}`));
		const missing = await missingEntries();
		if (missing.length > 0) {
			const text = `package.json names files that have no source: ${missing.join(', ')}`;
			if (complete) throw new Error(text);
			process.stderr.write(`Left out dist/known and dist/types: ${text}\n`);
		}
		const before = await fs.stat(finished).catch(() => undefined);
		if (outputs.changes > 0 || !before || (await newestOf('scripts/generate', 'package.json')) > before.mtimeMs) {
			await fs.rm(finished, { force: true });
			await runGenerators();
			if (missing.length === 0) await generateMetadata();
		}
		if (missing.length === 0) await fs.writeFile(finished, '');
	});
}

/** Checks all types, tests included; throws with the compiler's messages. */
export async function checkTypes() {
	try {
		await promisify(execFile)(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', root], { maxBuffer: 1 << 26 });
	} catch (error) {
		throw new Error(`Type check failed:\n${error.stdout ?? error.message}`);
	}
}

async function newestOf(...paths) {
	let newest = 0;
	for (const name of paths) {
		const full = path.join(root, name);
		const stat = await fs.stat(full).catch(() => undefined);
		const files = stat?.isDirectory() ? (await fs.readdir(full)).map((file) => path.join(full, file)) : [];
		for (const file of [full, ...files]) newest = Math.max(newest, (await fs.stat(file).catch(() => ({ mtimeMs: 0 }))).mtimeMs);
	}
	return newest;
}
