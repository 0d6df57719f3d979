import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { whenFree } from '../../lib/store/sql/sqlite/database.js';
import { openStore } from '../../lib/store/index.js';
import { compile } from '../compute/compile.js';
import { datasetBody, freshFolder, removeFolders } from './records.js';

let writer: Awaited<ReturnType<typeof compile>>;
beforeAll(async () => {
	writer = await compile(join(__dirname, 'writer.ts'));
});
afterAll(async () => {
	await writer.remove();
	await removeFolders();
});

interface Writing {
	child: ChildProcess;
	lines: string[];
	ended: Promise<number | null>;
}

function write(home: string, mode: string, name: string): Writing {
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', writer.path, home, mode, name], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const writing: Writing = { child, lines: [], ended: once(child, 'close').then(([code]) => code as number | null) };
	let rest = '';
	child.stdout!.on('data', (chunk: Buffer) => {
		const lines = (rest + chunk.toString()).split('\n');
		rest = lines.pop()!;
		writing.lines.push(...lines);
	});
	return writing;
}

describe('a process that is killed while it writes', () => {
	it('leaves a store that opens, verifies and serves the last champion, 50 times', async () => {
		const growing = await freshFolder();
		let confirmed = 0;
		for (let round = 0; round < 50; round++) {
			// Every other time a new store, so that its making is interrupted too.
			const home = round % 2 === 0 ? growing : await freshFolder();
			const { child, lines, ended } = write(home, 'promote', `round ${round}`);
			while (home === growing && lines.length === 0) await wait(5);
			await wait(randomInt(0, home === growing ? 100 : 400));
			child.kill('SIGKILL');
			await ended;

			const said = Number(lines.at(-1) ?? 0);
			if (home === growing) confirmed = Math.max(confirmed, said);
			const store = await openStore({ kind: 'folder', home });
			await store.verify();
			const champion = (await store.alias('churn', 'champion')) ?? 0;
			expect(champion).toBeGreaterThanOrEqual(home === growing ? confirmed : said);
			if (champion > 0) {
				const model = (await store.find('modelVersion', 'churn', champion))!;
				expect((await store.artifacts.get(model.body.digest)).toString()).toBe(`package ${model.body.tags['mark']}`);
			}
			await store.predictions({ limit: 1 });
			await store.close();
		}
		expect(confirmed).toBeGreaterThan(0);
	}, 180_000);
});

describe('several processes at once', () => {
	it('twenty writers lose nothing and number versions without a gap', async () => {
		const home = await freshFolder();
		const writers = Array.from({ length: 20 }, (_, i) => write(home, 'register', `writer ${i}`));
		expect(await Promise.all(writers.map((w) => w.ended))).toEqual(writers.map(() => 0));

		const store = await openStore({ kind: 'folder', home });
		const versions = await store.list('modelVersion', { name: 'churn' });
		expect(versions.map((v) => v.version)).toEqual(Array.from({ length: 60 }, (_, i) => 60 - i));
		expect(versions.map((v) => v.body.version)).toEqual(versions.map((v) => v.version));
		expect(new Set(writers.flatMap((w) => w.lines))).toEqual(new Set(versions.map((v) => String(v.version))));
		expect(await store.predictions({})).toHaveLength(60);
		for (let i = 0; i < 20; i++) expect(await store.recall('modelVersion', `writer ${i} 2`)).toBeDefined();
		expect(await store.verify()).toEqual({ events: 60, records: 60 });
		await store.close();
	}, 120_000);

	it('two that decide the same approval at the same moment give one winner', async () => {
		const store = await openStore({ kind: 'folder', home: await freshFolder() });
		const { id } = await store.createApproval({
			subject: { title: 'Deploy' },
			approvers: ['ann', 'bob'],
			expiresAt: new Date(Date.now() + 600_000).toISOString(),
			items: await store.artifacts.put('[]'),
		});
		const both = ['ann', 'bob'].map((name) => write(store.home, id, name));
		while (!both.every((w) => w.lines.includes('ready'))) await wait(10);
		for (const w of both) w.child.stdin!.end();
		await Promise.all(both.map((w) => w.ended));
		expect(both.map((w) => w.lines.at(-1)).sort()).toEqual(['lost', 'won']);
		const winner = both[0]!.lines.at(-1) === 'won' ? 'ann' : 'bob';
		expect(await store.approval(id)).toMatchObject({ status: 'approved', decidedBy: winner });
		expect((await store.auditLog()).filter((e) => e.action === 'approval.decided')).toHaveLength(1);
		await store.verify();
		await store.close();
	}, 60_000);
});

describe('a store that another connection holds', () => {
	it('waits without blocking the thread, and reads go on', async () => {
		const store = await openStore({ kind: 'folder', home: await freshFolder() });
		const first = await store.add('dataset', 'people', await datasetBody(store, 'one'));
		const other = new DatabaseSync(join(store.home, 'store.db'));
		other.exec('BEGIN IMMEDIATE');
		let freed = false;
		const adding = store.add('dataset', 'people', await datasetBody(store, 'two')).then((record) => ({ record, freed }));
		// Only a free thread gets to these lines and to the timer.
		expect((await store.get('dataset', first.id)).version).toBe(1);
		await wait(200);
		freed = true;
		other.exec('ROLLBACK');
		other.close();
		expect(await adding).toMatchObject({ freed: true, record: { version: 2 } });
		await store.close();
	});

	it('says so when it takes too long', async () => {
		const path = join(await freshFolder(), 'held.db');
		const [holder, waiting] = [new DatabaseSync(path), new DatabaseSync(path, { timeout: 0 })];
		holder.exec('BEGIN IMMEDIATE');
		await expect(whenFree(() => waiting.exec('BEGIN IMMEDIATE'), 100)).rejects.toMatchObject({ code: 'store.busy' });
		holder.close();
		await whenFree(() => waiting.exec('BEGIN IMMEDIATE'), 100);
		waiting.close();
	});
});
