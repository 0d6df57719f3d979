import { inTurn } from '../../lib/app/truthTurn.js';
import { processMark } from '../../lib/compute/processMark.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';

const KEY = 'lease:truth';
const { signal } = new AbortController();
let one: Store;
let other: Store;
beforeEach(async () => {
	const home = await freshFolder();
	one = await openStore({ kind: 'folder', home });
	other = await openStore({ kind: 'folder', home });
});
afterEach(async () => {
	await Promise.all([one.close(), other.close()]);
	await removeFolders();
});

it('of several at once, one works at a time', async () => {
	const working = new Set<Store>();
	const done: number[] = [];
	await Promise.all(
		[one, other, one, other].map(async (store, i) => {
			await inTurn(store, signal, async (still) => {
				expect(working.size).toBe(0);
				working.add(store);
				expect(await still()).toBe(true);
				await store.progress(KEY);
				working.delete(store);
				done.push(i);
			});
		}),
	);
	expect(done.sort()).toEqual([0, 1, 2, 3]);
});

it('whose turn was taken over meanwhile looks again', async () => {
	const looked: boolean[] = [];
	await inTurn(one, signal, async (still) => {
		const held = await one.progress(KEY);
		// As another process does once this one stood still for too long; it is done at once.
		expect(await other.swapProgress(KEY, held, { holder: '', beat: 100 })).toBe(true);
		do looked.push(true);
		while (!(await still()));
	});
	expect(looked).toHaveLength(2);
	expect(await one.progress(KEY)).toMatchObject({ holder: '' });
});

it('waits no longer for a process that is gone, and ends where it is stopped', async () => {
	const [machine] = processMark().split('-');
	await one.setProgress(KEY, { holder: `${machine}-999999999-1-abcd`, beat: 7 });
	expect(await inTurn(one, signal, async () => await Promise.resolve('done'))).toBe('done');
	// Of another machine nothing is known.
	await one.setProgress(KEY, { holder: '0123456789ab-1-1-abcd', beat: 7 });
	await expect(inTurn(one, AbortSignal.abort(), async () => await Promise.resolve('never'))).rejects.toThrow(/abort/i);
});
