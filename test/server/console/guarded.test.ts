import type { Store } from '../../../lib/store/contract.js';
import { API_PREFIX } from '../../../lib/server/console/app.js';
import { consoleRoutes } from '../../../lib/server/console/routes/index.js';
import { removeFolders } from '../../store/records.js';
import { fruitStore, startServe, type Served } from '../served.js';

let store: Store;
let server: Served;
beforeAll(async () => {
	let home: string;
	({ home, store } = await fruitStore());
	server = await startServe(home, []);
});
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

it.each(consoleRoutes.filter(({ role }) => role !== 'none').map((route) => [`${route.method} ${route.path}`, route] as const))(
	'%s asks who it is',
	async (_, { method, path }) => {
		const url = `${server.url}${API_PREFIX}${path.replace(/:[A-Za-z]+/g, '1')}`;
		const body = method === 'GET' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } };
		expect((await fetch(url, { method, ...body })).status).toBe(401);
	},
);
