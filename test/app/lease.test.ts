import { setTimeout as sleep } from 'node:timers/promises';
import { createLease } from '../../lib/app/lease.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';

let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterEach(async () => await store.close());
afterAll(removeFolders);

describe('a lease', () => {
	it('is held by one, whoever asks at the same moment, as long as it is renewed', async () => {
		const leases = Array.from({ length: 8 }, (_, i) => createLease(store, 'x', `p${i}`, 60_000));
		const first = await Promise.all(leases.map(async (l) => await l.hold()));
		expect(first.filter(Boolean)).toHaveLength(1);
		const winner = first.indexOf(true);
		for (let round = 0; round < 3; round++)
			expect((await Promise.all(leases.map(async (l) => await l.hold()))).map((held, i) => held === (i === winner))).not.toContain(false);
	});

	it('goes at once to another when it is given back, and after its time when its holder is gone', async () => {
		const [a, b, c] = ['a', 'b', 'c'].map((holder) => createLease(store, 'x', holder, 200));
		expect(await a.hold()).toBe(true);
		await a.release();
		expect(await b.hold()).toBe(true);
		// b is not heard of again.
		expect(await c.hold()).toBe(false);
		await sleep(250);
		expect(await c.hold()).toBe(true);
		// b comes back and notices.
		expect(await b.hold()).toBe(false);
		expect(await c.hold()).toBe(true);
	});

	it('tells those who wait how often it was renewed and what its holder did since; who takes it over says nothing of that', async () => {
		const [a, b] = ['a', 'b'].map((holder) => createLease(store, 'x', holder, 100));
		await a.hold(['nobody renewed it']);
		await b.hold();
		expect([a.heard(), b.heard()]).toEqual([undefined, { beat: 1, done: [] }]);
		await a.hold(['one', 'two']);
		await b.hold();
		expect(b.heard()).toEqual({ beat: 2, done: ['one', 'two'] });
		await sleep(150);
		expect(await b.hold(['of another time'])).toBe(true);
		await a.hold(['late']);
		expect([a.heard(), b.heard()]).toEqual([{ beat: 3, done: [] }, undefined]);
	});

	it('is never taken from one who renews it, however slowly another one looks', async () => {
		const [a, b] = ['a', 'b'].map((holder) => createLease(store, 'x', holder, 100));
		await a.hold();
		for (let i = 0; i < 6; i++) {
			expect(await b.hold()).toBe(false);
			await sleep(60);
			expect(await a.hold()).toBe(true);
		}
	});
});
