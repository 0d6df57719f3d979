import type { Store } from '../../../lib/store/contract.js';
import { makeKey } from '../../../lib/app/apiKeys.js';
import { removeFolders } from '../../store/records.js';
import { ask, fruitStore, startServe, type Served } from '../served.js';

let store: Store;
let home: string;
let server: Served;
afterEach(async () => {
	await server.stop();
	await store.close();
});
afterAll(removeFolders);

describe('the API of the console', () => {
	it('tells whoever sits at the machine of a server without keys what they may do', async () => {
		({ home, store } = await fruitStore());
		server = await startServe(home);
		const { status, body, headers } = await ask(`${server.url}/api/v1/me`);
		expect(status).toBe(200);
		expect(body).toMatchObject({ kind: 'local', role: 'administrator', store: store.id });
		expect(headers.get('cache-control')).toBe('no-store');
		expect((await ask(`${server.url}/api/v1/nothing`)).status).toBe(404);
	});

	it('asks for a key where the server does, and gives its holder the role that its scopes come to', async () => {
		({ home, store } = await fruitStore());
		const { key } = await makeKey({ store, actor: 'ann' }, { label: 'shop', scopes: ['read'] });
		server = await startServe(home, []);
		expect((await ask(`${server.url}/api/v1/me`)).status).toBe(401);
		const { body } = await ask(`${server.url}/api/v1/me`, undefined, { authorization: `Bearer ${key}` });
		expect(body).toMatchObject({ kind: 'key', role: 'viewer' });
	});

	it('shows nothing to a key that asks models or tells truths: such a one lies in shops and phones', async () => {
		({ home, store } = await fruitStore());
		const keys = await Promise.all(
			(['predict', 'feedback'] as const).map(
				async (scope) => (await makeKey({ store, actor: 'ann' }, { label: 'shop', scopes: [scope] })).key,
			),
		);
		server = await startServe(home, []);
		for (const key of keys)
			for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }] as Array<Record<string, string>>) {
				for (const path of ['me', 'audit', 'overview', 'models/fruit', 'models/fruit/traffic', 'datasets']) {
					const { status, body, headers: said } = await ask(`${server.url}/api/v1/${path}`, undefined, headers);
					expect([path, status, body.error?.message]).toEqual([path, 403, 'The API key does not have the scope "read".']);
					expect(said.get('www-authenticate')).toContain('scope="read"');
				}
				// Where nobody needs to be known, it does no harm.
				expect((await ask(`${server.url}/api/v1/session`, undefined, headers)).status).toBe(200);
			}
	});
});
