import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../../lib/domain/errors.js';
import { createOwnLog } from '../../lib/server/ownLog.js';
import { readError } from '../../lib/store/files.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitPackage, fruitStore, registerPackage, ROW, startServe, type Served } from './served.js';

afterAll(removeFolders);

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
	while (!(await holds())) await sleep(20);
};
const says = async (server: Served, words: string): Promise<void> => await until(() => server.said().includes(words));

describe('what the server says to whoever runs it', () => {
	it('why a request failed stands in its own log with the id that the caller got, and not in the answer', async () => {
		const { home, store } = await fruitStore();
		await store.close();
		const server = await startServe(home);
		// A file where the folder of truths is to be: as a disk that refuses, for whichever user the tests run as.
		await writeFile(join(home, 'truth'), '');
		const told = await ask(`${server.url}/v1/feedback`, { key: 'anna', truth: 'good' });
		expect([told.status, told.body.error.code, told.headers.get('retry-after')]).toEqual([503, 'store.unwritable', '1']);
		await says(server, `Request ${String(told.body.error.requestId)} failed (503, store.unwritable): `);
		await says(server, '  Caused by: ENOTDIR');
		expect(JSON.stringify(told.body)).not.toContain(home);
		expect(server.said()).not.toContain('  at ');
		await rm(join(home, 'truth'));
		expect((await ask(`${server.url}/v1/feedback`, { key: 'anna', truth: 'good' })).status).toBe(200);
		expect(await server.stop()).toBe(0);
	});

	it('an alias that moves to a version with other answers or columns is said, one that does not is not', async () => {
		const { home, store } = await fruitStore(2);
		const numbers = await registerPackage(store, 'fruit', await fruitPackage('price'));
		const server = await startServe(home);
		const served = async (version: number) => {
			await store.moveAlias('fruit', 'champion', version, { actor: 'ann' });
			await until(async () => String((await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW })).body.version) === String(version));
		};
		await served(2);
		await served(numbers);
		await says(
			server,
			'"champion" of fruit moved from version 2 to 3. What changes for callers: Answers change from classes ("bad", "good")',
		);
		expect(server.said()).not.toContain('from version 1 to 2');
		expect(await server.stop()).toBe(0);
		await store.close();
	});

	it('that answers are not kept is said by its own log and by readiness, as long as it is so', async () => {
		const { home, store } = await fruitStore();
		await store.close();
		const server = await startServe(home);
		const answers = join(home, 'answers');
		await writeFile(answers, '');
		const predict = async () => await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW });
		const ready = async () => (await ask(`${server.url}/health/ready`)).body;
		expect((await predict()).status).toBe(200);
		await says(server, 'The log of answers cannot be written; answers go on and are missing in it: ');
		await until(async () => String((await ready()).log).startsWith('not written since 20'));
		expect(await ready()).toMatchObject({ ready: true });
		await rm(answers);
		await mkdir(answers);
		expect((await predict()).status).toBe(200);
		await says(server, 'The log of answers is written again; ');
		await until(async () => (await ready()).log === undefined);
		expect(server.said().split('The log of answers cannot be written').length).toBe(2);
		expect(await server.stop()).toBe(0);
	});

	it('the store that goes away, and comes back, is told each time', async () => {
		const { home, store } = await fruitStore();
		await store.close();
		const server = await startServe(home);
		for (const times of [1, 2]) {
			await rename(home, `${home}-away`);
			await until(() => server.said().split('The store cannot be read; what is in memory is served on: ').length === times + 1);
			await rename(`${home}-away`, home);
			await until(() => server.said().split('The store can be read again.').length === times + 1);
		}
		expect(await server.stop()).toBe(0);
	});
});

describe('one thing that goes wrong again and again', () => {
	const told = () => {
		const lines: string[] = [];
		let at = 0;
		const log = createOwnLog(
			(text) => void lines.push(text),
			() => at,
		);
		const failing = (error: Error, id: string, status = 500): void => log.failed(error, status, MlopsError.from(error).code, id);
		return { lines, failing, later: (ms: number) => void (at += ms) };
	};

	it('is told once a minute, with how often it happened', () => {
		const { lines, failing, later } = told();
		const error = new Error('Nobody thought of this.');
		for (let i = 0; i < 1_000; i++) failing(error, `r${i}`);
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatch(/^Request r0 failed \(500, internal\): Nobody thought of this\.\n {2}at .*ownLog\.test/);
		later(61_000);
		failing(error, 'r1000');
		expect(lines[1]).toMatch(/^Request r1000 failed [\s\S]*\n {2}The same happened 999 times more since it was told last\.\n$/);
		failing(new Error('Another one.'), 'r1001');
		expect(lines).toHaveLength(3);
	});

	it('is no more than one line of words, whatever stands in them; what is the callers’ doing is not told', () => {
		const { lines, failing } = told();
		failing(new MlopsError('store.full', `\u001b[31mred\nRequest r9 failed ${'x'.repeat(10_000)}`), 'r1', 503);
		expect(lines[0]).toMatch(/^Request r1 failed \(503, store\.full\): red Request r9 failed x{100,500}.*\n$/);
		failing(new MlopsError('predict.input_invalid', 'The row is bad.'), 'r2', 400);
		failing(new MlopsError('serve.overloaded', 'Too much.'), 'r3', 503);
		expect(lines).toHaveLength(1);
	});
});

it.each([
	['as Node says it', Object.assign(new Error('EACCES: permission denied, scandir'), { code: 'EACCES' })],
	['as DuckDB says it', new Error('IO Error: Cannot open file "/data/truth/open/1.ndjson": Permission denied\nmore')],
])('files of another user are neither a damaged store nor a failure without words, %s', (_, error) => {
	expect(readError(error)).toMatchObject({
		code: 'store.unwritable',
		message: expect.stringContaining('belong to another user') as string,
		details: { remedy: expect.stringContaining('chown -R') as string },
	});
	// A database's own words about its tables are not about files.
	const other = new Error('Catalog Error: permission denied for table customers');
	expect(readError(other)).toBe(other);
});
