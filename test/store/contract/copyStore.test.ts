import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decideApproval, openApprovalPage } from '../../../lib/app/approval.js';
import { copyStore } from '../../../lib/store/copyStore.js';
import { openStore } from '../../../lib/store/openStore.js';
import { unpackStore, v1 } from '../../fixtures/v1/open.js';
import { datasetBody, versionBody } from '../records.js';
import { describeStores } from './places.js';

/** The store that people have, moved to wherever a store can be. */
describeStores('a copy of the first version\u2019s store', (stage, fresh) => {
	const { store: was } = v1();
	let home: string;
	beforeEach(() => {
		home = unpackStore();
	});
	afterEach(async () => {
		await rm(home, { recursive: true });
	});

	it('has the same id, events, records, files and predictions, verifies, and goes on from there', async () => {
		const { ref } = await fresh();
		const { verified, predictions } = await copyStore({ kind: 'folder', home }, ref);
		const [original, copy] = [await openStore({ kind: 'folder', home }), await openStore(ref)];
		try {
			expect(verified).toEqual(await original.verify());
			expect(verified).toMatchObject({ records: was.verified.records });
			expect(copy.id).toBe(was.id);
			expect(await copy.auditLog()).toEqual(await original.auditLog());
			expect(await copy.list('run')).toEqual(await original.list('run'));
			expect(await copy.predictions({})).toEqual(await original.predictions({}));
			expect(predictions).toBeGreaterThanOrEqual(was.predictions);
			for (const [model, aliases] of Object.entries(was.aliases)) expect(await copy.aliases(model)).toEqual(aliases);
			expect(await copy.aliasHistory('orders')).toMatchObject(was.history);
			for (const { alias, at, to } of was.history) expect([at, await copy.aliasAt('orders', alias, at)]).toEqual([at, to]);
			for (const [version, { passed, digest }] of Object.entries(was.evaluations)) {
				expect((await copy.evaluationOf(digest))!.body.gate.passed).toBe(passed);
				expect((await copy.approvalsFor(digest)).map((a) => a.status)).toEqual(was.approvals[version]);
			}
			// Its number goes on behind those that came with it.
			await copy.add('dataset', 'after', await datasetBody(copy, 'after'));
			await copy.moveAlias('orders', 'canary', 4, { actor: 'ann@example.com' });
			await copy.rotateKey('audit', 'ann@example.com');
			expect(await copy.verify()).toMatchObject({ events: verified.events + 3 });
		} finally {
			await original.close();
			await copy.close();
		}
	}, 60_000);

	it('a link that was sent before still decides there', async () => {
		const { ref } = await fresh();
		await copyStore({ kind: 'folder', home }, ref);
		const copy = await openStore(ref);
		expect((await openApprovalPage(copy, was.pending)).status).toBe(200);
		expect(await decideApproval(copy, was.pending, 'approved', 'good')).toMatchObject({ status: 200 });
		await copy.verify();
		await copy.close();
	}, 60_000);

	it('goes nowhere where there is a store already, or keys of one; where it was cut off it can be begun again', async () => {
		const from = { kind: 'folder', home } as const;
		const refused = { code: 'store.conflict', message: expect.stringContaining('already') };
		await expect(copyStore(from, stage.place.ref)).rejects.toMatchObject(refused);
		await stage.store.add('modelVersion', 'm', await versionBody(stage.store, 'm', 'a'));
		await stage.store.verify();
		const place = await fresh();
		const foreign = await readFile(join(stage.place.home, 'keys', 'audit.head'));
		await mkdir(join(place.home, 'keys'), { recursive: true });
		await writeFile(join(place.home, 'keys', 'audit.head'), foreign);
		await expect(copyStore(from, place.ref)).rejects.toMatchObject(refused);
		await rm(join(place.home, 'keys'), { recursive: true });
		// No folder for keys can be made: it is cut off when all else is written, and leaves no store.
		await writeFile(join(place.home, 'keys'), '');
		await expect(copyStore(from, place.ref)).rejects.toMatchObject({ code: 'store.unwritable' });
		await rm(join(place.home, 'keys'));
		const { artifacts } = await copyStore(from, place.ref);
		expect(artifacts).toBeGreaterThan(10);
		await expect(copyStore(from, place.ref)).rejects.toMatchObject(refused);
	}, 60_000);

	it('and comes back into a folder as it went', async () => {
		const { ref } = await fresh();
		const back = { kind: 'folder', home: join(home, 'back') } as const;
		await copyStore({ kind: 'folder', home }, ref);
		const { verified } = await copyStore(ref, back);
		const store = await openStore(back);
		expect(await store.verify()).toEqual(verified);
		await store.close();
	}, 60_000);
});
