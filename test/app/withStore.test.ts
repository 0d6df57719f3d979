import { join } from 'node:path';
import { withStore } from '../../lib/app/withStore.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';

afterAll(removeFolders);

const denied = (path: string): Error => new Error(`IO Error: Cannot open file "${path}": Permission denied`);

it('what the system refuses of the store is said in our words, and of other files as their readers say it', async () => {
	const home = await freshFolder();
	await (await openStore({ kind: 'folder', home })).close();
	const thrownBy = async (error: Error): Promise<unknown> =>
		await withStore({ kind: 'folder', home }, async () => {
			throw error;
		}).catch((thrown: unknown) => thrown);
	// As DuckDB says it of answers that another user keeps (Ingest of answers, watches).
	expect(await thrownBy(denied(join(home, 'answers', 'open', 'a.ndjson')))).toMatchObject({
		code: 'store.unwritable',
		message: 'Files of the MLOps store belong to another user, and may not be read or written.',
	});
	for (const other of [denied('/data/table.csv'), new Error(`IO Error: Cannot open file "${home}/x": No such file or directory`)])
		expect(await thrownBy(other)).toBe(other);
});
