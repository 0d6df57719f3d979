import { listIncidents } from '../../lib/app/incidents.js';
import { makeMonitor } from '../../lib/app/monitors.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { deployed, patients } from './truthModels.js';
import { answer, DAY, look, MONDAY } from './watchedModel.js';

let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	await deployed(store, 'fruit', patients(200, ['no', 'yes']));
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

it('a window without its truth waits, is not kept again while nothing changed, and counts as unknown once its wait is over', async () => {
	await answer(store, MONDAY, 24, () => ({ model: 'fruit', answers: 10 }));
	const now = new Date(MONDAY);
	const { name } = await makeMonitor(store, { model: 'fruit', watch: 'quality' }, { actor: 'ann@example.com', now });
	const [first] = (await look(store, name, MONDAY + DAY + 3_600_000)).kept;
	expect(first.body).toMatchObject({ verdict: 'waiting' });
	expect(Date.parse(first.body.waitsUntil!)).toBeGreaterThan(MONDAY + 2 * DAY);
	const again = await look(store, name, MONDAY + DAY + 8 * 3_600_000);
	expect(again.kept).toEqual([]);
	const over = Date.parse(first.body.waitsUntil!) + DAY;
	const last = (await look(store, name, over)).kept.find(({ body }) => body.from === first.body.from)!;
	expect(last.body).toMatchObject({ verdict: 'unknown' });
	expect(last.body.waitsUntil).toBeUndefined();
	expect(await listIncidents(store, { state: 'all' })).toEqual([]);
	await store.verify();
}, 60_000);
