import { readFile, stat, utimes, writeFile, chmod } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { temporariesIn } from '../temporaries.js';
import { freshFolder, removeFolders } from './records.js';

let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterEach(async () => {
	await store.close();
});
afterAll(removeFolders);

describe('artifacts', () => {
	it('are named by their SHA-256 and come back byte for byte', async () => {
		const digest = await store.artifacts.put('hello');
		expect(digest).toBe(createHash('sha256').update('hello').digest('hex'));
		expect((await store.artifacts.get(digest)).toString()).toBe('hello');
		expect(await readFile(await store.artifacts.materialise(digest), 'utf8')).toBe('hello');
		expect(await store.artifacts.has(digest)).toBe(true);
		expect(await store.artifacts.put(Buffer.from('hello'))).toBe(digest);
		expect(temporariesIn(store.home)).toEqual([]);
	});

	it('take over finished files', async () => {
		const path = await store.artifacts.temporary('.parquet');
		expect(path.endsWith('.parquet')).toBe(true);
		await writeFile(path, 'columns');
		const { digest, size } = await store.artifacts.putFile(path);
		expect(size).toBe(7);
		expect(existsSync(path)).toBe(false);
		expect((await store.artifacts.get(digest)).toString()).toBe('columns');
		await expect(store.artifacts.putFile(join(store.home, '..', 'elsewhere'))).rejects.toMatchObject({ code: 'internal' });
		await expect(store.artifacts.putFile(await store.artifacts.temporary('x'))).rejects.toMatchObject({ code: 'store.not_found' });
	});

	it('may be looked at before they are taken over, and are the same then; those that nobody takes harm nothing', async () => {
		const path = await store.artifacts.temporary('.parquet');
		await writeFile(path, 'looked at before');
		store.artifacts.ahead(path);
		const digest = createHash('sha256').update('looked at before').digest('hex');
		expect(await store.artifacts.putFile(path)).toEqual({ digest, size: 16 });
		expect((await store.artifacts.get(digest)).toString()).toBe('looked at before');
		const none = await store.artifacts.temporary('.parquet');
		store.artifacts.ahead(none);
		await new Promise((resolve) => setTimeout(resolve, 50));
		await expect(store.artifacts.putFile(none)).rejects.toMatchObject({ code: 'store.not_found' });
		store.artifacts.ahead(await store.artifacts.temporary('.parquet'));
	});

	it('are temporary files until what is to be kept before them is kept', async () => {
		const path = await store.artifacts.temporary('.parquet');
		await writeFile(path, 'columns');
		const digest = createHash('sha256').update('columns').digest('hex');
		const full = new Error('no room');
		const before = async (): Promise<void> => {
			expect([existsSync(path), await store.artifacts.has(digest)]).toEqual([true, false]);
			throw full;
		};
		await expect(store.artifacts.putFile(path, before)).rejects.toBe(full);
		expect([existsSync(path), await store.artifacts.has(digest)]).toEqual([true, false]);
		await store.artifacts.putFile(path, async () => {});
		expect([existsSync(path), await store.artifacts.has(digest)]).toEqual([false, true]);
	});

	it('survive being written by many at once', async () => {
		const digests = await Promise.all(Array.from({ length: 20 }, () => store.artifacts.put('the same')));
		expect(new Set(digests).size).toBe(1);
		expect((await store.artifacts.get(digests[0]!)).toString()).toBe('the same');
	});

	it('that are missing or no digest at all are not found', async () => {
		for (const digest of ['0'.repeat(64), '../../etc/passwd', '']) {
			await expect(store.artifacts.get(digest)).rejects.toMatchObject({ code: 'store.not_found' });
			await expect(store.artifacts.materialise(digest)).rejects.toMatchObject({ code: 'store.not_found' });
			expect(await store.artifacts.has(digest)).toBe(false);
		}
	});

	it('that were altered by one byte are refused, and heal when they are written again', async () => {
		const digest = await store.artifacts.put('a model');
		const path = await store.artifacts.materialise(digest);
		await chmod(path, 0o600);
		await writeFile(path, 'a moDel');
		await expect(store.artifacts.get(digest)).rejects.toMatchObject({ code: 'store.digest_mismatch', details: { expected: digest } });
		expect(await store.artifacts.put('a model')).toBe(digest);
		expect((await store.artifacts.get(digest)).toString()).toBe('a model');
	});

	it('can be empty, and cannot be written to', async () => {
		const digest = await store.artifacts.put('');
		expect(await store.artifacts.get(digest)).toHaveLength(0);
		expect((await stat(await store.artifacts.materialise(digest))).mode & 0o222).toBe(0);
	});

	it('left half written long ago are swept away, fresh ones are not', async () => {
		const old = await store.artifacts.temporary('.old');
		const fresh = await store.artifacts.temporary('.fresh');
		await writeFile(old, 'x');
		await writeFile(fresh, 'x');
		await utimes(old, new Date(0), new Date(0));
		await store.close();
		store = await openStore({ kind: 'folder', home: store.home });
		expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
	});

	it('hand a temporary file over by a name that says nothing of where the store lies', async () => {
		const path = await store.artifacts.temporary('ndjson');
		await writeFile(path, '{}');
		const name = await store.artifacts.handOver(path);
		expect(name).toMatch(/^[\da-f-]+\.ndjson$/);
		expect(await readFile(await store.artifacts.handedOver(name), 'utf8')).toBe('{}');
		await store.artifacts.discard(name);
		expect(existsSync(path)).toBe(false);
		await store.artifacts.discard(name);
		for (const other of ['../store.db', '/etc/passwd', '..', ''])
			await expect(store.artifacts.handedOver(other)).rejects.toMatchObject({ code: 'internal' });
		await expect(store.artifacts.handOver(join(store.home, 'store.db'))).rejects.toMatchObject({ code: 'internal' });
	});
});
