import { followRunning } from '../../../lib/app/runningRollouts.js';
import type { RolloutRecord } from '../../../lib/domain/rollout.js';
import { heldPage, holdRows } from '../../../lib/server/console/held/heldRows.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { datasetBody, freshFolder, removeFolders, runBody } from '../../store/records.js';

let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterEach(async () => await store.close());
afterAll(removeFolders);

const addRuns = async (from: number, until: number): Promise<void> => {
	const { id } = await store.add('dataset', 'd', await datasetBody(store, 'one'));
	for (let i = from; i < until; i++) await store.add('run', `run ${i}`, await runBody(store, id, `m${i}`), { parents: [id] });
};
const hold = () => holdRows(store, 'run', ({ seq, id, name }) => ({ seq, id, name }));
const names = (entries: ReadonlyArray<{ name: string }>) => entries.map(({ name }) => Number(name.slice(4)));

it('whoever comes first sees the newest at once, and pages go on alike once all are in memory', async () => {
	await addRuns(0, 7);
	const held = hold();
	const page = async (cursor?: string) =>
		await heldPage(held, { list: 'runs', asked: { limit: 3, ...(cursor ? { cursor } : {}) }, order: 'desc' });
	const first = await page();
	expect([names(first.entries), first.total, held.complete()]).toEqual([[6, 5, 4], 7, false]);
	await addRuns(7, 9);
	const second = await page(first.next);
	expect([names(second.entries), second.total, held.complete()]).toEqual([[3, 2, 1], 7, false]);
	expect(await held.find(first.entries[0].id)).toMatchObject({ name: 'run 6' });
	expect(await held.find('run_none')).toBeUndefined();
	await held.read();
	expect(held.complete()).toBe(true);
	for (const cursor of [first.next, second.next]) {
		const later = await page(cursor);
		expect([names(later.entries), later.total]).toEqual([cursor === first.next ? [3, 2, 1] : [0], 7]);
	}
	expect(names((await page()).entries)).toEqual([8, 7, 6]);
});

it('running rollouts are followed: each record is read once', async () => {
	const rollout = (id: string, more: Partial<RolloutRecord> = {}): RolloutRecord => ({
		...{ id, kind: 'canary', model: 'm', alias: 'champion', stable: 1, candidates: [{ version: 2, share: 0.1 }], state: 'running' },
		...{ steps: [{ share: 0.1 }], step: 0, stepSince: '2026-01-01T00:00:00.000Z', startedAt: '2026-01-01T00:00:00.000Z', startedBy: 'a' },
		...more,
	});
	const follow = followRunning(store);
	expect(await follow()).toEqual([]);
	await store.add('rollout', 'a', rollout('a'));
	await store.add('rollout', 'b', rollout('b'));
	expect((await follow()).map(({ name }) => name)).toEqual(['a', 'b']);
	const ended = { at: '2026-01-02T00:00:00.000Z', by: 'a', reason: 'Seen enough.', version: 1 };
	await store.add('rollout', 'a', rollout('a', { state: 'aborted', ended }));
	await store.add('rollout', 'b', rollout('b', { ready: { at: ended.at, version: 2, reason: 'good' } }));
	const [{ name, version }, ...others] = await follow();
	expect([name, version, others]).toEqual(['b', 2, []]);
});
