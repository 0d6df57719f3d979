import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDuck } from '../../lib/data/duck.js';
import { ingest } from '../../lib/data/ingest.js';
import { inLanes, type LaneTask } from '../../lib/data/profile/lanes.js';
import type { Progress } from '../../lib/domain/progress.js';

test('a statement that takes long says how far it is, and a short one says nothing', async () => {
	const shares: number[] = [];
	await withDuck({ threads: 1 }, async (duck) => {
		const tell = (share: number) => shares.push(share);
		await duck.watched(async () => await duck.run('SELECT 1'), tell);
		expect(shares).toEqual([]);
		await duck.run('CREATE TEMP TABLE numbers AS SELECT range AS i FROM range(300000)');
		// Long enough for some looks: nearly twenty thousand characters are made of each number.
		const statement = `SELECT max(length(repeat(md5(i::VARCHAR), 600))) FROM numbers`;
		await duck.watched(async () => await duck.run(statement), tell);
	});
	expect(shares.length).toBeGreaterThan(0);
	expect(shares).toEqual([...shares].sort((a, b) => a - b));
	for (const share of shares) expect(share > 0 && share < 1).toBe(true);
}, 60_000);

test('an ingestion says how far it is all the while: from 0 on, never back, through each stage, in small steps', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'mlops-progress-'));
	const rows = Array.from(
		{ length: 120_000 },
		(_, i) => `${i},${(i * 7919) % 10_007},${((i * 31) % 977) / 7},person ${(i * 17) % 50_021},city ${i % 40}`,
	);
	await writeFile(join(folder, 'people.csv'), `id,amount,ratio,name,city\n${rows.join('\n')}\n`);
	const said: Progress[] = [];
	let next = 0;
	await ingest(
		{ source: 'file', params: { path: join(folder, 'people.csv') } },
		{
			temporary: async (extension) => join(folder, `t${next++}.${extension}`),
			threads: 1,
			memoryBytes: 512 << 20,
			temporaryDirectory: folder,
		},
		{ progress: (progress) => said.push(progress), note() {} },
	);
	await rm(folder, { recursive: true });
	expect([...new Set(said.map(({ stage }) => stage))]).toEqual(['Reading the source', 'Finding column types', 'Storing', 'Profiling']);
	const shares = said.map(({ share }) => share!);
	expect(shares[0]).toBe(0);
	expect(shares).toEqual(shares.toSorted((a, b) => a - b));
	// Whoever keeps what was read goes on from there.
	expect(shares.at(-1)).toBeGreaterThan(0.9);
	expect(shares.at(-1)).toBeLessThanOrEqual(0.95);
}, 60_000);

test('tasks that run beside each other are told with parts of those that run', async () => {
	const told: number[] = [];
	await withDuck({ threads: 1 }, async (duck) => {
		await duck.run('CREATE TABLE numbers AS SELECT range AS i FROM range(300000)');
		const task: LaneTask = async (lane) => await lane.run(`SELECT max(length(repeat(md5(i::VARCHAR), 600))) FROM numbers`);
		await inLanes(
			duck,
			2,
			[task, task, task],
			() => {},
			(done) => told.push(done),
		);
	});
	expect(told.at(-1)).toBe(3);
	expect(told).toEqual(told.toSorted((a, b) => a - b));
	expect(told.some((done) => !Number.isInteger(done))).toBe(true);
}, 60_000);
