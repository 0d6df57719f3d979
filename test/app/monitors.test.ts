import { changeMonitor, listMonitors, makeMonitor } from '../../lib/app/monitors.js';
import { listIncidents } from '../../lib/app/incidents.js';
import { verdictsOf } from '../../lib/app/verdicts.js';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { answer, churnStore, DAY, look, MONDAY } from './watchedModel.js';

let store: Store;
beforeEach(async () => {
	store = await churnStore();
});
afterEach(async () => await store.close());
afterAll(removeFolders);

const at = (ms: number) => new Date(MONDAY + ms);
const ann = { actor: 'ann@example.com', now: at(0) };

describe('a monitor', () => {
	it('needs no more than a model and what is watched; its id can be read, and the audit log says who made it', async () => {
		const { body } = await makeMonitor(store, { model: 'churn', watch: 'service' }, { ...ann, reason: 'It went live.' });
		expect(body).toMatchObject({
			id: 'churn-service',
			alias: 'champion',
			window: { by: 'time', hours: 1 },
			falseAlarmsAYear: 0.2,
			state: 'active',
			since: '2026-06-01T00:00:00.000Z',
		});
		expect((await makeMonitor(store, { model: 'churn', watch: 'service' }, ann)).name).toBe('churn-service-2');
		const [, event] = (await store.auditLog({ subject: 'churn' })).filter((e) => e.action === 'monitor.made');
		expect(event).toMatchObject({ actor: 'ann@example.com', details: { monitor: 'churn-service', reason: 'It went live.' } });
		await store.verify();
	});

	it('is of one version alone where that is said, and tells whom it names besides', async () => {
		const asked = { model: 'churn', watch: 'service' as const, version: 1, tell: ['Bo@Example.com', 'bo@example.com '] };
		const { body } = await makeMonitor(store, asked, ann);
		expect(body).toMatchObject({ id: 'churn-version-1-service', alias: 'version 1', version: 1, tell: ['bo@example.com'] });
		await expect(makeMonitor(store, { ...asked, version: 7 }, ann)).rejects.toMatchObject({ code: 'store.not_found' });
		await expect(makeMonitor(store, { ...asked, tell: ['bo'] }, ann)).rejects.toMatchObject({ code: 'input.invalid' });
		expect((await changeMonitor(store, body.id, { tell: [] }, ann)).body.tell).toEqual([]);
	});

	it('is refused for a model that is not there, and where its watch does not know a parameter or a value', async () => {
		await expect(makeMonitor(store, { model: 'chrun', watch: 'service' }, ann)).rejects.toMatchObject({ code: 'store.not_found' });
		const wrong = { model: 'churn', watch: 'service' as const };
		await expect(makeMonitor(store, { ...wrong, params: { max_ms: -1 } }, ann)).rejects.toMatchObject({ code: 'input.invalid' });
		await expect(makeMonitor(store, { ...wrong, params: { max_mss: 1 } }, ann)).rejects.toMatchObject({ code: 'input.invalid' });
	});

	it('is changed, paused, resumed and ended, against the version that was looked at; what has ended stays so', async () => {
		const { name, version } = await makeMonitor(store, { model: 'churn', watch: 'service' }, ann);
		await changeMonitor(store, name, { state: 'paused' }, { ...ann, expect: version });
		await expect(changeMonitor(store, name, { every: 5 }, { ...ann, expect: version })).rejects.toMatchObject({ code: 'store.conflict' });
		const resumed = await changeMonitor(store, name, { state: 'active' }, { ...ann, now: at(DAY) });
		expect(resumed.body.since).toBe('2026-06-02T00:00:00.000Z');
		await changeMonitor(store, name, { state: 'ended' }, { ...ann, reason: 'not needed' });
		await expect(changeMonitor(store, name, { state: 'active' }, ann)).rejects.toMatchObject({ code: 'monitor.refused' });
		expect(await listMonitors(store, { model: 'churn' })).toEqual([]);
		expect(await listMonitors(store, { ended: true })).toHaveLength(1);
		const actions = (await store.auditLog({ subject: 'churn' }))
			.map((e) => e.action)
			.filter((a) => a.startsWith('monitor.') && a !== 'monitor.added');
		expect(actions.reverse()).toEqual(['monitor.made', 'monitor.paused', 'monitor.resumed', 'monitor.ended']);
	});
});

describe('windows of a monitor', () => {
	it('a month of hours: quiet while all is as usual, one incident for a night without answers, which closes by itself', async () => {
		const silent = (hour: number) => hour >= 40 * 24 + 10 && hour < 40 * 24 + 20;
		await answer(store, MONDAY, 42 * 24, (_, h) => ({ answers: silent(h) ? 0 : 30 + ((h * 13) % 7) }));
		const { name } = await makeMonitor(store, { model: 'churn', watch: 'service' }, { ...ann, now: at(30 * DAY) });
		const { kept } = await look(store, name, MONDAY + 42 * DAY);
		expect(kept.filter(({ body }) => body.verdict === 'alarm').length).toBeGreaterThan(8);
		const quiet = await verdictsOf(store, name);
		expect(quiet.filter(({ body }) => body.verdict === 'alarm' && Date.parse(body.from) < MONDAY + 40 * DAY)).toEqual([]);
		const incidents = await listIncidents(store, { state: 'all' });
		expect(incidents).toHaveLength(1);
		expect(incidents[0].body).toMatchObject({ id: 'churn-1', severity: 'page', state: 'closed', watches: ['service'] });
		expect(incidents[0].body.title).toBe('Since 2026-07-11 10:00 (UTC): no answers at all.');
		expect(incidents[0].body.history.map(({ what, by }) => [what, by])).toEqual([
			['opened', 'system'],
			['closed', 'system'],
		]);
		await store.verify();
	}, 120_000);

	it('of rows close when so many answers were given, those of one moment together; what is left waits for more', async () => {
		await answer(store, MONDAY, 10, () => ({ answers: 30 }));
		const asked = {
			model: 'churn',
			watch: 'service' as const,
			window: { by: 'rows' as const, rows: 100 },
			since: new Date(MONDAY).toISOString(),
		};
		const { name } = await makeMonitor(store, asked, { ...ann, now: at(0) });
		await look(store, name, MONDAY + DAY);
		const windows = (await verdictsOf(store, name)).map(({ body }) => body).sort((a, b) => a.from.localeCompare(b.from));
		expect(windows.map(({ rows }) => rows)).toEqual([100, 100, 100]);
		expect(windows.slice(1).map(({ from }) => from)).toEqual(windows.slice(0, -1).map(({ until }) => until));
	});
});
