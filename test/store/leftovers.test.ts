import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { processMark } from '../../lib/compute/processMark.js';
import { openStore } from '../../lib/store/openStore.js';
import { compile } from '../compute/compile.js';
import { freshFolder, removeFolders } from './records.js';

let fixture: Awaited<ReturnType<typeof compile>>;
beforeAll(async () => {
	fixture = await compile(join(__dirname, 'workFixture.ts'));
});
afterAll(async () => {
	await fixture.remove();
	await removeFolders();
});

async function hold(home: string) {
	const child = spawn(process.execPath, [fixture.path, home], { stdio: ['pipe', 'pipe', 'inherit'] });
	const ended = once(child, 'exit');
	const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
	return { child, ended, paths: JSON.parse(line) as string[] };
}

const open = async (home: string): Promise<void> => await (await openStore({ kind: 'folder', home })).close();
const there = (paths: readonly string[]): boolean[] => paths.map((path) => existsSync(path));

it('what a killed process left goes when the store is opened next; what another works on stays until its work ends', async () => {
	const home = await freshFolder();
	await open(home);
	const killed = await hold(home);
	const working = await hold(home);
	await open(home);
	expect(there([...killed.paths, ...working.paths])).toEqual([true, true, true, true]);
	killed.child.kill('SIGKILL');
	await killed.ended;
	await open(home);
	expect(there([...killed.paths, ...working.paths])).toEqual([false, false, true, true]);
	working.child.stdin.end();
	await working.ended;
	// A file is its maker's to move or to remove; a folder goes with the work.
	expect(there(working.paths)).toEqual([true, false]);
	await open(home);
	expect(await readdir(join(home, 'tmp'))).toEqual([]);
}, 60_000);

it('of processes of other machines what gave no sign of life goes: folders of work after an hour, files after a day', async () => {
	const home = await freshFolder();
	await open(home);
	const mark = `${'0'.repeat(12)}-1-1`;
	const made = async (name: string, hours: number): Promise<string> => {
		const path = join(home, 'tmp', name);
		await (name.endsWith('.work') ? mkdir(path) : writeFile(path, 'x'));
		const at = new Date(Date.now() - hours * 3_600_000);
		await utimes(path, at, at);
		return path;
	};
	const id = (n: number): string => n.toString(16).padStart(24, '0');
	const paths = [
		await made(`${id(1)}-${mark}.work`, 0.5),
		await made(`${id(2)}-${mark}.work`, 2),
		await made(`${id(3)}-${mark}.parquet`, 2),
		await made(`${id(4)}-${mark}.parquet`, 25),
		// Of an older version, which said nothing of its process, and of nobody we know.
		await made(`${id(5)}.parquet`, 25),
		await made('thesis.parquet', 25),
		// Of this process, which still runs.
		await made(`${id(6)}-${processMark()}.work`, 2),
	];
	await open(home);
	expect(there(paths)).toEqual([true, false, true, false, false, true, true]);
});
