import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { signLink, verifyLink } from '../../lib/store/seal/links.js';
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

const keyFile = (name: string): string => join(store.home, 'keys', name);
const reopen = async (): Promise<void> => {
	await store.close();
	store = await openStore({ kind: 'folder', home: store.home });
};
const anchored = async (): Promise<{ seq: number; hash: string; mac: string }> =>
	JSON.parse(await readFile(keyFile('audit.head'), 'utf8')) as { seq: number; hash: string; mac: string };

describe('keys that are changed', () => {
	it('a fresh key signs the chain from then on, an event says so, and what the old one signed stays valid', async () => {
		const before = await readFile(keyFile('audit.key'), 'utf8');
		expect(await store.rotateKey('audit', 'ann@example.com', 'a colleague left')).toMatchObject({
			action: 'key.rotated',
			subject: 'audit',
			details: { key: 2, reason: 'a colleague left' },
		});
		const lines = (await readFile(keyFile('audit.key'), 'utf8')).split('\n');
		expect([lines.length, lines[0]]).toEqual([2, before]);
		expect((await anchored()).mac).toMatch(/^2:[0-9a-f]{64}$/);
		await store.verify();
		await reopen();
		await store.moveAlias('churn', 'champion', 1, { actor: 'ann@example.com' });
		expect(await store.verify()).toMatchObject({ events: 3 });
	});

	it('whoever has the old key alone can no longer sign an end', async () => {
		const old = await readFile(keyFile('audit.key'), 'utf8');
		const copy = await openStore({ kind: 'folder', home: await freshFolder() });
		await store.rotateKey('audit', 'ann@example.com');
		await reopen();
		// Signed with the old key, as the thief would: over the very end that the chain has.
		const { createHmac } = await import('node:crypto');
		const { canonicalJson } = await import('../../lib/domain/json.js');
		const database = new DatabaseSync(join(store.home, 'store.db'), { timeout: 5000 });
		const { seq, hash } = database.prepare('SELECT seq, hash FROM audit_head').get() as { seq: number; hash: string };
		const mac = createHmac('sha256', Buffer.from(old, 'hex'))
			.update(canonicalJson({ store: store.id, seq, hash }))
			.digest('hex');
		database.prepare('UPDATE audit_head SET mac = ?').run(mac);
		database.close();
		await expect(store.verify()).rejects.toMatchObject({ code: 'store.audit_broken', message: expect.stringContaining('signature') });
		await expect(store.audit({ actor: 'a', action: 'said', subject: 's' })).rejects.toMatchObject({ code: 'store.audit_broken' });
		await copy.close();
	});

	it('links that were sent before still decide, new ones are signed with the new key, and no letter of either can be changed', async () => {
		const payload = { approvalId: 'ap_1', approver: 'ann@example.com', expires: new Date(Date.now() + 60_000).toISOString() };
		const old = await signLink(store, payload);
		await store.rotateKey('link', 'ann@example.com');
		const fresh = await signLink(store, payload);
		expect(fresh).toMatch(/\.2$/);
		expect(encodeURIComponent(fresh)).toBe(fresh);
		for (const token of [old, fresh]) expect(await verifyLink(store, token)).toEqual(payload);
		for (const token of [
			`${old}.2`,
			fresh.replace(/2$/, '1'),
			fresh.replace(/2$/, '3'),
			fresh.replace(/\.2$/, ''),
			`${fresh}.2`,
			`${old}.`,
		])
			await expect(verifyLink(store, token)).rejects.toMatchObject({ code: 'approval.link_invalid' });
		await store.verify();
	});

	it('three changes in a row leave three events and four keys', async () => {
		for (let i = 0; i < 3; i++) await store.rotateKey('audit', 'ann@example.com');
		expect((await store.auditLog()).slice(0, 3).map((e) => e.details['key'])).toEqual([4, 3, 2]);
		await expect(store.audit({ actor: 'a', action: 'key.rotated', subject: 'audit' })).rejects.toMatchObject({ code: 'internal' });
		await reopen();
		await store.verify();
	});
});

describe('the anchor of the chain', () => {
	it('follows at 64 events at most, is at the end when the store is closed, and never goes back', async () => {
		for (let i = 0; i < 150; i++) {
			await store.audit({ actor: 'a', action: 'said', subject: String(i) });
			expect(i + 2 - (await anchored()).seq).toBeLessThanOrEqual(65);
		}
		await reopen();
		expect(await anchored()).toMatchObject({ seq: 151 });
		await reopen();
		expect(await anchored()).toMatchObject({ seq: 151 });
	});

	it('moves by itself soon after the last event', async () => {
		await store.audit({ actor: 'a', action: 'said', subject: 's' });
		while ((await anchored()).seq < 2)
			await new Promise((resolve) => {
				setTimeout(resolve, 20);
			});
		await store.verify();
	});

	it('that speaks of events that are not there stops everything that writes, also in a process that runs', async () => {
		for (let i = 0; i < 3; i++) await store.audit({ actor: 'a', action: 'said', subject: String(i) });
		await reopen();
		const text = await readFile(keyFile('audit.head'), 'utf8');
		await writeFile(keyFile('audit.head'), text.replace(/"seq":\d+/, '"seq":3'));
		await expect(store.audit({ actor: 'a', action: 'said', subject: 's' })).rejects.toMatchObject({ code: 'store.audit_broken' });
	});
});
