import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { adoptKey, currentKeys, DEFAULT_DAYS, listKeys, makeKey, withdrawKey } from '../../lib/app/apiKeys.js';
import { createKeyCheck } from '../../lib/server/auth.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';

let home: string;
let store: Store;
const ann = () => ({ store, actor: 'ann@example.com' });
beforeAll(async () => {
	home = mkdtempSync(path.join(os.tmpdir(), 'mlops-keys-'));
	store = await openStore({ kind: 'folder', home });
});
afterAll(async () => {
	await store.close();
	rmSync(home, { recursive: true });
});

const opens = async (key: string, scope: 'predict' | 'deploy' = 'predict') => {
	const check = createKeyCheck({ keys: await currentKeys(store), seenAt: Date.now() });
	try {
		return check({ authorization: `Bearer ${key}` }, scope).label;
	} catch (thrown) {
		return (thrown as Error).message;
	}
};
const events = async (subject: string) =>
	(await store.auditLog({ subject })).map(({ action, actor, details }) => ({ action, actor, details }));
const filesOf = (folder: string): string[] =>
	readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.map((name) => path.join(folder, name))
		.filter((file) => statSync(file).isFile());

describe('API keys of the model server', () => {
	it('a key is given once, opens what it is made for, and lies nowhere in the store', async () => {
		const { key, made } = await makeKey(ann(), { label: ' shop ', scopes: ['read', 'predict', 'read'], models: ['churn'] });
		expect(key).toMatch(new RegExp(`^mlops_${made.id}_[A-Za-z0-9_-]{43}$`));
		expect(made).toMatchObject({ label: 'shop', scopes: ['predict', 'read'], models: ['churn'], madeBy: 'ann@example.com', state: 'good' });
		expect(made).not.toHaveProperty('hash');
		expect(await opens(key)).toBe('shop');
		expect(await opens(key, 'deploy')).toBe('The API key does not have the scope "deploy".');
		for (const file of filesOf(home)) expect(readFileSync(file).includes(key.slice(23))).toBe(false);
		const { expiresAt } = made;
		expect(await events(made.id)).toEqual([
			{
				action: 'apiKey.made',
				actor: 'ann@example.com',
				details: { label: 'shop', scopes: ['predict', 'read'], models: ['churn'], expiresAt },
			},
			expect.objectContaining({ action: 'apiKey.added' }),
		]);
	});

	it.each([
		// The programs of browsers read years in these.
		['32'],
		['in 40'],
		['2040'],
		['2050-01-01 (or so)'],
		// The day after the last one of a month is none of the next.
		['2031-02-30'],
		['2031-13-01'],
		// The first of February, or the second of January.
		['01/02/2031'],
		['31.01.2031'],
		['tomorrow'],
		['+275760-09-13'],
		['2031-01-31T25:00:00Z'],
		[''],
	])('has no end "%s": what is no ISO date is refused, and no date is guessed', async (expiresAt) => {
		await expect(makeKey(ann(), { label: 'end', scopes: ['read'], expiresAt })).rejects.toMatchObject({
			code: 'input.invalid',
			details: { found: expiresAt },
		});
	});

	it.each([
		['2031-01-31', '2031-01-31T00:00:00.000Z'],
		[' 2031-01-31T10:00 ', '2031-01-31T10:00:00.000Z'],
		['2031-01-31T10:00:00+14:00', '2031-01-30T20:00:00.000Z'],
		['2031-01-31T10:00:00.5-12:00', '2031-01-31T22:00:00.500Z'],
		['2032-02-29T10:00:00Z', '2032-02-29T10:00:00.000Z'],
	])('ends at %s when that says, in whatever zone; without one it is UTC', async (expiresAt, end) => {
		expect((await makeKey(ann(), { label: 'end', scopes: ['read'], expiresAt })).made.expiresAt).toBe(end);
	});

	it('ends after 90 days unless somebody says otherwise', async () => {
		const days = async (expiresAt?: string) => {
			const { made } = await makeKey(ann(), { label: 'end', scopes: ['read'], ...(expiresAt ? { expiresAt } : {}) });
			return made.expiresAt === undefined ? undefined : Math.round((Date.parse(made.expiresAt) - Date.now()) / 86_400_000);
		};
		expect(await days()).toBe(DEFAULT_DAYS);
		expect(await days('never')).toBeUndefined();
		expect(await days(new Date(Date.now() + 5 * 86_400_000).toISOString())).toBe(5);
	});

	it.each([
		[{ label: ' ', scopes: ['read'] as const }, /label: must say what the key is for/],
		[{ label: 'x', scopes: [] }, /scopes/],
		[{ label: 'x', scopes: ['admin' as 'read'] }, /scopes/],
		[{ label: 'x', scopes: ['read'] as const, expiresAt: '2020-01-01' }, /still to come/],
		[{ label: 'x', scopes: ['read'] as const, expiresAt: 'soon' }, /still to come/],
	])('makes none of %j', async (wish, message) => {
		const before = (await listKeys(store)).length;
		await expect(makeKey(ann(), wish)).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringMatching(message) as string });
		expect(await listKeys(store)).toHaveLength(before);
	});

	it('a withdrawn key opens nothing, by whichever name it was withdrawn; twice is once', async () => {
		const first = await makeKey(ann(), { label: 'leaked', scopes: ['predict'] });
		const second = await makeKey(ann(), { label: 'old', scopes: ['predict'] });
		const gone = await withdrawKey({ store, actor: 'bob' }, first.key, 'it was in a repository');
		expect(gone).toMatchObject({ state: 'withdrawn', withdrawn: { by: 'bob', reason: 'it was in a repository' } });
		await withdrawKey({ store, actor: 'bob' }, second.made.id);
		expect(await opens(first.key)).toMatch(/was withdrawn on/);
		expect(await opens(second.key)).toMatch(/was withdrawn on/);
		expect(await withdrawKey({ store, actor: 'eve' }, first.made.id)).toEqual(gone);
		expect((await events(first.made.id)).filter(({ action }) => action === 'apiKey.withdrawn')).toEqual([
			{
				action: 'apiKey.withdrawn',
				actor: 'bob',
				details: expect.objectContaining({ label: 'leaked', scopes: ['predict'], reason: 'it was in a repository' }) as object,
			},
		]);
		const listed = await listKeys(store);
		expect(listed.filter(({ id }) => id === first.made.id)).toEqual([gone]);
		expect(JSON.stringify(listed)).not.toMatch(/"hash"/);
	});

	it('says so where there is no such key, without repeating what was given', async () => {
		const secret = 'mlops_0123456789abcdef_notHereNotHereNotHere';
		const error = (await withdrawKey(ann(), secret).catch((e: unknown) => e)) as Error;
		expect(error).toMatchObject({ code: 'store.not_found' });
		expect(JSON.stringify(error)).not.toContain(secret);
	});

	it('the record of keys stands behind `verify`', async () => {
		await expect(store.verify()).resolves.toMatchObject({ events: expect.any(Number) as number });
	});
});

describe("a key that a person typed into n8n's credential", () => {
	const key = 'Tr0ub4dor&3-correct-horse-battery';
	const scopes = ['predict', 'feedback'] as const;

	it('is taken over once, however often the workflow starts', async () => {
		const first = await adoptKey(ann(), { key, label: 'n8n', scopes });
		const count = (await store.auditLog()).length;
		expect(await adoptKey(ann(), { key, label: 'n8n', scopes })).toEqual(first);
		expect((await store.auditLog()).length).toBe(count);
		expect(first).not.toHaveProperty('expiresAt');
		expect(await opens(key)).toBe('n8n');
	});

	it('has the scopes of now, and the change is in the audit log', async () => {
		const changed = await adoptKey({ store, actor: 'workflow' }, { key, label: 'n8n', scopes: ['deploy'] });
		expect(changed).toMatchObject({ scopes: ['deploy'], madeBy: 'ann@example.com' });
		expect(await opens(key)).toMatch(/does not have the scope "predict"/);
		expect((await events(changed.id))[0]).toMatchObject({ action: 'apiKey.changed', actor: 'workflow' });
	});

	it('stays withdrawn once it was', async () => {
		await withdrawKey(ann(), key);
		await expect(adoptKey(ann(), { key, label: 'n8n', scopes })).rejects.toMatchObject({ code: 'serve.key_invalid' });
		expect(await opens(key)).toMatch(/was withdrawn/);
	});

	it("of the store's own making keeps what its maker gave it", async () => {
		const made = await makeKey(ann(), { label: 'made', scopes: ['predict'] });
		expect(await adoptKey(ann(), { key: made.key, label: 'n8n', scopes: ['deploy'] })).toEqual(made.made);
		expect(await opens(made.key, 'deploy')).toMatch(/does not have the scope/);
	});

	it.each([
		['short-but-Random&9x', /19 characters/],
		['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', /1 different/],
		['abcdefghijklabcdefghijklabcdefghijkl', /repeats itself/],
		['correct horse battery staple 12', /spaces/],
		['пароль-пароль-пароль-пароль', /beyond ASCII/],
		['', /0 characters/],
		['xK9-'.repeat(80), /longer than 256/],
	])('%j is refused where it can be guessed or not be sent', async (weak, message) => {
		const error = (await adoptKey(ann(), { key: weak, label: 'n8n', scopes }).catch((e: unknown) => e)) as Error;
		expect(error).toMatchObject({ code: 'input.invalid', message: expect.stringMatching(message) as string });
		if (weak) expect(JSON.stringify(error)).not.toContain(weak);
	});
});
