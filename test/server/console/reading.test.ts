import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { makeKey } from '../../../lib/app/apiKeys.js';
import { datasetBody, freshFolder, removeFolders, runBody, versionBody } from '../../store/records.js';
import { ask, startServe, type Got, type Loose, type Served } from '../served.js';

/** Names that break addresses which are put together carelessly. */
const ODD = 'Größe 100 %/2?a=b#c';

let home: string;
let store: Store;
let server: Served;
let ids: string[];
let datasetId: string;

/** 25 trainings on a dataset of two versions; the fifth has no auc. */
beforeAll(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	const profile = (rows: number, mean: number, top: number) => ({
		rows,
		columns: [
			{ name: 'age', type: 'number', role: 'feature', missing: rows / 10, distinct: 9, mean, std: 2, warnings: [] },
			{ name: 'kind', type: 'category', role: 'feature', missing: 0, distinct: 2, top: [{ value: 'x', count: top }], warnings: [] },
		],
		duplicates: 0,
		warnings: [],
	});
	const column = (name: string, type: 'number' | 'category' | 'text') => ({ name, type, role: 'feature' as const });
	const bad = Array.from({ length: 5 }, (_, i) => JSON.stringify({ row: i + 1, reason: 'too short', text: `half ${i}` })).join('\n');
	const first = await store.add('dataset', 'people', {
		...(await datasetBody(store, '1')),
		rows: 100,
		columns: [column('age', 'number'), column('kind', 'category'), column('gone', 'text')],
		profile: await store.artifacts.put(JSON.stringify(profile(100, 10, 50))),
		quarantine: await store.artifacts.put(`${bad}\n`),
		quarantined: 5,
	});
	datasetId = first.id;
	const second = await store.add('dataset', 'people', {
		...(await datasetBody(store, '2')),
		rows: 200,
		columns: [column('age', 'number'), column('kind', 'category'), column('new', 'text')],
		profile: await store.artifacts.put(JSON.stringify(profile(200, 13, 160))),
		notes: [{ code: 'data.hidden_rows', text: 'Three rows were hidden.' }],
	});
	ids = [];
	for (let i = 0; i < 25; i++) {
		const body = await runBody(store, i % 2 ? second.id : first.id, String(i));
		const metrics: Record<string, number> = i === 5 ? { logLoss: 1 } : { auc: 0.5 + (i % 10) / 100 };
		const run = await store.add(
			'run',
			i % 5 ? 'shop' : ODD,
			{ ...body, learner: i % 3 ? 'forest' : 'linear', params: { trees: i }, metrics, seconds: i },
			{ parents: [body.datasetId] },
		);
		ids.push(run.id);
	}
	for (const v of [0, 5]) {
		const { body } = await store.get('run', ids[v]);
		const added = { ...(await versionBody(store, ODD, String(v))), runId: ids[v], digest: body.model };
		await store.add('modelVersion', ODD, added, { parents: [ids[v]] });
	}
	await store.moveAlias(ODD, 'champion', 1, { actor: 'ann', reason: 'first' });
	server = await startServe(home);
}, 60_000);
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
const list = (body: Loose): Loose[] => body.entries as unknown as Loose[];
const odd = encodeURIComponent(ODD);

describe('the list of trainings', () => {
	it('goes through all pages without one missing or twice, while others are added, in every order', async () => {
		for (const asked of [
			'sort=created',
			'sort=metric:auc&order=asc',
			'sort=metric:auc&order=desc',
			'sort=name&order=asc',
			'sort=quality',
		]) {
			const seen: unknown[] = [];
			let total: unknown;
			let next: unknown = '';
			for (let page = 0; next !== undefined; page++) {
				const body = await got(`/runs?limit=4&${asked}${next ? `&cursor=${String(next)}` : ''}`);
				seen.push(...list(body).map(({ id }) => id));
				total ??= body.total;
				expect(body.total).toBe(total);
				next = body.next;
				if (page === 1) await store.add('run', 'shop', { ...(await runBody(store, datasetId, `later ${asked}`)), metrics: { auc: 0.52 } });
			}
			expect([asked, new Set(seen).size, seen.length]).toEqual([asked, Number(total), Number(total)]);
			for (const id of ids) expect([asked, seen.includes(id)]).toEqual([asked, true]);
		}
	});

	it('sorts by a metric, runs without it last in both orders', async () => {
		for (const order of ['asc', 'desc']) {
			const entries = list(await got(`/runs?limit=200&sort=metric:auc&order=${order}`));
			const values = entries.map(({ metrics }) => metrics.auc as unknown as number | undefined);
			const known = values.filter((v) => v !== undefined);
			expect(known).toEqual([...known].sort((a, b) => (order === 'asc' ? a - b : b - a)));
			expect(values.at(-1)).toBeUndefined();
		}
	});

	it('filters by model, learner, dataset, metric, and text; the total counts what is left', async () => {
		const total = async (filter: string) => (await got(`/runs?limit=1&${filter}`)).total as unknown as number;
		expect(await total(`model=${odd}`)).toBe(5);
		expect(await total(`model=${odd}&learner=linear`)).toBe(2);
		expect(await total(`model=${odd}&metric=auc&min=0.5&max=0.5`)).toBe(3);
		expect(await total(`model=${odd}&dataset=people`)).toBe(5);
		expect(await total(`model=${odd}&dataset=${datasetId}`)).toBe(3);
		expect(await total(`text=${encodeURIComponent('GRÖSSE')}`)).toBe(0);
		expect(await total(`text=${encodeURIComponent('größe 100 %')}`)).toBe(5);
		expect(await total('model=shop&until=2001-01-01T00:00:00Z')).toBe(0);
	});

	it('refuses a cursor that belongs to another question, and what is no cursor', async () => {
		const { next } = await got('/runs?limit=2&sort=name');
		for (const asked of [`limit=2&cursor=${String(next)}`, 'cursor=nothing', 'cursor=WyJ4IixbXV0'])
			expect((await get(`/runs?${asked}`)).body.error.code).toBe('input.invalid');
		expect((await get('/runs?limit=100000')).status).toBe(400);
		expect((await get('/runs?sort=nothing')).status).toBe(400);
	});

	it('says what can be filtered by', async () => {
		const facets = await got('/runs/facets');
		expect((facets.learners as unknown as Loose[]).map(({ name }) => name)).toEqual(expect.arrayContaining(['forest', 'linear', 'dummy']));
	});
});

describe('a training', () => {
	it('tells all that is known of it', async () => {
		const run = await got(`/runs/${ids[5]}`);
		expect(run).toMatchObject({
			name: ODD,
			params: { trees: 5 },
			dataset: { name: 'people', version: 2 },
			registered: [{ model: ODD, version: 2 }],
			notes: [],
		});
		expect((await get('/runs/run_none')).status).toBe(404);
	});

	it('is compared with another one', async () => {
		const found = await got(`/runs/${ids[1]}/differences/${ids[4]}`);
		expect(found).toMatchObject({
			params: [{ name: 'trees', a: 1, b: 4 }],
			metrics: [{ metric: 'auc', a: 0.51, b: 0.54, better: 'b' }],
			settings: [],
			datasets: {
				columns: [
					{ name: 'new', change: 'removed' },
					{ name: 'gone', change: 'added' },
				],
			},
		});
	});
});

describe('models', () => {
	it('are listed with what answers', async () => {
		const { entries, total } = await got('/models');
		expect([total, entries]).toMatchObject([
			1,
			[{ name: ODD, versions: 2, champion: { version: 1 }, aliases: { champion: 1 }, traffic: { answers: 0 }, incidents: 0 }],
		]);
	});

	it('are found by names that hold signs of addresses', async () => {
		expect(await got(`/models/${odd}`)).toMatchObject({ name: ODD, policy: { gateRequired: true }, archived: [], running: [] });
		expect((await got(`/models/${odd}/versions?order=asc`)).entries).toMatchObject([
			{ version: 1, aliases: ['champion'] },
			{ version: 2, aliases: [] },
		]);
		expect(await got(`/models/${odd}/versions/2`)).toMatchObject({ runId: ids[5], run: { params: { trees: 5 } } });
		expect((await get(`/models/${odd}/versions/3`)).status).toBe(404);
		expect((await get('/models/nothing')).status).toBe(404);
	});

	it('tell what answered at a moment, by whose move, until when', async () => {
		const [{ at }] = await store.aliasHistory(ODD, 'champion');
		await store.moveAlias(ODD, 'champion', 2, { actor: 'bob' });
		const then = encodeURIComponent(at);
		expect(await got(`/models/${odd}/answered?at=${then}`)).toMatchObject({
			version: 1,
			move: { actor: 'ann', reason: 'first' },
			until: expect.any(String) as string,
		});
		expect((await got(`/models/${odd}/answered?at=2001-01-01T00:00:00Z`)).version).toBeNull();
		expect((await got(`/models/${odd}/answered?at=2100-01-01T00:00:00%2B02:00`)).version).toBe(2);
		expect((await get(`/models/${odd}/answered?at=yesterday`)).status).toBe(400);
		const first = await got(`/models/${odd}/aliases?limit=1`);
		expect(first).toMatchObject({ entries: [{ to: 2, actor: 'bob' }], next: expect.any(String) as string });
		await store.moveAlias(ODD, 'other', 2, { actor: 'bob' });
		expect(await got(`/models/${odd}/aliases?limit=1&cursor=${String(first.next)}`)).toMatchObject({ entries: [{ to: 1 }] });
	});

	it('draws where a version comes from and what became of it, every edge between two nodes', async () => {
		const { nodes, edges } = (await got(`/models/${odd}/versions/2/lineage`)) as unknown as {
			nodes: Array<{ id: string; kind: string }>;
			edges: Array<{ from: string; to: string }>;
		};
		const kinds = nodes.map(({ kind }) => kind);
		for (const kind of ['source', 'dataset', 'run', 'modelVersion', 'alias', 'answers']) expect(kinds).toContain(kind);
		const ids = new Set(nodes.map(({ id }) => id));
		for (const { from, to } of edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true]);
		const reached = new Set(nodes.filter(({ kind }) => kind === 'source').map(({ id }) => id));
		for (let i = 0; i < nodes.length; i++) for (const { from, to } of edges) if (reached.has(from)) reached.add(to);
		expect(reached.has('answers')).toBe(true);
	});

	it('are compared version by version', async () => {
		const found = await got(`/models/${odd}/versions/1/differences/2`);
		expect(found).toMatchObject({ params: [{ name: 'trees', a: 0, b: 5 }], sameRows: false, evaluated: [] });
		expect(found.metrics).toMatchObject([
			{ metric: 'auc', a: 0.5 },
			{ metric: 'logLoss', b: 1 },
		]);
	});
});

describe('datasets', () => {
	it('are listed by name, each with its newest version, and tell their profile', async () => {
		const { entries } = await got('/datasets');
		expect(entries).toMatchObject([{ name: 'people', version: 2, versions: 2, rows: 200, columns: 3 }]);
		const one = await got('/datasets/people/versions/1');
		expect(one).toMatchObject({ quarantined: 5, profile: { rows: 100 } });
		expect(Number(one.runs)).toBeGreaterThan(12);
		// What was said while it was read, if the version has it.
		expect(one.notes).toBeUndefined();
		expect((await got('/datasets/people/versions/2')).notes).toEqual([{ code: 'data.hidden_rows', text: 'Three rows were hidden.' }]);
		expect((one.made as unknown as Loose[]).map(({ kind }) => kind)).toContain('run');
	});

	it('tell what changed between two versions', async () => {
		const found = await got('/datasets/people/versions/1/differences/2');
		expect(found.columns).toMatchObject([
			{ name: 'gone', change: 'removed' },
			{ name: 'new', change: 'added' },
		]);
		// The mean moved from 10 to 13 at a deviation of 2; x went from 50 % to 80 %.
		expect(found.distributions).toMatchObject([
			{ name: 'age', shift: 1.5, missing: 0 },
			{ name: 'kind', variation: expect.closeTo(0.15) as number },
		]);
	});

	it('show what could not be read, page by page', async () => {
		const first = await got('/datasets/people/versions/1/quarantine?limit=3');
		expect(list(first)).toHaveLength(3);
		const rest = await got(`/datasets/people/versions/1/quarantine?limit=3&cursor=${String(first.next)}`);
		expect(list(rest).map(({ text }) => text)).toEqual(['half 3', 'half 4']);
		expect(rest.next).toBeUndefined();
		expect((await got('/datasets/people/versions/2/quarantine')).total).toBe(0);
	});
});

it('a key that is good for one model alone sees that one, and nothing that belongs to all', async () => {
	const { key } = await makeKey({ store, actor: 'ann' }, { label: 'shop', scopes: ['read'], models: ['shop'] });
	const guarded = await startServe(home, []);
	try {
		const asking = async (path: string) => await ask(`${guarded.url}/api/v1${path}`, undefined, { authorization: `Bearer ${key}` });
		const { body } = await asking('/runs?limit=200');
		expect(new Set(list(body).map(({ name }) => name))).toEqual(new Set(['shop']));
		expect(list((await asking('/models')).body)).toEqual([]);
		expect((await asking(`/models/${odd}`)).status).toBe(403);
		expect((await asking(`/runs/${ids[0]}`)).status).toBe(404);
		expect((await asking('/datasets')).status).toBe(403);
	} finally {
		await guarded.stop();
	}
});
