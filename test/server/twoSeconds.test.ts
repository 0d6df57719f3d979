import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { publishCounts } from '../../lib/app/rolloutCounts.js';
import { canaryParams } from '../../lib/app/rolloutParams.js';
import { abortRollout, startRollout } from '../../lib/app/rollouts.js';
import { noCounts } from '../../lib/serve/rollout/counts.js';
import { BUCKETS } from '../../lib/server/metrics/counters.js';
import type { Store } from '../../lib/store/contract.js';
import { sharedRef } from '../../lib/store/location.js';
import { openStore } from '../../lib/store/openStore.js';
import { grantedRef } from '../../lib/store/storeSecrets.js';
import { describeServer, noPostgres, startPostgres } from '../data/servers.js';
import { SECRET } from '../store/contract/places.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { ask, fillWithFruit, fruitStore, ROW, startServe, type Loose, type Served } from './served.js';

/**
 * What is promised of a rollout that ends: no answer that begins later than two seconds afterwards comes from its candidate. No test here
 * asks how fast anything is: answers are taken until enough of them began later than that, however long it takes, and servers that stand
 * still or cannot see the store keep the promise too.
 */
const PROMISED_MS = 2_000;

/** An answer, and when its question was about to be sent (`performance.now()`). */
interface Asked {
	sentAt: number;
	version: unknown;
}

/** Each question over a connection of its own, so that all listeners of a server are asked. */
async function askOnce({ url }: Served, i: number): Promise<Asked> {
	const body = JSON.stringify({ row: ROW, key: `caller ${i}` });
	const sentAt = performance.now();
	return await new Promise((resolve, reject) => {
		const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
		request(`${url}/v1/models/fruit/predict`, { method: 'POST', agent: false, headers }, (response) => {
			let text = '';
			response
				.setEncoding('utf8')
				.on('data', (chunk: string) => (text += chunk))
				.on('end', () => resolve({ sentAt, version: (JSON.parse(text) as { version: unknown }).version }))
				.on('error', reject);
		})
			.on('error', reject)
			.end(body);
	});
}

const askMany = async (server: Served, n: number): Promise<Asked[]> =>
	await Promise.all(Array.from({ length: n }, async (_, i) => await askOnce(server, i)));

const byCandidate = (asked: readonly Asked[]): Asked[] => asked.filter(({ version }) => version !== 1);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
	for (let i = 0; i < 600; i++) {
		if (await holds()) return;
		await sleep(100);
	}
	throw new Error(`It took too long until ${what}.`);
}

const bothAnswer = async (servers: readonly Served[]): Promise<void> => {
	for (const server of servers)
		await until('callers get both versions', async () => {
			const versions = new Set((await askMany(server, 20)).map(({ version }) => version));
			return versions.has(1) && versions.has(2);
		});
};

/** Asks until so many questions of each server were sent later than promised after `from`: those. */
async function askedLater(servers: readonly Served[], from: number, n: number): Promise<Asked[]> {
	const later = await Promise.all(
		servers.map(async (server) => {
			const kept: Asked[] = [];
			while (kept.length < n) kept.push(...(await askMany(server, 10)).filter(({ sentAt }) => sentAt > from + PROMISED_MS));
			return kept;
		}),
	);
	return later.flat();
}

const startCanary = async (store: Store, params: object): Promise<string> => {
	const { body } = (await store.find('modelVersion', 'fruit', 2))!;
	const request = { kind: 'canary' as const, actor: 'ann', modelName: 'fruit', digest: body.digest, runId: body.runId, preview: false };
	return (await startRollout(store, { ...request, params: canaryParams.parse({ shares: [50], minutes: 60, ...params }) })).id;
};

/** Lets processes stand still, at a moment when none of them writes to the store. */
async function standStill(store: Store, servers: readonly Served[]): Promise<void> {
	await store.transact(async () => {
		for (const { child } of servers) child.kill('SIGSTOP');
		await until('they stand still', () =>
			Promise.resolve(servers.every(({ child }) => /^State:\tT/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')))),
		);
	});
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('within two seconds after a rollout has ended (stopping processes: Linux alone)', () => {
	let home: string;
	let store: Store;
	let servers: Served[];
	beforeEach(async () => {
		({ home, store } = await fruitStore(2));
		await store.setPolicy('fruit', { approvalRequired: false, gateRequired: false }, 'test');
		servers = [await startServe(home), await startServe(home)];
	});
	afterEach(async () => {
		for (const { child } of servers) child.kill('SIGCONT');
		for (const server of servers) await server.stop();
		await store.close();
	});
	afterAll(removeFolders);

	it('no answer comes from its candidate, whatever server and listener is asked', async () => {
		const id = await startCanary(store, { guards: [] });
		await bothAnswer(servers);
		// Asked all the while, so that nobody learns of it between two questions.
		const asking = askedLater(servers, performance.now(), 100);
		await abortRollout(store, { id, actor: 'ann' });
		const from = performance.now();
		await asking;
		expect(byCandidate(await askedLater(servers, from, 150))).toEqual([]);
	}, 60_000);

	it('nor from servers that stood still meanwhile and know nothing of it when they go on', async () => {
		const id = await startCanary(store, { guards: [] });
		await bothAnswer(servers);
		await standStill(store, servers);
		await abortRollout(store, { id, actor: 'ann' });
		const from = performance.now();
		while (performance.now() <= from + PROMISED_MS) await sleep(100);
		const asked = servers.map(async (server) => await askMany(server, 60));
		for (const { child } of servers) child.kill('SIGCONT');
		expect(byCandidate((await Promise.all(asked)).flat())).toEqual([]);
		expect(byCandidate(await askedLater(servers, from, 60))).toEqual([]);
	}, 60_000);

	it('nor after a guard broke, where the server that judges stands still; another one ends the rollout then', async () => {
		const id = await startCanary(store, { guards: ['errorRate'], min_answers: 20 });
		await bothAnswer(servers);
		const { holder } = (await store.progress('lease:rollouts')) as { holder: string };
		const judging = servers.findIndex(({ child }) => holder.startsWith(`${child.pid}-`));
		expect(judging).toBeGreaterThanOrEqual(0);
		await standStill(store, [servers[judging]]);
		const counts = { ...noCounts(BUCKETS.length + 1), requests: 1_000, rows: 1_000 };
		const broken = { ...counts, failed: 900 };
		await publishCounts(store, id, 'another-server', { edges: BUCKETS, arms: { stable: counts, 'candidate-2': broken } });
		const from = performance.now();
		expect(byCandidate(await askedLater([servers[1 - judging]], from, 100))).toEqual([]);
		await until('the other one ends it', async () => (await store.find('rollout', id))!.body.state === 'aborted');
		expect((await store.find('rollout', id))!.body.ended).toMatchObject({ by: 'system', version: 1 });
		const asked = askMany(servers[judging], 60);
		servers[judging].child.kill('SIGCONT');
		expect(byCandidate(await asked)).toEqual([]);
		expect(byCandidate(await askedLater(servers, from, 60))).toEqual([]);
		expect((await store.auditLog({ subject: 'fruit' })).filter(({ action }) => action === 'rollout.aborted')).toHaveLength(1);
	}, 90_000);
});

describeServer('a model server that cannot see its store', noPostgres(), () => {
	const ends: Array<() => Promise<unknown>> = [];
	afterEach(async () => {
		for (const end of ends.splice(0).reverse()) await end();
	});
	afterAll(removeFolders);

	it("gives no rollout's candidate after two seconds, says and counts that, and goes on with the rollout when it sees it again", async () => {
		const database = await startPostgres();
		ends.push(database.stop);
		const home = await freshFolder();
		const { port, user, password } = database;
		const url = `postgres://${user}@localhost:${port}/${database.database}?sslmode=disable`;
		const store = await openStore(grantedRef(sharedRef({ url, artifacts: home }), { password, secret: SECRET }));
		await fillWithFruit(store, 2);
		await store.setPolicy('fruit', { approvalRequired: false, gateRequired: false }, 'test');
		const server = await startServe(home, ['--no-keys'], {
			MLOPS_STORE_URL: url.replace('@', `:${encodeURIComponent(password)}@`),
			MLOPS_STORE_ARTIFACTS: home,
			MLOPS_STORE_SECRET: SECRET,
		});
		ends.push(server.stop);
		const id = await startCanary(store, { guards: [] });
		await bothAnswer([server]);
		const held = async (): Promise<Loose> => (await ask(`${server.url}/health/ready`)).body.held;
		// Whatever reads what happened waits for this lock.
		await store.close();
		let unlock = (): void => {};
		const locked = new Promise<void>((resolve) => (unlock = resolve));
		const from = await lockedEvents(database, locked);
		expect(byCandidate(await askedLater([server], from.at, 60))).toEqual([]);
		expect(await held()).toEqual([
			{ model: 'fruit', rollout: id, why: expect.stringMatching(/^The store was not seen for more than two seconds/) },
		]);
		const { body } = await ask(`${server.url}/health/ready`);
		expect(body).toMatchObject({ ready: true });
		unlock();
		await from.ended;
		await bothAnswer([server]);
		expect(await held()).toBeUndefined();
		const text = String((await ask(`${server.url}/metrics`)).body);
		expect(text).toMatch(new RegExp(`^mlops_rollout_held\\{model="fruit",rollout="${id}"\\} 0$`, 'm'));
		expect(text).toMatch(/^http_requests_total\{model="fruit",version="1",arm="held",door="own",code="200"\} \d+$/m);
		expect(await server.stop()).toBe(0);
	}, 120_000);
});

/** Locks the table of events, until it is told to let go. @returns since when */
async function lockedEvents(
	{ port, user, password, database }: Awaited<ReturnType<typeof startPostgres>>,
	until: Promise<void>,
): Promise<{ at: number; ended: Promise<void> }> {
	const client = new pg.Client({ host: 'localhost', port, user, password, database });
	await client.connect();
	await client.query('BEGIN; LOCK TABLE mlops.audit_event IN ACCESS EXCLUSIVE MODE');
	const at = performance.now();
	return { at, ended: until.then(async () => await client.query('COMMIT')).then(async () => await client.end()) };
}
