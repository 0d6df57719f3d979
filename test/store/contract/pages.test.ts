import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../../lib/store/contract.js';
import { diskFiles, type Files } from '../../../lib/store/files.js';
import { openFolder } from '../../../lib/store/openFolder.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../records.js';
import { describeStores } from './places.js';

async function add(store: Store, key: string, text: string, { name = 'a', id = 'x', columns = ['n'] } = {}) {
	const path = await store.artifacts.temporary('ndjson');
	writeFileSync(path, text);
	return await store.pages.add({ name, id, key, path, rows: text.split('\n').length - 1, columns });
}
const textOf = async (store: Store, name = 'a', id = 'x'): Promise<string> =>
	(await store.pages.read(name, id)).paths.map((path) => readFileSync(path, 'utf8')).join('');

describeStores('pages', (stage) => {
	it('are there in their order after a restart, whoever wrote them', async () => {
		await add(stage.store, 'p1', '{"n":1}\n{"n":2}\n');
		await stage.reopen();
		await add(stage.store, 'p2', '{"n":3}\n', { columns: ['n', 'm'] });
		await add(stage.store, 'q', '{"n":9}\n', { id: 'y' });
		expect(await textOf(stage.store)).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
		expect(await textOf(stage.store, 'a', 'y')).toBe('{"n":9}\n');
		expect((await stage.store.pages.lots()).find(({ id }) => id === 'x')).toMatchObject({
			name: 'a',
			rows: 3,
			filled: 2,
			columns: [
				['n', 2],
				['m', 1],
			],
		});
		await stage.store.verify();
	});

	it('the same page again takes the place of the one before, and a page without rows is one all the same', async () => {
		await add(stage.store, 'p1', '{"n":1}\n');
		await add(stage.store, 'p2', '{"n":2}\n');
		expect(await add(stage.store, 'p1', '{"n":7}\n{"n":8}\n')).toMatchObject({ number: 1, lot: { rows: 3, filled: 2 } });
		expect(await add(stage.store, 'p3', '', { columns: [] })).toMatchObject({ number: 3, lot: { rows: 3, filled: 2 } });
		expect(await textOf(stage.store)).toBe('{"n":7}\n{"n":8}\n{"n":2}\n');
		expect(readdirSync(join(stage.store.home, 'pages'))).toHaveLength(2);
	});

	it('many that come at the same moment all count, each under a number of its own', async () => {
		const other = await openStore(stage.place.ref);
		const added = await Promise.all(
			Array.from({ length: 20 }, async (_, i) => await add(i % 2 ? other : stage.store, `p${i}`, `{"n":${i}}\n`)),
		);
		expect(added.map(({ number }) => number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
		expect((await textOf(stage.store)).split('\n')).toHaveLength(21);
		await other.close();
	});

	it('what came after a dataset was made of the others stays', async () => {
		await add(stage.store, 'p1', '{"n":1}\n');
		const { keys } = await stage.store.pages.read('a', 'x');
		await add(stage.store, 'p2', '{"n":2}\n');
		await stage.store.pages.discard('a', 'x', new Set(keys));
		expect(await textOf(stage.store)).toBe('{"n":2}\n');
		await stage.store.pages.discard('a', 'x');
		expect(await stage.store.pages.lots()).toEqual([]);
		expect(readdirSync(join(stage.store.home, 'pages'))).toEqual([]);
	});

	it('a page whose file is gone is missed, not passed over', async () => {
		await add(stage.store, 'p1', '{"n":1}\n');
		await add(stage.store, 'p2', '{"n":2}\n');
		const [, second] = (await stage.store.pages.read('a', 'x')).paths;
		await rm(second);
		await expect(stage.store.pages.read('a', 'x')).rejects.toMatchObject({
			code: 'store.not_found',
			message: 'Page 2 of "a" is not in the store any more.',
		});
	});
});

describe('a process that ends in the middle of a page', () => {
	afterAll(removeFolders);

	it('leaves the pages before, and this one whole or not at all, wherever it ends', async () => {
		const text = '{"n":2}\n{"n":3}\n';
		for (let left = 0, done = false; !done; left++) {
			const home = await freshFolder();
			const before = await openFolder(home);
			await add(before, 'p1', '{"n":1}\n');
			await before.close();
			let acts = 0;
			const ending = async <T>(act: () => Promise<T>): Promise<T> => {
				if (acts++ >= left) throw new Error('ended');
				return await act();
			};
			const files: Files = {
				...diskFiles,
				makeFolder: async (path) => await ending(async () => await diskFiles.makeFolder(path)),
				rename: async (from, to) => await ending(async () => await diskFiles.rename(from, to)),
				syncFile: async (path) => await ending(async () => await diskFiles.syncFile(path)),
				syncFolder: async (path) => await ending(async () => await diskFiles.syncFolder(path)),
			};
			const store = await openFolder(home, files).catch(() => undefined);
			if (!store) continue;
			done = await add(store, 'p2', text).then(
				() => true,
				() => false,
			);
			await store.close().catch(() => {});
			const after = await openFolder(home);
			expect(await textOf(after)).toBe(done ? `{"n":1}\n${text}` : '{"n":1}\n');
			// The page comes again, as a node's does that is tried once more.
			await add(after, 'p2', text);
			expect(await textOf(after)).toBe(`{"n":1}\n${text}`);
			await after.close();
		}
	});
});
