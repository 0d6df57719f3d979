import { hash, randomBytes } from 'node:crypto';
import { MlopsError } from '../domain/errors.js';
import { emailSpelling, type PersonRecord } from '../domain/person.js';
import type { Role } from '../domain/role.js';
import { cutText, lineText, personText } from '../domain/text.js';
import type { Store, StoredRecord, Transactional } from '../store/contract.js';
import { hashPassword, passwordFits, passwordProblem, SHORTEST_PASSWORD } from './passwords.js';
import type { Session } from './session.js';

type Change = Pick<Session, 'store' | 'actor'>;
type Reads = Pick<Store, 'list'>;

/** What people see of a person. */
export interface ListedPerson {
	id: string;
	email: string;
	name: string;
	role: Role;
	state: 'active' | 'invited' | 'disabled';
	madeAt: string;
	madeBy: string;
	/** Of a link that was not used yet. */
	linkExpiresAt?: string;
}

/** Hours that a one-time link is good for. */
export const LINK_HOURS = 72;
const LONGEST_NAME = 100;

export function listedPerson({ id, email, name, role, password, link, disabled, madeAt, madeBy }: PersonRecord): ListedPerson {
	const open = link && !link.usedAt && Date.parse(link.expiresAt) > Date.now();
	return {
		id,
		email,
		name,
		role,
		state: disabled ? 'disabled' : password ? 'active' : 'invited',
		madeAt,
		madeBy,
		...(open && !disabled ? { linkExpiresAt: link.expiresAt } : {}),
	};
}

/** The newest version of each person, by e-mail address. */
export async function currentPeople(store: Reads): Promise<PersonRecord[]> {
	const newest = new Map<string, PersonRecord>();
	for (const { name, body } of await store.list('person')) if (!newest.has(name)) newest.set(name, body);
	return [...newest.values()].sort((a, b) => (a.email < b.email ? -1 : 1));
}

/** Whether anybody has an account: then people sign in, also where no keys are asked for. */
export const hasPeople = async (store: Reads): Promise<boolean> => (await store.list('person', { limit: 1 })).length > 0;

export const personById = async (store: Pick<Store, 'find'>, id: string): Promise<PersonRecord | undefined> =>
	(await store.find('person', id))?.body;

/** By any spelling of the e-mail address. */
export async function personByEmail(store: Reads, text: string): Promise<PersonRecord | undefined> {
	const email = emailSpelling(text);
	return email === undefined ? undefined : (await currentPeople(store)).find((person) => person.email === email);
}

/** @throws `store.not_found` */
export async function findPerson(store: Reads, which: string): Promise<PersonRecord> {
	const email = emailSpelling(which);
	const found = (await currentPeople(store)).find((person) => person.id === which || person.email === email);
	if (found) return found;
	throw new MlopsError('store.not_found', 'There is no such person.', {
		expected: 'an e-mail address, or the id of a person',
		found: cutText(which, 200),
		remedy: 'See: mlops person list',
	});
}

/**
 * Gives somebody an account, with a one-time link by which they set their password.
 * @throws `input.invalid`, `person.refused` where the address has an account
 */
export async function makePerson(
	{ store, actor }: Change,
	wish: { email: string; role: Role; name?: string },
): Promise<{ person: ListedPerson; token: string }> {
	const email = emailSpelling(wish.email);
	if (email === undefined)
		throw new MlopsError('input.invalid', 'This is no e-mail address.', {
			found: cutText(wish.email, 200),
			expected: 'such as ann@example.com',
		});
	const id = `p${randomBytes(8).toString('hex')}`;
	const { token, link } = newLink(id);
	const record: PersonRecord = {
		id,
		email,
		name: nameOf(wish.name ?? ''),
		role: wish.role,
		link,
		sessions: 0,
		disabled: false,
		madeBy: actor,
		madeAt: new Date().toISOString(),
	};
	await store.transact(async (part) => {
		if (await personByEmail(part, email))
			throw new MlopsError('person.refused', `There is an account for ${email} already.`, {
				remedy: 'Make a new link for it ("mlops person link"), or change its role.',
			});
		await part.add('person', id, record);
		await part.audit({ actor, action: 'person.made', subject: email, details: { person: id, role: record.role, name: record.name } });
	});
	return { person: listedPerson(record), token };
}

/** @throws `store.not_found`, `person.refused` where nobody would be administrator any more */
export const changeRole = async (change: Change, which: string, role: Role): Promise<ListedPerson> =>
	await changePerson(change, which, 'person.role_changed', async (part, before) => {
		if (role !== 'administrator') await keepAdministrator(part, before);
		return before.role === role ? undefined : [{ role }, { from: before.role, to: role }];
	});

/** Ends all sessions of somebody, and none begins; or takes that back. @throws as `changeRole` */
export const setDisabled = async (change: Change, which: string, disabled: boolean, reason = ''): Promise<ListedPerson> =>
	await changePerson(change, which, disabled ? 'person.disabled' : 'person.enabled', async (part, before) => {
		if (disabled) await keepAdministrator(part, before);
		if (before.disabled === disabled) return undefined;
		const said = personText(reason).trim();
		return [{ disabled, sessions: before.sessions + 1 }, said ? { reason: cutText(said, 2_000) } : {}];
	});

/** Ends all sessions of a person. @throws `store.not_found` */
export const endSessions = async (change: Change, which: string): Promise<ListedPerson> =>
	await changePerson(change, which, 'person.sessions_ended', (_, { sessions }) => [{ sessions: sessions + 1 }, {}]);

/** A new one-time link for somebody who has none that works, or who lost the password; an earlier one stops working. */
export async function linkFor(change: Change, which: string): Promise<{ person: ListedPerson; token: string }> {
	let made: ReturnType<typeof newLink> | undefined;
	const person = await changePerson(change, which, 'person.link_made', (_, before) => {
		if (before.disabled)
			throw new MlopsError('person.refused', `The account of ${before.email} is disabled.`, { remedy: 'Enable it first.' });
		made = newLink(before.id);
		return [{ link: made.link }, { expiresAt: made.link.expiresAt }];
	});
	return { person, token: made!.token };
}

/**
 * Who a one-time link is for.
 * @throws `person.link_used` where it was used, has expired or was replaced; `input.invalid` where it is none of this store's
 */
export async function readLink(store: Pick<Store, 'find' | 'list'>, token: string): Promise<PersonRecord> {
	const [, id] = /^(p[0-9a-f]{16})\.[A-Za-z0-9_-]{43}$/.exec(token) ?? [];
	const own = tokenHash(token);
	const versions = id ? (await store.list('person', { name: id })).map(({ body }) => body) : [];
	const [person] = versions;
	if (!person || !versions.some(({ link }) => link?.hash === own))
		throw new MlopsError('input.invalid', 'This link is not whole, or was not made here.', {
			remedy: 'Open it exactly as it was given to you.',
		});
	const remedy = 'Ask an administrator for a new one, or make one at the server: mlops person link.';
	const stale = (what: string): MlopsError => new MlopsError('person.link_used', what, { remedy });
	if (versions.some(({ link }) => link?.hash === own && link.usedAt)) throw stale('This link was used already.');
	if (person.link?.hash !== own) throw stale('This link was replaced by a newer one.');
	if (person.disabled) throw stale('This account is disabled.');
	if (Date.parse(person.link.expiresAt) <= Date.now()) throw stale(`This link was good until ${person.link.expiresAt}.`);
	return person;
}

/**
 * Sets name and password by a one-time link, which is used up by it, and ends all sessions of the person.
 * @throws as `readLink`; `person.refused` for a password that is not good enough, or where somebody else used the link at this moment
 */
export async function useLink(store: Store, token: string, wish: { name: string; password: string }): Promise<PersonRecord> {
	const before = await readLink(store, token);
	const name = nameOf(wish.name) || before.name;
	const password = await checkedPassword(wish.password, { email: before.email, name });
	return await store.transact(async (part) => {
		// Of two who use it at once, one does.
		const now = await readLink(part, token);
		const after: PersonRecord = {
			...now,
			name,
			password,
			sessions: now.sessions + 1,
			link: { ...now.link!, usedAt: new Date().toISOString() },
		};
		await write(part, after, { actor: now.email, action: 'person.password_set', details: { by: 'one-time link' } });
		return after;
	});
}

/**
 * Changes a person's own password and ends all sessions.
 * @throws `person.refused` where the one until now is another, or the new one is not good enough
 */
export async function changePassword(store: Store, id: string, wish: { current: string; password: string }): Promise<PersonRecord> {
	const before = await personById(store, id);
	if (!before || !(await passwordFits(wish.current, before.password)))
		throw new MlopsError('person.refused', 'The password until now is not right.', {});
	const password = await checkedPassword(wish.password, before);
	return await store.transact(async (part) => {
		const now = (await personById(part, id))!;
		if (now.password?.hash !== before.password?.hash || now.disabled)
			throw new MlopsError('store.conflict', 'The account was changed at the same moment.', { remedy: 'Sign in again.' });
		const after: PersonRecord = { ...now, password, sessions: now.sessions + 1 };
		await write(part, after, { actor: now.email, action: 'person.password_set', details: { by: 'password' } });
		return after;
	});
}

/** @throws `person.refused` */
async function checkedPassword(password: string, about: { email: string; name: string }) {
	const problem = passwordProblem(password, about);
	if (problem)
		throw new MlopsError('person.refused', `This password is too easy to guess. ${problem}`, {
			expected: `at least ${SHORTEST_PASSWORD} characters: a sentence that only you know, or what a password manager makes`,
		});
	return await hashPassword(password);
}

type Changed = readonly [change: Partial<PersonRecord>, details: Record<string, unknown>] | undefined;

async function changePerson(
	{ store, actor }: Change,
	which: string,
	action: string,
	make: (part: Transactional, before: PersonRecord) => Promise<Changed> | Changed,
): Promise<ListedPerson> {
	return await store.transact(async (part) => {
		const before = await findPerson(part, which);
		const changed = await make(part, before);
		if (!changed) return listedPerson(before);
		const after = { ...before, ...changed[0] };
		await write(part, after, { actor, action, details: changed[1] });
		return listedPerson(after);
	});
}

async function write(
	part: Transactional,
	after: PersonRecord,
	{ details, ...event }: { actor: string; action: string; details: Record<string, unknown> },
): Promise<StoredRecord<'person'>> {
	const record = await part.add('person', after.id, after);
	await part.audit({ ...event, subject: after.email, details: { person: after.id, ...details } });
	return record;
}

/** @throws `person.refused` where this person is the last administrator who is not disabled */
async function keepAdministrator(part: Reads, { id, role, disabled }: PersonRecord): Promise<void> {
	if (role !== 'administrator' || disabled) return;
	const others = (await currentPeople(part)).filter((person) => person.id !== id && person.role === 'administrator' && !person.disabled);
	if (others.length === 0)
		throw new MlopsError('person.refused', 'This is the last administrator: without one, nobody could look after people and keys.', {
			remedy: 'Make somebody else administrator first.',
		});
}

const nameOf = (text: string): string => cutText(lineText(personText(text)).trim(), LONGEST_NAME);

/** 256 bits of chance need no slower hash. */
const tokenHash = (token: string): string => hash('sha256', token, 'hex');

function newLink(id: string): { token: string; link: NonNullable<PersonRecord['link']> } {
	const token = `${id}.${randomBytes(32).toString('base64url')}`;
	const now = Date.now();
	const expiresAt = new Date(now + LINK_HOURS * 3_600_000).toISOString();
	return { token, link: { hash: tokenHash(token), madeAt: new Date(now).toISOString(), expiresAt } };
}

/** Where a one-time link leads: what it proves stands behind `#`, which browsers send to nobody. */
export function linkAddress(base: string, token: string): string {
	const at = URL.parse(base.trim());
	if (!at || !/^https?:$/.test(at.protocol))
		throw new MlopsError('input.invalid', 'The address of the model server is no web address.', {
			found: cutText(base, 200),
			expected: 'such as https://models.example.com',
		});
	const url = new URL('console/welcome', at.href.endsWith('/') ? at : `${at.href}/`);
	url.hash = token;
	return url.href;
}
