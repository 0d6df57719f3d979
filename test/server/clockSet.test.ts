import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mlops } from '../cli/program.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe } from './served.js';

afterAll(removeFolders);

const LIBRARY = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((at) => `/usr/lib/${at}/faketime/libfaketimeMT.so.1`).find(existsSync);
const title = (words: string): string => (LIBRARY ? words : `${words} (skipped: no libfaketime here)`);

/** A clock of a program, which a test sets while it runs; the clock that nobody sets goes on as ever. */
async function settable() {
	const file = path.join(await freshFolder(), 'clock');
	const set = async (offset: string): Promise<void> => await writeFile(file, `${offset}\n`);
	await set('+0s');
	const settings = { LD_PRELOAD: LIBRARY!, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
	return { settings, set };
}

/** Answers by hour, of all hours around now. */
async function traffic(home: string): Promise<number[]> {
	const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
	const { stdout } = await mlops(['traffic', 'fruit', '--since', at(-4), '--until', at(4), '--json'], { home });
	return (JSON.parse(stdout) as Array<{ answers: number }>).map(({ answers }) => answers);
}

(LIBRARY ? it : it.skip)(
	title('a clock that is put back 3 hours and then 2 days forward, amid answers and truths, loses none of them and gives no id twice'),
	async () => {
		const { home, store } = await fruitStore();
		await store.close();
		const { settings, set } = await settable();
		const server = await startServe(home, ['--no-keys', '--log', 'durable'], settings);
		const ids: string[] = [];
		const predict = async (key: string) => {
			const { status, body } = await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW, key });
			expect(status).toBe(200);
			ids.push(String(body.requestId ?? body.id));
		};
		const truth = async (told: object) => (await ask(`${server.url}/v1/feedback`, [told])).body;
		for (const [offset, name] of [
			['+0s', 'now'],
			['-3h', 'before'],
			['+2d', 'later'],
		]) {
			await set(offset);
			for (let i = 0; i < 10; i++) await predict(`${name}${i}`);
		}
		expect(new Set(ids).size).toBe(30);
		// Truths of all three, told by the clock that is ahead, and then by the one that was put back again.
		for (const id of [ids[1], ids[11], ids[21]]) expect(await truth({ id, truth: 'good' })).toMatchObject({ taken: 1, unknown: 0 });
		await set('-3h');
		for (const id of [ids[2], ids[12], ids[22]]) expect(await truth({ id, truth: 'bad' })).toMatchObject({ taken: 1, unknown: 0 });
		// What is corrected by a clock that is behind is newer all the same.
		expect(await truth({ id: ids[21], truth: 'bad' })).toMatchObject({ corrected: 1 });
		expect(await truth({ id: ids[21], truth: 'bad' })).toMatchObject({ same: 1 });
		expect(await server.stop()).toBe(0);
		expect((await traffic(home)).reduce((a, b) => a + b, 0)).toBe(30);
		expect((await mlops(['verify'], { home })).exit).toBe(0);
	},
);
