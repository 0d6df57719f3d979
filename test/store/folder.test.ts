import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders, versionBody } from './records.js';

let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	await store.add('modelVersion', 'churn', await versionBody(store, 'churn', 'a'));
});
afterEach(async () => {
	await store.close();
});
afterAll(removeFolders);

describe('a store that cannot be opened', () => {
	it('has lost its database but not its keys', async () => {
		const home = store.home;
		await store.close();
		await rm(join(home, 'store.db'));
		await expect(openStore({ kind: 'folder', home })).rejects.toMatchObject({ code: 'store.corrupt' });
	});

	it('would lie where nothing can be written', async () => {
		const file = join(store.home, 'a-file');
		await writeFile(file, '');
		await expect(openStore({ kind: 'folder', home: join(file, 'mlops') })).rejects.toMatchObject({
			code: 'store.unwritable',
			details: { remedy: expect.stringContaining('MLOPS_HOME') },
		});
		const home = join(store.home, 'crooked');
		await mkdir(join(home, 'store.db'), { recursive: true });
		await expect(openStore({ kind: 'folder', home })).rejects.toMatchObject({ code: 'store.unwritable' });
	});

	it('has a database that is none', async () => {
		const home = store.home;
		await store.close();
		await writeFile(join(home, 'store.db'), 'this is no database, and long enough to be looked at as one'.repeat(100));
		await expect(openStore({ kind: 'folder', home })).rejects.toMatchObject({ code: 'store.corrupt' });
	});
});
