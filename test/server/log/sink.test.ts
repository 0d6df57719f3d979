import { startLog } from '../../../lib/server/log/startLog.js';
import { createSink } from '../../../lib/server/log/sink.js';
import type { Store } from '../../../lib/store/contract.js';
import { answerText } from '../../../lib/store/log/lines.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { noSmallDisk, smallDisk } from '../../store/smallDisk.js';

let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterEach(async () => await store.close());
afterAll(removeFolders);

const line = (n: number, text = 'x'): string =>
	answerText({
		at: new Date(Date.UTC(2026, 0, 1) + n).toISOString(),
		model: `churn@${(n % 2) + 1}`,
		digest: 'd',
		requestId: String(n),
		input: { n, text },
		prediction: 'yes',
		score: [0.5],
		arm: 'stable',
		door: 'own',
		key: 'k',
		ms: 0.25,
	});
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

it('what two listeners offer is in the log, with arm, door, key and milliseconds', async () => {
	const log = startLog(store, { durable: false });
	const sinks = [createSink(log.connect()), createSink(log.connect())];
	for (const n of upTo(3_000)) expect(sinks[n % 2].offer(line(n))).toBe(true);
	await Promise.all(sinks.map(async (sink) => await sink.close()));
	expect(log.numbers()).toEqual({ offered: 3_000, dropped: 0, unwritten: 0, waitingBytes: 0 });
	await log.close();
	const entries = await store.predictions({});
	expect(entries.map((e) => Number(e.requestId))).toEqual(upTo(3_000));
	expect(entries[1]).toMatchObject({ model: 'churn@2', arm: 'stable', door: 'own', key: 'k', ms: 0.25, input: { n: 1, text: 'x' } });
});

it('a line is there once its sink was flushed, and answers that come together share the wait', async () => {
	const log = startLog(store, { durable: true });
	const sink = createSink(log.connect());
	await sink.flushed();
	for (const round of upTo(5)) {
		await Promise.all(
			upTo(20).map(async (n) => {
				sink.offer(line(round * 20 + n));
				await sink.flushed();
			}),
		);
		expect(await store.predictions({})).toHaveLength((round + 1) * 20);
	}
	await sink.close();
	await log.close();
});

it('beyond its bound a sink drops lines, counts them by model, and the log says so itself', async () => {
	const log = startLog(store, { durable: false });
	const sink = createSink({ ...log.connect(), bufferBytes: 20_000 });
	const taken = upTo(1_000).filter((n) => sink.offer(line(n)));
	expect(taken.length).toBeGreaterThan(10);
	expect(taken.length).toBeLessThan(200);
	expect(sink.offer(line(1, 'y'.repeat(5 << 20)))).toBe(false);
	await sink.flushed();
	expect(sink.offer(line(1_001))).toBe(true);
	await sink.close();
	expect(log.numbers()).toMatchObject({ offered: 1_002, dropped: 1_001 - taken.length, unwritten: 0 });
	await log.close();
	const entries = await store.predictions({});
	const gaps = entries.filter((e) => e.error);
	expect(entries.length - gaps.length).toBe(taken.length + 1);
	expect(gaps.map((g) => g.model).sort()).toEqual(['churn@1', 'churn@2']);
	const missing = gaps.reduce((sum, g) => sum + (g.prediction as { unlogged: number }).unlogged, 0);
	expect(missing).toBe(1_001 - taken.length);
	expect(gaps[0].error).toMatch(/answers from 2026-01-01T.* could not be written to this log: the log was written more slowly/);
});

it('half a character, which no file can hold, does not cost the line', async () => {
	const log = startLog(store, { durable: false });
	const sink = createSink(log.connect());
	const raw = JSON.stringify({
		at: '2026-01-01T00:00:00.000Z',
		id: '1',
		model: 'm',
		digest: 'd',
		input: { '\ud83d': 'a\\ud83d', b: '\ude00' },
	});
	sink.offer(`${raw.slice(0, -1)},"prediction":1,"score":[1]}\n`);
	await sink.close();
	await log.close();
	expect(await store.predictions({})).toMatchObject([{ input: { '\ufffd': 'a\\ud83d', b: '\ufffd' } }]);
});

it('segments that the thread seals are in the audit chain, and the store verifies', async () => {
	const log = startLog(store, { durable: false });
	const sink = createSink(log.connect());
	const text = 'some text '.repeat(20_000);
	for (const n of upTo(400)) {
		sink.offer(line(n, text + n));
		if (n % 100 === 99) await sink.flushed();
	}
	await sink.close();
	await log.close();
	const [event] = (await store.auditLog()).filter((e) => e.action === 'log.sealed');
	expect(event).toMatchObject({ actor: 'system', details: { kind: 'answers', rows: expect.any(Number), sha256: expect.any(String) } });
	expect(await store.verify()).toMatchObject({ events: 1 });
	expect(await store.predictions({ limit: 1_000 })).toHaveLength(400);
}, 30_000);

const reason = noSmallDisk();
(reason ? it.skip : it)(
	'on a full disk a durable log says so to who waits, and in itself once there is room',
	async () => {
		const disk = smallDisk(16);
		const small = await openStore({ kind: 'folder', home: disk.path });
		const log = startLog(small, { durable: true });
		const sink = createSink(log.connect());
		sink.offer(line(0));
		await sink.flushed();
		disk.fill();
		for (const n of [1, 2, 3]) sink.offer(line(n, 'z'.repeat(100_000)));
		await expect(sink.flushed()).rejects.toMatchObject({ code: 'store.full' });
		expect(log.numbers()).toMatchObject({ dropped: 0, unwritten: 3 });
		disk.free();
		sink.offer(line(4));
		await sink.flushed();
		await sink.close();
		await log.close();
		const entries = await small.predictions({});
		expect(entries.filter((e) => !e.error).map((e) => e.requestId)).toEqual(['0', '4']);
		const gaps = entries.filter((e) => e.error);
		expect(gaps.reduce((sum, g) => sum + (g.prediction as { unlogged: number }).unlogged, 0)).toBe(3);
		expect(gaps[0].error).toContain('is full');
		await small.close();
		disk.remove();
	},
	30_000,
);
