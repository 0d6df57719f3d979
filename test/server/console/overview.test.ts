import type { Store } from '../../../lib/store/contract.js';
import { removeFolders } from '../../store/records.js';
import { ask, fruitStore, startServe, type Served } from '../served.js';

let store: Store;
let server: Served;
beforeAll(async () => {
	let home: string;
	({ home, store } = await fruitStore());
	server = await startServe(home, ['--no-keys', '--no-monitors']);
}, 60_000);
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

it('says how many incidents are open, also those that it does not show; what pages stands first', async () => {
	for (let i = 1; i <= 24; i++) {
		const at = new Date(Date.UTC(2026, 0, i)).toISOString();
		const state = i === 1 ? ('closed' as const) : ('open' as const);
		await store.add('incident', `fruit-${i}`, {
			...{ id: `fruit-${i}`, model: 'fruit', alias: 'champion', severity: i === 24 ? 'page' : 'tell', state, watches: ['data'] },
			...{ monitors: [], verdicts: [], title: `The answers changed, ${i}`, version: 1, openedAt: at, history: [] },
			...(i === 1 ? { closedAt: at } : {}),
		});
	}
	const { body } = await ask(`${server.url}/api/v1/overview`);
	expect(body.counts).toMatchObject({ champions: 1, incidents: 23, rollouts: 0 });
	const shown = body.incidents as unknown as Array<{ id: string }>;
	expect(shown).toHaveLength(20);
	expect(shown.slice(0, 2).map(({ id }) => id)).toEqual(['fruit-24', 'fruit-2']);
});
