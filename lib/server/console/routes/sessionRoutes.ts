import { z } from 'zod/v4';
import { changePassword, endSessions, hasPeople, personById, personByEmail, readLink, useLink } from '../../../app/people.js';
import { LONGEST_PASSWORD, passwordFits, SHORTEST_PASSWORD } from '../../../app/passwords.js';
import { MlopsError } from '../../../domain/errors.js';
import { emailSpelling, type PersonRecord } from '../../../domain/person.js';
import { ROLES } from '../../../domain/role.js';
import type { MainState } from '../../start.js';
import { createAttempts, type Attempts } from '../attempts.js';
import { consoleRoute, type Http } from '../contract.js';
import { beginSession, csrfOf, endedCookie, endSession, sessionCookie } from '../consoleSession.js';

const whoAnswer = z.object({
	kind: z.enum(['person', 'key', 'local']),
	id: z.string(),
	name: z.string().meta({ description: 'As the audit log names it' }),
	called: z.string().optional(),
	email: z.string().optional(),
	role: z.enum(ROLES),
});

const sessionAnswer = z.object({
	who: whoAnswer.optional().meta({ description: 'Absent: nobody is signed in' }),
	csrf: z.string().optional().meta({ description: 'Send it as the header x-csrf with every change' }),
	accounts: z.boolean().meta({ description: 'Whether anybody has an account' }),
});

const email = z.string().max(300);
const password = z.string().max(4 * LONGEST_PASSWORD);
const token = z.string().max(200);

/** A password that is being chosen; its rules are the use case's. */
const newPassword = password.meta({ description: `At least ${SHORTEST_PASSWORD} characters` });

interface Tried {
	accounts: Attempts;
	addresses: Attempts;
}
const tried = new WeakMap<MainState, Tried>();

/** Attempts that each account and each address has before it must wait. An address may be a proxy's, with everybody behind it. */
function attemptsOf(state: MainState): Tried {
	let found = tried.get(state);
	if (!found) tried.set(state, (found = { accounts: createAttempts(8), addresses: createAttempts(60) }));
	return found;
}

/** A new session under a token of its own, whatever the caller's cookie held; that one is over. */
async function begin(state: MainState, person: PersonRecord, http: Http): Promise<z.input<typeof sessionAnswer>> {
	if (http.token !== undefined) await endSession(state.store, http.token);
	const secure = http.secure;
	const own = await beginSession(state.store, person, secure);
	http.headers['set-cookie'] = sessionCookie(own, { store: state.store.id, secure });
	const { id, name, email: address, role } = person;
	return { who: { kind: 'person', id, name: address, called: name || address, email: address, role }, csrf: csrfOf(own), accounts: true };
}

export const session = consoleRoute({
	method: 'GET',
	path: '/session',
	role: 'none',
	summary: 'Who is signed in, and what changes must carry.',
	answer: sessionAnswer,
	does: async ({ store }, { who, http }) => ({
		...(who.id === '' ? {} : { who }),
		...(who.kind === 'person' && who.id !== '' ? { csrf: csrfOf(http.token!) } : {}),
		accounts: await hasPeople(store),
	}),
});

const signIn = consoleRoute({
	method: 'POST',
	path: '/session',
	role: 'none',
	summary: 'Signs in: the session is a cookie that no script can read.',
	body: z.object({ email, password }),
	answer: sessionAnswer,
	async does(state, { body, http }) {
		const { accounts, addresses } = attemptsOf(state);
		const account = emailSpelling(body.email) ?? body.email;
		addresses.begin(http.from);
		accounts.begin(account);
		const person = await personByEmail(state.store, body.email);
		// Whether there is no such account, it is disabled, or the password is wrong: the same answer, after the same time.
		const right = await passwordFits(body.password, person?.password);
		if (!person || person.disabled || !right)
			throw new MlopsError('person.sign_in_failed', 'E-mail address or password is not right.', {
				remedy: 'Where the password is lost, an administrator makes a one-time link: mlops person link.',
			});
		accounts.right(account);
		addresses.right(http.from);
		await state.store.audit({ actor: person.email, action: 'person.signed_in', subject: person.email, details: { from: http.from } });
		return await begin(state, person, http);
	},
});

const signOut = consoleRoute({
	method: 'DELETE',
	path: '/session',
	role: 'viewer',
	summary: 'Signs out.',
	answer: z.object({}),
	async does({ store }, { http }) {
		if (http.token !== undefined) await endSession(store, http.token);
		http.headers['set-cookie'] = endedCookie({ store: store.id, secure: http.secure });
		return {};
	},
});

const signOutElsewhere = consoleRoute({
	method: 'POST',
	path: '/session/elsewhere',
	role: 'viewer',
	summary: 'Ends all other sessions of whoever asks.',
	answer: sessionAnswer,
	async does(state, { who, http }) {
		const person = await endSessions({ store: state.store, actor: who.name }, needPerson(who.kind, who.id));
		return await begin(state, (await personById(state.store, person.id))!, http);
	},
});

const ownPassword = consoleRoute({
	method: 'POST',
	path: '/session/password',
	role: 'viewer',
	summary: 'Changes the own password, and ends all other sessions.',
	body: z.object({ current: password, password: newPassword }),
	answer: sessionAnswer,
	async does(state, { who, body, http }) {
		const { accounts } = attemptsOf(state);
		accounts.begin(who.name);
		const person = await changePassword(state.store, needPerson(who.kind, who.id), body);
		accounts.right(who.name);
		return await begin(state, person, http);
	},
});

export const lookAtLink = consoleRoute({
	method: 'POST',
	path: '/links/look',
	role: 'none',
	summary: 'Who a one-time link is for, and whether it still works.',
	body: z.object({ token }),
	answer: z.object({ email: z.string(), name: z.string(), role: z.enum(ROLES) }),
	async does({ store }, { body }) {
		const person = await readLink(store, body.token);
		return { email: person.email, name: person.name, role: person.role };
	},
});

const useLinkRoute = consoleRoute({
	method: 'POST',
	path: '/links/use',
	role: 'none',
	summary: 'Sets name and password by a one-time link, and signs in.',
	body: z.object({ token, name: z.string().max(300), password: newPassword }),
	answer: sessionAnswer,
	async does(state, { body, http }) {
		const { addresses } = attemptsOf(state);
		addresses.begin(http.from);
		const person = await useLink(state.store, body.token, body);
		addresses.right(http.from);
		attemptsOf(state).accounts.right(person.email);
		return await begin(state, person, http);
	},
});

/** @throws `person.refused` for keys and whoever sits at the machine: they have no account */
function needPerson(kind: string, id: string): string {
	if (kind === 'person') return id;
	throw new MlopsError('person.refused', 'This is for people who signed in.', {});
}

export const sessionRoutes = [session, signIn, signOut, signOutElsewhere, ownPassword, lookAtLink, useLinkRoute];
