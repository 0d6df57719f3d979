import fs from 'node:fs/promises';
import path from 'node:path';
import esbuild, { type Plugin } from 'esbuild';
import { deferImports } from './deferImports.mts';
import { isExternal, isRelative, vendorFile } from './externals.mts';
import type { Outputs } from './outputs.mts';
import { dist, root, slashed } from './paths.mts';

const sources = ['lib/**/*.ts', 'nodes/**/*.ts', 'credentials/**/*.ts'];
/** The console is bundled for browsers by itself (console.mts). */
const notOurs = (file: string) => file.endsWith('.d.ts') || file.includes('/kernel/assembly/') || file.startsWith('lib/console/');

/** Engines whose inner loops call across files: there an import costs nothing at its use. */
const isHot = (file: string) => /^lib\/(learn\/(trees|linear|tensors)|evaluate|recipe\/(parse|expression)|data\/grammar)\//.test(file);

/**
 * Compiles every source file to one CommonJS file of the same path in `dist`. Imports of third parties are pointed at
 * `dist/vendor`; dynamic imports become `require` in a promise, which is as lazy and treats CommonJS as jest does.
 * Returns the third-party specifiers that must be bundled.
 */
export async function compile(outputs: Outputs): Promise<string[]> {
	const files: string[] = [];
	for (const pattern of sources) {
		for await (const file of fs.glob(pattern, { cwd: root })) if (!notOurs(file)) files.push(file);
	}
	files.sort();
	const vendors = new Set<string>();
	const result = await esbuild.build({
		absWorkingDir: root,
		entryPoints: files,
		outbase: root,
		outdir: dist,
		bundle: true,
		write: false,
		format: 'cjs',
		platform: 'node',
		target: 'node24',
		supported: { 'dynamic-import': false },
		charset: 'utf8',
		logLevel: 'silent',
		plugins: [rewriteImports(vendors)],
	});
	for (const { path: file, text } of result.outputFiles) {
		await outputs.write(path.relative(dist, file), isHot(slashed(dist, file)) ? text : deferImports(text));
	}
	return [...vendors].sort();
}

const rewriteImports = (vendors: Set<string>): Plugin => ({
	name: 'rewrite-imports',
	setup(build) {
		build.onResolve({ filter: /.*/ }, ({ path: specifier, importer, kind }) => {
			if (kind === 'entry-point') return undefined;
			if (isRelative(specifier) || isExternal(specifier)) return { path: specifier, external: true };
			vendors.add(specifier);
			const vendor = path.join(root, 'vendor', vendorFile(specifier));
			const relative = slashed(path.dirname(importer), vendor);
			return { path: relative.startsWith('.') ? relative : `./${relative}`, external: true };
		});
	},
});
