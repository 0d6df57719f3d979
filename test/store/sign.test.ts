import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { signLink, verifyLink } from '../../lib/store/seal/links.js';
import { freshFolder, removeFolders } from './records.js';

let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});
const later = (): string => new Date(Date.now() + 60_000).toISOString();

describe('approval links', () => {
	it('carry who may decide what until when, in letters that a URL takes as they are', async () => {
		const payload = { approvalId: 'ap_1', approver: 'Zoë <zoe@example.com>', expires: later() };
		const token = await signLink(store, payload);
		expect(token).toMatch(/^[\w.-]+$/);
		expect(encodeURIComponent(token)).toBe(token);
		expect(await verifyLink(store, token)).toEqual(payload);
	});

	it('are invalid when any letter is changed, left out or added', async () => {
		const token = await signLink(store, { approvalId: 'ap_1', approver: 'ann@example.com', expires: later() });
		await fc.assert(
			fc.asyncProperty(
				fc.nat(token.length - 1),
				fc.constantFrom(...'Aa0_-.'),
				fc.constantFrom('change', 'drop', 'add'),
				async (at, letter, how) => {
					const altered = token.slice(0, at) + (how === 'drop' ? '' : letter) + token.slice(how === 'add' ? at : at + 1);
					fc.pre(altered !== token);
					await expect(verifyLink(store, altered)).rejects.toMatchObject({ code: 'approval.link_invalid' });
				},
			),
			{ numRuns: 200 },
		);
		for (const text of ['', '.', 'a.b.c', 'null'])
			await expect(verifyLink(store, text)).rejects.toMatchObject({ code: 'approval.link_invalid' });
	});

	it('are invalid in another store', async () => {
		const other = await openStore({ kind: 'folder', home: await freshFolder() });
		const token = await signLink(other, { approvalId: 'ap_1', approver: 'ann@example.com', expires: later() });
		await expect(verifyLink(store, token)).rejects.toMatchObject({ code: 'approval.link_invalid' });
		await rm(join(other.home, 'keys', 'link.key'));
		await expect(signLink(other, { approvalId: 'ap_1', approver: 'a', expires: later() })).rejects.toMatchObject({ code: 'store.corrupt' });
		await other.close();
	});

	it('are stale after their time', async () => {
		const token = await signLink(store, {
			approvalId: 'ap_1',
			approver: 'ann@example.com',
			expires: new Date(Date.now() - 1000).toISOString(),
		});
		await expect(verifyLink(store, token)).rejects.toMatchObject({ code: 'approval.link_stale' });
	});
});
