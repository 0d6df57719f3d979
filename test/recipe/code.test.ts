import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ColumnSchema } from '../../lib/domain/column';
import { mulberry32 } from '../../lib/domain/random';
import { valueAt, vectorOf, type Frame, type Value } from '../../lib/data/frame';
import { childArguments } from '../../lib/recipe/code/runCode';
import { compileRecipe } from '../../lib/recipe/compileRecipe';
import { fitRecipe, noRowForms, transformRecipe } from '../../lib/recipe/fit';
import { frameOf } from '../data/frames';

const folder = path.join(__dirname, '../../lib/recipe/code');
const schema: ColumnSchema[] = [
	{ name: 'a', type: 'integer', role: 'feature' },
	{ name: 'b', type: 'number', role: 'feature' },
	{ name: 'c', type: 'category', role: 'feature' },
	{ name: 'ok', type: 'boolean', role: 'feature' },
	{ name: 'y', type: 'number', role: 'target' },
];
const frame = (): Frame => frameOf(schema, { a: [1, 2, 3], b: [0.5, null, 4], c: ['x', null, 'z'], ok: [1, 0, null], y: [1, 2, 3] });
const recipe = (code: string, more: Record<string, unknown> = {}) => ({
	steps: [{ step: 'custom_code', version: 1, params: { code, ...more } }],
});
const run = async (code: string, more: Record<string, unknown> = { data_as: 'columns' }): Promise<Frame> =>
	(await fitRecipe(frame(), recipe(code, more), { classes: 0, seed: 0 })).frame;
const cells = (f: Frame, name: string): Value[] => {
	const v = vectorOf(f, name);
	return Array.from({ length: f.rows }, (_, i) => valueAt(v, i));
};
/** What an expression gives inside the sandbox, as text. */
const inside = async (expression: string): Promise<Value> =>
	cells(await run(`let r; try { r = String(${expression}); } catch (e) { r = 'threw ' + e.name; } return { r: [r, r, r] };`), 'r')[0];

beforeAll(() => {
	process.env.MLOPS_ALLOW_CUSTOM_CODE = 'true';
	if (!existsSync(path.join(folder, 'danfo.json'))) execFileSync(process.execPath, [path.join(folder, 'build.mts')]);
});
afterAll(() => {
	delete process.env.MLOPS_ALLOW_CUSTOM_CODE;
});

test('works on plain columns and takes types from the answer', async () => {
	const out = await run(
		'columns.sum = columns.a.map((a, i) => columns.b[i] === null ? null : a + columns.b[i]); columns.big = columns.a.map((a) ' +
			'=> a > 1); columns.word = columns.c.map((c) => c && c + "!"); delete columns.ok;',
	);
	expect(out.schema.map((c) => [c.name, c.type, c.role])).toEqual([
		['a', 'integer', 'feature'],
		['b', 'number', 'feature'],
		['c', 'category', 'feature'],
		['y', 'number', 'target'],
		['sum', 'number', 'feature'],
		['big', 'boolean', 'feature'],
		['word', 'category', 'feature'],
	]);
	expect(cells(out, 'sum')).toEqual([1.5, null, 7]);
	expect(cells(out, 'big')).toEqual([0, 1, 1]);
	expect(cells(out, 'word')).toEqual(['x!', null, 'z!']);
	expect([...out.rowId]).toEqual([0, 1, 2]);
});

test('works on a danfojs data frame', async () => {
	const out = await run(
		'df.addColumn("ratio", df["a"].div(2), { inplace: true }); const means = df.groupby(["ok"]).col(["a"]).mean(); ' +
			'df.addColumn("groups", [means.shape[0], 0, 0], { inplace: true }); return df;',
		{},
	);
	expect(out.schema.map((c) => c.name)).toEqual(['a', 'b', 'c', 'ok', 'y', 'ratio', 'groups']);
	expect(cells(out, 'ratio')).toEqual([0.5, 1, 1.5]);
	expect(cells(out, 'c')).toEqual(['x', null, 'z']);
	expect(cells(out, 'ok')).toEqual([1, 0, null]);
});

test('gives the same answer every time, chance included, for good', async () => {
	const random = mulberry32(0x2545f491);
	expect(cells(await run('columns.r = columns.a.map(() => Math.random());'), 'r')).toEqual([random(), random(), random()]);
});

test('new rows get the columns that the training rows got, and single rows are refused with the reason', async () => {
	const { fitted } = await fitRecipe(frame(), recipe('columns.n = columns.a.map((a) => a * 2);', { data_as: 'columns' }), {
		classes: 0,
		seed: 0,
	});
	expect(cells(await transformRecipe(frame(), JSON.parse(JSON.stringify(fitted)), { labelled: true }), 'n')).toEqual([2, 4, 6]);
	expect(noRowForms(recipe('x'))).toEqual([{ step: 'custom_code', label: 'Custom code', reason: expect.any(String) }]);
	expect(() => compileRecipe(fitted)).toThrow(expect.objectContaining({ code: 'recipe.no_row_form' }));
});

describe('is a sandbox', () => {
	test('switched off unless allowed', async () => {
		process.env.MLOPS_ALLOW_CUSTOM_CODE = 'yes please';
		await expect(run('return columns;')).rejects.toMatchObject({
			code: 'recipe.code_blocked',
			details: { remedy: expect.stringContaining('MLOPS_ALLOW_CUSTOM_CODE=true') },
		});
		process.env.MLOPS_ALLOW_CUSTOM_CODE = 'true';
	});

	test.each([
		['files', 'require("fs").readFileSync("/etc/passwd")'],
		['modules', 'module.constructor'],
		['processes', 'process.binding("spawn_sync")'],
		['environment', 'process.env.PATH'],
		['network', 'fetch("http://127.0.0.1")'],
		['requests', 'new XMLHttpRequest()'],
		['sockets', 'new WebSocket("ws://127.0.0.1")'],
		['engine modules', 'std.open("/etc/passwd", "r")'],
		['the operating system', 'os.exec(["ls"])'],
		['WebAssembly', 'new WebAssembly.Memory({ initial: 1 })'],
		['buffers of the host', 'Buffer.from("x")'],
		['the host by a constructor', '(0, columns.constructor).constructor("return process")()'],
		['the host by a function', '(() => {}).constructor("return process")()'],
		['the host by an error', '(() => { try { null.x } catch (e) { return e.constructor.constructor("return process")(); } })()'],
	])('without %s', async (_, attempt) => {
		expect(await inside(attempt)).toMatch(/^threw (ReferenceError|TypeError)$/);
	});

	test('no module can be imported', async () => {
		expect(await inside('typeof import("fs").then')).toBe('function');
		const out = await run(
			'const seen = []; import("node:fs").then((m) => seen.push(Object.keys(m).length)); return { n: [seen.length, 0, 0] };',
		);
		expect(cells(out, 'n')).toEqual([0, 0, 0]);
	});

	test('nothing but the language is there', async () => {
		const names = String(await inside('Object.getOwnPropertyNames(globalThis).join(" ")')).split(' ');
		expect(names.filter((n) => /process|require|fetch|module|std|^os$|deno|bun|worker|socket|child|global$/i.test(n))).toEqual([]);
	});

	// The wall behind the engine: what a process with these arguments may do even if the engine had a hole.
	test.each([
		['read files', 'require("node:fs").readFileSync("/etc/passwd")'],
		['list folders', 'require("node:fs").readdirSync("/")'],
		['write files', 'require("node:fs").writeFileSync(require("node:os").tmpdir() + "/x", "x")'],
		['start processes', 'require("node:child_process").execSync("ls")'],
		['start threads', 'new (require("node:worker_threads").Worker)("1", { eval: true })'],
	])('its process may not %s', (_, attempt) => {
		const script = `try { ${attempt}; console.log('got in'); } catch (e) { console.log(e.code); }`;
		expect(execFileSync(process.execPath, [...childArguments(2 ** 26), '-e', script], { env: {}, encoding: 'utf8' }).trim()).toBe(
			'ERR_ACCESS_DENIED',
		);
	});

	test('its process has an empty environment', async () => {
		expect(
			execFileSync(process.execPath, [...childArguments(2 ** 26), '-p', 'Object.keys(process.env).length'], {
				env: {},
				encoding: 'utf8',
			}).trim(),
		).toBe('0');
	});

	test('endless and greedy code is stopped', async () => {
		await expect(run('for (;;);', { data_as: 'columns', seconds: 1 })).rejects.toMatchObject({
			code: 'recipe.code_failed',
			message: expect.stringContaining('too long'),
		});
		await expect(
			run('const a = []; for (;;) a.push(new Uint8Array(8000000));', { data_as: 'columns', memory_mb: 64 }),
		).rejects.toMatchObject({ code: 'recipe.code_failed', message: expect.stringContaining('memory') });
		await expect(run('const f = () => f(); f();')).rejects.toMatchObject({ code: 'recipe.code_failed' });
	});
});

test('mistakes are told in plain words', async () => {
	await expect(run('return columns.nothing.length;')).rejects.toMatchObject({
		code: 'recipe.code_failed',
		message: expect.stringMatching(/Step 1 \(Custom code\): The custom code failed: TypeError/),
	});
	await expect(run('return 5;')).rejects.toMatchObject({
		message: expect.stringContaining('must return an object of columns, not a number'),
	});
	await expect(run('return { a: [1] };')).rejects.toMatchObject({
		message: expect.stringContaining('returned 1 rows in column "a", but got 3'),
	});
	await expect(run('return { a: [1, 2, {}] };')).rejects.toMatchObject({ message: expect.stringContaining('(row 3)') });
	await expect(run('this is no code')).rejects.toMatchObject({ message: expect.stringContaining('SyntaxError') });
});

test('more data than the sandbox can hold are refused before it starts', async () => {
	const rows = 10_000_001;
	const huge: Frame = { rows, schema: [schema[0]], vectors: [{ data: new Float64Array(rows) }], rowId: new Float64Array(rows) };
	await expect(fitRecipe(huge, recipe('return columns;'), { classes: 0, seed: 0 })).rejects.toMatchObject({
		code: 'recipe.code_failed',
		message: expect.stringContaining('10,000,000 values'),
	});
});

test('a process whose parent is gone ends by itself, even in the middle of code', async () => {
	const script = `const { spawn } = require('node:child_process');
		const child = spawn(process.execPath, JSON.parse(process.argv[1]), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced', env: {} });
		child.send({ code: 'for (;;);', columns: [], seconds: 300, memoryBytes: 2 ** 26 }, () => { console.log(child.pid); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 1500); });`;
	const program = ['js', 'ts'].map((extension) => path.join(folder, `child.${extension}`)).find((file) => existsSync(file)) ?? '';
	const pid = await new Promise<number>((resolve) => {
		const parent = spawn(process.execPath, ['-e', script, JSON.stringify([...childArguments(2 ** 26), program])], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		let text = '';
		parent.stdout.on('data', (chunk: Buffer) => {
			text += chunk.toString();
		});
		parent.once('exit', () => resolve(Number(text)));
	});
	expect(pid).toBeGreaterThan(0);
	const alive = (): boolean => {
		try {
			process.kill(pid, 0);
			return true;
		} catch {
			return false;
		}
	};
	for (let i = 0; i < 200 && alive(); i++) await new Promise((r) => setTimeout(r, 100));
	expect(alive()).toBe(false);
});
