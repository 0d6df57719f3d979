import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processMark } from '../../lib/compute/processMark.js';
import { openDuck, withDuck, type Duck } from '../../lib/data/duck.js';
import { spillFolder } from '../../lib/data/spillFolder.js';

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'mlops-spills-'));
});
afterEach(async () => {
	await rm(folder, { recursive: true });
});

const MEMORY = 64 << 20;
const ROWS = 1_500_000;

test('two sessions that spill into one folder at the same time keep what is theirs, and leave nothing there', async () => {
	const sessions = await Promise.all(
		[1, 7].map(async (seed) => ({ seed, duck: await openDuck({ memoryBytes: MEMORY, temporaryDirectory: folder }) })),
	);
	await Promise.all(
		sessions.map(async ({ seed, duck }) => {
			await duck.run(`CREATE TEMP TABLE t AS SELECT range AS i, md5((range + ${seed})::VARCHAR) AS x FROM range(${ROWS})`);
		}),
	);
	const names = await readdir(folder, { recursive: true });
	expect(names.filter((name) => name.includes('duckdb_temp')).length).toBeGreaterThan(1);
	const right = await Promise.all(
		sessions.map(
			async ({ seed, duck }) =>
				(await duck.rows<{ right: number }>(`SELECT count(*) AS right FROM t WHERE x = md5((i + ${seed})::VARCHAR)`))[0].right,
		),
	);
	expect(right).toEqual([ROWS, ROWS]);
	for (const { duck } of sessions) duck.close();
	expect(await readdir(folder)).toEqual([]);
}, 60_000);

test('what finds no more room to spill is told of the full disk, not of too little memory', async () => {
	const spill = async (duck: Duck): Promise<void> => {
		// As on a disk of which so much was free.
		await duck.run(`SET max_temp_directory_size = '1MiB'`);
		await duck.run(`CREATE TEMP TABLE t AS SELECT range AS i, md5(range::VARCHAR) AS x FROM range(${ROWS})`);
	};
	await expect(withDuck({ memoryBytes: MEMORY, temporaryDirectory: folder }, spill)).rejects.toMatchObject({ code: 'store.full' });
	await expect(withDuck({ memoryBytes: MEMORY }, spill)).rejects.toMatchObject({
		code: 'store.full',
		message: `The disk for temporary files (${tmpdir()}) is full.`,
		details: { remedy: expect.stringContaining('TMPDIR') },
	});
	expect(await readdir(folder)).toEqual([]);
}, 60_000);

test('what a process that is gone spilled is taken away, what one that runs spills is not', async () => {
	// Of the same number, but started at another time.
	const gone = processMark().replace(/\d+$/, '1');
	const paths = [`mlops-spill-${gone}-0123456789ab`, `mlops-spill-${processMark()}-0123456789ab`, 'mlops-spill-of-somebody'].map((name) =>
		join(folder, name),
	);
	for (const path of paths) {
		await mkdir(path);
		await writeFile(join(path, 'duckdb_temp_storage_DEFAULT-0.tmp'), 'x');
	}
	await spillFolder(folder);
	expect(paths.map((path) => existsSync(path))).toEqual([process.platform !== 'linux', true, true]);
});
