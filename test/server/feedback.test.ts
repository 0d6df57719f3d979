import { gzipSync } from 'node:zlib';
import { makeKey } from '../../lib/app/apiKeys.js';
import { createIdSource } from '../../lib/domain/answerId.js';
import type { PredictionLogEntry, Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitPackage, fruitStore, registerPackage, ROW, startServe, type Served } from './served.js';

let home: string;
let store: Store;
let server: Served;
const keys: Record<string, string> = {};
beforeAll(async () => {
	({ home, store } = await fruitStore());
	await registerPackage(store, 'price', await fruitPackage('price'));
	const make = async (label: string, scopes: Array<'predict' | 'feedback'>, models?: string[]) => {
		keys[label] = (await makeKey({ store, actor: 'test' }, { label, scopes, ...(models ? { models } : {}) })).key;
	};
	await make('all', ['feedback']);
	await make('fruit alone', ['feedback'], ['fruit']);
	await make('price alone', ['feedback'], ['price']);
	await make('asks', ['predict']);
	server = await startServe(home, []);
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

const nextId = createIdSource();
async function answered(count: number, more: Partial<PredictionLogEntry> = {}): Promise<string[]> {
	const { digest } = (await store.find('modelVersion', 'fruit'))!.body;
	const entries = Array.from({ length: count }, () => ({
		at: new Date().toISOString(),
		model: 'fruit@1',
		digest,
		requestId: nextId(),
		input: ROW,
		prediction: 'good',
		score: [0.8],
		...more,
	}));
	await store.logPredictions(entries);
	return entries.map(({ requestId }) => requestId);
}
const tell = async (body: unknown, { key = 'all', query = '', type = 'application/json' } = {}) =>
	await ask(`${server.url}/v1/feedback${query}`, body, { 'x-api-key': keys[key], 'content-type': type });

it('takes the truth of one answer, of a list, and of many', async () => {
	const [a, b, c] = await answered(3);
	expect(await tell({ id: a, truth: 'good' })).toMatchObject({ status: 200, body: { rows: 1, taken: 1, batch: expect.any(String) } });
	expect(
		await tell([
			{ id: a, truth: 'bad' },
			{ id: b, truth: 'good' },
		]),
	).toMatchObject({ status: 200, body: { rows: 2, taken: 1, corrected: 1 } });
	const many = {
		batch: 'june',
		truths: [
			{ id: c, truth: 'GOOD' },
			{ id: 'nobody knows', truth: 'bad' },
		],
	};
	expect(await tell(many)).toMatchObject({ status: 200, body: { batch: 'june', taken: 1, unknown: 1 } });
	expect(await tell(many)).toMatchObject({ body: { same: 2 } });
	expect(await tell({ id: c, truth: null })).toMatchObject({ body: { corrected: 1 } });
	const [event] = (await store.auditLog()).filter(({ action }) => action === 'truth.told');
	expect(event.actor).toMatch(/^key "all" \([A-Za-z0-9]+\)$/);
});

it('a bad row is named and stops no other; one alone is refused', async () => {
	const [a] = await answered(1);
	expect(
		await tell([
			{ id: a, truth: ['good'] },
			{ id: a, truth: 'good' },
		]),
	).toMatchObject({
		status: 200,
		body: {
			taken: 1,
			refused: 1,
			refusals: [{ row: 1, code: 'truth.invalid', column: 'truth', found: '["good"]', expected: 'one of: bad, good' }],
		},
	});
	expect(await tell({ id: a })).toMatchObject({
		status: 400,
		body: { error: { code: 'truth.invalid', column: 'truth', found: 'nothing' } },
	});
	for (const body of ['5', '"yes"', 'null', '{"id":', '']) expect([body, (await tell(body)).status]).toEqual([body, 400]);
	expect(await tell('<xml/>', { type: 'application/xml' })).toMatchObject({ status: 415 });
	expect(await tell('', { type: 'text/csv' })).toMatchObject({ status: 400 });
});

describe('what a body is written in', () => {
	const send = async (path: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) => {
		const response = await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'x-api-key': keys.all, ...headers }, body });
		return { status: response.status, body: await response.json() };
	};
	const bytes = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);
	const table = 'key,truth\nMüller,good\nMöller,bad\n';
	const asked = async (): Promise<void> => {
		for (const key of ['Müller', 'Möller']) await answered(1, { key });
	};

	it.each([
		['UTF-8', Buffer.from(table), 'text/csv'],
		['what spreadsheets of Western Europe write', Buffer.from(table, 'latin1'), 'text/csv'],
		['Latin-1, as its header says', Buffer.from(table, 'latin1'), 'text/csv; charset=iso-8859-1'],
		['UTF-16', Buffer.from(`\ufeff${table}`, 'utf16le'), 'text/csv; charset=utf-16'],
	])('a table in %s is about the customers that it names', async (_, csv, type) => {
		await asked();
		expect(await send('/v1/feedback', bytes(csv), { 'content-type': type })).toMatchObject({
			status: 200,
			body: { rows: 2, taken: 2, unknown: 0, refused: 0 },
		});
	});

	it('lines of JSON that are not in UTF-8 are refused, and no key is made another', async () => {
		const lines = '{"key":"Müller","truth":"good"}\n';
		for (const [wrong, encoding] of [
			[lines, 'latin1'],
			[`\ufeff${lines}`, 'utf16le'],
		] as const)
			expect(await send('/v1/feedback', bytes(Buffer.from(wrong, encoding)), { 'content-type': 'application/x-ndjson' })).toMatchObject({
				status: 400,
				body: { error: { code: 'serve.request_invalid', message: 'The body is not UTF-8.' } },
			});
	});

	it.each(['application/json', 'application/x-ndjson', 'text/csv'])('a packed body of %s is refused as such', async (type) => {
		const packed = bytes(gzipSync('{"key":"Anna","truth":"good"}\n'));
		expect(await send('/v1/feedback', packed, { 'content-type': type, 'content-encoding': 'gzip' })).toMatchObject({
			status: 415,
			body: { error: { message: expect.stringContaining('packed') as string } },
		});
	});
});

it('only keys with the scope may tell, and of their own models', async () => {
	const [a] = await answered(1);
	expect((await ask(`${server.url}/v1/feedback`, { id: a, truth: 'good' })).status).toBe(401);
	expect(await tell({ id: a, truth: 'good' }, { key: 'asks' })).toMatchObject({
		status: 403,
		body: { error: { code: 'serve.scope_missing' } },
	});
	// For who may not speak of its model there is no such answer.
	expect(await tell({ id: a, truth: 1 }, { key: 'price alone' })).toMatchObject({ status: 200, body: { unknown: 1 } });
	expect(await tell({ id: a, truth: 'good', model: 'fruit' }, { key: 'price alone' })).toMatchObject({
		status: 400,
		body: { error: { column: 'model' } },
	});
	expect(await tell({ id: a, truth: 'good' }, { key: 'fruit alone' })).toMatchObject({ status: 200, body: { taken: 1 } });
});

it('a hundred thousand at once as JSON lines and as CSV, twice', async () => {
	const ids = await answered(100_000);
	const truthOf = (i: number): string => (i % 3 ? 'good' : 'bad');
	const lines = `${ids.map((id, i) => JSON.stringify({ id, truth: truthOf(i) })).join('\n')}\nnot JSON\n{"id":"x","truth":NaN}\n`;
	expect(await tell(lines, { type: 'application/x-ndjson' })).toMatchObject({
		status: 200,
		body: { rows: 100_002, taken: 100_000, refused: 2, refusals: [{ row: 100_001, found: 'not JSON' }, { row: 100_002 }] },
	});
	expect((await tell(lines, { type: 'application/x-ndjson' })).body).toMatchObject({ taken: 0, same: 100_000, refused: 2 });
	const csv = `answer,outcome\n${ids.map((id, i) => `${id},${i < 10 ? '' : i < 20 ? 'bad' : truthOf(i)}`).join('\n')}\n`;
	const query = '?id=answer&truth=outcome';
	expect((await tell(csv, { type: 'text/csv', query })).body).toMatchObject({ rows: 100_000, empty: 10, corrected: 7, same: 99_983 });
	expect((await tell(csv, { type: 'text/csv; charset=utf-8', query })).body).toMatchObject({ same: 99_990, empty: 10 });
	expect((await store.verify()).events).toBeGreaterThan(0);
}, 120_000);
