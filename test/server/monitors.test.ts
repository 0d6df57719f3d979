import { setTimeout as sleep } from 'node:timers/promises';
import { actOnIncident, findIncident, listIncidents } from '../../lib/app/incidents.js';
import { changeMonitor, makeMonitor } from '../../lib/app/monitors.js';
import { verdictsOf } from '../../lib/app/verdicts.js';
import { startMonitorWatch } from '../../lib/server/monitors/monitorWatch.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { answer, churnStore, DAY, HOUR, MONDAY } from '../app/watchedModel.js';
import { removeFolders } from '../store/records.js';
import { startServe, type Served } from './served.js';

let store: Store;
const stops: Array<() => Promise<unknown>> = [];
beforeEach(async () => {
	store = await churnStore();
});
afterEach(async () => {
	for (const stop of stops.splice(0)) await stop();
	await store.close();
});
afterAll(removeFolders);

const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
	for (let i = 0; i < 600; i++) {
		if (await holds()) return;
		await sleep(100);
	}
	throw new Error(`It took too long until ${what}.`);
};
const records = async (name: string) => (await store.list('verdict', { name })).length;
/** A watch of its own over its own connection, whose clock is this one. */
const watch = async (server: string, now: () => Date): Promise<void> => {
	const own = await openStore(store.ref);
	const stop = startMonitorWatch({ store: own, server, now, lookMs: 50, ttlMs: 1_000 });
	stops.push(async () => {
		await stop();
		await own.close();
	});
};

describe('monitors while servers run', () => {
	it('of two servers one looks at each window, once; an alarm opens an incident, a snooze ends, what is paused is left alone', async () => {
		await answer(store, MONDAY, 30 * 24 + 6, (_, h) => ({ answers: h >= 30 * 24 ? 0 : 30 }));
		let clock = MONDAY + 30 * DAY - 12 * HOUR;
		const { name } = await makeMonitor(store, { model: 'churn', watch: 'service' }, { actor: 'ann', now: new Date(clock) });
		for (const server of ['a', 'b']) await watch(server, () => new Date(clock));
		clock = MONDAY + 30 * DAY + 5 * HOUR;
		await until('all windows are looked at', async () => (await records(name)) >= 16);
		const [incident] = await listIncidents(store);
		expect(incident.body).toMatchObject({ model: 'churn', severity: 'page', state: 'open' });
		await actOnIncident(store, {
			id: incident.name,
			action: 'snooze',
			actor: 'ann',
			until: new Date(clock + HOUR).toISOString(),
			now: new Date(clock),
		});
		await changeMonitor(store, name, { state: 'paused' }, { actor: 'ann', now: new Date(clock) });
		clock += 2 * HOUR;
		await until('the snooze is over', async () => (await findIncident(store, incident.name)).body.state === 'open');
		const verdicts = await verdictsOf(store, name);
		expect([await records(name), verdicts.length]).toEqual([16, 16]);
		expect(await listIncidents(store, { state: 'all' })).toHaveLength(1);
		await store.verify();
	}, 120_000);

	it('a server that is killed leaves nothing half done: the next one goes on, with all that was missed, the oldest first', async () => {
		const now = Date.now();
		const start = Math.floor(now / HOUR) * HOUR - 80 * HOUR;
		await answer(store, start - 10 * HOUR, 90, () => ({}));
		const { name } = await makeMonitor(
			store,
			{ model: 'churn', watch: 'service', since: new Date(start).toISOString() },
			{ actor: 'ann@example.com' },
		);
		const serve = async (): Promise<Served> => {
			const served = await startServe(store.home, ['--no-keys', '--listeners', '1']);
			stops.push(served.stop);
			return served;
		};
		const first = await serve();
		await until('it has begun', async () => (await records(name)) > 0);
		first.child.kill('SIGKILL');
		await serve();
		await until('nothing is missing', async () => (await verdictsOf(store, name)).length >= 80);
		const from = (await store.list('verdict', { name })).map(({ body }) => body.from).reverse();
		expect(from.slice(0, 80)).toEqual(Array.from({ length: 80 }, (_, i) => new Date(start + i * HOUR).toISOString()));
		await store.verify();
	}, 120_000);

	it('looks after nothing where that is switched off', async () => {
		const since = new Date(Math.floor(Date.now() / HOUR) * HOUR - 3 * HOUR).toISOString();
		const { name } = await makeMonitor(store, { model: 'churn', watch: 'service', since }, { actor: 'ann@example.com' });
		stops.push((await startServe(store.home, ['--no-keys', '--no-monitors', '--listeners', '1'])).stop);
		await sleep(4_000);
		expect(await records(name)).toBe(0);
	}, 60_000);
});
