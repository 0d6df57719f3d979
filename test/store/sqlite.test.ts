import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { openStore } from '../../lib/store/openStore.js';
import { whenFree } from '../../lib/store/sql/sqlite/database.js';
import { datasetBody, freshFolder, removeFolders } from './records.js';

afterAll(removeFolders);

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
