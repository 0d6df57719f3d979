import type { Store } from '../../../lib/store/contract.js';
import { mayAct, ROLES, type Role } from '../../../lib/domain/role.js';
import { API_PREFIX } from '../../../lib/server/console/piped.js';
import { consoleRoutes } from '../../../lib/server/console/routes/index.js';
import { removeFolders } from '../../store/records.js';
import { fruitStore, startServe, type Served } from '../served.js';
import { account, send, signIn, type SignedIn } from './signedIn.js';

let store: Store;
let server: Served;
const people = new Map<Role, SignedIn>();
beforeAll(async () => {
	let home: string;
	({ home, store } = await fruitStore());
	server = await startServe(home, []);
	for (const role of ROLES) people.set(role, await signIn(server, await account(store, role)));
});
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

const pathOf = (path: string): string => path.replace(/:[A-Za-z]+/g, '1');
const named = consoleRoutes.map((route) => [`${route.method} ${route.path}`, route] as const);
const asked = named.filter(([, { role }]) => role !== 'none');

it.each(asked)('%s asks who it is', async (_, { method, path }) => {
	const { status } = await send(`${server.url}${API_PREFIX}${pathOf(path)}`, method, method === 'GET' ? undefined : {});
	expect(status).toBe(401);
});

it.each(asked)('%s is for its role and those above alone', async (_, { method, path, role }) => {
	for (const [own, person] of people) {
		if (mayAct(own, role as Role)) continue;
		const { status, body } = await person.ask(method, pathOf(path), method === 'GET' ? undefined : {});
		expect([own, status, body.error.code]).toEqual([own, 403, 'person.role_missing']);
	}
});

describe.each(named.filter(([, { method }]) => method !== 'GET'))(
	'a page of another site gets nothing done by %s',
	(_, { method, path, role }) => {
		const url = () => `${server.url}${API_PREFIX}${pathOf(path)}`;
		const cookie = () => people.get('administrator')!.cookie;

		it('by saying where it is from', async () => {
			const { csrf } = people.get('administrator')!;
			for (const from of [
				{ 'sec-fetch-site': 'cross-site' },
				{ 'sec-fetch-site': 'same-site' },
				{ origin: 'https://evil.example' },
				{ origin: 'null' },
				{ origin: `${server.url}.evil.example` },
			] as Array<Record<string, string>>) {
				const { status, body } = await send(url(), method, {}, { cookie: cookie(), 'x-csrf': csrf, ...from });
				expect([from, status, body.error.code]).toEqual([from, 403, 'person.other_site']);
			}
		});

		it('without the token of the session', async () => {
			if (role === 'none') return;
			for (const token of [{}, { 'x-csrf': '' }, { 'x-csrf': people.get('viewer')!.csrf }] as Array<Record<string, string>>) {
				const { status, body } = await send(url(), method, {}, { cookie: cookie(), ...token });
				expect([status, body.error.code]).toEqual([403, 'person.other_site']);
			}
		});

		it('by a form or a text', async () => {
			const { csrf } = people.get('administrator')!;
			for (const type of [
				'text/plain',
				'application/x-www-form-urlencoded',
				'multipart/form-data; boundary=x',
				'text/plain;application/json',
			]) {
				const { status } = await send(url(), method, '{}', { cookie: cookie(), 'x-csrf': csrf, 'content-type': type });
				expect([type, status]).toEqual([type, 415]);
			}
		});
	},
);
