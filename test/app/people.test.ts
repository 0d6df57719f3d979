import { passwordFits, passwordProblem } from '../../lib/app/passwords.js';
import {
	changeRole,
	currentPeople,
	hasPeople,
	linkAddress,
	makePerson,
	personByEmail,
	readLink,
	setDisabled,
	useLink,
} from '../../lib/app/people.js';
import { emailSpelling } from '../../lib/domain/person.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';

let store: Store;
const ann = () => ({ store, actor: 'ann@example.com' });
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterEach(async () => await store.close());
afterAll(removeFolders);

const PASSWORD = 'seven grey herons at dawn';
const code = async (work: Promise<unknown>): Promise<string> =>
	await work.then(
		() => 'done',
		(thrown: { code: string }) => thrown.code,
	);

describe('an account', () => {
	it('is one, however its address is spelt', async () => {
		expect(await hasPeople(store)).toBe(false);
		const { person } = await makePerson(ann(), { email: ' Bo@Example.COM ', role: 'operator' });
		expect(person).toMatchObject({ email: 'bo@example.com', role: 'operator', state: 'invited', madeBy: 'ann@example.com' });
		expect(await hasPeople(store)).toBe(true);
		for (const email of ['bo@example.com', 'BO@EXAMPLE.COM', 'ｂｏ@example.com'])
			expect(await code(makePerson(ann(), { email, role: 'viewer' }))).toBe('person.refused');
		expect((await personByEmail(store, 'Bo@EXAMPLE.com'))?.id).toBe(person.id);
		expect(await currentPeople(store)).toHaveLength(1);
	});

	it('of one address is made once, also by several at the same moment', async () => {
		const made = await Promise.all([1, 2, 3].map(async () => await code(makePerson(ann(), { email: 'one@example.com', role: 'viewer' }))));
		expect(made.sort()).toEqual(['done', 'person.refused', 'person.refused']);
	});

	it.each(['', 'bo', 'bo@', '@example.com', 'bo@example.com\r\nBcc: all@example.com', 'a b@example.com', '<b>@example.com', 'bo@a@b'])(
		'has no address such as %j',
		(text) => expect(emailSpelling(text)).toBeUndefined(),
	);

	it('has no name that acts on a terminal or a page of text', async () => {
		const { person } = await makePerson(ann(), { email: 'x@example.com', role: 'viewer', name: ' \u001b[31mX\r\n\u202eY ' });
		expect(person.name).toBe('X Y');
	});

	it('keeps the last administrator', async () => {
		await makePerson(ann(), { email: 'a@example.com', role: 'administrator' });
		expect(await code(changeRole(ann(), 'a@example.com', 'viewer'))).toBe('person.refused');
		expect(await code(setDisabled(ann(), 'a@example.com', true))).toBe('person.refused');
		await makePerson(ann(), { email: 'b@example.com', role: 'administrator' });
		const both = await Promise.all(['a@example.com', 'b@example.com'].map(async (who) => await code(setDisabled(ann(), who, true))));
		expect(both.sort()).toEqual(['done', 'person.refused']);
	});

	it('has each change in the audit log, by whom, and the whole holds', async () => {
		const { token } = await makePerson(ann(), { email: 'c@example.com', role: 'viewer' });
		await useLink(store, token, { name: 'Cleo', password: PASSWORD });
		await changeRole(ann(), 'c@example.com', 'approver');
		await changeRole(ann(), 'c@example.com', 'approver');
		await setDisabled(ann(), 'c@example.com', true, 'left');
		await setDisabled(ann(), 'c@example.com', false);
		const said = (await store.auditLog({ subject: 'c@example.com' })).map(({ actor, action }) => `${actor} ${action}`);
		expect(said.reverse()).toEqual([
			'ann@example.com person.made',
			'c@example.com person.password_set',
			'ann@example.com person.role_changed',
			'ann@example.com person.disabled',
			'ann@example.com person.enabled',
		]);
		await store.verify();
		const text = JSON.stringify([await store.list('person'), await store.auditLog({})]);
		expect(text).not.toContain(PASSWORD);
		expect(text).not.toContain(token);
	});
});

describe('a one-time link', () => {
	it('ends', async () => {
		const { token, person } = await makePerson(ann(), { email: 'd@example.com', role: 'viewer' });
		const record = (await store.find('person', person.id))!.body;
		await store.add('person', person.id, { ...record, link: { ...record.link!, expiresAt: '2026-01-01T00:00:00.000Z' } });
		expect(await code(readLink(store, token))).toBe('person.link_used');
		expect(await code(readLink(store, 'p0000000000000000.x'))).toBe('input.invalid');
	});

	it('has what it proves behind "#", which browsers send to nobody', () => {
		expect(linkAddress('https://models.example.com', 'p1.x')).toBe('https://models.example.com/console/welcome#p1.x');
		expect(linkAddress('http://127.0.0.1:8080/under/', 'p1.x')).toBe('http://127.0.0.1:8080/under/console/welcome#p1.x');
		expect(() => linkAddress('javascript:alert(1)', 'x')).toThrow('no web address');
	});
});

describe('a password', () => {
	const about = { email: 'ann.miller@example.com', name: 'Ann Miller' };

	it.each([
		'short',
		'password1234',
		'P@ssw0rd12345!',
		'123456789012',
		'qwertyuiop1234',
		'abcdefghijkl',
		'aaaaaaaaaaaaaaaa',
		'abcabcabcabc',
		'Welcome2026!!!',
		'correct horse battery staple',
		'annmiller1985',
		'AdminAdmin12',
		'098765432109',
		'Summer2026!!!',
	])('that everybody tries first is refused: %s', (password) => expect(passwordProblem(password, about)).toBeDefined());

	it.each([PASSWORD, 'x8#Qm2!vLp0Z', 'пять серых цапель', 'vier Kühe fliegen quer', 'zq7rw1kd9xyh'])(
		'that is long and of your own is taken: %s',
		(password) => expect(passwordProblem(password, about)).toBeUndefined(),
	);

	it('fits however a keyboard composes its letters, and no other does', async () => {
		const { token, person } = await makePerson(ann(), { email: 'e@example.com', role: 'viewer' });
		await useLink(store, token, { name: '', password: 'Zwölf Bücher lügen' });
		const { password } = (await store.find('person', person.id))!.body;
		expect(await passwordFits('Zwölf Bücher lügen'.normalize('NFD'), password)).toBe(true);
		expect(await passwordFits('Zwolf Bucher lugen', password)).toBe(false);
		expect(await passwordFits('Zwölf Bücher lügen', undefined)).toBe(false);
	});

	it('is asked about by so many at a time, the others hear that at once', async () => {
		const asked = await Promise.all(Array.from({ length: 25 }, async () => await code(passwordFits('x', undefined))));
		expect(asked.filter((one) => one === 'serve.overloaded')).toHaveLength(4);
	});
});
