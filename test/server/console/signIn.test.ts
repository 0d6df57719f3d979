import type { Store } from '../../../lib/store/contract.js';
import { makeKey } from '../../../lib/app/apiKeys.js';
import { changeRole, endSessions, linkFor, makePerson, setDisabled } from '../../../lib/app/people.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { startServe, type Served } from '../served.js';
import { account, cookieOf, PASSWORD, send, session, signIn } from './signedIn.js';

let store: Store;
let home: string;
/** Asks for keys; the other one does not. Both are over one store. */
let server: Served;
let local: Served;
/** Keys that the servers know from the beginning. */
let known: string;
let fresh: string;
const admin = () => ({ store, actor: 'test' });

beforeAll(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	known = (await makeKey(admin(), { label: 'known', scopes: ['read'] })).key;
	fresh = (await makeKey(admin(), { label: 'fresh', scopes: ['read'] })).key;
	local = await startServe(home);
	server = await startServe(home, []);
});
afterAll(async () => {
	await Promise.all([server.stop(), local.stop()]);
	await store.close();
	await removeFolders();
});

describe('a server without keys', () => {
	it('lets whoever sits at its machine do all, until somebody has an account: then people sign in', async () => {
		expect((await send(`${local.url}/api/v1/session`, 'GET')).body).toMatchObject({ who: { kind: 'local' }, accounts: false });
		const { token } = await makePerson(admin(), { email: 'first@example.com', role: 'administrator' });
		const { status, body } = await send(`${local.url}/api/v1/me`, 'GET');
		expect([status, body.error.code]).toEqual([401, 'person.signed_out']);
		expect((await send(`${local.url}/api/v1/session`, 'GET')).body).toEqual({ accounts: true });
		const used = await send(`${local.url}/api/v1/links/use`, 'POST', { token, name: 'First', password: PASSWORD });
		expect((await session(local, used).ask('GET', '/me')).body).toMatchObject({
			kind: 'person',
			email: 'first@example.com',
			called: 'First',
		});
	});
});

describe('signing in', () => {
	it('begins a session by a cookie that no script reads and no other site sends, known to each server of the store', async () => {
		await account(store, 'operator', 'op@example.com');
		const got = await send(`${server.url}/api/v1/session`, 'POST', { email: ' OP@Example.com ', password: PASSWORD });
		expect(got.status).toBe(200);
		const [cookie] = got.headers.getSetCookie();
		expect(cookie).toMatch(/^mlops_session_[0-9a-f]{8}=p[0-9a-f]{16}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/);
		const there = session(local, got);
		expect((await there.ask('GET', '/me')).body).toMatchObject({ kind: 'person', role: 'operator', name: 'op@example.com' });
		const [last] = await store.auditLog({ subject: 'op@example.com', limit: 1 });
		expect(last).toMatchObject({ actor: 'op@example.com', action: 'person.signed_in', details: { from: '127.0.0.1' } });
		const everything = JSON.stringify([await store.progressUnder(''), await store.auditLog({}), await store.list('person')]);
		expect(everything).not.toContain(there.cookie.split('=')[1]);
		expect(everything).not.toContain(PASSWORD);
	});

	it('answers the same whether the account is unknown, disabled, without a password, or the password is wrong', async () => {
		await account(store, 'viewer', 'gone@example.com');
		await setDisabled(admin(), 'gone@example.com', true);
		await makePerson(admin(), { email: 'invited@example.com', role: 'viewer' });
		const answers = [];
		for (const email of ['nobody@example.com', 'gone@example.com', 'invited@example.com', 'op@example.com', 'no address', '__proto__']) {
			const { status, body } = await send(`${server.url}/api/v1/session`, 'POST', {
				email,
				password: email === 'gone@example.com' ? PASSWORD : 'not this one at all',
			});
			const { requestId, ...error } = body.error as unknown as Record<string, string>;
			expect(requestId).toBeTruthy();
			answers.push(JSON.stringify([status, error]));
		}
		expect(new Set(answers).size).toBe(1);
		expect(answers[0]).toContain('person.sign_in_failed');
	});

	it('gives a token of its own each time: one that was put into the browser before stays nobody, and the session before is over', async () => {
		const planted = `p${'0'.repeat(16)}.${'A'.repeat(43)}`;
		const body = { email: 'op@example.com', password: PASSWORD };
		const first = await send(`${server.url}/api/v1/session`, 'POST', body, { cookie: `mlops_session_${store.id.slice(-8)}=${planted}` });
		expect(cookieOf(first)).not.toContain(planted);
		const again = await send(`${server.url}/api/v1/session`, 'POST', body, { cookie: cookieOf(first) });
		expect(cookieOf(again)).not.toBe(cookieOf(first));
		expect((await session(server, first).ask('GET', '/me')).status).toBe(401);
		expect((await session(server, again).ask('GET', '/me')).status).toBe(200);
		expect(
			(await send(`${server.url}/api/v1/me`, 'GET', undefined, { cookie: `mlops_session_${store.id.slice(-8)}=${planted}` })).status,
		).toBe(401);
	});

	it('takes two cookies of its name for none: one of them somebody else put there', async () => {
		const own = await signIn(server, 'op@example.com');
		const other = await signIn(server, 'first@example.com');
		const { status } = await send(`${server.url}/api/v1/me`, 'GET', undefined, { cookie: `${other.cookie}; ${own.cookie}` });
		expect(status).toBe(401);
	});

	it('behind TLS, takes the cookie alone that no other site can set', async () => {
		const https = { 'x-forwarded-proto': 'https' };
		const got = await send(`${server.url}/api/v1/session`, 'POST', { email: 'op@example.com', password: PASSWORD }, https);
		expect(got.headers.getSetCookie()[0]).toMatch(
			/^__Host-mlops_session_[0-9a-f]{8}=.*; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=\d+$/,
		);
		const cookie = cookieOf(got);
		expect((await send(`${server.url}/api/v1/me`, 'GET', undefined, { cookie, ...https })).status).toBe(200);
		const tossed = { cookie: cookie.replace('__Host-', ''), ...https };
		expect((await send(`${server.url}/api/v1/me`, 'GET', undefined, tossed)).status).toBe(401);
		expect((await send(`${server.url}/api/v1/me`, 'GET', undefined, { cookie: tossed.cookie })).status).toBe(401);
	});
});

describe('behind a proxy that rewrites Host', () => {
	it('what the browser says of where a change began counts; without that, the address must fit', async () => {
		const own = await signIn(server, 'op@example.com');
		const proxied = { origin: 'https://models.example.com' };
		expect((await own.ask('POST', '/session/elsewhere', {}, proxied)).status).toBe(403);
		expect((await own.ask('POST', '/session/elsewhere', {}, { ...proxied, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
	});
});

describe('a session ends', () => {
	it('at signing out, at once on every server', async () => {
		const own = await signIn(server, 'op@example.com');
		const out = await own.ask('DELETE', '/session');
		expect(out.headers.getSetCookie()[0]).toMatch(/^mlops_session_[0-9a-f]{8}=; .*Max-Age=0$/);
		expect((await send(`${local.url}/api/v1/me`, 'GET', undefined, { cookie: own.cookie })).status).toBe(401);
	});

	it('where all others are ended, the password changes, an administrator says so, or the account is disabled', async () => {
		const email = await account(store, 'approver', 'ends@example.com');
		const here = await signIn(server, email);
		const phone = await signIn(server, email);
		const now = session(server, await here.ask('POST', '/session/elsewhere', {}));
		expect(await Promise.all([here, phone, now].map(async (one) => (await one.ask('GET', '/me')).status))).toEqual([401, 401, 200]);

		const other = await signIn(server, email);
		const words = 'nine red foxes in the snow';
		const wrong = await now.ask('POST', '/session/password', { current: 'not this one at all', password: words });
		expect([wrong.status, wrong.body.error.code]).toEqual([409, 'person.refused']);
		const after = session(server, await now.ask('POST', '/session/password', { current: PASSWORD, password: words }));
		expect(await Promise.all([other, now, after].map(async (one) => (await one.ask('GET', '/me')).status))).toEqual([401, 401, 200]);

		await endSessions(admin(), email);
		expect((await after.ask('GET', '/me')).status).toBe(401);
		const last = await signIn(server, email, words);
		await setDisabled(admin(), email, true);
		expect((await last.ask('GET', '/me')).status).toBe(401);
	});

	it('not where the role changes: what somebody may do is looked up each time', async () => {
		const email = await account(store, 'administrator', 'less@example.com');
		const own = await signIn(server, email);
		expect((await own.ask('GET', '/people')).status).toBe(200);
		await changeRole(admin(), email, 'viewer');
		expect((await own.ask('GET', '/people')).status).toBe(403);
	});
});

describe('a one-time link', () => {
	it('is used once, and says what became of it', async () => {
		const { token } = await makePerson(admin(), { email: 'link@example.com', role: 'viewer' });
		const look = async (text: string) => (await send(`${server.url}/api/v1/links/look`, 'POST', { token: text })).body;
		expect(await look(token)).toEqual({ email: 'link@example.com', name: '', role: 'viewer' });
		const weak = await send(`${server.url}/api/v1/links/use`, 'POST', { token, name: 'Lin', password: 'password1234!' });
		expect([weak.status, weak.body.error.code]).toEqual([409, 'person.refused']);
		const twice = await Promise.all(
			[1, 2].map(async () => await send(`${server.url}/api/v1/links/use`, 'POST', { token, name: 'Lin', password: PASSWORD })),
		);
		expect(twice.map(({ status }) => status).sort()).toEqual([200, 410]);
		expect((await look(token)).error).toMatchObject({ code: 'person.link_used', message: 'This link was used already.' });
		const { token: second } = await linkFor(admin(), 'link@example.com');
		const { token: third } = await linkFor(admin(), 'link@example.com');
		expect((await look(second)).error.message).toBe('This link was replaced by a newer one.');
		expect((await look(third)).email).toBe('link@example.com');
		expect((await look(`${third.slice(0, -1)}${third.endsWith('A') ? 'B' : 'A'}`)).error.code).toBe('input.invalid');
		expect((await look(token)).error.message).toBe('This link was used already.');
	});
});

describe('guessing', () => {
	it('a password makes the account wait, whether it exists or not, and all at once is no way around', async () => {
		const email = await account(store, 'viewer', 'guessed@example.com');
		const guess = async (name: string, password: string) => await send(`${server.url}/api/v1/session`, 'POST', { email: name, password });
		for (const name of [email, 'nobody-here@example.com']) {
			const answers = await Promise.all(Array.from({ length: 12 }, async (_, i) => await guess(name, `guess number ${i} of many`)));
			const codes = answers.map(({ body }) => String(body.error.code)).sort();
			expect(codes).toEqual([...Array<string>(4).fill('person.locked'), ...Array<string>(8).fill('person.sign_in_failed')]);
			const locked = await guess(name, PASSWORD);
			expect(locked.status).toBe(429);
			expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(5);
		}
	});

	it('keys makes an address wait; a key that was good before goes on opening', async () => {
		const by = async (key: string) => (await send(`${server.url}/api/v1/me`, 'GET', undefined, { 'x-api-key': key })).status;
		expect(await by(known)).toBe(200);
		// All at once, since tries come back with time.
		const tries = Array.from({ length: 40 }, async (_, i) => await by(`mlops_${'0'.repeat(16)}_${String(i).padStart(43, 'A')}`));
		const statuses = await Promise.all(tries);
		const refused = statuses.filter((status) => status === 429).length;
		expect(refused).toBeGreaterThanOrEqual(7);
		expect(statuses.filter((status) => status === 401)).toHaveLength(40 - refused);
		expect(refused).toBeLessThanOrEqual(10);
		expect(await by(known)).toBe(200);
		expect(await by(fresh)).toBe(429);
	});
});
