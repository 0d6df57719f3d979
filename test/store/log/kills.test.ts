import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { diskFiles } from '../../../lib/store/files.js';
import type { SealedSegment } from '../../../lib/store/log/contract.js';
import { createDuckThread, type DuckThread } from '../../../lib/store/log/duckThread.js';
import { createSegmentLog } from '../../../lib/store/log/segments.js';
import { compile } from '../../compute/compile.js';
import { freshFolder, removeFolders } from '../records.js';

let appender: Awaited<ReturnType<typeof compile>>;
let duck: DuckThread;
let home: string;
beforeAll(async () => {
	appender = await compile(join(__dirname, 'writer.ts'));
	duck = createDuckThread(await freshFolder());
});
beforeEach(async () => {
	home = await freshFolder();
	await mkdir(join(home, 'tmp'));
});
afterAll(async () => {
	await appender.remove();
	await duck.close();
	await removeFolders();
});

interface Appending {
	child: ChildProcess;
	/** What was confirmed. */
	lines: string[];
	ended: Promise<unknown>;
}

function append(name: string, count?: number): Appending {
	const child = spawn(process.execPath, [appender.path, home, name, ...(count === undefined ? [] : [String(count)])], {
		stdio: ['ignore', 'pipe', 'inherit'],
		// The compiled file lies elsewhere, and finds DuckDB all the same.
		env: { ...process.env, NODE_PATH: join(__dirname, '../../../node_modules') },
	});
	const appending: Appending = { child, lines: [], ended: once(child, 'close') };
	let rest = '';
	child.stdout.on('data', (chunk: Buffer) => {
		const lines = (rest + chunk.toString()).split('\n');
		rest = lines.pop()!;
		appending.lines.push(...lines);
	});
	return appending;
}

/** The log as one that comes after sees it, and what its journal was told. */
function after() {
	const told: SealedSegment[] = [];
	const log = createSegmentLog({
		home,
		files: diskFiles,
		duck,
		limits: { bytes: 20_000, ms: 3_600_000 },
		journal: { sealed: async (segment) => void told.push(segment), removed: async () => {} },
	});
	const ids = async () => (await log.query((relation) => `SELECT id FROM ${relation}`, 'answers')).map(([id]) => String(id));
	return { log, told, ids };
}

it('of a process that is killed fifty times under load all that was confirmed is there, once, and nothing else is doubled', async () => {
	const confirmed = new Set<string>();
	const { log, told, ids } = after();
	let cut = 0;
	for (let round = 0; round < 50; round++) {
		const { child, lines, ended } = append(`round ${round}`);
		// Somewhere in what it does, also on a machine that does little in a second.
		const enough = 1 + ((round * 17) % 50);
		while (lines.length < enough) await once(child.stdout!, 'data');
		await wait(round % 7);
		child.kill('SIGKILL');
		await ended;
		for (const line of lines) confirmed.add(line);
		// Every other time the next writer finds it as it was left.
		if (round % 2 === 1) continue;
		const before = told.length;
		await log.recover();
		cut += told.slice(before).reduce((sum, segment) => sum + (segment.cut ?? 0), 0);
		if (round % 10 !== 8) continue;
		const found = await ids();
		const there = new Set(found);
		expect(found.length).toBe(there.size);
		expect([...confirmed].filter((id) => !there.has(id))).toEqual([]);
	}
	expect(confirmed.size).toBeGreaterThan(1_000);
	expect(cut).toBeLessThanOrEqual(50);
}, 120_000);

it('six processes that append at once lose nothing, double nothing, and keep each writer\u2019s order', async () => {
	const all = Array.from({ length: 6 }, (_, i) => append(`writer ${i}`, 400));
	await Promise.all(all.map((a) => a.ended));
	const { log, ids } = after();
	expect(new Set(await ids())).toEqual(new Set(all.flatMap((a) => a.lines)));
	await log.recover();
	const found = await ids();
	expect(found).toHaveLength(new Set(found).size);
	expect(found.length).toBeGreaterThanOrEqual(6 * 400);
}, 60_000);
