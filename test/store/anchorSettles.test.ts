import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskFiles } from '../../lib/store/files.js';
import { openFolder } from '../../lib/store/openFolder.js';
import { readAnchor } from '../../lib/store/seal/seal.js';
import { freshFolder, removeFolders } from './records.js';
import { temporariesIn } from '../temporaries.js';

afterAll(removeFolders);

it('a store that is closed while its anchor is being moved waits for that: the anchor is at the end and nothing is left half written', async () => {
	const home = await freshFolder();
	let slow = false;
	let began = (): void => {};
	const moving = new Promise<void>((done) => {
		began = done;
	});
	const store = await openFolder(home, {
		...diskFiles,
		async rename(from, to) {
			if (slow && to.endsWith('audit.head')) {
				began();
				await sleep(500);
			}
			await diskFiles.rename(from, to);
		},
	});
	slow = true;
	const event = await store.audit({ actor: 'ann@example.com', action: 'said', subject: 'something' });
	// The anchor follows a second later.
	await moving;
	expect(readdirSync(join(home, 'tmp'))).toHaveLength(1);
	expect(temporariesIn(home)).toEqual([]);
	await store.close();
	expect(readdirSync(join(home, 'tmp'))).toEqual([]);
	expect(await readAnchor(home)).toMatchObject({ seq: event.seq, hash: event.hash });
});
