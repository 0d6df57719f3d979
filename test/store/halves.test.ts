import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { rollBack } from '../../lib/app/deploy.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from './records.js';

/** The first version's store in which texts were cut inside an emoji: `verify` of that version refused it for good. */
let store: Store;
let home: string;
beforeEach(async () => {
	home = await freshFolder();
	execFileSync('tar', ['-xzf', join(__dirname, '../fixtures/halves/store.tar.gz'), '-C', home]);
	store = await openStore({ kind: 'folder', home });
});
afterEach(async () => {
	await store.close();
});
afterAll(removeFolders);

function edit(sql: string): void {
	const database = new DatabaseSync(join(home, 'store.db'), { timeout: 5000, enableForeignKeyConstraints: false });
	database.exec(sql);
	database.close();
}

describe('a store of before with half an emoji in it', () => {
	it('is verified, each such event is an exception that is stated, and so are reports and memos of before', async () => {
		const { exceptions } = await store.verify();
		const about = exceptions!.map((e) => e.about);
		// Deployed by an actor with half a character, under a name with one, decided by one, commented on with one.
		for (const seq of [7, 13, 18, 20]) expect(about).toContain(`event ${seq}`);
		expect(exceptions!.filter((e) => e.text.includes('was found')).length).toBeGreaterThanOrEqual(4);
		expect(exceptions!.find((e) => e.about === 'artifacts')!.text).toMatch(/^2 files are named by no record/);
		expect(exceptions!.find((e) => e.about === 'memo')!.text).toMatch(/^2 lines were/);
		expect(await store.recall('run', 'the question about a run')).toBeUndefined();
	});

	it('takes further events, and is verified again after it was opened again', async () => {
		expect(await rollBack(store, { modelName: 'churn', alias: 'champion', actor: 'ann@example.com', preview: false })).toMatchObject({
			version: 3,
		});
		const before = await store.verify();
		await store.close();
		store = await openStore({ kind: 'folder', home });
		expect(await store.verify()).toEqual(before);
		expect(await store.policy('names \u{1F600}'.replace('\u{1F600}', '\ude00'))).toMatchObject({ approvalRequired: true });
	});

	it.each([
		['another word in such an event', "UPDATE audit_event SET actor = replace(actor, 'launch', 'lunch') WHERE actor LIKE '%launch%'"],
		['the half taken for another character', "UPDATE audit_event SET actor = replace(actor, char(65533), 'x') WHERE actor LIKE '%launch%'"],
		['a second mark beside the half', "UPDATE audit_event SET actor = actor || char(65533) WHERE actor LIKE '%launch%'"],
		['a sound event with a mark in it', "UPDATE audit_event SET actor = replace(actor, 'n', char(65533)) WHERE actor = 'ann@example.com'"],
		['other details in such an event', "UPDATE audit_event SET details = replace(details, 'emoji', 'emu') WHERE details LIKE '%emoji%'"],
		['the end of the comment that was cut', "UPDATE approval SET comment = substr(comment, 1, 1999) || 'y'"],
		['the comment without its mark', 'UPDATE approval SET comment = substr(comment, 1, 1999)'],
		['another decision', "UPDATE approval SET status = 'approved'"],
		['another reason of a move', "UPDATE alias_move SET reason = replace(reason, 'emoji', 'emu') WHERE reason LIKE '%emoji%'"],
		['a move of the model with half a character', "UPDATE alias_move SET to_version = 2 WHERE model LIKE 'names%'"],
		['its policy', "DELETE FROM policy WHERE model LIKE 'names%'"],
	])(
		'but any other difference is found: %s',
		async (_, sql) => {
			edit(sql);
			await expect(store.verify()).rejects.toMatchObject({ code: 'store.audit_broken' });
		},
		60_000,
	);

	it('and an altered report of before too, though no record names it', async () => {
		const digest = await store.artifacts.put('<p>old report</p>');
		const path = await store.artifacts.materialise(digest);
		await chmod(path, 0o600);
		await writeFile(path, (await readFile(path, 'utf8')).replace('old', 'new'));
		await expect(store.verify()).rejects.toMatchObject({ code: 'store.corrupt', message: expect.stringContaining('altered') });
	});
});
