import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import esbuild, { type Plugin } from 'esbuild';
import { isExternal, packageOf, vendorFile } from './externals.mts';
import type { Outputs } from './outputs.mts';
import { cache, root, slashed } from './paths.mts';

/** Imported under another name because the npm package of that name is native: see `overrides` in package.json. */
const aliases: Record<string, string> = { '@tensorflow/tfjs-node': '@tensorflow/tfjs' };

/** Packages with a registry of their own (kernels, backends): two copies would not see each other's entries. */
const singletons = /^@tensorflow\/tfjs/;

/** Asked for inside a try, or for browsers. */
const absent = /^(pg-native|aws-sdk|plotly\.js-dist-min)$/;

/** Further builds of QuickJS, 2 MB, which the package requires at once and which we do not use. */
const unused = /^@jitl\/quickjs-wasmfile-(debug-sync|debug-asyncify|release-asyncify)$/;

/** Files that a bundle looks for beside itself. */
const companions = {
	'@tensorflow/tfjs-backend-wasm': [
		'dist/tfjs-backend-wasm.wasm',
		'dist/tfjs-backend-wasm-simd.wasm',
		'dist/tfjs-backend-wasm-threaded-simd.wasm',
	],
	'@jitl/quickjs-wasmfile-release-sync': ['dist/emscripten-module.wasm'],
};

/**
 * Bundles each third-party package once, minified, into `dist/vendor`, with the licences of all that is inside. The
 * result is kept until the imports, the lock file or these scripts change.
 */
export async function bundleVendors(specifiers: string[], outputs: Outputs): Promise<void> {
	const kept = path.join(cache, 'vendor', await fingerprint(specifiers));
	const complete = path.join(kept, 'complete.json');
	let files: string[] | undefined = await fs.readFile(complete, 'utf8').then(JSON.parse, () => undefined);
	if (!files) {
		await fs.rm(path.dirname(kept), { recursive: true, force: true });
		await fs.mkdir(kept, { recursive: true });
		files = await bundleAll(specifiers, kept);
		await fs.writeFile(complete, JSON.stringify(files));
	}
	for (const file of files) await outputs.write(path.join('vendor', file), await fs.readFile(path.join(kept, file)));
}

async function fingerprint(specifiers: string[]): Promise<string> {
	const hash = createHash('sha256').update(JSON.stringify(specifiers));
	for (const file of ['package-lock.json', 'package.json', 'scripts/build/vendor.mts', 'scripts/build/externals.mts']) {
		hash.update(await fs.readFile(path.join(root, file)));
	}
	return hash.digest('hex').slice(0, 16);
}

async function bundleAll(specifiers: string[], folder: string): Promise<string[]> {
	const files = new Set<string>();
	const inside = new Set<string>();
	const keep = async (file: string, contents: string | Uint8Array) => {
		await fs.writeFile(path.join(folder, file), contents);
		files.add(file);
	};
	const queue = plan(specifiers);
	const planned = new Set(queue.map(({ file }) => file));
	for (let unit = queue.shift(); unit; unit = queue.shift()) {
		const { code, packages, shared } = await bundle(unit, new Set(specifiers));
		await keep(unit.file, code);
		for (const name of packages) inside.add(name);
		for (const [specifier, resolveDir] of shared) {
			const file = vendorFile(specifier);
			if (!planned.has(file)) queue.push({ file, entry: `module.exports = require(${JSON.stringify(specifier)});`, resolveDir });
			planned.add(file);
		}
		for (const [file, contents] of Object.entries(unit.facades ?? {})) await keep(file, contents);
	}
	for (const [name, paths] of Object.entries(companions)) {
		if (!inside.has(`node_modules/${name}`)) continue;
		for (const file of paths) await keep(path.basename(file), await fs.readFile(path.join(root, 'node_modules', name, file)));
	}
	await keep('LICENSES.txt', await licences([...inside].sort()));
	return [...files].sort();
}

interface Unit {
	file: string;
	entry: string;
	resolveDir: string;
	facades?: Record<string, string>;
}

/** One bundle a package; where several of its entries are imported, they share the bundle through small facades. */
function plan(specifiers: string[]): Unit[] {
	const units: Unit[] = [];
	for (const [name, group] of Map.groupBy(specifiers, packageOf)) {
		if (group.length === 1 || singletons.test(name)) {
			for (const specifier of group) {
				units.push({ file: vendorFile(specifier), entry: `module.exports = require(${JSON.stringify(specifier)});`, resolveDir: root });
			}
			continue;
		}
		const file = vendorFile(`${name}.all`);
		const getters = group.map((specifier) => `get ${JSON.stringify(specifier)}() { return require(${JSON.stringify(specifier)}); }`);
		const facade = (specifier: string) => [vendorFile(specifier), `module.exports = require('./${file}')[${JSON.stringify(specifier)}];\n`];
		units.push({
			file,
			entry: `module.exports = { ${getters.join(', ')} };`,
			resolveDir: root,
			facades: Object.fromEntries(group.map(facade)),
		});
	}
	return units;
}

async function bundle({ file, entry, resolveDir }: Unit, vendored: Set<string>) {
	const shared = new Map<string, string>();
	const result = await esbuild.build({
		absWorkingDir: root,
		stdin: { contents: entry, resolveDir, sourcefile: 'vendor-entry.js' },
		bundle: true,
		write: false,
		metafile: true,
		minify: true,
		format: 'cjs',
		platform: 'node',
		mainFields: ['main', 'module'],
		target: 'node24',
		supported: { 'dynamic-import': false },
		charset: 'utf8',
		legalComments: 'none',
		logLevel: 'silent',
		plugins: [shareBundles(shared, vendored)],
	});
	const packages = Object.keys(result.metafile.inputs)
		.map(packageFolder)
		.filter((folder) => folder !== undefined);
	return { file, code: result.outputFiles[0].contents, packages: new Set(packages), shared };
}

const shareBundles = (shared: Map<string, string>, vendored: Set<string>): Plugin => ({
	name: 'share-bundles',
	setup(build) {
		build.onResolve({ filter: /^[^./]/ }, async ({ path: asked, importer, resolveDir, kind, pluginData }) => {
			if (pluginData === 'inside') return undefined;
			if (path.basename(importer) === 'vendor-entry.js') return undefined;
			const specifier = aliases[asked] ?? asked;
			if (absent.test(specifier)) return { path: specifier, external: true };
			if (unused.test(specifier)) return { path: specifier, namespace: 'unused' };
			// Node's own `punycode` warns at every use; the published forms of these packages ask for it by a bare name.
			if (specifier === 'punycode') return await build.resolve('punycode/', { resolveDir, kind, pluginData: 'inside' });
			// A bundle is CommonJS: the ES form of this module finds its WebAssembly by `import.meta`.
			if (kind === 'dynamic-import' && specifier.startsWith('@jitl/')) {
				return await build.resolve(specifier, { resolveDir, kind: 'require-call', pluginData: 'inside' });
			}
			if (singletons.test(specifier)) {
				if (specifier !== packageOf(specifier)) return undefined;
				shared.set(specifier, resolveDir);
				return { path: `./${vendorFile(specifier)}`, external: true };
			}
			if (isExternal(specifier)) return { path: specifier, external: true };
			if (!vendored.has(specifier)) return undefined;
			const [here, top] = await Promise.all(
				[resolveDir, root].map((folder) => build.resolve(specifier, { resolveDir: folder, kind, pluginData: 'inside' })),
			);
			if (here.errors.length > 0 || here.path !== top.path) return undefined;
			return { path: `./${vendorFile(specifier)}`, external: true };
		});
		build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
	},
});

/** `node_modules/a/node_modules/@b/c/d.js` -> `node_modules/a/node_modules/@b/c`. */
export function packageFolder(input: string): string | undefined {
	const at = input.lastIndexOf('node_modules/');
	if (at < 0) return undefined;
	return input.slice(0, at) + 'node_modules/' + packageOf(input.slice(at + 'node_modules/'.length));
}

export async function licences(folders: string[]): Promise<string> {
	const parts = ['Third-party packages that are bundled in this folder, with their licences.\n'];
	for (const folder of folders) {
		const { name, version, license } = JSON.parse(await fs.readFile(path.join(root, folder, 'package.json'), 'utf8'));
		const file = (await fs.readdir(path.join(root, folder))).find((entry) => /^(licen[cs]e|copying)(\.|$|-)/i.test(entry));
		const text = file ? (await fs.readFile(path.join(root, folder, file), 'utf8')).trim() : `Licence: ${JSON.stringify(license)}`;
		parts.push(`${'='.repeat(80)}\n${name} ${version} (${slashed(root, path.join(root, folder))})\n\n${text}\n`);
	}
	return parts.join('\n');
}
