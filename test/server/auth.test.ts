import { randomBytes } from 'node:crypto';
import { keyHash, type ApiKeyRecord, type Scope } from '../../lib/domain/apiKey.js';
import { assertModel, createKeyCheck, KeyRefused, STORE_AWAY_MS, type KeyHeaders } from '../../lib/server/auth.js';

const freshKey = () => `mlops_${randomBytes(8).toString('hex')}_${randomBytes(32).toString('base64url')}`;

function keyOf(more: Partial<ApiKeyRecord> = {}): { key: string; record: ApiKeyRecord } {
	const key = freshKey();
	const record: ApiKeyRecord = {
		id: key.split('_')[1],
		hash: keyHash(key),
		label: 'shop',
		scopes: ['predict'],
		madeAt: '2026-01-01T00:00:00.000Z',
		madeBy: 'ann',
		...more,
	};
	return { key, record };
}

const tableOf = (keys: ApiKeyRecord[], seenAt = Date.now()) => ({ keys, seenAt });
const bearer = (key: string): KeyHeaders => ({ authorization: `Bearer ${key}` });
const basic = (text: string): KeyHeaders => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

function refusal(work: () => unknown): KeyRefused {
	try {
		work();
	} catch (thrown) {
		if (thrown instanceof KeyRefused) return thrown;
		throw thrown;
	}
	throw new Error('nothing was refused');
}

describe('the check of a key', () => {
	const { key, record } = keyOf({ scopes: ['predict', 'read'] });
	const check = createKeyCheck(tableOf([keyOf().record, record, keyOf().record]));

	it.each<[string, KeyHeaders]>([
		['as a bearer token', bearer(key)],
		['with the scheme in small letters and more blanks', { authorization: `bearer   ${key} ` }],
		['as X-API-Key', { 'x-api-key': key }],
		['as a password', basic(`anybody:${key}`)],
		['as a name without a password', basic(`${key}:`)],
		['with a line end that a shell added before it was encoded', basic(`:${key}\n`)],
		['beside an Authorization that is for a proxy', { authorization: 'Basic cHJveHk6c2VjcmV0', 'x-api-key': key }],
	])('finds it %s, the second time too', (_, headers) => {
		expect(check(headers, 'predict')).toBe(record);
		expect(check(headers, 'read', 'any model')).toBe(record);
	});

	it('asks for one where none came, and says how', () => {
		const error = refusal(() => check({}, 'predict'));
		expect(error).toMatchObject({ status: 401, code: 'serve.key_missing', headers: { 'WWW-Authenticate': 'Bearer realm="mlops"' } });
		expect(error.details.remedy).toContain('X-API-Key');
	});

	const foreign = freshKey();
	const wrongSecret = `${key.slice(0, 23)}${freshKey().slice(23)}`;
	it.each<[string, KeyHeaders]>([
		['of another server', bearer(foreign)],
		['with a known id and a wrong secret', bearer(wrongSecret)],
		['with one letter changed', bearer(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)],
		['sent twice', { 'x-api-key': `${key}, ${key}` }],
		['after a wrong X-API-Key', { ...bearer(key), 'x-api-key': foreign }],
		['that is empty', { 'x-api-key': '' }],
		['of other letters', { 'x-api-key': 'ключ' }],
		['that is its own hash', bearer(record.hash)],
		['of 100,000 characters', bearer('x'.repeat(100_000))],
		['that is called like a part of every object', bearer('__proto__')],
		['in bytes that are no Base64', { authorization: 'Basic %%%' }],
	])('refuses one %s, and repeats none of it', (_, headers) => {
		const error = refusal(() => check(headers, 'predict'));
		expect(error).toMatchObject({ status: 401, code: 'serve.key_invalid' });
		expect(error.headers['WWW-Authenticate']).toContain('invalid_token');
		const said = JSON.stringify([error, error.headers, error.stack]);
		for (const secret of [key, foreign, wrongSecret, 'ключ', record.hash, 'xxxx']) expect(said).not.toContain(secret);
	});

	it('answers the same to an unknown id and to a wrong secret', () => {
		const said = [foreign, wrongSecret].map((wrong) => refusal(() => check(bearer(wrong), 'predict')));
		expect(said[0].toJSON()).toEqual(said[1].toJSON());
		expect(said[0].headers).toEqual(said[1].headers);
	});

	it('tells a key that was cut off from one that is unknown, and a header without a scheme', () => {
		expect(refusal(() => check(bearer(key.slice(0, 40)), 'predict')).toJSON()).toMatchObject({
			message: 'The API key is not whole.',
			details: { expected: '66 characters', found: '40 characters' },
		});
		expect(refusal(() => check({ authorization: key }, 'predict')).details.expected).toContain('Bearer');
	});
});

describe('what a key opens', () => {
	it.each<[Scope[], Scope]>([
		[['predict'], 'deploy'],
		[['predict', 'feedback', 'read'], 'deploy'],
		[['deploy'], 'predict'],
	])('with %s not what needs %s, and the refusal names it', (scopes, scope) => {
		const { key, record } = keyOf({ scopes });
		const check = createKeyCheck(tableOf([record]));
		for (let again = 0; again < 2; again++) {
			const error = refusal(() => check(bearer(key), scope));
			expect(error).toMatchObject({ status: 403, code: 'serve.scope_missing', details: { expected: scope, found: scopes.join(', ') } });
			expect(error.headers['WWW-Authenticate']).toContain(`scope="${scope}"`);
		}
	});

	it('only the models that it is made for, also where their names came later', () => {
		const { key, record } = keyOf({ models: ['churn'] });
		const check = createKeyCheck(tableOf([record]));
		expect(check(bearer(key), 'predict', 'churn')).toBe(record);
		expect(refusal(() => check(bearer(key), 'predict', 'salaries'))).toMatchObject({ status: 403, code: 'serve.scope_missing' });
		expect(refusal(() => check(bearer(key), 'predict', 'toString'))).toMatchObject({ status: 403 });
		// A request that names no model.
		const found = check(bearer(key), 'predict');
		assertModel(found, 'churn', 'predict');
		expect(refusal(() => assertModel(found, 'salaries', 'predict'))).toMatchObject({ status: 403 });
	});

	it('nothing once it was withdrawn or has expired, even where it was good a moment before', () => {
		const withdrawn = keyOf({ withdrawn: { at: '2026-05-06T07:08:09.000Z', by: 'ann' } });
		const soon = keyOf({ expiresAt: new Date(Date.now() + 60_000).toISOString() });
		const check = createKeyCheck(tableOf([withdrawn.record, soon.record]));
		expect(refusal(() => check(bearer(withdrawn.key), 'predict'))).toMatchObject({
			status: 401,
			code: 'serve.key_invalid',
			message: 'The API key was withdrawn on 2026-05-06 at 07:08 UTC.',
		});
		expect(check(bearer(soon.key), 'predict')).toBe(soon.record);
		jest.useFakeTimers({ now: Date.now() + 60_001 });
		try {
			expect(refusal(() => check(bearer(soon.key), 'predict'))).toMatchObject({
				status: 401,
				message: expect.stringMatching(/expired/) as string,
			});
		} finally {
			jest.useRealTimers();
		}
	});

	it('goes on while the store is away, for an hour; then every key is refused until it is seen again', () => {
		const { key, record } = keyOf();
		const table = tableOf([record], Date.now() - STORE_AWAY_MS + 30_000);
		const check = createKeyCheck(table);
		expect(check(bearer(key), 'predict')).toBe(record);
		table.seenAt = Date.now() - STORE_AWAY_MS - 1;
		for (const sent of [key, freshKey()]) {
			const error = refusal(() => check(bearer(sent), 'predict'));
			expect(error).toMatchObject({ status: 503, code: 'serve.store_away', headers: { 'Retry-After': '30' } });
		}
		table.seenAt = Date.now();
		expect(check(bearer(key), 'predict')).toBe(record);
	});

	it('remembers a bounded number of ways to write a key, and each goes on being good', () => {
		const { key, record } = keyOf();
		const check = createKeyCheck(tableOf([record]));
		for (let user = 0; user < 5_000; user++) expect(check(basic(`user${user}:${key}`), 'predict')).toBe(record);
		expect(check(basic(`user0:${key}`), 'predict')).toBe(record);
	});
});
