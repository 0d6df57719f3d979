import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingestJob } from '../../lib/app/jobs/ingestJob.js';
import { createHere } from '../../lib/compute/engines/here/here.js';
import { runJob } from '../../lib/compute/runJob.js';
import { silentContext } from '../../lib/domain/progress.js';
import { storeRef, type SharedRef } from '../../lib/domain/storeRef.js';
import { resolveStore } from '../../lib/store/location.js';
import { openStore } from '../../lib/store/openStore.js';
import { sharedRef } from '../../lib/store/location.js';
import { grantedRef, secretsFor } from '../../lib/store/storeSecrets.js';
import { describeServer, noPostgres, startPostgres, type TestServer } from '../data/servers.js';
import { freshFolder, removeFolders, versionBody } from './records.js';

const SECRET = 'a secret of tests alone';

describe('settings of a store that is shared', () => {
	const settings = {
		MLOPS_STORE_URL: 'postgres://ann:top%20secret@db.example.com:6543/shop?sslmode=no-verify',
		MLOPS_STORE_ARTIFACTS: '/mnt/mlops',
		MLOPS_STORE_SECRET: SECRET,
	};

	it('give a reference without secrets, also in queue mode, and the secrets apart from it', () => {
		const ref = resolveStore({ ...settings, EXECUTIONS_MODE: 'queue', MLOPS_HOME: '/data' }) as SharedRef;
		expect(ref).toEqual({
			kind: 'shared',
			url: 'postgres://ann@db.example.com:6543/shop?sslmode=no-verify',
			schema: 'mlops',
			artifacts: '/mnt/mlops',
		});
		expect(storeRef.parse(JSON.parse(JSON.stringify(ref)))).toEqual(ref);
		expect(secretsFor(ref, settings)).toEqual({ password: 'top secret', secret: SECRET });
		expect(resolveStore({ ...settings, MLOPS_STORE_SCHEMA: 'team_a' })).toMatchObject({ schema: 'team_a' });
	});

	it('may lie in files', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'mlops-settings-'));
		await writeFile(join(folder, 'url'), `${settings.MLOPS_STORE_URL}\n`);
		await writeFile(join(folder, 'secret'), `${SECRET}\n`);
		const files = { ...settings, MLOPS_STORE_URL: undefined, MLOPS_STORE_SECRET: undefined };
		const env = { ...files, MLOPS_STORE_URL_FILE: join(folder, 'url'), MLOPS_STORE_SECRET_FILE: join(folder, 'secret') };
		expect(secretsFor(resolveStore(env) as SharedRef, env)).toEqual({ password: 'top secret', secret: SECRET });
		await rm(folder, { recursive: true });
		expect(() => resolveStore(env)).toThrow(expect.objectContaining({ code: 'input.invalid' }));
	});

	it.each([
		['no folder for artifacts', { MLOPS_STORE_ARTIFACTS: undefined }],
		['an address that is none', { MLOPS_STORE_URL: 'db.example.com' }],
		['a schema with a name that needs quotes', { MLOPS_STORE_SCHEMA: 'my"schema' }],
	])('are refused with a sentence that shows no password: %s', (_, wrong) => {
		expect(() => resolveStore({ ...settings, ...wrong })).toThrow(
			expect.objectContaining({ code: 'input.invalid', message: expect.not.stringContaining('secret'), details: expect.anything() }),
		);
	});

	it('without a secret open nothing, and a reference is never given one', async () => {
		const ref = resolveStore(settings) as SharedRef;
		expect(() => secretsFor(ref, { ...settings, MLOPS_STORE_SECRET: undefined })).toThrow(
			expect.objectContaining({ code: 'store.secret' }),
		);
		expect(() => secretsFor({ ...ref, grant: 'nobody' }, settings)).toThrow(expect.objectContaining({ code: 'store.secret' }));
		expect(storeRef.safeParse({ ...ref, url: settings.MLOPS_STORE_URL }).success).toBe(false);
		await expect(openStore(grantedRef({ ...ref, artifacts: await freshFolder() }, { secret: 'short' }))).rejects.toMatchObject({
			code: 'input.invalid',
		});
		await removeFolders();
	});
});

describeServer('a store on PostgreSQL', noPostgres(), () => {
	let server: TestServer;
	beforeAll(async () => {
		server = await startPostgres();
	}, 120_000);
	afterAll(async () => {
		await server.stop();
		await removeFolders();
	});
	let count = 0;
	const fresh = async (more: { port?: number; user?: string; database?: string; ssl?: string; ca?: string } = {}): Promise<SharedRef> => {
		const { port = server.port, user = server.user, database = server.database, ssl = 'disable', ca } = more;
		const url = `postgres://${user}@localhost:${port}/${database}?sslmode=${ssl}`;
		return sharedRef({ url, schema: `s${++count}`, artifacts: await freshFolder(), ca });
	};
	const secrets = () => ({ password: server.password, secret: SECRET });
	/** Every byte that lies in a folder, as one text. */
	const allOf = async (folder: string): Promise<string> =>
		(
			await Promise.all(
				(
					await readdir(folder, { recursive: true, withFileTypes: true })
				)
					.filter((entry) => entry.isFile())
					.map(async (entry) => await readFile(join(entry.parentPath, entry.name), 'latin1')),
			)
		).join('\n');

	it('a job in a process of its own opens it by its reference; no secret lies in the reference, the folder or the database', async () => {
		const ref = grantedRef(await fresh(), secrets());
		const store = await openStore(ref);
		// The process is older than the secrets of the second store.
		const engine = createHere({ maxWorkers: 1 });
		const other = await fresh();
		try {
			const job = { name: 'penguins', source: 'example', params: { example: 'penguins' }, rowLimit: 0 };
			await runJob(engine, ingestJob, { ...job, store: ref }, { context: silentContext() });
			expect((await store.find('dataset', 'penguins'))!.body.rows).toBe(344);
			const second = grantedRef(other, { ...secrets(), secret: `${SECRET}, another` });
			await runJob(engine, ingestJob, { ...job, store: second }, { context: silentContext() });
			const verified = await store.verify();
			expect(verified.records).toBe(1);
		} finally {
			await engine.close();
			await store.close();
		}
		const [{ text }] = await server.admin(
			`SELECT string_agg(r::text, '') AS text FROM (SELECT r::text FROM s${count - 1}.record r UNION ALL SELECT e::text FROM s${count - 1}.audit_event e UNION ALL SELECT m::text FROM s${count - 1}.meta m) r`,
		);
		for (const place of [JSON.stringify(ref), await allOf(ref.artifacts), String(text)]) {
			expect(place.includes(server.password)).toBe(false);
			expect(place.includes(SECRET)).toBe(false);
		}
		expect(await readFile(join(ref.artifacts, 'keys', 'audit.key'), 'utf8')).toMatch(/^sealed-1 /);
	}, 90_000);

	it('another secret, keys of another store and keys that were altered verify and sign nothing', async () => {
		const ref = await fresh();
		const store = await openStore(grantedRef(ref, secrets()));
		await store.add('modelVersion', 'm', await versionBody(store, 'm', 'a'));
		await store.close();
		const wrong = await openStore(grantedRef(ref, { ...secrets(), secret: 'some other secret' }));
		await expect(wrong.verify()).rejects.toMatchObject({ code: 'store.secret' });
		await expect(wrong.moveAlias('m', 'champion', 1, { actor: 'a' })).rejects.toMatchObject({ code: 'store.secret' });
		expect(await wrong.alias('m', 'champion')).toBeNull();
		await wrong.close();
		const file = join(ref.artifacts, 'keys', 'audit.key');
		const text = await readFile(file, 'utf8');
		await writeFile(file, text.slice(0, -9) + (text.at(-9) === 'A' ? 'B' : 'A') + text.slice(-8));
		const altered = await openStore(grantedRef(ref, secrets()));
		await expect(altered.verify()).rejects.toMatchObject({ code: 'store.secret' });
		await altered.close();
		await writeFile(file, text);
		const again = await openStore(grantedRef(ref, secrets()));
		await again.verify();
		await again.close();
	});

	it.each([
		['a wrong password', {}, 'wrong', 'store.unwritable'],
		['a database that is not there', { database: 'nowhere' }, undefined, 'store.unwritable'],
		['a server that is not there', { port: 1 }, undefined, 'store.unreachable'],
		['a server whose certificate nobody signed', { ssl: 'require' }, undefined, 'store.unreachable'],
	])('says what is wrong in words, without the password: %s', async (_, more, password, code) => {
		const ref = grantedRef(await fresh(more), { ...secrets(), ...(password ? { password } : {}) });
		const thrown = await openStore(ref).then(
			() => undefined,
			(error: unknown) => error as Error & { details: object },
		);
		expect(thrown).toMatchObject({ code });
		expect(JSON.stringify([thrown!.message, thrown!.details])).not.toContain(server.password);
	});

	it('is reached encrypted where the authority is known', async () => {
		const store = await openStore(grantedRef(await fresh({ user: 'owner', ssl: 'verify-full', ca: server.ca }), secrets()));
		await store.verify();
		await store.close();
	});

	it('a user who may not make schemas uses the one that was made for it', async () => {
		await server.admin(`CREATE ROLE small LOGIN PASSWORD '${server.password}'; REVOKE CREATE ON DATABASE postgres FROM PUBLIC`);
		const ref = grantedRef(await fresh({ user: 'small' }), secrets());
		await expect(openStore(ref)).rejects.toMatchObject({ code: 'store.unwritable' });
		await server.admin(`CREATE SCHEMA ${ref.schema} AUTHORIZATION small`);
		const store = await openStore(ref);
		await store.verify();
		await store.close();
	});

	it('a user who may only read opens the store that is there and reads it; what would change it is refused in words', async () => {
		const made = await fresh();
		const owner = await openStore(grantedRef(made, secrets()));
		await owner.add('modelVersion', 'm', await versionBody(owner, 'm', 'a'));
		await owner.moveAlias('m', 'champion', 1, { actor: 'a' });
		await owner.close();
		await server.admin(
			`CREATE ROLE reader LOGIN PASSWORD '${server.password}'; GRANT USAGE ON SCHEMA ${made.schema} TO reader; ` +
				`GRANT SELECT ON ALL TABLES IN SCHEMA ${made.schema} TO reader`,
		);
		const store = await openStore(grantedRef({ ...made, url: made.url.replace(/\/\/[^@]*@/, '//reader@') }, secrets()));
		expect([await store.alias('m', 'champion'), (await store.list('modelVersion')).length]).toEqual([1, 1]);
		await expect(store.moveAlias('m', 'other', 1, { actor: 'a' })).rejects.toMatchObject({
			code: 'store.unwritable',
			details: { found: expect.stringContaining('permission denied') as string },
		});
		await store.close();
	});

	it('goes on after all its connections were cut', async () => {
		const store = await openStore(grantedRef(await fresh(), secrets()));
		await store.add('modelVersion', 'm', await versionBody(store, 'm', 'a'));
		const cut = (await server.admin(
			"SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'n8n-nodes-mlops'",
		)) as unknown as Array<{ pid: number }>;
		expect(cut.length).toBeGreaterThan(0);
		const left = `SELECT count(*) AS n FROM pg_stat_activity WHERE pid IN (${cut.map(({ pid }) => pid).join()})`;
		while (Number((await server.admin(left))[0].n) > 0);
		// What the server said in the end has come.
		await sleep(50);
		await store.moveAlias('m', 'champion', 1, { actor: 'a' });
		expect(await store.alias('m', 'champion')).toBe(1);
		await store.verify();
		await store.close();
	});
});
