import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import type { NodeOperationError } from 'n8n-workflow';
import { chain, createEngine, disposeEngine, testFile, type Engine } from './engine.js';
import { temporariesIn } from '../temporaries.js';

let engine: Engine;
let outside: string;
beforeAll(async () => {
	engine = await createEngine();
	outside = mkdtempSync(join(tmpdir(), 'mlops-outside-'));
	writeFileSync(join(outside, 'salaries.csv'), 'a,b\n7,x\n8,y\n');
});
afterAll(disposeEngine);

let n = 0;
const folder = (): string => {
	const path = testFile(`paths${++n}`);
	mkdirSync(path);
	return path;
};
const put = (path: string, value: number) => writeFileSync(path, `a,b\n${value},x\n${value},y\n`);
const read = async (path: string, parameters: Record<string, unknown> = {}) => {
	const run = await engine.execute(
		chain({ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path, rowsAsItems: true, ...parameters } }),
	);
	const error = run.error('Ingest') as NodeOperationError | undefined;
	return error ? { said: `${error.message} ${error.description}` } : { rows: run.output('Ingest').map((item) => item.json.a) };
};

it('a name with brackets that is there as it stands is no pattern', async () => {
	const at = folder();
	put(join(at, 'data[1].csv'), 1);
	put(join(at, 'data1.csv'), 2);
	expect(await read(join(at, 'data[1].csv'))).toEqual({ rows: [1, 1] });
	expect(await read(join(at, 'data[12].csv'))).toEqual({ rows: [2, 2] });
});

it('a bare file name, and a bare pattern, is looked for in the folders of n8n', async () => {
	put(testFile('bare name.csv'), 4);
	expect(await read('bare name.csv')).toEqual({ rows: [4, 4] });
	expect(await read('bare n?me.csv')).toEqual({ rows: [4, 4] });
	const { said } = await read('no such name.csv');
	expect(said).toContain('There is no file "no such name.csv"');
	expect(said).toContain(process.env.N8N_RESTRICT_FILE_ACCESS_TO);
});

it('braces with thousands of alternatives are refused at once', async () => {
	expect((await read(testFile('{1..20000}'))).said).toContain('20,000 alternatives');
});

it("nothing outside n8n's folders is read or named, nor is it said whether it is there", async () => {
	const at = folder();
	put(join(at, 'mine.csv'), 1);
	symlinkSync(outside, join(at, 'door'));
	symlinkSync(join(outside, 'salaries.csv'), join(at, 'link.csv'));
	for (const path of [
		join(outside, 'sal*.csv'),
		join(outside, '*'),
		join(outside, 'salaries.csv'),
		join(outside, 'nothing.csv'),
		join(at, 'door/*'),
		join(at, 'door/salaries.csv'),
		join(at, 'door/nothing.csv'),
		join(at, 'link.csv'),
		`${at}/door/../${outside.split('/').at(-1)}/*`,
		'/et[c]/passw*',
		'/etc/passwd',
	]) {
		const { said } = await read(path);
		expect(said).toContain('n8n does not allow reading');
		expect(said!.replaceAll(path, '')).not.toMatch(/salaries|passwd/);
	}
	// Whether a pattern finds something there or not: the answer is the same.
	const answers = await Promise.all(['s*', 'z*'].map(async (p) => (await read(join(at, 'door', p))).said!.replace(p, '')));
	expect(answers[0]).toBe(answers[1]);
	// The folder above all allowed ones shows the way to them alone.
	expect((await read(join(tmpdir(), 'mlops-outside-*/salaries.csv'))).said).not.toContain('7');
	expect(await read(`${at}/*/../mine.csv`)).toEqual({ said: expect.stringContaining('".."') });
	expect(await read(`${at}/../${at.split('/').at(-1)!}/m*.csv`)).toEqual({ rows: [1, 1] });
});

it('a workflow cannot say by itself that a path was checked', async () => {
	const at = folder();
	put(join(at, 'mine.csv'), 1);
	const files = [{ path: join(outside, 'salaries.csv'), name: 'x.csv' }];
	expect(await read(join(at, 'mine.csv'), { files, options: { files } })).toEqual({ rows: [1, 1] });
});

it('a SQLite file is looked for in the same folders, and is no pattern', async () => {
	const at = testFile('shop[1].db');
	const database = new DatabaseSync(at);
	database.exec("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (5, 'x'), (6, 'y')");
	database.close();
	const sql = async (file: string) => await read('', { source: 'sql', database: 'sqlite', file, query: 'SELECT * FROM t ORDER BY a' });
	expect(await sql('shop[1].db')).toEqual({ rows: [5, 6] });
	expect(await sql(at)).toEqual({ rows: [5, 6] });
	expect((await sql(testFile('shop*.db'))).said).toContain('There is no file');
	expect((await sql(join(outside, 'salaries.csv'))).said).toContain('n8n does not allow reading');
});

it('a read that was stopped leaves no file behind', async () => {
	const server = createServer((_, response) => {
		response.write(gzipSync(randomBytes(1 << 20)));
		const timer = setInterval(() => response.write(randomBytes(1 << 16)), 50);
		response.on('close', () => clearInterval(timer));
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const kept = () => temporariesIn(engine.home);
	const before = kept();
	await engine
		.execute(
			chain({
				name: 'Ingest',
				type: 'mlopsIngest',
				parameters: { source: 'url', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.csv` },
			}),
			{
				// As soon as there is something to leave behind.
				onCancel: (cancel) => {
					const looking = setInterval(() => {
						if (kept().every((name) => before.includes(name))) return;
						clearInterval(looking);
						cancel();
					}, 20);
				},
			},
		)
		.catch(() => {});
	expect(kept().filter((name) => !before.includes(name))).toEqual([]);
	server.closeAllConnections();
	server.close();
});
