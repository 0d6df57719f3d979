import { mkdir, open as openFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { createIdSource, timeOfId } from '../../../lib/domain/answerId.js';
import { diskFiles } from '../../../lib/store/files.js';
import type { AnswerLine, LineRange, SealedFile, SealedSegment, SegmentLog } from '../../../lib/store/log/contract.js';
import { createDuckThread, type DuckThread } from '../../../lib/store/log/duckThread.js';
import { createSegmentLog } from '../../../lib/store/log/segments.js';
import type { Limits } from '../../../lib/store/log/writer.js';
import { freshFolder, removeFolders } from '../records.js';

let duck: DuckThread;
let home: string;
let told: SealedSegment[];
let removed: SealedFile[];
beforeAll(async () => {
	duck = createDuckThread(await freshFolder());
});
beforeEach(async () => {
	home = await freshFolder();
	await mkdir(join(home, 'tmp'));
	told = [];
	removed = [];
});
afterAll(async () => {
	await duck.close();
	await removeFolders();
});

/** A log over the test's folder, as another process would open it. */
const logIn = (limits?: Limits, graceMs?: number): SegmentLog =>
	createSegmentLog({
		home,
		files: diskFiles,
		duck,
		limits,
		graceMs,
		journal: {
			sealed: async (segment) => void told.push(segment),
			removed: async (segments) => void removed.push(...segments),
		},
	});

const nextId = createIdSource();
const line = (n: number, more: Partial<AnswerLine> = {}): AnswerLine => ({
	at: new Date(Date.UTC(2026, 0, 1) + n).toISOString(),
	id: nextId(),
	model: 'churn',
	version: 3,
	digest: 'd',
	key: String(n),
	input: { n, text: 'caf\u00e9 \u{1F600} "quoted" \n' },
	prediction: n % 2 === 0,
	score: [n / 7],
	...more,
});
const bytes = (...lines: object[]): Uint8Array => Buffer.from(lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
/** The keys of all lines, in the order in which they are read. */
const keys = async (log: SegmentLog, range?: LineRange): Promise<number[]> =>
	(await duck.run([`SELECT "key" FROM ${await log.relation('answers', range)}`])).map(([key]) => Number(key));
const open = async (ending: string): Promise<string[]> =>
	(await readdir(join(home, 'answers', 'open')).catch(() => [] as string[])).filter((name) => name.endsWith(ending));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

it('nothing is there before the first line: no folder, and a question has no rows', async () => {
	const log = logIn();
	expect(await keys(log)).toEqual([]);
	await log.recover();
	expect(await readdir(home)).toEqual(['tmp']);
});

it('a question that takes too much memory is told as such, and not as a damaged log', async () => {
	const log = logIn();
	await expect(log.query(() => "SELECT list(repeat('x', 100000) || i) FROM range(30000) t(i)", 'answers')).rejects.toMatchObject({
		code: 'compute.out_of_memory',
	});
	expect(await log.query(() => 'SELECT 1', 'answers')).toEqual([[1]]);
});

it('a line is read as it was written, before and after it is sealed', async () => {
	const log = logIn();
	const writer = log.writer('answers');
	const all = {
		alias: 'champion',
		rollout: 'r',
		arm: 'stable',
		door: 'own',
		ms: 0.25,
		error: 'e',
		unlogged: 3,
		warnings: [{ column: 'n' }],
	};
	const written = [line(0), line(1, all), line(2, { prediction: null, score: [], version: undefined })];
	await writer.append(bytes(...written));
	const read = async () =>
		await duck.run([
			`SELECT epoch_ms("at")::DOUBLE, id, model, version, digest, alias, rollout, arm, door, key, ms, input, prediction, score, warnings, error, ` +
				`unlogged::DOUBLE FROM ${await log.relation('answers')}`,
		]);
	const expected = written.map((l) => [
		Date.parse(l.at),
		l.id,
		l.model,
		l.version ?? null,
		l.digest,
		...[l.alias, l.rollout, l.arm, l.door, l.key, l.ms].map((v) => v ?? null),
		l.input,
		l.prediction,
		l.score,
		l.warnings ?? null,
		l.error ?? null,
		l.unlogged ?? null,
	]);
	const parsed = (rows: unknown[][]): unknown[][] =>
		rows.map((row) => row.map((v, i) => (i >= 11 && i <= 14 && v !== null ? (JSON.parse(String(v)) as unknown) : v)));
	expect(parsed(await read())).toEqual(expected);
	await writer.close({ seal: true });
	await log.recover();
	expect(parsed(await read())).toEqual(expected);
	expect(told).toMatchObject([{ rows: 3, from: written[0].at, to: written[2].at }]);
	expect(told[0].cut).toBeUndefined();
});

it('whatever is appended, closed, sealed and recovered in whatever order, each line is there once, in its order', async () => {
	const step = fc.oneof(
		{ weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), writer: fc.nat(2), lines: fc.integer({ min: 1, max: 40 }) }) },
		fc.record({ do: fc.constant('close' as const), writer: fc.nat(2), seal: fc.boolean() }),
		fc.record({ do: fc.constant('recover' as const) }),
		fc.record({ do: fc.constant('read' as const) }),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
			home = await freshFolder();
			await mkdir(join(home, 'tmp'));
			told = [];
			const log = logIn({ bytes: 6_000, ms: 3_600_000 }, 0);
			const writers = [0, 1, 2].map(() => log.writer('answers'));
			let next = 0;
			const pending: Array<Promise<void>> = [];
			for (const s of steps) {
				if (s.do === 'append')
					pending.push(writers[s.writer].append(bytes(...upTo(s.lines).map(() => line(next++))), { durable: s.lines % 2 === 0 }));
				else if (s.do === 'close') {
					await writers[s.writer].close({ seal: s.seal });
					writers[s.writer] = log.writer('answers');
				} else if (s.do === 'recover') await log.recover();
				else {
					await Promise.all(pending);
					expect((await keys(log)).sort((a, b) => a - b)).toEqual(upTo(next));
				}
			}
			await Promise.all(pending);
			for (const writer of writers) await writer.close({ seal: true });
			await log.recover();
			expect((await keys(log)).sort((a, b) => a - b)).toEqual(upTo(next));
			expect(told.reduce((sum, { rows }) => sum + rows, 0)).toBe(next);
			await log.recover();
			expect(await open('')).toEqual([]);
		}),
		{ numRuns: 12, seed: 12 },
	);
}, 60_000);

it('lines that come while others are written share the next write, and keep their order', async () => {
	const log = logIn();
	const writer = log.writer('answers');
	await Promise.all(upTo(2_000).map((n) => writer.append(bytes(line(n)), { durable: true })));
	expect(await keys(log)).toEqual(upTo(2_000));
	await writer.close();
});

it('a small segment is left to the next writer, which goes on with it; nothing is sealed', async () => {
	const log = logIn();
	for (const n of upTo(5)) {
		const writer = log.writer('answers');
		await writer.append(bytes(line(n)));
		await writer.close();
	}
	expect(await open('.ndjson')).toHaveLength(1);
	expect(await keys(log)).toEqual(upTo(5));
	expect(told).toEqual([]);
});

it('a segment is sealed when it is large, and when it is old', async () => {
	const large = logIn({ bytes: 1_000, ms: 3_600_000 });
	const writer = large.writer('answers');
	for (const n of upTo(20)) await writer.append(bytes(line(n)));
	await writer.close();
	await large.recover();
	expect(told.length).toBeGreaterThan(2);
	expect(await keys(large)).toEqual(upTo(20));
	const next = large.writer('answers');
	await next.append(bytes(line(20)));
	await next.close();
	const sealed = told.length;
	const old = logIn({ bytes: 1 << 20, ms: 0 });
	await old.recover();
	expect(told.length).toBe(sealed + 1);
	expect(await keys(old)).toEqual(upTo(21));
});

it('an old segment of a few lines is gone on with for a day, so that no event is made for each', async () => {
	const folder = join(home, 'answers', 'open');
	await mkdir(folder, { recursive: true });
	const begun = async (hours: number, lines: number): Promise<void> => {
		const id = `${new Date(Date.now() - hours * 3_600_000).toISOString().replace(/[-:.]/g, '')}-0000000${hours % 10}`;
		await writeFile(join(folder, `${id}.ndjson`), bytes(...upTo(lines).map((n) => line(n))));
		await writeFile(join(folder, `${id}.free.lock`), '');
	};
	const log = logIn({ bytes: 64_000, ms: 3_600_000 });
	await begun(2, 1);
	await log.recover();
	expect(told).toEqual([]);
	await begun(3, 20);
	await begun(25, 1);
	await log.recover();
	expect(told.map(({ rows }) => rows).sort()).toEqual([1, 20]);
});

it('where a folder cannot be written to, or a lock is taken meanwhile, nothing is thrown at who opens the store', async () => {
	const folder = join(home, 'answers', 'open');
	await mkdir(folder, { recursive: true });
	// A folder in the place of a file of lines: it can neither be read nor sealed.
	await mkdir(join(folder, '20260101T000000000Z-00000001.ndjson'));
	await writeFile(join(folder, '20260101T000000000Z-00000001.free.lock'), '');
	const said = jest.spyOn(process, 'emitWarning');
	const log = logIn();
	await log.recover();
	expect(said.mock.calls).toEqual([[expect.stringContaining('The MLOps log could not be tidied up'), 'MlopsWarning']]);
	said.mockRestore();
	expect(await open('.free.lock')).toHaveLength(1);
});

it('a sealed segment and its open file side by side count once, wherever the process ended; the journal is told', async () => {
	const log = logIn(undefined, 3_600_000);
	const writer = log.writer('answers');
	await writer.append(bytes(line(0), line(1)));
	await writer.close({ seal: true });
	await log.recover();
	expect([await open('.ndjson'), await open('.sealed.lock')]).toMatchObject([{ length: 1 }, { length: 1 }]);
	expect(await keys(log)).toEqual([0, 1]);
	// As if the process had ended before it could tell the journal.
	const [lock] = await open('.sealed.lock');

	await rename(join(home, 'answers', 'open', lock), join(home, 'answers', 'open', lock.replace('.sealed.', '.free.')));
	const first = told.pop()!;
	await log.recover();
	expect(told).toEqual([first]);
	expect(await keys(log)).toEqual([0, 1]);
	await logIn(undefined, 0).recover();
	expect(await open('')).toEqual([]);
	expect(await keys(log)).toEqual([0, 1]);
});

it('half a line at the end, and bytes that are none in between, are counted and left out', async () => {
	const log = logIn();
	const writer = log.writer('answers');
	await writer.append(bytes(line(0)));
	await writer.close();
	const [name] = await open('.ndjson');
	const path = join(home, 'answers', 'open', name);
	const file = await openFile(path, 'a');
	await file.write(Buffer.concat([Buffer.alloc(9), Buffer.from('\n'), bytes(line(1)), bytes(line(2)).subarray(0, 40)]));
	await file.close();
	expect(await keys(log)).toEqual([0, 1]);
	// It is not gone on with: what comes goes into a segment of its own.
	const next = log.writer('answers');
	await next.append(bytes(line(3)));
	await next.close();
	await log.recover();
	expect(await keys(log)).toEqual([0, 1, 3]);
	expect(told).toMatchObject([{ rows: 2, cut: 2 }]);
});

it('segments outside of a time, or of the times of ids, are not opened', async () => {
	const log = logIn();
	const hour = 3_600_000;
	const ids: string[] = [];
	for (const n of [0, 24 * hour, 48 * hour]) {
		const id = `${(Date.UTC(2026, 0, 1) + n)
			.toString(16)
			.padStart(12, '0')
			.replace(/^(.{8})/, '$1-')}-7000-8000-000000000000`;
		expect(timeOfId(`${id}-12`)).toBe(Date.UTC(2026, 0, 1) + n);
		ids.push(id);
		const writer = log.writer('answers');
		await writer.append(bytes(line(n, { id })));
		await writer.close({ seal: true });
		await log.recover();
	}
	expect(await keys(log, { since: '2026-01-02' })).toEqual([24 * hour, 48 * hour]);
	expect(await keys(log, { since: '2026-01-01T12:00:00Z', until: '2026-01-02T00:00:00.001Z' })).toEqual([24 * hour]);
	expect(await keys(log, { until: '2026-01-02' })).toEqual([0]);
	expect(await keys(log, { ids: [ids[2]] })).toEqual([48 * hour]);
	expect(await keys(log, { ids: [ids[0], ids[2]] })).toEqual([0, 48 * hour]);
	expect(await keys(log, { ids: ['my own'] })).toHaveLength(3);
});

it('a living writer is left alone; one of a process that is gone, or of a machine that is silent, is not', async () => {
	const log = logIn();
	const writer = log.writer('answers');
	await writer.append(bytes(line(0)));
	await log.recover();
	const [mine] = await open('.lock');
	await writer.append(bytes(line(1)));
	const begun = mine.split('.')[0];
	const [machine, , start] = mine.split('.')[1].split('-');
	const folder = join(home, 'answers', 'open');
	const leave = async (id: string, owner: string, silentMs = 0): Promise<void> => {
		await writeFile(join(folder, `${id}.ndjson`), bytes(line(9)));
		const lock = join(folder, `${id}.${owner}.lock`);
		await writeFile(lock, '');
		const then = new Date(Date.now() - silentMs);
		await utimes(lock, then, then);
	};
	await leave('20260101T000000000Z-00000001', `${machine}-${process.pid}-${Number(start) - 1}-aaaaaaaa`);
	await leave('20260101T000000000Z-00000002', `000000000000-${process.pid}-${start}-aaaaaaaa`, 10_000);
	await leave('20260101T000000000Z-00000003', `000000000000-${process.pid}-${start}-aaaaaaaa`, 200_000);
	await log.recover();
	// Old ones by their names: those that nobody has are sealed.
	expect(told.map(({ file }) => file.slice(-12, -8)).sort()).toEqual(['0001', '0003']);
	expect((await open('.lock')).filter((name) => name.startsWith(begun))).toEqual([mine]);
	await writer.close();
	expect((await open('.free.lock')).filter((name) => name.startsWith(begun))).toHaveLength(1);
});

it('what is too old, or too much, is removed, oldest first, and told before', async () => {
	const log = logIn(undefined, 3_600_000);
	for (const day of [40, 30, 20, 10]) {
		const writer = log.writer('answers');
		await writer.append(bytes(line(0, { key: String(day), at: new Date(Date.now() - day * 86_400_000).toISOString() })));
		await writer.close({ seal: true });
		await log.recover();
	}
	expect(await log.retain({ days: 35 })).toMatchObject([{ kind: 'answers' }]);
	expect(await keys(log)).toEqual([30, 20, 10]);
	const sizes = await Promise.all((await log.sealed('answers')).map(async ({ file }) => (await stat(join(home, file))).size));
	await log.retain({ days: 35, bytes: sizes[1] + sizes[2] });
	expect(await keys(log)).toEqual([20, 10]);
	expect(removed.map(({ file }) => file)).toEqual(told.slice(0, 2).map(({ file }) => file));
	expect(await log.retain({})).toEqual([]);
});

it('days beyond all dates are no limit of age, and the limit of size goes on', async () => {
	const log = logIn();
	const old = log.writer('answers');
	await old.append(bytes(line(1, { at: '2020-01-01T00:00:00.000Z' })));
	await old.close({ seal: true });
	await log.settle();
	for (const days of [20_000, 1_000_000, 1e9, 1e300]) expect([days, await log.retain({ days })]).toEqual([days, []]);
	expect(await log.retain({ days: 1e9, bytes: 1 })).toMatchObject([{ kind: 'answers' }]);
});

it('where the journal cannot be written, what is too old stays, nothing fails, and it is removed the next time', async () => {
	const log = logIn();
	const old = log.writer('answers');
	await old.append(bytes(line(1, { at: '2020-01-01T00:00:00.000Z' })));
	await old.close({ seal: true });
	await log.settle();
	let away = true;
	const kept = createSegmentLog({
		...{ home, files: diskFiles, duck, retention: { days: 400 } },
		journal: {
			sealed: async () => {},
			removed: async (segments) => {
				if (away) throw new Error('the database is away');
				removed.push(...segments);
			},
		},
	});
	await kept.tidy();
	expect([await keys(kept), removed]).toEqual([[1], []]);
	away = false;
	await kept.tidy();
	expect([await keys(kept), removed.map(({ from }) => from)]).toEqual([[], ['2020-01-01T00:00:00.000Z']]);
	await kept.settle();
});

it('lines that do not end are refused; a folder that cannot be made is said, and works once it can', async () => {
	const log = logIn();
	const writer = log.writer('answers');
	await expect(writer.append(Buffer.from('{}'))).rejects.toMatchObject({ code: 'internal' });
	await writeFile(join(home, 'answers'), 'in the way');
	await expect(writer.append(bytes(line(0)))).rejects.toMatchObject({ code: 'store.unwritable' });
	await rm(join(home, 'answers'));
	await writer.append(bytes(line(1)));
	expect(await keys(log)).toEqual([1]);
	await writer.close();
});

it('ids of a source rise and are never twice, however many are made in a millisecond', () => {
	const source = createIdSource();
	const ids = upTo(50_000).map(() => source());
	expect(new Set(ids).size).toBe(ids.length);
	expect([...ids].sort()).toEqual(ids);
	expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	expect(Math.abs(timeOfId(ids[0])! - Date.now())).toBeLessThan(60_000);
	expect(createIdSource()().slice(-12)).not.toBe(ids[0].slice(-12));
	expect(timeOfId('order 17')).toBeUndefined();
});
