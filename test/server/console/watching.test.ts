import type { Store } from '../../../lib/store/contract.js';
import { keepReport } from '../../../lib/app/keepReport.js';
import { removeFolders } from '../../store/records.js';
import { ask, fruitStore, ROW, startServe, type Got, type Loose, type Served } from '../served.js';

let home: string;
let store: Store;
let server: Served;
beforeAll(async () => {
	({ home, store } = await fruitStore(2));
	server = await startServe(home);
	for (let i = 0; i < 5; i++) await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW });
	await ask(`${server.url}/v1/models/fruit/predict`, { rows: [ROW, ROW, { weight: 'no number' }] });
}, 120_000);
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

const get = async (path: string): Promise<Got> => await ask(`${server.url}/api/v1${path}`);
const got = async (path: string): Promise<Loose> => {
	const { status, body } = await get(path);
	expect([path, status, body.error]).toEqual([path, 200, undefined]);
	return body;
};
const post = async (path: string, body: unknown): Promise<Got> => await ask(`${server.url}/api/v1${path}`, body, { origin: server.url });
const list = (body: Loose): Loose[] => body.entries as unknown as Loose[];

/** Asks until it is so, as a page does that looks again and again. */
async function until(path: string, so: (body: Loose) => boolean): Promise<Loose> {
	for (let i = 0; i < 300; i++) {
		const body = await got(path);
		if (so(body)) return body;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	throw new Error(`${path} never came so far`);
}

it('shows the answers of a model over time, each counted once, however they are put together', async () => {
	const answers = (body: Loose) => Number(body.total.answers);
	await until('/models/fruit/traffic?step=1', (body) => answers(body) === 8);
	for (const asked of ['', '?step=1', '?step=5&by=door', '?step=60&by=all', '?by=arm'])
		expect([asked, answers(await until(`/models/fruit/traffic${asked}`, (body) => answers(body) === 8))]).toEqual([asked, 8]);
	const body = await got('/models/fruit/traffic?step=60&by=version');
	expect(body.groups).toMatchObject([{ name: '1', total: { errors: 1, ms: { p50: expect.any(Number) as number } } }]);
	expect((await got('/models/nobody/traffic')).total).toMatchObject({ answers: 0, classes: [] });
	expect((await got('/models')).entries).toMatchObject([{ traffic: { answers: 8, errors: 1 } }]);
	for (const asked of ['since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', 'step=0', 'since=1999-01-01T00:00:00Z&step=1'])
		expect([asked, (await get(`/models/fruit/traffic?${asked}`)).status]).toEqual([asked, 400]);
});

it('shows a rollout as it stands, and lets an operator end it with a reason, against what was looked at', async () => {
	const started = await ask(`${server.url}/v1/models/fruit/rollouts`, { kind: 'shadow', version: 2, share: 100 });
	const { id } = started.body as unknown as { id: string };
	for (let i = 0; i < 4; i++) await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW });
	expect((await got('/rollouts')).entries).toMatchObject([{ id, state: 'running', kind: 'shadow' }]);
	expect((await got('/models/fruit')).running).toMatchObject([{ id }]);
	const one = await got(`/rollouts/${id}`);
	expect(one).toMatchObject({ record: { stable: 1 }, status: { state: 'running' }, events: [{ action: 'rollout.started' }] });
	expect((await post(`/rollouts/${id}/abort`, { reason: ' ' })).status).toBe(400);
	const version = Number(one.version);
	expect((await post(`/rollouts/${id}/abort`, { reason: 'Seen enough.', expect: version + 1 })).body.error.code).toBe('store.conflict');
	expect((await post(`/rollouts/${id}/abort`, { reason: 'Seen enough.', expect: version })).body).toMatchObject({ state: 'aborted' });
	expect((await post(`/rollouts/${id}/promote`, { reason: 'Late.' })).body.error.code).toBe('rollout.not_running');
	expect(list(await got('/rollouts?state=running'))).toEqual([]);
	expect((await got(`/rollouts/${id}`)).events[0]).toMatchObject({ action: 'rollout.aborted', details: { reason: 'Seen enough.' } });
	expect((await get('/rollouts/none')).status).toBe(404);
});

it('finds models, datasets and trainings by a part of their name', async () => {
	const { hits } = await got('/search?q=FRU');
	expect((hits as unknown as Loose[]).map(({ kind, id }) => [kind, id])).toEqual(expect.arrayContaining([['model', 'fruit']]));
	expect((await got(`/search?q=${encodeURIComponent('%_')}`)).hits).toEqual([]);
	expect((await get('/search?q=')).status).toBe(400);
});

it('gives a report as a page that reaches nothing outside itself', async () => {
	await keepReport(store, 'run', { html: '<p>short</p>', full: '<!doctype html><title>all</title><script>1</script>', charts: [] });
	const [{ id }] = list(await got('/reports?about=run&limit=1'));
	const { headers, body } = await get(`/reports/${String(id)}/page`);
	expect(headers.get('content-type')).toContain('text/html');
	expect(headers.get('content-security-policy')).toMatch(/^sandbox allow-scripts; default-src 'none'/);
	expect(String(body)).toContain('<title>all</title>');
	expect(String((await get(`/reports/${String(id)}/page?short=true`)).body)).toContain('<p>short</p>');
	expect((await get('/reports/re_none/page')).status).toBe(404);
});

describe('the audit log', () => {
	it('is paged and filtered by the server', async () => {
		const seen: number[] = [];
		let next: unknown = '';
		while (next !== undefined) {
			const page = await got(`/audit?limit=3&subject=fruit${next ? `&cursor=${String(next)}` : ''}`);
			seen.push(...list(page).map(({ seq }) => Number(seq)));
			({ next } = page as unknown as { next: unknown });
			if (seen.length === 3) await store.audit({ actor: '=cmd|calc', action: 'note.made', subject: 'fruit', details: { 'a,b': '"' } });
		}
		expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
		expect(seen.length).toBeGreaterThan(3);
		expect(list(await got('/audit?action=alias.&actor=test'))).toMatchObject([{ action: 'alias.moved' }]);
		expect(list(await got('/audit?from=2100-01-01T00:00:00Z'))).toEqual([]);
	});

	const exported = async (asked: string) => {
		const response = await fetch(`${server.url}/api/v1/audit/export?${asked}`);
		return { headers: response.headers, text: await response.text() };
	};

	it('is exported piece by piece, and no cell is a formula', async () => {
		const lines: string[] = [];
		let after = '0';
		for (let next: string | null = after; next !== null; ) {
			after = next;
			const { text, headers } = await exported(`limit=4&after=${after}`);
			lines.push(...text.trim().split('\n'));
			next = headers.get('x-mlops-next');
		}
		const all = await store.auditLog({ since: 0 });
		expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(all.map(({ seq }) => seq));
		const { text, headers } = await exported('format=csv&action=note.');
		expect(headers.get('content-type')).toContain('text/csv');
		expect(text).toContain(`,'=cmd|calc,note.made,fruit,"{""a,b"":""\\""""}",`);
	});

	it('is verified now, in a process of its own, and says what was found', async () => {
		expect((await got('/audit/verification')).last).toBeUndefined();
		expect((await post('/audit/verification', {})).status).toBe(202);
		const { last } = await until('/audit/verification', (body) => String(body.last.state) !== 'running');
		expect(last).toMatchObject({ state: 'whole', share: 1, found: { events: expect.any(Number) as number } });
		expect(await until('/audit?action=store.verified', (body) => list(body).length === 1)).toMatchObject({
			entries: [{ details: { state: 'whole' } }],
		});
	}, 60_000);
});
