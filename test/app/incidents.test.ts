import { eventsAfter, positionFor } from '../../lib/app/events.js';
import { actOnIncident, findIncident, listIncidents, noteTold, wakeIncidents } from '../../lib/app/incidents.js';
import { keepVerdict } from '../../lib/app/keepVerdict.js';
import { changeMonitor, listMonitors } from '../../lib/app/monitors.js';
import type { VerdictRecord } from '../../lib/domain/monitor.js';
import type { WatchId } from '../../lib/domain/watches.js';
import { EVENT_KINDS, type EventKind } from '../../lib/domain/serverEvent.js';
import { composeMessage } from '../../lib/notify/composeMessage.js';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { churnStore, DAY, MONDAY } from './watchedModel.js';

let store: Store;
beforeEach(async () => {
	store = await churnStore();
	for (const watch of ['data', 'answers', 'quality', 'estimate', 'service'] as const) await monitor(watch);
});
afterEach(async () => await store.close());
afterAll(removeFolders);

const iso = (day: number): string => new Date(MONDAY + day * DAY).toISOString();
const now = (day: number): Date => new Date(MONDAY + day * DAY);

async function monitor(watch: WatchId, model = 'churn'): Promise<void> {
	await store.add('monitor', `${model}-${watch}`, {
		id: `${model}-${watch}`,
		model,
		alias: 'champion',
		watch,
		window: { by: 'time', hours: 24 },
		segments: [],
		params: {},
		falseAlarmsAYear: 0.2,
		everyMinutes: 60,
		since: iso(0),
		state: 'active',
		madeBy: 'ann@example.com',
		madeAt: iso(0),
	});
}

/** What a monitor found in the window of a day, kept when that day is over. */
async function found(watch: WatchId, day: number, verdict: VerdictRecord['verdict'], { model = 'churn', at = day + 1 } = {}) {
	const name = `${model}-${watch}`;
	const expect = (await store.find('verdict', name))?.version ?? 0;
	const body: VerdictRecord = {
		monitor: name,
		model,
		watch,
		from: iso(day),
		until: iso(day + 1),
		versions: [1],
		rows: 100,
		verdict,
		findings: [],
		summary: verdict === 'alarm' ? `${watch} is not as before.` : 'All is as usual.',
		notes: [],
	};
	return (await keepVerdict(store, body, expect, now(at)))!;
}
const incident = async (id = 'churn-1') => (await findIncident(store, id)).body;
const all = async () => (await listIncidents(store, { state: 'all' })).map(({ body }) => body);
const steps = async (id?: string) => (await incident(id)).history.map(({ what }) => what);

describe('incidents by themselves', () => {
	it('one for a cause: drift, other answers and lost quality that come together are one, as severe as the worst of them', async () => {
		const alarm = await found('data', 0, 'alarm');
		expect(alarm.body.incident).toBe('churn-1');
		expect(await incident()).toMatchObject({ severity: 'tell', state: 'open', watches: ['data'], version: 1, verdicts: [alarm.id] });
		await found('answers', 0, 'alarm');
		await found('data', 1, 'alarm');
		await found('quality', 1, 'alarm');
		await found('data', 2, 'alarm');
		expect(await all()).toHaveLength(1);
		expect(await incident()).toMatchObject({
			severity: 'page',
			watches: ['data', 'answers', 'quality'],
			title: 'quality is not as before.',
		});
		expect(await steps()).toEqual(['opened', 'joined', 'worse']);
	});

	it('a server that does not answer is another matter than a world that changed, and so is another model', async () => {
		await store.add('modelVersion', 'fraud', { ...(await store.find('modelVersion', 'churn'))!.body, name: 'fraud' });
		await monitor('data', 'fraud');
		await found('data', 0, 'alarm');
		await found('service', 0, 'alarm');
		await found('data', 0, 'alarm', { model: 'fraud' });
		expect((await all()).map(({ id, severity }) => [id, severity]).sort()).toEqual([
			['churn-1', 'tell'],
			['churn-2', 'page'],
			['fraud-1', 'tell'],
		]);
	});

	it('gets better when only drift is left of it, and is over after calm windows of all that showed it', async () => {
		await found('data', 0, 'alarm');
		await found('quality', 0, 'alarm');
		for (const day of [1, 2]) await found('quality', day, 'ok');
		expect(await incident()).toMatchObject({ severity: 'tell', state: 'open' });
		await found('data', 1, 'ok');
		await found('data', 2, 'unknown');
		expect((await incident()).state).toBe('open');
		await found('data', 3, 'ok');
		expect(await incident()).toMatchObject({ state: 'closed', closedAt: iso(4) });
		expect(await steps()).toEqual(['opened', 'worse', 'better', 'closed']);
		await store.verify();
	});

	it('comes back as the same one, and each time needs twice as many calm windows, so that flapping ends', async () => {
		let day = 0;
		const calm: number[] = [];
		for (let round = 0; round < 4; round++) {
			await found('data', day++, 'alarm');
			for (let n = 1; ; n++) {
				await found('data', day++, 'ok');
				if ((await incident()).state !== 'closed') continue;
				calm.push(n);
				break;
			}
		}
		expect(calm).toEqual([2, 4, 8, 16]);
		expect(await all()).toHaveLength(1);
	});

	it('an alarm long after the last one is a new incident', async () => {
		await found('data', 0, 'alarm');
		for (const day of [1, 2]) await found('data', day, 'ok');
		await found('data', 20, 'alarm');
		expect((await all()).map(({ id, state }) => [id, state]).sort()).toEqual([
			['churn-1', 'closed'],
			['churn-2', 'open'],
		]);
	});

	it('truth that comes late, of windows after which all was well again, wakes nobody up', async () => {
		for (const day of [1, 2, 3]) await found('quality', day, 'ok');
		const late = await found('quality', 0, 'alarm', { at: 9 });
		expect(late.body.incident).toBeUndefined();
		expect(await all()).toEqual([]);
	});

	it('ends when nothing that showed it is watched any more', async () => {
		await found('data', 0, 'alarm');
		await found('answers', 0, 'alarm');
		await changeMonitor(store, 'churn-data', { state: 'ended' }, { actor: 'ann@example.com' });
		expect((await incident()).state).toBe('open');
		await changeMonitor(store, 'churn-answers', { state: 'ended' }, { actor: 'ann@example.com' });
		expect(await incident()).toMatchObject({ state: 'closed' });
		expect((await incident()).history.at(-1)!.text).toBe('Nothing that showed it is watched any more.');
	});

	it('a window that somebody else kept meanwhile is not kept twice, and opens nothing twice', async () => {
		const both = await Promise.allSettled([found('data', 0, 'alarm'), found('data', 0, 'alarm')]);
		const refused = both.filter((r) => r.status === 'rejected');
		expect(refused.length).toBeLessThanOrEqual(1);
		for (const { reason } of refused as PromiseRejectedResult[]) expect(reason).toMatchObject({ code: 'store.conflict' });
		expect(await all()).toHaveLength(1);
		expect(await steps()).toEqual(['opened']);
	});
});

describe('what people do with an incident', () => {
	const ann = { id: 'churn-1', actor: 'ann@example.com' };
	beforeEach(async () => void (await found('data', 0, 'alarm')));

	it('is acknowledged, commented, snoozed, woken, closed and opened again, each with who and when, in the audit log too', async () => {
		await actOnIncident(store, { ...ann, action: 'acknowledge', text: 'I look', now: now(2) });
		await actOnIncident(store, { ...ann, action: 'comment', text: 'A sensor was moved.', now: now(2) });
		await actOnIncident(store, { ...ann, action: 'snooze', until: iso(5), now: now(2) });
		expect(await incident()).toMatchObject({ state: 'snoozed', owner: 'ann@example.com', snoozedUntil: iso(5) });
		await actOnIncident(store, { ...ann, action: 'wake', now: now(3) });
		expect(await incident()).toMatchObject({ state: 'acknowledged' });
		await actOnIncident(store, { ...ann, action: 'close', text: 'It was put back.', now: now(3) });
		await expect(actOnIncident(store, { ...ann, action: 'acknowledge' })).rejects.toMatchObject({ code: 'incident.closed' });
		await expect(actOnIncident(store, { ...ann, action: 'snooze', until: iso(9) })).rejects.toMatchObject({ code: 'incident.closed' });
		await actOnIncident(store, { ...ann, action: 'reopen', now: now(4) });
		const { history, closedAt, snoozedUntil } = await incident();
		expect(history.map(({ what, by }) => [what, by])).toEqual([
			['opened', 'system'],
			...['acknowledged', 'commented', 'snoozed', 'woken', 'closed', 'reopened'].map((what) => [what, 'ann@example.com']),
		]);
		expect([closedAt, snoozedUntil]).toEqual([undefined, undefined]);
		const events = (await store.auditLog({ subject: 'churn' })).filter(({ details }) => details.incident === 'churn-1');
		expect(events.map(({ action }) => action).reverse()).toEqual(history.map(({ what }) => `incident.${what}`));
		await store.verify();
	});

	it('two people at once: the second is told, unless all that happened meanwhile is that somebody was told', async () => {
		await noteTold(store, 'churn-1', 'workflow "Alarms"', now(1));
		await actOnIncident(store, { ...ann, action: 'acknowledge', expect: 1 });
		await expect(actOnIncident(store, { ...ann, actor: 'bob', action: 'close', expect: 1 })).rejects.toMatchObject({
			code: 'store.conflict',
		});
	});

	it('a snooze needs a moment to come, a comment needs words', async () => {
		for (const until of [undefined, 'tomorrow', iso(1)])
			await expect(actOnIncident(store, { ...ann, action: 'snooze', until, now: now(2) })).rejects.toMatchObject({ code: 'input.invalid' });
		await expect(actOnIncident(store, { ...ann, action: 'comment', text: '  ' })).rejects.toMatchObject({ code: 'input.invalid' });
		await expect(actOnIncident(store, { ...ann, action: 'reopen' })).rejects.toMatchObject({ code: 'input.invalid' });
	});

	it('a snooze ends by itself, once; what gets worse ends it at once', async () => {
		await actOnIncident(store, { ...ann, action: 'snooze', until: iso(5), now: now(2) });
		await found('data', 2, 'alarm');
		expect((await incident()).state).toBe('snoozed');
		expect(await wakeIncidents(store, now(4))).toBe(0);
		expect([await wakeIncidents(store, now(5)), await wakeIncidents(store, now(5))]).toEqual([1, 0]);
		expect((await incident()).state).toBe('open');
		await actOnIncident(store, { ...ann, action: 'snooze', until: iso(50), now: now(6) });
		await found('quality', 6, 'alarm');
		expect(await incident()).toMatchObject({ state: 'open', severity: 'page' });
	});
});

describe('who hears of an incident', () => {
	const kinds = Object.keys(EVENT_KINDS) as EventKind[];

	it('one event when it opens, gets worse, comes back and is over, with those who look after the model; nothing in between', async () => {
		await store.add('people', 'churn', { responsible: ['ann@example.com'], accountable: ['bob@example.com'], consulted: [], informed: [] });
		const start = await positionFor(store, kinds, undefined);
		await found('data', 0, 'alarm');
		for (const day of [1, 2, 3]) await found('data', day, 'alarm');
		await found('answers', 3, 'alarm');
		await actOnIncident(store, { id: 'churn-1', actor: 'ann@example.com', action: 'acknowledge' });
		await found('quality', 3, 'alarm');
		await found('quality', 4, 'alarm');
		for (const watch of ['data', 'answers', 'quality'] as const) for (const day of [5, 6]) await found(watch, day, 'ok');
		const { events } = await eventsAfter(store, start, { kinds, models: ['churn'] });
		expect(events.map(({ kind, severity, incident: id }) => [kind, severity, id])).toEqual([
			['incidentOpened', 'tell', 'churn-1'],
			['incidentOpened', 'page', 'churn-1'],
			['incidentClosed', 'page', 'churn-1'],
		]);
		const people = { responsible: ['ann@example.com'], tell: ['ann@example.com', 'bob@example.com'] };
		for (const event of events) expect(event).toMatchObject({ model: 'churn', version: 1, ...people });
		expect(events.map(({ what }) => what)).toEqual([
			expect.stringMatching(/^churn: incident churn-1 opened\. Data Drift, 2026-06-01 .* data is not as before\. It explains/) as string,
			expect.stringMatching(
				/^churn: incident churn-1 got worse\. Quality, .* quality is not as before\. Somebody must look now\.$/,
			) as string,
			'churn: incident churn-1 is over. Nothing was found in 2 windows, one after the other. It was: quality is not as before.',
		]);
		const messages = events.map((event) => composeMessage({ event }));
		expect(messages.map(({ title, severity }) => [title, severity])).toEqual([
			['Something is the matter with a model: churn', 'warning'],
			['Something is the matter with a model: churn', 'error'],
			['An incident is over: churn', 'success'],
		]);
		expect(messages[1].facts).toEqual(
			expect.arrayContaining([
				{ label: 'Incident', value: 'churn-1' },
				{ label: 'Responsible', value: 'ann@example.com' },
			]),
		);
	});

	it('what is over while it is snoozed is told all the same, and once', async () => {
		const start = await positionFor(store, kinds, undefined);
		await found('service', 0, 'alarm');
		await actOnIncident(store, {
			id: 'churn-1',
			actor: 'ann@example.com',
			action: 'snooze',
			until: new Date(Date.now() + 9 * DAY).toISOString(),
		});
		for (const day of [1, 2, 3, 4]) await found('service', day, 'ok');
		await wakeIncidents(store, new Date(Date.now() + 10 * DAY));
		const { events } = await eventsAfter(store, start, { kinds, models: [] });
		expect(events.map(({ kind }) => kind)).toEqual(['incidentOpened', 'incidentClosed']);
		expect(await incident()).toMatchObject({ state: 'closed' });
	});

	it('whom a monitor names is told besides, once', async () => {
		await store.add('people', 'churn', { responsible: ['ann@example.com'], accountable: [], consulted: [], informed: [] });
		const start = await positionFor(store, kinds, undefined);
		const { name } = (await listMonitors(store)).find(({ body }) => body.watch === 'data')!;
		await changeMonitor(store, name, { tell: ['cy@example.com', 'ann@example.com'] }, { actor: 'ann@example.com' });
		await found('data', 0, 'alarm');
		const { events } = await eventsAfter(store, start, { kinds, models: [] });
		const told = ['ann@example.com', 'cy@example.com'];
		expect(events).toMatchObject([{ kind: 'incidentOpened', responsible: told, tell: told }]);
	});

	it('a model without people says so by an empty list; that somebody was told stands in the history once', async () => {
		const start = await positionFor(store, kinds, undefined);
		await found('data', 0, 'alarm');
		const { events } = await eventsAfter(store, start, { kinds, models: [] });
		expect(events).toMatchObject([{ kind: 'incidentOpened', responsible: [] }]);
		for (let i = 0; i < 2; i++) await noteTold(store, 'churn-1', 'The workflow "Alarms" was started.', now(1));
		await noteTold(store, 'churn-1', 'The workflow "Mail" was started.', now(1));
		expect(await steps()).toEqual(['opened', 'told', 'told']);
	});
});
