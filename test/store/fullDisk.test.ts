import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { predictRows, unloggedText, type Unlogged } from '../../lib/app/predictRows.js';
import { ingestJob } from '../../lib/app/jobs/ingestJob.js';
import { keepReport } from '../../lib/app/keepReport.js';
import { writeCsvParts } from '../../lib/app/writeCsv.js';
import { frameFromRows } from '../../lib/data/frameFromRows.js';
import { ingest } from '../../lib/data/ingest.js';
import { writeFrame } from '../../lib/data/writeFrame.js';
import { newFlag } from '../../lib/domain/cancel.js';
import { MlopsError } from '../../lib/domain/errors.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { v1 } from '../fixtures/v1/open.js';
import { datasetBody, freshFolder, removeFolders, versionBody } from './records.js';
import { noSmallDisk, smallDisk, type SmallDisk } from './smallDisk.js';

const reason = noSmallDisk();
const onSmallDisk = reason ? describe.skip : describe;
let disk: SmallDisk;
let store: Store;
afterAll(removeFolders);

const FULL = { code: 'store.full', details: { remedy: expect.stringContaining('Free some space') } };

onSmallDisk(`a full disk${reason ? ` (${reason})` : ''}`, () => {
	beforeEach(async () => {
		disk = smallDisk(24);
		execFileSync('tar', ['-xzf', join(__dirname, '../fixtures/v1/store.tar.gz'), '-C', disk.path]);
		store = await openStore({ kind: 'folder', home: disk.path });
	});
	afterEach(async () => {
		disk.free();
		await store.close();
		disk.remove();
	});

	it('is said by every writer of the store, and what it holds stays whole', async () => {
		const body = await versionBody(store, 'm', 'a');
		const data = await datasetBody(store, 'one');
		const before = await store.verify();
		disk.fill();
		// SQLite may still have room in the pages that it has: the writes are many or long.
		const long = 'x'.repeat(300_000);
		await expect(store.add('dataset', 'people', { ...data, source: { type: 'items', description: long } })).rejects.toMatchObject(FULL);
		await expect(store.add('modelVersion', 'm', { ...body, description: long })).rejects.toMatchObject(FULL);
		await expect(store.audit({ actor: 'ann@example.com', action: 'said', subject: long })).rejects.toMatchObject(FULL);
		await expect(store.moveAlias('orders', 'live', 1, { actor: 'ann@example.com', reason: long })).rejects.toMatchObject(FULL);
		await expect(store.artifacts.put(Buffer.alloc(100_000, 1))).rejects.toMatchObject(FULL);
		await expect(keepReport(store, 'run', { html: long, charts: [] })).rejects.toMatchObject(FULL);
		await expect(store.setProgress('key', { long })).rejects.toMatchObject(FULL);
		await expect(
			store.logPredictions([
				{ at: new Date().toISOString(), model: 'm@1', digest: 'd', requestId: '1', input: { long }, prediction: 1, score: [1] },
			]),
		).rejects.toMatchObject(FULL);
		disk.free();
		expect(await store.verify()).toMatchObject({ records: before.records });
		expect(await store.add('modelVersion', 'm', body)).toMatchObject({ version: 1 });
	});

	it('is said by those who write tables: Parquet, CSV, and what is read on the way', async () => {
		const elsewhere = await mkdtemp(join(tmpdir(), 'mlops-elsewhere-'));
		const rows = Array.from({ length: 60_000 }, (_, i) => ({ name: `somebody ${(i * 7919) % 99_991} of ${i}`, amount: i / 7 }));
		const frame = frameFromRows(rows, [
			{ name: 'name', type: 'text', role: 'feature' },
			{ name: 'amount', type: 'number', role: 'feature' },
		]);
		const csv = `name,amount\n${rows.map((r) => `${r.name},${r.amount}`).join('\n')}\n`;
		writeFileSync(join(elsewhere, 'rows.csv'), csv);
		writeFileSync(join(elsewhere, 'rows.csv.gz'), gzipSync(csv));
		writeFileSync(
			join(elsewhere, 'bad.csv'),
			`name,amount\n${rows.map((r, i) => (i % 20 ? `${r.name},${r.amount}` : `${r.name},${r.amount},${'too many '.repeat(300)}`)).join('\n')}\n`,
		);
		writeFileSync(join(elsewhere, 'latin.csv'), Buffer.from(csv.replaceAll('somebody', 'jemand f\u00fcr'), 'latin1'));
		disk.fill(16_384);
		let next = 0;
		const temporary = async (extension: string): Promise<string> => join(disk.path, 'tmp', `t${next++}.${extension.replace('.', '')}`);
		const read = async (source: string, params: object) =>
			await ingest(
				{ source, params },
				{ temporary, threads: 1, memoryBytes: 256 << 20, temporaryDirectory: join(disk.path, 'tmp') },
				{ progress() {}, note() {} },
			);
		await expect(writeFrame(frame, await temporary('parquet'))).rejects.toMatchObject(FULL);
		await expect(writeCsvParts(await temporary('csv'), {}, async (add) => await add(frame))).rejects.toMatchObject(FULL);
		for (const file of ['rows.csv', 'rows.csv.gz', 'bad.csv', 'latin.csv']) {
			const thrown = await read('file', { path: join(elsewhere, file) }).then(
				() => undefined,
				(error: unknown) => error,
			);
			expect([file, thrown]).toEqual([file, expect.objectContaining({ code: 'store.full' })]);
		}
		await expect(read('items', { items: rows.slice(0, 5_000) })).rejects.toMatchObject(FULL);
		await store.verify();
	}, 60_000);

	it('is told to whoever reads a file, with what is free and what it takes; nothing is left, and what others wrote is there', async () => {
		const elsewhere = await mkdtemp(join(tmpdir(), 'mlops-elsewhere-'));
		const path = join(elsewhere, 'rows.csv');
		const rows = Array.from({ length: 60_000 }, (_, i) => `somebody ${(i * 7919) % 99_991} of ${i},${i / 7}`);
		writeFileSync(path, `name,amount\n${rows.join('\n')}\n`);
		const read = async () =>
			await ingestJob.run(
				{ source: 'file', params: { path }, name: 'people', store: store.ref, rowLimit: 0 },
				{ progress() {}, note() {}, cancelled: newFlag(), threads: 1, memoryBytes: 256 << 20 },
			);
		const before = readdirSync(disk.path, { recursive: true }).length;
		disk.fill(700_000);
		const [refused] = await Promise.allSettled([read(), store.audit({ actor: 'ann@example.com', action: 'said', subject: 'meanwhile' })]);
		expect(refused).toMatchObject({
			reason: {
				code: 'store.full',
				message: 'The disk that holds the MLOps store is full.',
				details: {
					found: expect.stringMatching(/^[\d.]+\s(?:kB|MB) of 25\sMB free at .*mlops-small-/),
					expected: expect.stringMatching(/^while a file is read, up to 3 times its unpacked size, here [\d.]+\sMB$/),
					remedy: expect.stringContaining('MLOPS_HOME'),
				},
			},
		});
		disk.free();
		expect(readdirSync(disk.path, { recursive: true })).toHaveLength(before);
		await store.verify();
		expect((await store.auditLog({ subject: 'meanwhile' })).map(({ action }) => action)).toEqual(['said']);
		expect(await read()).toMatchObject({ dataset: { name: 'people', version: 1, rows: 60_000 } });
	}, 60_000);

	it('leaves Predict its answers; the gap is counted, said at once, and said in the log when it works again', async () => {
		const { packages } = v1();
		const known = packages.find((p) => p.name === 'binary-logisticRegression') ?? packages[0];
		const good = known.rows.find((r) => r.answer)!;
		const model = { name: 'orders', version: 1, digest: known.digest };
		const gaps: Unlogged[] = [];
		const ask = async (rows: number) =>
			await predictRows(
				store,
				model,
				Array.from({ length: rows }, () => ({ ...good.row })),
				{ reasons: 0, log: true, onUnlogged: (gap) => gaps.push(gap) },
			);
		await ask(2);
		const logged = (await store.predictions({ model: 'orders@1' })).length;
		disk.fill();
		for (let i = 0; i < 2; i++) {
			const results = await ask(4_000);
			expect(results).toHaveLength(4_000);
			expect(results.every((r) => 'answer' in r && r.answer.prediction === good.answer!.prediction)).toBe(true);
		}
		expect(gaps.map((g) => [g.rows, g.why.code])).toEqual([
			[4_000, 'store.full'],
			[4_000, 'store.full'],
		]);
		expect(unloggedText(gaps[0])).toMatch(/^4,000 answers are not in the prediction log: The disk .* is full\./);
		const during = (await store.predictions({ model: 'orders@1' })).length;
		store.noteUnlogged({ model: 'orders@1', digest: known.digest, rows: 5, why: 'The disk is full.' });
		disk.free();
		await ask(3);
		const after = await store.predictions({ model: 'orders@1' });
		// Full pieces may have found room; what did not is in the gap, and nothing is in both.
		const [gap, ...others] = after.filter((e) => e.error?.includes('could not be written'));
		expect(others).toEqual([]);
		expect(gap).toMatchObject({
			input: {},
			score: [],
			prediction: { unlogged: 8_005 - (during - logged) },
			error: expect.stringMatching(/^[\d,]+ answers from .* to .* could not be written to this log: The disk/),
		});
		expect(after).toHaveLength(during + 3 + 1);
		await ask(1);
		expect((await store.predictions({ model: 'orders@1' })).filter((e) => e.error?.includes('could not be written'))).toHaveLength(1);
	}, 60_000);
});

describe('a failure that a full disk caused', () => {
	it.each([
		['the file system', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })],
		['a quota', Object.assign(new Error('EDQUOT: disk quota exceeded'), { code: 'EDQUOT' })],
		['a limit on files', Object.assign(new Error('EFBIG: file too large, write'), { code: 'EFBIG' })],
		['SQLite', Object.assign(new Error('database or disk is full'), { errcode: 13 })],
		['SQLite, more exactly', Object.assign(new Error('no room'), { errcode: 13 | (1 << 8) })],
		[
			'DuckDB, of what it may spill',
			new Error(
				"Out of Memory Error: failed to offload data block of size 256.0 KiB (900.0 KiB/1.0 MiB used).\nThis limit was set by the 'max_temp_directory_size' setting.",
			),
		],
		['DuckDB', new Error('IO Error: Could not write file "/data/x.parquet": No space left on device')],
		[
			'something further down',
			new Error('the writer failed', { cause: new Error('stream', { cause: Object.assign(new Error('x'), { code: 'ENOSPC' }) }) }),
		],
	])('is store.full: %s', (_, thrown) => {
		expect(MlopsError.from(thrown)).toMatchObject(FULL);
		expect(new MlopsError('data.unreadable', 'This file cannot be read.', { cause: thrown, found: 'x' })).toMatchObject({
			...FULL,
			message: expect.stringContaining('full'),
		});
	});

	it('is nothing else: a name or a text with such words is no full disk', () => {
		for (const message of ['the column "full" is unknown', 'There is no column "ENOSPC".'])
			expect(new MlopsError('data.column_unknown', message)).toMatchObject({ code: 'data.column_unknown' });
		expect(new MlopsError('data.unreadable', 'x', { cause: new MlopsError('data.empty', 'No space left on device') })).toMatchObject({
			code: 'data.unreadable',
		});
	});
});

it('a gap that nothing was logged after is said in the log when the store is closed', async () => {
	const home = await freshFolder();
	const fresh = await openStore({ kind: 'folder', home });
	fresh.noteUnlogged({ model: 'm@1', digest: 'd', rows: 1, why: 'why' });
	await fresh.close();
	const again = await openStore({ kind: 'folder', home });
	expect(await again.predictions({})).toMatchObject([
		{ model: 'm@1', prediction: { unlogged: 1 }, error: expect.stringMatching(/^1 answer from .*: why/) },
	]);
	await again.close();
});
