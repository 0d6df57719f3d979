import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod/v4';
import type { PersonRecord } from '../../domain/person.js';
import type { Store } from '../../store/contract.js';

/**
 * Sessions of people, kept in the store's table of progress, so that all servers over one store know them, and a restart ends none. A
 * person's sessions are one entry of bounded length, changed by compare-and-set; what is kept of a token is its SHA-256. They were not made
 * signed texts that no table knows, because signing out must end them at once, everywhere.
 */
const kept = z.array(
	z.object({
		/** SHA-256 of the token. */
		hash: z.string(),
		/** When it began, and when it was seen last (ms). */
		since: z.number(),
		seen: z.number(),
		/** `sessions` of the person when it began. */
		epoch: z.number(),
		/** Began over TLS: its cookie comes back under the name that no other site can set. */
		secure: z.boolean(),
	}),
);
type Kept = z.infer<typeof kept>[number];
type Keeper = Pick<Store, 'progress' | 'swapProgress'>;

const HOUR_MS = 3_600_000;
/** A session nobody used for so long is over. */
export const IDLE_MS = 12 * HOUR_MS;
/** However much it is used, it is over after so long. */
export const LONGEST_MS = 7 * 24 * HOUR_MS;
/** How exactly the store knows when a session was seen last. */
const NOTED_MS = 5 * 60_000;
/** Beyond so many, the one that was used least recently ends. */
const MOST = 20;

const keyOf = (person: string): string => `sessions:${person}`;
const TOKEN = /^(p[0-9a-f]{16})\.([A-Za-z0-9_-]{43})$/;
const hashOf = (token: string): string => hash('sha256', token, 'hex');
const lives = ({ since, seen, epoch }: Kept, person: PersonRecord, now: number): boolean =>
	epoch === person.sessions && now - since < LONGEST_MS && now - seen < IDLE_MS;

/** Changes a person's sessions; others may do so at the same time. */
async function change(store: Keeper, person: string, make: (sessions: Kept[]) => Kept[]): Promise<void> {
	for (;;) {
		const before = await store.progress(keyOf(person));
		const sessions = kept.safeParse(before).data ?? [];
		const after = make(sessions);
		if (JSON.stringify(after) === JSON.stringify(sessions) || (await store.swapProgress(keyOf(person), before, after))) return;
	}
}

/** Begins a session under a token that nobody had before. */
export async function beginSession(store: Keeper, person: PersonRecord, secure: boolean, now = Date.now()): Promise<string> {
	const token = `${person.id}.${randomBytes(32).toString('base64url')}`;
	const session: Kept = { hash: hashOf(token), since: now, seen: now, epoch: person.sessions, secure };
	await change(store, person.id, (sessions) =>
		[session, ...sessions.filter((one) => lives(one, person, now))].sort((a, b) => b.seen - a.seen).slice(0, MOST),
	);
	return token;
}

/** Whose session a token stands for now, if anybody's. */
export async function personOf(
	store: Keeper & Pick<Store, 'find'>,
	token: string,
	secure: boolean,
	now = Date.now(),
): Promise<PersonRecord | undefined> {
	const [, id] = TOKEN.exec(token) ?? [];
	if (!id) return undefined;
	const own = hashOf(token);
	const session = kept.safeParse(await store.progress(keyOf(id))).data?.find((one) => one.hash === own);
	if (!session || session.secure !== secure) return undefined;
	const person = (await store.find('person', id))?.body;
	if (!person || person.disabled || !lives(session, person, now)) return undefined;
	if (now - session.seen > NOTED_MS)
		await change(store, id, (sessions) => sessions.map((one) => (one.hash === own ? { ...one, seen: Math.max(one.seen, now) } : one)));
	return person;
}

export async function endSession(store: Keeper, token: string): Promise<void> {
	const [, id] = TOKEN.exec(token) ?? [];
	const own = hashOf(token);
	if (id) await change(store, id, (sessions) => sessions.filter((one) => one.hash !== own));
}

/** What changing requests bring in the header `x-csrf`: a page of ours is told it, and no other site can make or read it. */
export const csrfOf = (token: string): string => hash('sha256', `csrf ${token}`, 'base64url');

export function csrfFits(token: string, given: string | undefined): boolean {
	const expected = Buffer.from(csrfOf(token));
	const sent = Buffer.from(given ?? '');
	return sent.length === expected.length && timingSafeEqual(sent, expected);
}

/** One cookie a store: two servers at one host, on ports of their own, leave each other's alone. */
export interface CookieKind {
	/** Id of the store. */
	store: string;
	/** Over TLS: browsers take a cookie with this prefix from this very host alone, for all paths. */
	secure: boolean;
}
const nameOf = ({ store, secure }: CookieKind): string => `${secure ? '__Host-' : ''}mlops_session_${store.slice(-8)}`;

/** The session's token in a `Cookie` header. Two of one name are none: one of them somebody else put there. */
export function tokenIn(cookie: string | undefined, kind: CookieKind): string | undefined {
	const found = (cookie ?? '')
		.split(';')
		.map((pair) => pair.trim().split('='))
		.filter(([name]) => name === nameOf(kind));
	return found.length === 1 ? found[0].slice(1).join('=') : undefined;
}

const attributes = ({ secure }: CookieKind): string => `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

/** Strict: pages of ours ask for everything themselves, so a link from elsewhere needs no cookie. */
export const sessionCookie = (token: string, kind: CookieKind): string =>
	`${nameOf(kind)}=${token}; ${attributes(kind)}; Max-Age=${LONGEST_MS / 1000}`;

export const endedCookie = (kind: CookieKind): string => `${nameOf(kind)}=; ${attributes(kind)}; Max-Age=0`;
