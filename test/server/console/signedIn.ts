import { makePerson, useLink } from '../../../lib/app/people.js';
import type { Role } from '../../../lib/domain/role.js';
import type { Store } from '../../../lib/store/contract.js';
import type { Got, Loose, Served } from '../served.js';

export const PASSWORD = 'seven grey herons at dawn';

/** An account with a password, made as people are: by a one-time link. */
export async function account(store: Store, role: Role, email = `${role}@example.com`): Promise<string> {
	const { token } = await makePerson({ store, actor: 'test' }, { email, role });
	await useLink(store, token, { name: `The ${role}`, password: PASSWORD });
	return email;
}

/** A browser's side of a session. */
export interface SignedIn {
	cookie: string;
	csrf: string;
	/** Asks the API as pages of the console do. */
	ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Got>;
}

/** One request, with what the answer says. */
export async function send(url: string, method: string, body?: unknown, headers: Record<string, string> = {}): Promise<Got> {
	const response = await fetch(url, {
		method,
		redirect: 'manual',
		headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
		...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	});
	const text = await response.text();
	const json = response.headers.get('content-type')?.includes('json');
	return { status: response.status, headers: response.headers, body: (json && text ? JSON.parse(text) : text) as Loose };
}

export const cookieOf = ({ headers }: Pick<Got, 'headers'>): string => headers.getSetCookie()[0]?.split(';')[0] ?? '';

export async function signIn(server: Pick<Served, 'url'>, email: string, password = PASSWORD, headers = {}): Promise<SignedIn> {
	const got = await send(`${server.url}/api/v1/session`, 'POST', { email, password }, headers);
	if (got.status !== 200) throw new Error(`${got.status} ${JSON.stringify(got.body)}`);
	return session(server, got);
}

/** The session that an answer began. */
export function session(server: Pick<Served, 'url'>, got: Got): SignedIn {
	const cookie = cookieOf(got);
	const csrf = String(got.body.csrf);
	return {
		cookie,
		csrf,
		ask: async (method, path, body, headers = {}) =>
			await send(`${server.url}/api/v1${path}`, method, body, { cookie, ...(method === 'GET' ? {} : { 'x-csrf': csrf }), ...headers }),
	};
}
