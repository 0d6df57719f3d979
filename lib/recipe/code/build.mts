// Makes danfo.json beside this file: danfojs as one script for the QuickJS sandbox, with the licences of what is inside.
// Run it before the assets of lib/ are copied to dist/ (and before the tests of this folder).
import fs from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';

/** Of a package that is inside. */
interface Licence {
	name: string;
	version: string;
	license?: string;
	text?: string;
}

const here = import.meta.dirname;
const root = path.resolve(here, '../../..');

/** Only readers, writers and plots ask for these, and there are none in the sandbox. */
const absent =
	/^(fs|node-fetch|request|stream|stream-json.*|xlsx|plotly.*|papaparse|crypto|os|url|path|string_decoder|worker_threads|table|util)$/;
const replaced: Record<string, string> = { '@tensorflow/tfjs-node': 'danfo/tensors.js', mathjs: 'danfo/statistics.js' };

const { outputFiles, metafile } = await esbuild.build({
	absWorkingDir: root,
	entryPoints: [path.join(here, 'danfo/entry.js')],
	bundle: true,
	write: false,
	metafile: true,
	platform: 'browser',
	format: 'iife',
	target: 'es2020',
	minify: true,
	legalComments: 'none',
	charset: 'utf8',
	logLevel: 'error',
	mainFields: ['module', 'browser', 'main'],
	define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
	plugins: [
		{
			name: 'sandbox',
			setup(build) {
				build.onResolve({ filter: absent }, ({ path: name }) => ({ path: name, namespace: 'absent' }));
				build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
				build.onResolve({ filter: /^(@tensorflow\/tfjs-node|mathjs)$/ }, ({ path: name }) => ({ path: path.join(here, replaced[name]) }));
			},
		},
	],
});

const packages = new Set(
	Object.keys(metafile.inputs)
		.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1])
		.filter((name) => name !== undefined),
);

const licences: Licence[] = [];
for (const name of [...packages].sort()) {
	const folder = path.join(root, 'node_modules', name);
	const { version, license } = JSON.parse(await fs.readFile(path.join(folder, 'package.json'), 'utf8')) as Licence;
	const file = (await fs.readdir(folder)).find((f) => /^licen[cs]e/i.test(f));
	licences.push({ name, version, license, text: file ? await fs.readFile(path.join(folder, file), 'utf8') : undefined });
}
await fs.writeFile(path.join(here, 'danfo.json'), JSON.stringify({ licences, script: outputFiles[0].text }));
