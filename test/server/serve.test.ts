import { createPredictor } from '../../lib/serve/predictor.js';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import {
	ask,
	fruitModel,
	fruitPackage,
	fruitStore,
	registerPackage,
	ROW,
	startServe,
	type Got,
	type Loose,
	type Served,
} from './served.js';

let home: string;
let store: Store;
let server: Served;
beforeAll(async () => {
	({ home, store } = await fruitStore(2));
	await registerPackage(store, 'price', await fruitPackage('price'));
	await store.moveAlias('price', 'champion', 1, { actor: 'test' });
	await registerPackage(store, 'network', await fruitModel('quality', { learner: 'neuralNetwork', params: { epochs: 2 } }));
	await store.moveAlias('network', 'champion', 1, { actor: 'test' });
	server = await startServe(home);
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

const predict = (body: unknown, path = 'fruit/predict') => ask(`${server.url}/v1/models/${path}`, body);

const answersOf = ({ body }: Got): Loose[] => body.answers as unknown as Loose[];

describe('mlops serve, our own door', () => {
	it('answers a row as the predictor does, and says by which version', async () => {
		const { status, body } = await predict({ row: ROW });
		const predictor = await createPredictor(await fruitPackage('quality', 10), 'x');
		const { prediction, probability, probabilities } = predictor.answer(ROW, 0);
		expect(status).toBe(200);
		expect(body).toMatchObject({ model: 'fruit', version: 1, alias: 'champion', prediction, probability, probabilities });
		expect(body.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
	});

	it('answers many rows and columns alike; a bad row stops no other', async () => {
		const rows = [ROW, { ...ROW, weight: 'heavy' }, { ...ROW, colour: 'green' }];
		const asRows = await predict({ rows });
		expect(asRows.status).toBe(200);
		expect(answersOf(asRows).map((a) => a.prediction ?? a.error.code)).toEqual([
			expect.any(String),
			'predict.input_invalid',
			expect.any(String),
		]);
		expect(asRows.body.answers[1].error).toMatchObject({ column: 'weight', expected: 'a number', found: '"heavy"' });
		const names = Object.keys(ROW) as Array<keyof typeof ROW>;
		const columns = Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
		const asColumns = await predict({ columns });
		const bare = (got: Got) => answersOf(got).map(({ id: _id, ...answer }) => answer);
		expect(bare(asColumns)).toEqual(bare(asRows));
	});

	it('gives reasons when asked, and all contributions to explain', async () => {
		const { body } = await predict({ row: ROW }, 'fruit/predict?reasons=2');
		expect(body.reasons).toHaveLength(2);
		const { body: whole } = await predict({ row: ROW }, 'fruit/explain');
		expect((whole.contributions as unknown as Loose[]).map((c) => String(c.feature)).sort()).toEqual(['colour', 'days', 'ripe', 'weight']);
	});

	it('tells the reasons of a network for few rows at once, and answers more without them', async () => {
		const { body } = await predict({ row: ROW }, 'network/explain');
		const named = body.contributions as unknown as Loose[];
		expect(named.map((c) => String(c.feature)).sort()).toEqual(['colour', 'days', 'ripe', 'weight']);
		expect(answersOf(await predict({ rows: Array(4).fill(ROW) }, 'network/predict?reasons=1'))).toHaveLength(4);
		const refused = await predict({ rows: Array(5).fill(ROW) }, 'network/predict?reasons=1');
		expect([refused.status, refused.body.error]).toEqual([
			413,
			expect.objectContaining({ code: 'serve.body_too_large', expected: 'at most 4 rows', remedy: expect.stringContaining('fewer rows') }),
		]);
		expect(answersOf(await predict({ rows: Array(50).fill(ROW) }, 'network/predict'))).toHaveLength(50);
		expect(answersOf(await predict({ rows: Array(50).fill(ROW) }, 'fruit/explain'))).toHaveLength(50);
	});

	it('says what would change an answer, for few rows at once', async () => {
		const { status, body } = await predict({ row: ROW, changes: { columns: ['weight', 'days', 'colour'] } }, 'fruit/explain');
		expect(status).toBe(200);
		const [way] = body.changes as unknown as Array<{ text: string; set?: object; prediction?: unknown }>;
		expect(way.text).toMatch(/^(With .* the answer would be |No value of )/);
		if (way.set) expect((await predict({ row: { ...ROW, ...way.set } })).body.prediction).toBe(way.prediction);
		expect((await predict({ row: ROW })).body).not.toHaveProperty('changes');
		expect((await predict({ rows: Array(5).fill(ROW), changes: { columns: ['days'] } })).status).toBe(413);
		const wrong = await predict({ row: ROW, changes: { columns: [] } });
		expect([wrong.status, wrong.body.error]).toEqual([400, expect.objectContaining({ code: 'serve.request_invalid' })]);
		const unknown = await predict({ row: ROW, changes: { columns: ['wage'] } });
		expect([unknown.status, unknown.body.error]).toEqual([400, expect.objectContaining({ code: 'predict.input_invalid', column: 'wage' })]);
	});

	it('answers by version and by alias, and numbers as numbers', async () => {
		expect((await predict({ row: ROW }, 'fruit/versions/2/predict')).body).toMatchObject({ version: 2 });
		expect((await predict({ row: ROW }, 'fruit/aliases/champion/predict')).body).toMatchObject({ version: 1 });
		expect((await predict({ row: ROW }, 'price/predict')).body.prediction).toEqual(expect.any(Number));
	});

	it.each([
		['a model that nobody has', 'fruits/predict', { row: ROW }, 404, 'serve.model_unknown'],
		['a version that nobody has', 'fruit/versions/9/predict', { row: ROW }, 404, 'serve.model_unknown'],
		['an alias that nobody has', 'fruit/aliases/best/predict', { row: ROW }, 404, 'serve.model_unknown'],
		['no number of a version', 'fruit/versions/x/predict', { row: ROW }, 400, 'serve.request_invalid'],
		['a body without rows', 'fruit/predict', {}, 400, 'serve.request_invalid'],
		['rows twice', 'fruit/predict', { row: ROW, rows: [ROW] }, 400, 'serve.request_invalid'],
		['columns of unequal length', 'fruit/predict', { columns: { weight: [1, 2], days: [1] } }, 400, 'serve.request_invalid'],
		['a row that is none', 'fruit/predict', { row: 5 }, 400, 'serve.request_invalid'],
		['a column that is missing', 'fruit/predict', { row: { weight: 1 } }, 400, 'predict.input_invalid'],
		['text for a number', 'fruit/predict', { row: { ...ROW, weight: 'heavy' } }, 400, 'predict.input_invalid'],
		['text that is no JSON', 'fruit/predict', '{"row":', 400, 'serve.request_invalid'],
		['an address that nobody has', 'fruit/foresee', { row: ROW }, 404, 'serve.request_invalid'],
	])('refuses %s with a sentence', async (_what, path, body, status, code) => {
		const got = await predict(body, path);
		expect([got.status, got.body.error.code]).toEqual([status, code]);
		expect(got.body.error.message).toMatch(/^[A-Z"].*\.$/);
		expect(JSON.stringify(got.body)).not.toMatch(/node_modules|dist\/|at .*\.js/);
	});

	it('tells what is served, and that it is ready', async () => {
		expect((await ask(`${server.url}/v1/models`)).body.models).toEqual([
			{ name: 'fruit', aliases: { champion: 1 }, versions: [1, 2] },
			{ name: 'network', aliases: { champion: 1 }, versions: [1] },
			{ name: 'price', aliases: { champion: 1 }, versions: [1] },
		]);
		expect((await ask(`${server.url}/v1/models/fruit`)).body).toMatchObject({ task: 'binary', classes: ['bad', 'good'] });
		expect((await ask(`${server.url}/health/ready`)).body).toEqual({ ready: true, models: 3 });
		expect((await ask(`${server.url}/health/live`)).body).toEqual({ live: true, store: store.id });
	});

	it('counts for Prometheus, over all listeners', async () => {
		const count = async (): Promise<number> => {
			const { body } = await ask(`${server.url}/metrics`);
			return Number(/http_requests_total\{model="price",version="1",door="own",code="200"\} (\d+)/.exec(String(body))?.[1] ?? 0);
		};
		const before = await count();
		await Promise.all(Array.from({ length: 20 }, () => predict({ row: ROW }, 'price/predict')));
		expect((await count()) - before).toBe(20);
	});

	it('counts failures by their kind, of requests and of rows', async () => {
		await predict({ rows: [{ ...ROW, weight: 'heavy' }] }, 'price/predict');
		await predict({}, 'price/predict');
		const lines = [
			'mlops_errors_total{model="price",version="1",door="own",error="predict.input_invalid"} 1',
			'mlops_errors_total{model="price",door="own",error="serve.request_invalid"} 1',
		];
		// The listener that is asked for the metrics may be another one than the one that tells the main thread of a new counter.
		let text = '';
		for (const until = Date.now() + 60_000; !lines.every((line) => text.includes(line)) && Date.now() < until; )
			text = String((await ask(`${server.url}/metrics`)).body);
		for (const line of lines) expect(text).toContain(line);
	});

	it('follows an alias that moves', async () => {
		await store.moveAlias('fruit', 'champion', 2, { actor: 'test' });
		const until = Date.now() + 60_000;
		let version: unknown = 1;
		while (version !== 2 && Date.now() < until) ({ version } = (await predict({ row: ROW })).body);
		expect(version).toBe(2);
	});
});
