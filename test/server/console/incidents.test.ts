import { makeKey } from '../../../lib/app/apiKeys.js';
import type { Store } from '../../../lib/store/contract.js';
import { answer, DAY, HOUR, look } from '../../app/watchedModel.js';
import { removeFolders } from '../../store/records.js';
import { ask, fruitStore, startServe, type Loose, type Served } from '../served.js';

let store: Store;
let server: Served;
beforeAll(async () => {
	let home: string;
	({ home, store } = await fruitStore());
	server = await startServe(home, ['--no-keys', '--no-monitors']);
}, 60_000);
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

const keyed = async (scopes: Array<'read' | 'deploy'>, models?: string[]) => ({
	authorization: `Bearer ${(await makeKey({ store, actor: 'ann' }, { label: 'shop', scopes, ...(models ? { models } : {}) })).key}`,
});

it('from the first monitor to a closed incident, by the API alone', async () => {
	const api = `${server.url}/api/v1`;
	expect(await ask(`${api}/monitors`)).toMatchObject({ status: 200, body: { entries: [], total: 0 } });
	expect(await ask(`${api}/incidents`)).toMatchObject({ status: 200, body: { entries: [], total: 0 } });
	const all = await ask(`${api}/monitors`, { model: 'fruit' });
	expect(all.status).toBe(201);
	const watches = (all.body.monitors as unknown as Array<{ watch: string }>).map(({ watch }) => watch);
	expect(watches).toEqual(expect.arrayContaining(['quality', 'estimate', 'service']));
	expect((await ask(`${api}/monitors`, { model: 'fruit' })).body.text).toMatch(/^Watched already: /);

	const end = Math.floor(Date.now() / HOUR) * HOUR;
	await answer(store, end - 20 * DAY, 20 * 24, (at) => ({ model: 'fruit', answers: at >= end - 3 * HOUR ? 0 : 30 }));
	const since = new Date(end - 2 * DAY).toISOString();
	const made = await ask(`${api}/monitors`, { model: 'fruit', watch: 'service', since, reason: 'for the test' });
	const id = (made.body.monitors as unknown as Array<{ id: string }>)[0].id;
	expect(id).toBe('fruit-service-2');
	await look(store, id, Date.now());
	const verdicts = await ask(`${api}/monitors/${id}/verdicts?limit=20`);
	expect(verdicts.body.entries).toHaveLength(20);
	const second = await ask(`${api}/monitors/${id}/verdicts?limit=20&cursor=${String(verdicts.body.next)}`);
	const froms = [verdicts, second].flatMap(({ body }) => (body.entries as unknown as Array<{ from: string }>).map(({ from }) => from));
	expect(froms).toEqual([...new Set(froms)].sort().reverse());

	const listed = (await ask(`${api}/incidents?model=fruit`)).body.entries as unknown as Loose[];
	expect(listed).toMatchObject([{ id: 'fruit-1', severity: 'page', state: 'open', last: { what: 'opened' } }]);
	const found = await ask(`${api}/incidents/fruit-1`);
	expect(found.body).toMatchObject({ version: 1, responsible: [], monitors: [{ id }], record: { history: [{ what: 'opened' }] } });
	expect((found.body.evidence as unknown as Array<{ findings: unknown[] }>)[0].findings).toEqual(
		expect.arrayContaining([
			expect.objectContaining({ about: 'missing_traffic', why: expect.stringContaining('Not as before') as string }),
		]),
	);
	const act = async (action: string, body: object) => await ask(`${api}/incidents/fruit-1/${action}`, body);
	expect(await act('acknowledge', { version: 1, text: '<img src=x onerror=alert(1)>' })).toMatchObject({
		status: 200,
		body: { version: 2 },
	});
	expect(await act('close', { version: 1 })).toMatchObject({ status: 409, body: { error: { code: 'store.conflict' } } });
	expect(await act('explode', {})).toMatchObject({ status: 400 });
	expect(await act('snooze', { until: 'soon' })).toMatchObject({ status: 400, body: { error: { code: 'input.invalid' } } });
	expect(await act('close', { text: 'The line was cut.' })).toMatchObject({ status: 200, body: { record: { state: 'closed' } } });
	expect(await act('acknowledge', {})).toMatchObject({ status: 409, body: { error: { code: 'incident.closed' } } });
	expect((await ask(`${api}/incidents`)).body.entries).toEqual([]);
	expect((await ask(`${api}/incidents?state=closed`)).body.entries).toHaveLength(1);
	expect(await ask(`${api}/monitors/${id}`, { state: 'ended', reason: 'done' })).toMatchObject({ status: 200, body: { state: 'ended' } });
	expect(await ask(`${api}/monitors/${id}`, { state: 'active' })).toMatchObject({
		status: 409,
		body: { error: { code: 'monitor.refused' } },
	});
	const events = (await store.auditLog({ subject: 'fruit' })).filter((e) => e.action === 'monitor.ended');
	expect(events).toMatchObject([{ actor: "whoever sits at the server's machine", details: { reason: 'done' } }]);
	await store.verify();
}, 60_000);

it('viewers look and change nothing; a key for other models sees nothing of it', async () => {
	const [viewer, operator, stranger] = [await keyed(['read']), await keyed(['deploy', 'read']), await keyed(['deploy', 'read'], ['bread'])];
	const withKeys = await startServe(store.home, ['--no-monitors']);
	try {
		const api = `${withKeys.url}/api/v1`;
		expect((await ask(`${api}/incidents?state=all`, undefined, viewer)).body.entries).toHaveLength(1);
		expect((await ask(`${api}/incidents?state=all`, undefined, stranger)).body.entries).toEqual([]);
		expect((await ask(`${api}/monitors?ended=true`, undefined, stranger)).body.entries).toEqual([]);
		for (const path of ['incidents/fruit-1/reopen', 'monitors', 'monitors/fruit-service'])
			expect(await ask(`${api}/${path}`, { model: 'fruit' }, viewer)).toMatchObject({
				status: 403,
				body: { error: { code: 'person.role_missing' } },
			});
		expect((await ask(`${api}/incidents/fruit-1/reopen`, {}, stranger)).status).toBe(404);
		expect((await ask(`${api}/monitors/fruit-service`, { state: 'ended' }, stranger)).status).toBe(404);
		expect((await ask(`${api}/monitors`, { model: 'fruit' }, stranger)).status).toBe(404);
		expect((await ask(`${api}/incidents/fruit-1/reopen`, {}, operator)).status).toBe(200);
		const [last] = (await store.auditLog({ subject: 'fruit' })).filter((e) => e.action === 'incident.reopened');
		expect(last.actor).toMatch(/^API key .* \(shop\)$/);
	} finally {
		await withKeys.stop();
	}
}, 60_000);
