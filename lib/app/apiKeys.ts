import { randomBytes } from 'node:crypto';
import { z } from 'zod/v4';
import { dateParser } from '../data/dates.js';
import { keyHash, keyState, OWN_KEY, SCOPES, type ApiKeyRecord, type KeyState, type Scope } from '../domain/apiKey.js';
import { MlopsError } from '../domain/errors.js';
import { cutText, personText } from '../domain/text.js';
import type { Store, Transactional } from '../store/contract.js';
import type { Session } from './session.js';

/** What people see of a key. */
export type ListedKey = Omit<ApiKeyRecord, 'hash'> & { state: KeyState };

type Keys = Pick<Session, 'store' | 'actor'>;

const DAY_MS = 86_400_000;
/** Days that a key is good for where nobody says how long: a forgotten key ends by itself, and a quarter leaves time to renew it. */
export const DEFAULT_DAYS = 90;
const LONGEST_LABEL = 200;

const wanted = z.object({
	label: z
		.string()
		.transform((text) => cutText(personText(text).trim(), LONGEST_LABEL))
		.refine(Boolean, 'must say what the key is for'),
	scopes: z
		.array(z.enum(SCOPES))
		.min(1)
		.transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope))),
	models: z.array(z.string().trim().min(1)).optional(),
});

export interface KeyWish {
	/** What it is for, in a person's words. */
	label: string;
	scopes: readonly Scope[];
	/** Registered models that it is good for; absent or empty: all. */
	models?: readonly string[];
	/** A date and time (ISO 8601), or `never`; absent: in 90 days. */
	expiresAt?: string;
}

/**
 * Makes a key of the model server. The key itself is in what comes back and nowhere else: the store keeps its SHA-256.
 * @throws `input.invalid`
 */
export async function makeKey({ store, actor }: Keys, wish: KeyWish): Promise<{ key: string; made: ListedKey }> {
	const id = randomBytes(8).toString('hex');
	const key = `mlops_${id}_${randomBytes(32).toString('base64url')}`;
	const expiresAt = endOf(wish.expiresAt ?? new Date(Date.now() + DEFAULT_DAYS * DAY_MS).toISOString());
	const record = recordOf(id, key, actor, { ...wish, expiresAt });
	await store.transact(async (part) => await write(part, record, 'apiKey.made', actor));
	return { key, made: listed(record) };
}

/**
 * Makes a key of ours out of one that a person chose, as they do in n8n's credentials. The same key again is the same record, with the
 * label and the scopes of now; it has no end of its own, and one that was withdrawn stays so.
 * @throws `input.invalid` for one that can be guessed; `serve.key_invalid` for one that was withdrawn or has expired
 */
export async function adoptKey({ store, actor }: Keys, { key, ...wish }: Omit<KeyWish, 'expiresAt'> & { key: string }): Promise<ListedKey> {
	const [, made] = OWN_KEY.exec(key) ?? [];
	if (!made) refuseWeak(key);
	const own = keyHash(key);
	return await store.transact(async (part) => {
		const before = (await currentKeys(part)).find((record) => record.hash === own);
		const state = before && keyState(before, Date.now());
		if (state && state !== 'good')
			throw new MlopsError('serve.key_invalid', `The API key "${before.label}" ${state === 'expired' ? 'has expired' : 'was withdrawn'}.`, {
				remedy: 'Enter another key in the credential.',
			});
		// What a key of the store's own opens, its maker said.
		if (before && made) return listed(before);
		const now = recordOf(before?.id ?? own.slice(0, 16), key, actor, wish);
		const record = before ? { ...now, madeAt: before.madeAt, madeBy: before.madeBy } : now;
		if (!before || !alike(before, record)) await write(part, record, before ? 'apiKey.changed' : 'apiKey.made', actor);
		return listed(record);
	});
}

/**
 * Withdraws a key, by its id or by the key itself. One that was withdrawn before is given back as it is.
 * @throws `store.not_found`
 */
export async function withdrawKey({ store, actor }: Keys, which: string, reason?: string): Promise<ListedKey> {
	return await store.transact(async (part) => {
		const record = await recordBy(part, which);
		if (record.withdrawn) return listed(record);
		const said = personText(reason ?? '').trim();
		const withdrawn = { at: new Date().toISOString(), by: actor, ...(said ? { reason: said } : {}) };
		const after = { ...record, withdrawn };
		await write(part, after, 'apiKey.withdrawn', actor, said);
		return listed(after);
	});
}

/** @throws `store.not_found` */
async function recordBy(store: Pick<Store, 'list'>, which: string): Promise<ApiKeyRecord> {
	const text = which.trim();
	const record = (await currentKeys(store)).find(({ id, hash }) => id === text || hash === keyHash(text));
	if (record) return record;
	throw new MlopsError('store.not_found', 'There is no such API key.', {
		// It may be the key of another store: it is not repeated.
		expected: 'the id of a key, or the key itself',
		remedy: 'Deploy\'s operation "List API Keys" tells the ids; in a terminal "mlops key list" does.',
	});
}

/** A key by its id or by the key itself. @throws `store.not_found` */
export const findKey = async (store: Pick<Store, 'list'>, which: string): Promise<ListedKey> => listed(await recordBy(store, which));

/** The newest version of each key, those made last first. */
export async function currentKeys(store: Pick<Store, 'list'>): Promise<ApiKeyRecord[]> {
	const newest = new Map<string, ApiKeyRecord>();
	for (const { name, body } of await store.list('apiKey')) if (!newest.has(name)) newest.set(name, body);
	return [...newest.values()].sort((a, b) => (a.madeAt < b.madeAt ? 1 : -1));
}

/** Every key, used-up ones marked as such. */
export const listKeys = async (store: Pick<Store, 'list'>): Promise<ListedKey[]> => (await currentKeys(store)).map(listed);

const listed = ({ hash: _secret, ...record }: ApiKeyRecord): ListedKey => ({ ...record, state: keyState(record, Date.now()) });

async function write(part: Transactional, record: ApiKeyRecord, action: string, actor: string, reason?: string): Promise<void> {
	await part.add('apiKey', record.id, record);
	const { label, scopes, models, expiresAt } = record;
	await part.audit({
		actor,
		action,
		subject: record.id,
		details: { label, scopes, ...(models ? { models } : {}), ...(expiresAt ? { expiresAt } : {}), ...(reason ? { reason } : {}) },
	});
}

function recordOf(id: string, key: string, actor: string, { expiresAt, ...wish }: KeyWish): ApiKeyRecord {
	const parsed = wanted.safeParse(wish);
	if (!parsed.success) {
		const [{ path, message }] = parsed.error.issues;
		throw new MlopsError('input.invalid', `The API key cannot be made: ${path.join('.')}: ${message}.`, {
			...(path[0] === 'scopes' ? { expected: `one or more of: ${SCOPES.join(', ')}` } : {}),
		});
	}
	const { models, ...said } = parsed.data;
	return {
		id,
		hash: keyHash(key),
		...said,
		...(models?.length ? { models: [...new Set(models)].sort() } : {}),
		madeAt: new Date().toISOString(),
		madeBy: actor,
		...(expiresAt === undefined ? {} : { expiresAt }),
	};
}

const alike = (a: ApiKeyRecord, b: ApiKeyRecord): boolean =>
	a.label === b.label && String(a.scopes) === String(b.scopes) && JSON.stringify(a.models) === JSON.stringify(b.models);

const iso = dateParser('iso');

function endOf(text: string): string | undefined {
	if (text.trim().toLowerCase() === 'never') return undefined;
	// Date.parse reads years in numbers and words, and March in the 30th of February.
	const at = iso(text.trim());
	if (at > Date.now()) return new Date(at).toISOString();
	throw new MlopsError('input.invalid', 'The API key cannot be made: its end must be a date and time that is still to come.', {
		expected: 'an ISO date and time such as 2030-01-31 or 2030-01-31T18:00Z (without a zone it is UTC), or never',
		found: text,
	});
}

const SHORTEST = 24;
const LONGEST = 256;
const FEWEST_KINDS = 10;

/** @throws `input.invalid` for a key that can be guessed, or that no header can carry */
function refuseWeak(key: string): void {
	const problem = !/^[!-~]*$/.test(key)
		? 'It holds spaces, or characters beyond ASCII, which headers do not carry.'
		: key.length < SHORTEST
			? `It has ${key.length} characters.`
			: key.length > LONGEST
				? `It is longer than ${LONGEST} characters.`
				: new Set(key).size < FEWEST_KINDS
					? `It is made of ${new Set(key).size} different characters.`
					: `${key}${key}`.indexOf(key, 1) < key.length
						? 'It repeats itself.'
						: undefined;
	if (problem === undefined) return;
	throw new MlopsError('input.invalid', `This API key is too easy to guess, or cannot be sent. ${problem}`, {
		expected: `at least ${SHORTEST} random letters, digits and signs, ${FEWEST_KINDS} different ones among them`,
		remedy: 'Let a password manager make one, or "mlops key make".',
	});
}
