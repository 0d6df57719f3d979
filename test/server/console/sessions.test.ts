import { makePerson, useLink } from '../../../lib/app/people.js';
import type { PersonRecord } from '../../../lib/domain/person.js';
import { createAttempts } from '../../../lib/server/console/attempts.js';
import {
	beginSession,
	endSession,
	IDLE_MS,
	LONGEST_MS,
	personOf,
	sessionCookie,
	tokenIn,
} from '../../../lib/server/console/consoleSession.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';
import { PASSWORD } from './signedIn.js';

let store: Store;
let person: PersonRecord;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	const { token } = await makePerson({ store, actor: 'test' }, { email: 'a@example.com', role: 'viewer' });
	person = await useLink(store, token, { name: 'A', password: PASSWORD });
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const START = Date.parse('2030-01-01T00:00:00Z');
const HOUR = 3_600_000;

describe('a session', () => {
	it('is over when nobody used it for half a day, and after a week however much it is used', async () => {
		const idle = await beginSession(store, person, false, START);
		expect(await personOf(store, idle, false, START + IDLE_MS - 1)).toMatchObject({ email: 'a@example.com' });
		expect(await personOf(store, idle, false, START + 3 * IDLE_MS)).toBeUndefined();
		const used = await beginSession(store, person, false, START);
		let now = START;
		for (; now < START + LONGEST_MS; now += 6 * HOUR)
			expect([now - START, Boolean(await personOf(store, used, false, now))]).toEqual([now - START, true]);
		expect(await personOf(store, used, false, now)).toBeUndefined();
	});

	it('began over TLS is good there alone, and one that began without is not good there', async () => {
		const secure = await beginSession(store, person, true, START);
		const plain = await beginSession(store, person, false, START);
		expect([await personOf(store, secure, false, START), await personOf(store, plain, true, START)]).toEqual([undefined, undefined]);
	});

	it('is one of twenty at most: the one that was used least recently makes room; signing out at the same moment loses none', async () => {
		const { token: link } = await makePerson({ store, actor: 'test' }, { email: 'b@example.com', role: 'viewer' });
		const other = await useLink(store, link, { name: 'B', password: PASSWORD });
		const tokens: string[] = [];
		for (let i = 0; i < 22; i++) tokens.push(await beginSession(store, other, false, START + i));
		const good = async () =>
			(await Promise.all(tokens.map(async (token) => Boolean(await personOf(store, token, false, START + 100))))).map(Number);
		expect((await good()).reduce((sum, one) => sum + one, 0)).toBe(20);
		expect((await good()).slice(0, 2)).toEqual([0, 0]);
		await Promise.all(tokens.slice(2, 12).map(async (token) => await endSession(store, token)));
		expect(await good()).toEqual([...Array<number>(12).fill(0), ...Array<number>(10).fill(1)]);
	});

	it('has a cookie by the name of its store: another server at the same host leaves it alone', () => {
		const cookie = sessionCookie('p1.t', { store: 'st_1111aaaa', secure: false }).split(';')[0];
		expect(tokenIn(`x=1; ${cookie}; y`, { store: 'st_1111aaaa', secure: false })).toBe('p1.t');
		expect(tokenIn(cookie, { store: 'st_2222bbbb', secure: false })).toBeUndefined();
	});

	it.each([
		'',
		'p',
		'p0000000000000000.',
		`../${'a'.repeat(60)}`,
		'__proto__',
		`p${'0'.repeat(16)}.${'A'.repeat(43)}`,
		'%00',
		'a'.repeat(5_000),
	])('is nobody by %j', async (token) => expect(await personOf(store, token, false)).toBeUndefined());
});

describe('attempts', () => {
	it('wait longer and longer, a quarter of an hour at most; the right one forgets all', () => {
		let now = 0;
		const attempts = createAttempts(3, () => now);
		const waits: number[] = [];
		for (let i = 0; i < 12; i++) {
			attempts.begin('a');
			let waited = 0;
			for (; attempts.locked('a'); waited += 1_000) now += 1_000;
			waits.push(waited / 1_000);
		}
		expect(waits).toEqual([0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900, 900]);
		attempts.right('a');
		for (let i = 0; i < 2; i++) attempts.begin('a');
		expect(attempts.locked('a')).toBe(false);
	});

	it('of one leave the others alone, and say in how many seconds the next may be made', () => {
		const attempts = createAttempts(1, () => 0);
		attempts.begin('a');
		expect(() => attempts.begin('a')).toThrow(expect.objectContaining({ code: 'person.locked', seconds: 30 }));
		expect(() => attempts.begin('b')).not.toThrow();
	});
});
