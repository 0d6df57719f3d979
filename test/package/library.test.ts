import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import ts from 'typescript';
import { installAsN8nDoes, root } from './install.js';

const run = promisify(execFile);
const page = path.join(root, 'lib/README.md');
/** What each script of the architecture page prints. */
const PRINTS = {
	'train.mts': /^gradientBoosting: logLoss 0\.0\d+, gate passed: true\nGentoo\n$/,
	'answer.mts': /^1 rows answered by penguins@1\n$/,
	'verify.mts': /^\d+ events and \d+ records are as they were written\n$/,
};

let userFolder: string;
let folder: string;
let program: string;
const scripts = new Map<string, string>();

/** Runs a script beside the installed package, with nothing of this repository within reach. */
async function node(cwd: string, ...args: string[]): Promise<string> {
	const { NODE_PATH: _path, NODE_OPTIONS: _options, MLOPS_HOME: _home, ...env } = process.env;
	const { stdout } = await run(process.execPath, args, { cwd, env: { ...env, N8N_USER_FOLDER: userFolder } });
	return stdout;
}

beforeAll(async () => {
	userFolder = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-library-'));
	folder = await installAsN8nDoes(userFolder);
	program = path.join(folder, 'dist/lib/cli/mlops.js');
	for (const [, name, code] of (await fs.readFile(page, 'utf8')).matchAll(/```ts\n\/\/ script (\S+)\n([^]*?)```/g)) scripts.set(name, code);
}, 300_000);
afterAll(async () => await fs.rm(userFolder, { recursive: true, force: true }));

/** A folder from which the installed package is found by its name. */
async function workplace(name: string): Promise<string> {
	const place = path.join(userFolder, '.n8n/nodes', name);
	await fs.mkdir(place);
	return place;
}

it('the scripts of the architecture page are those that are known here', () => {
	expect([...scripts.keys()].sort()).toEqual(Object.keys(PRINTS).sort());
});

it('their types are right, against the declarations that the package brings', async () => {
	const place = await workplace('types');
	for (const [name, code] of scripts) await fs.writeFile(path.join(place, name), code);
	await fs.writeFile(
		path.join(place, 'wrong.mts'),
		`import { openStore, train } from 'n8n-nodes-mlops';\nawait train(await openStore(), { dataset: 3 });\n`,
	);
	const options: ts.CompilerOptions = {
		strict: true,
		noEmit: true,
		target: ts.ScriptTarget.ES2023,
		module: ts.ModuleKind.NodeNext,
		moduleResolution: ts.ModuleResolutionKind.NodeNext,
		types: ['node'],
		typeRoots: [path.join(root, 'node_modules/@types')],
	};
	const files = [...scripts.keys(), 'wrong.mts'].map((name) => path.join(place, name));
	const found = ts.getPreEmitDiagnostics(ts.createProgram(files, options));
	const said = found.map(
		({ file, messageText }) => `${path.basename(file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
	);
	expect(said).toEqual([expect.stringMatching(/^wrong\.mts: Type 'number' is not assignable/)]);
}, 60_000);

it('run as ES modules and as CommonJS, each over a store that the first one makes', async () => {
	for (const form of ['esm', 'cjs']) {
		const place = await workplace(form);
		for (const name of Object.keys(PRINTS) as Array<keyof typeof PRINTS>) {
			const code = scripts.get(name)!;
			const file = form === 'esm' ? name : name.replace('.mts', '.cts');
			await fs.writeFile(path.join(place, file), form === 'esm' ? code : asCommonJs(code));
			expect(await node(place, file)).toMatch(PRINTS[name]);
		}
		expect(await fs.readFile(path.join(place, 'answers.csv'), 'utf8')).toMatch(/^row,prediction,.*\n0,Gentoo,/);
	}
}, 240_000);

const asCommonJs = (code: string): string => {
	const required = code.replace(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = require($2);');
	return `(async () => {\n${required}\n})();\n`;
};

it("the command runs where n8n's install screen put the package", async () => {
	const place = await workplace('command');
	expect(await node(place, program, '--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
	const home = path.join(place, 'store');
	const read = ['ingest', '--source', 'example', '--params', '{"example":"penguins"}', '--home', home, '--json'];
	expect(JSON.parse(await node(place, program, ...read))).toMatchObject({ dataset: { name: 'penguins', rows: 344 } });
	expect(await node(place, program, 'verify', '--home', home)).toMatch(/^Whole: /);
}, 60_000);

it('what the README once told people to require is still there', async () => {
	const script = `require('n8n-nodes-mlops/dist/lib/store/openStore.js').openStore().then(async (store) => { console.log((await store.verify()).events); await store.close(); })`;
	expect(await node(await workplace('before'), '-e', script)).toBe('0\n');
}, 60_000);

it('an older Node gets a sentence, no syntax error', async () => {
	// The check is all that may run there: it must stand before anything is required, in words that old Node can read.
	const text = await fs.readFile(program, 'utf8');
	const written = async (target: string) => (await transform(text, { target })).code;
	expect(await written('node18')).toBe(await written('esnext'));
	const pretended = text.replaceAll('(import_node_process()).default.versions.node', '"18.20.4"');
	expect(pretended).not.toBe(text);
	const copy = path.join(userFolder, 'mlops-old.cjs');
	await fs.writeFile(copy, pretended);
	await expect(run(process.execPath, [copy, '--help'])).rejects.toMatchObject({
		code: 1,
		stdout: '',
		stderr: expect.stringMatching(/^mlops needs Node 24 or newer, as n8n itself does; this is Node 18\.20\.4 /),
	});
}, 60_000);
