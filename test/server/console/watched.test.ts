import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { makeKey } from '../../../lib/app/apiKeys.js';
import { watchedFruit } from '../../console/watchedFruit.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { ask, startServe, type Loose, type Served } from '../served.js';

let store: Store;
let server: Served;
let all: string;
let others: string;
beforeAll(async () => {
	const home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	await watchedFruit(store);
	all = (await makeKey({ store, actor: 'ann' }, { label: 'all', scopes: ['read'] })).key;
	others = (await makeKey({ store, actor: 'ann' }, { label: 'others', scopes: ['read'], models: ['vegetables'] })).key;
	server = await startServe(home, ['--listeners', '1']);
}, 60_000);
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

const get = async (path: string, key = all): Promise<{ status: number; body: Loose }> =>
	await ask(`${server.url}/api/v1${path}`, undefined, { authorization: `Bearer ${key}` });

it('lists what is watched, with what was found last, page by page', async () => {
	const first = await get('/monitors?limit=2');
	expect(first.body).toMatchObject({
		total: 3,
		entries: [
			{ id: 'fruit-data', model: 'fruit', label: 'Data Drift', last: { verdict: 'alarm', rows: 1290 } },
			{ id: 'fruit-estimate', label: 'Estimated Quality' },
		],
	});
	const second = await get(`/monitors?limit=2&cursor=${first.body.next}`);
	expect(second.body.entries).toMatchObject([{ id: 'fruit-quality', last: { verdict: 'waiting' } }]);
	expect(second.body.next).toBeUndefined();
});

it('gives windows page by page, the latest first, with words for what was found', async () => {
	const { body } = await get('/monitors/fruit-quality/verdicts?limit=20');
	expect(body.entries).toHaveLength(20);
	expect(body.entries[0]).toMatchObject({ verdict: 'waiting', known: 100, findings: [] });
	expect(body.entries[2]).toMatchObject({
		verdict: 'alarm',
		findings: [{ about: 'auc', label: expect.stringMatching(/\w/), interval: [expect.any(Number), expect.any(Number)] }],
	});
	const rest = await get(`/monitors/fruit-quality/verdicts?limit=20&cursor=${body.next}`);
	expect(rest.body.entries).toHaveLength(10);
	const entries = [body, rest.body].flatMap((page) => page.entries as unknown as Loose[]);
	expect(new Set(entries.map(({ from }) => from)).size).toBe(30);
});

it('gives columns by windows, what matters most first', async () => {
	const { body } = await get('/monitors/fruit-data/columns?windows=12&columns=4');
	expect(body.windows).toHaveLength(12);
	expect(body.leftOut).toBe(2);
	expect(body.columns[0]).toMatchObject({ about: 'weight', why: expect.arrayContaining(['"weight": the mean went from 40 to 61.']) });
	expect((body.columns[0].changes as unknown as number[]).slice(-10)).toEqual(Array.from({ length: 10 }, () => 2.4));
});

it('tells nothing of models that a key is not good for', async () => {
	expect((await get('/monitors', others)).body).toMatchObject({ entries: [], total: 0 });
	for (const path of ['', '/verdicts', '/columns']) expect((await get(`/monitors/fruit-data${path}`, others)).status).toBe(404);
	expect((await get('/monitors/nobody')).status).toBe(404);
	expect((await get('/monitors/fruit-data')).body).toMatchObject({
		beside: [{ watch: 'data' }, { watch: 'estimate' }, { watch: 'quality' }].map(({ watch }) => expect.objectContaining({ watch })),
		incidents: [],
	});
});
