import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyStore } from '../../../lib/store/copyStore.js';
import type { Store } from '../../../lib/store/contract.js';
import { retentionSet } from '../../../lib/store/log/retention.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../records.js';

let home: string;
let store: Store;
beforeEach(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
});
afterEach(async () => await store.close());
afterAll(removeFolders);

/** Logs answers and has their segment sealed. @returns its file */
async function sealed(day: number, rows = 3): Promise<string> {
	const writer = store.log.writer('answers');
	const lines = Array.from({ length: rows }, (_, i) => ({
		at: new Date(Date.UTC(2026, 0, day) + i).toISOString(),
		id: `${day}-${i}`,
		model: 'churn',
		version: 1,
		digest: 'd',
		input: { i },
		prediction: 'yes',
		score: [0.5],
	}));
	await writer.append(Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
	await writer.close({ seal: true });
	await store.log.recover();
	return (await store.log.sealed('answers')).at(-1)!.file;
}

it('one event a sealed segment tells what it holds, and nobody else can write such an event', async () => {
	const file = await sealed(1, 200);
	const [event] = await store.auditLog({ subject: file });
	expect(event).toMatchObject({
		actor: 'system',
		action: 'log.sealed',
		details: { kind: 'answers', rows: 200, from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:00:00.199Z' },
	});
	expect(await store.verify()).toMatchObject({ events: 1 });
	for (const action of ['log.sealed', 'log.removed'])
		await expect(store.audit({ actor: 'a', action, subject: file })).rejects.toMatchObject({ code: 'internal' });
});

it('a sealed segment that was altered, or taken away, is found by verify; one that was put there is told', async () => {
	const file = join(home, await sealed(1));
	const bytes = await readFile(file);
	const other = Buffer.from(bytes);
	other[100] ^= 1;
	await writeFile(file, other);
	await expect(store.verify()).rejects.toMatchObject({ code: 'store.corrupt', message: expect.stringContaining('was altered') });
	await rename(file, `${file}.away`);
	await expect(store.verify()).rejects.toMatchObject({ code: 'store.corrupt', message: expect.stringContaining('is missing') });
	await writeFile(file, bytes);
	expect((await store.verify()).exceptions).toBeUndefined();
	await writeFile(file.replace(/-[0-9a-f]{8}\.parquet$/, '-0123abcd.parquet'), bytes);
	expect((await store.verify()).exceptions).toMatchObject([{ about: 'log', text: expect.stringContaining('1 sealed segment') }]);
});

it('a sealed segment of which half is missing is named where the log is read', async () => {
	const file = join(home, await sealed(1));
	await writeFile(file, (await readFile(file)).subarray(0, 200));
	await expect(store.predictions({})).rejects.toMatchObject({
		code: 'store.corrupt',
		message: expect.stringContaining('The MLOps log cannot be read'),
		details: { remedy: expect.stringContaining('mlops verify') },
	});
});

it('of a row of thirty megabytes the long values are left out, each saying so, and the others are read as they were', async () => {
	const entry = (requestId: string, input: Record<string, unknown>) => ({
		at: '2026-01-02T00:00:00.000Z',
		model: 'churn@2',
		digest: 'd',
		requestId,
		input,
		prediction: 'yes',
		score: [1],
	});
	const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`column ${i}`, '\u20ac'.repeat(4_000)]));
	await store.logPredictions([entry('1', { text: 'x'.repeat(30 << 20), age: 40 }), entry('2', { age: 41 }), entry('3', many)]);
	const [first, second, third] = await store.predictions({});
	expect(first.input).toEqual({ text: '(not kept in the log: 31,457,282 characters)', age: 40 });
	expect(second.input).toEqual({ age: 41 });
	expect(third.input['column 0']).toBe(many['column 0']);
	expect(third.input['column 2999']).toMatch(/^\(not kept/);
});

it('what is removed for its age or size is an event, and verify misses nothing', async () => {
	const files = [await sealed(1), await sealed(2), await sealed(3)];
	const removed = await store.log.retain({ bytes: 1 });
	expect(removed.map(({ file }) => file)).toEqual(files);
	expect((await store.auditLog()).find((e) => e.action === 'log.removed')).toMatchObject({
		details: { files, why: 'over the limit of 1 bytes in all' },
	});
	await store.verify();
	expect(await store.predictions({})).toEqual([]);
});

it('a copy of the store has the sealed and the open segments', async () => {
	await sealed(1);
	await store.logPredictions([
		{ at: '2026-01-02T00:00:00Z', model: 'churn@2', digest: 'd', requestId: '9', input: {}, prediction: 1, score: [1] },
	]);
	await store.log.append(
		'truth',
		Buffer.from(`${JSON.stringify({ at: '2026-01-03T00:00:00.000Z', id: '9', truth: 'no', by: 'a', batch: 'b' })}\n`),
	);
	const was = await store.predictions({});
	await store.close();
	const to = { kind: 'folder' as const, home: await freshFolder() };
	expect(await copyStore({ kind: 'folder', home }, to)).toMatchObject({ predictions: 4 });
	store = await openStore(to);
	expect(await store.predictions({})).toEqual(was);
	expect(await store.log.query((relation) => `SELECT id, truth, "by" FROM ${relation}`, 'truth')).toEqual([['9', '"no"', 'a']]);
	await store.verify();
});

it('many openings of the store, each with one answer, make one segment and no event', async () => {
	for (let i = 0; i < 10; i++) {
		await store.logPredictions([
			{ at: '2026-01-02T00:00:00Z', model: 'churn@2', digest: 'd', requestId: String(i), input: {}, prediction: 1, score: [1] },
		]);
		await store.close();
		store = await openStore({ kind: 'folder', home });
	}
	expect((await store.predictions({})).map((e) => e.requestId)).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
	expect(await store.auditLog()).toEqual([]);
});

it('how long the log is kept can be set, and a setting that is no number is refused', () => {
	expect(retentionSet({})).toEqual({ days: 400, bytes: 20e9 });
	expect(retentionSet({ MLOPS_LOG_DAYS: ' 30 ', MLOPS_LOG_GB: '0.5' })).toEqual({ days: 30, bytes: 5e8 });
	expect(retentionSet({ MLOPS_LOG_DAYS: '0', MLOPS_LOG_GB: '0' })).toEqual({ days: undefined });
	expect(() => retentionSet({ MLOPS_LOG_GB: 'much' })).toThrow(/MLOPS_LOG_GB is "much"/);
});
