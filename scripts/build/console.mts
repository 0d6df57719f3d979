import fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import esbuild from 'esbuild';
import type { Outputs } from './outputs.mts';
import { dist, root, slashed } from './paths.mts';
import { licences, packageFolder } from './vendor.mts';

/** Where the console's page lies inside `dist`. */
const FOLDER = 'lib/console';
const SOURCE = path.join(root, FOLDER);

/**
 * `dist/lib/console`: `index.html` and, in `assets`, scripts and styles whose names hold a digest of their bytes, each with its gzip and
 * brotli beside it. Each page is a chunk of its own, and so are the charts.
 */
export async function bundleConsole(outputs: Outputs): Promise<void> {
	const { outputFiles, metafile } = await esbuild.build({
		absWorkingDir: root,
		entryPoints: [
			{ in: path.join(SOURCE, 'main.tsx'), out: 'main' },
			{ in: path.join(SOURCE, 'styles/console.css'), out: 'console' },
		],
		outdir: path.join(dist, FOLDER, 'assets'),
		entryNames: '[name]-[hash]',
		chunkNames: '[name]-[hash]',
		bundle: true,
		splitting: true,
		write: false,
		metafile: true,
		minify: true,
		format: 'esm',
		platform: 'browser',
		target: ['chrome111', 'firefox115', 'safari16.4'],
		jsx: 'automatic',
		jsxImportSource: 'preact',
		charset: 'utf8',
		legalComments: 'none',
		define: { 'process.env.NODE_ENV': '"production"' },
		logLevel: 'silent',
	});
	for (const { path: file, contents } of outputFiles) await writeCompressed(outputs, slashed(dist, file), contents, true);
	const page = await fs.readFile(path.join(SOURCE, 'index.html'), 'utf8');
	await writeCompressed(outputs, `${FOLDER}/index.html`, Buffer.from(withEntries(page, metafile)));
	const packages = new Set(
		Object.values(metafile.outputs)
			.flatMap(({ inputs }) => Object.keys(inputs))
			.flatMap((file) => packageFolder(file) ?? []),
	);
	await writeCompressed(outputs, `${FOLDER}/LICENSES.txt`, Buffer.from(await licences([...packages].sort())));
}

/** Puts the entries of script and style into the page, and what the script imports at once. */
function withEntries(page: string, { outputs }: esbuild.Metafile): string {
	const address = (file: string): string => `/console/assets/${path.basename(file)}`;
	const entryOf = (name: string): string => {
		const found = Object.keys(outputs).find((file) => path.basename(file).startsWith(`${name}-`) && outputs[file].entryPoint);
		if (!found) throw new Error(`The console's bundle has no entry "${name}".`);
		return found;
	};
	const script = entryOf('main');
	const imported = outputs[script].imports.filter(({ kind }) => kind === 'import-statement').map(({ path: file }) => file);
	const head = [
		`<link rel="stylesheet" href="${address(entryOf('console'))}" />`,
		...imported.map((file) => `<link rel="modulepreload" href="${address(file)}" />`),
		`<script type="module" src="${address(script)}"></script>`,
	].join('\n\t\t');
	return page.replace('<!-- entries -->', head);
}

/** A file and its two compressed forms. What has a digest in its name is compressed once. */
async function writeCompressed(outputs: Outputs, relative: string, contents: Uint8Array, once = false): Promise<void> {
	await outputs.write(relative, contents);
	const forms = { br: () => brotli(contents), gz: () => promisify(gzip)(contents, { level: 9 }) };
	for (const [ending, compress] of Object.entries(forms)) {
		const file = `${relative}.${ending}`;
		const known =
			once &&
			(await fs.stat(path.join(dist, file)).then(
				() => true,
				() => false,
			));
		if (known) outputs.claim(file);
		else await outputs.write(file, await compress());
	}
}

const brotli = async (contents: Uint8Array): Promise<Uint8Array> =>
	await promisify(brotliCompress)(contents, {
		params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: contents.length },
	});
