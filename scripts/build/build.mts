import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { copyAssets } from './assets.mts';
import { compile } from './compile.mts';
import { bundleConsole } from './console.mts';
import { DECLARATIONS, writeDeclarations } from './declarations.mts';
import { withLock } from './lock.mts';
import { generateMetadata, missingEntries, runGenerators } from './metadata.mts';
import { Outputs } from './outputs.mts';
import { buildParts } from './parts.mts';
import { cache, dist, root } from './paths.mts';
import { bundleProgram } from './program.mts';
import { bundleVendors } from './vendor.mts';

/** Folders of `dist` that generators and n8n's own tool write. */
const generated = ['known', 'types', 'methods', 'generated'];

/** Emits `dist` from the sources without checking types. Work that would repeat the last build's result is left out. */
export async function emit({ complete = false } = {}) {
	await withLock(path.join(cache, 'build.lock'), async () => {
		await fs.mkdir(dist, { recursive: true });
		const finished = path.join(cache, 'finished');
		const outputs = new Outputs(dist);
		await buildParts();
		const vendors = await compile(outputs);
		await bundleVendors(vendors, outputs);
		await bundleProgram(outputs);
		await copyAssets(outputs);
		await writeDigest(outputs);
		// Behind the digest of the code that computes: how a page looks changes no answer.
		await bundleConsole(outputs);
		outputs.claim(DECLARATIONS);
		await outputs.prune(generated, (file) => file.includes(`${path.sep}__schema__${path.sep}`));
		const before = await fs.stat(finished).catch(() => undefined);
		if (outputs.changes === 0 && before && (await newestOf('scripts/generate', 'package.json')) < before.mtimeMs) return;
		await fs.rm(finished, { force: true });
		try {
			await describe();
			await fs.writeFile(finished, '');
		} catch (error) {
			if (complete) throw error;
			for (const folder of generated) await fs.rm(path.join(dist, folder), { recursive: true, force: true });
			process.stderr.write(`The nodes cannot be loaded yet, so dist/known and dist/types are left out. ${reason(error as Failed)}\n`);
		}
	});
}

/**
 * `dist/build.json`: a digest of the code that computes, ours and others'. Stored answers are given back only to the build that made them
 * (lib/app/codeVersion.ts).
 */
async function writeDigest(outputs: Outputs): Promise<void> {
	const { dependencies = {}, optionalDependencies = {} } = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8'));
	const code = await outputs.digest(['lib', 'vendor'], JSON.stringify({ dependencies, optionalDependencies }));
	await outputs.write('build.json', `${JSON.stringify({ code })}\n`);
}

/** What is derived from the built code: the library's types, n8n's metadata, schemas, reference. */
async function describe() {
	const missing = await missingEntries();
	if (missing.length > 0) throw new Error(`package.json names files that have no source: ${missing.join(', ')}`);
	await writeDeclarations();
	await runGenerators();
	await generateMetadata();
}

type Failed = Error & { stdout?: string; stderr?: string };

/** The line of a failed program's output that says why. */
const reason = (error: Failed) => /^\w*Error: .*$/m.exec(error.stderr ?? '')?.[0] ?? error.message;

/** Checks all types, tests included; throws with the compiler's messages. */
export async function checkTypes() {
	try {
		await promisify(execFile)(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', root], { maxBuffer: 1 << 26 });
	} catch (error) {
		throw new Error(`Type check failed:\n${(error as Failed).stdout ?? (error as Failed).message}`);
	}
}

async function newestOf(...paths: string[]): Promise<number> {
	let newest = 0;
	for (const name of paths) {
		const full = path.join(root, name);
		const stat = await fs.stat(full).catch(() => undefined);
		const files = stat?.isDirectory() ? (await fs.readdir(full)).map((file) => path.join(full, file)) : [];
		for (const file of [full, ...files]) newest = Math.max(newest, (await fs.stat(file).catch(() => ({ mtimeMs: 0 }))).mtimeMs);
	}
	return newest;
}
