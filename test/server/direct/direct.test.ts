import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { AT, SLOT } from '../../../lib/server/metrics/counters.js';
import { FRUIT, served, type Served } from '../doors/served.js';
import { requestText, Wire } from './wire.js';

/** One answers plain requests, the other gets the same with a header that Node's parser and the framework are left to look at. */
let direct: Served;
let ordinary: Served;
/** Requests that the framework of the first one has seen. */
let seen = 0;
beforeAll(async () => {
	[direct, ordinary] = [await served({ maxBody: 0.05, maxRows: 40 }), await served({ maxBody: 0.05, maxRows: 40 })];
	direct.app.server.on('request', () => seen++);
});
afterAll(async () => {
	await direct.close();
	await ordinary.close();
});

const NOT_PLAIN = ['TE: trailers'];
const PATH = '/v1/models/fruit/predict';
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Without moments and ids; the framework ends a connection after a body that it cannot read, which need not be. */
const comparable = (text: string | undefined): string | undefined =>
	text?.replace(/^(date|connection|keep-alive): .*(\r\n|$)/gim, '').replace(ID, 'ID');

async function both(target: string, body: string, places: readonly number[] = []): Promise<void> {
	const [one, other] = [new Wire(direct.url), new Wire(ordinary.url)];
	await Promise.all([one.send(requestText(target, body), places), other.send(requestText(target, body, NOT_PLAIN))]);
	const [mine, theirs] = [await one.next(), await other.next()];
	one.end();
	other.end();
	expect(comparable(mine?.head)).toBe(comparable(theirs?.head));
	expect(comparable(mine?.body)).toBe(comparable(theirs?.body));
}

/** Without what time it took. */
const counted = ({ counts }: Served): Float64Array =>
	counts.map((count, at) => {
		const place = at % SLOT;
		return place === AT.seconds || (place >= AT.buckets && place < AT.statuses) ? 0 : count;
	});

const cell = fc.oneof(
	fc.double({ noDefaultInfinity: true, noNaN: true }),
	fc.string({ unit: 'grapheme' }),
	fc.boolean(),
	fc.constant(null),
);
const row = fc.oneof(
	fc.constant(FRUIT as Record<string, unknown>),
	fc.record({ weight: cell, days: cell, Colour: cell, since: cell, ripe: cell }, { requiredKeys: ['weight', 'ripe'] }),
	fc.record({ ...Object.fromEntries(Object.keys(FRUIT).map((name) => [name, cell])), other: cell }),
);
const body = fc.oneof(
	row.map((one) => ({ row: one })),
	fc.record({ row, key: cell, requestId: cell, reasons: cell }, { requiredKeys: ['row'] }),
	fc.record({ rows: fc.array(row, { maxLength: 45 }), keys: fc.array(cell, { maxLength: 3 }) }, { requiredKeys: ['rows'] }),
	fc.record({ columns: fc.dictionary(fc.constantFrom(...Object.keys(FRUIT)), fc.array(cell, { maxLength: 3 })) }),
	fc.jsonValue(),
);
const text = fc.oneof(
	{ weight: 8, arbitrary: body.map((value) => JSON.stringify(value)) },
	fc.string({ unit: 'grapheme', minLength: 1 }),
	fc.constantFrom('\ufeff{"row":{}}', '{"row":', '{"row":{"__proto__":{"weight":1}}}', '[]', '{"row":{"weight":NaN}}'),
);
const target = fc.oneof(
	{ weight: 5, arbitrary: fc.constant(PATH) },
	fc.constantFrom(
		'/v1/models/fruit/explain',
		'/v1/models/fruit/versions/1/predict',
		'/v1/models/fruit/versions/x/predict',
		'/v1/models/fruit/versions/3/predict',
		'/v1/models/fruit/aliases/champion/predict?reasons=2',
		'/v1/models/fruit/aliases/best/explain?reasons=2',
		'/v1/models/price.v2/predict',
		'/v1/models/grade/predict',
		'/v1/models/odd/predict',
		'/v1/models/nobody/predict',
		'/v1/models/constructor/predict',
		`${PATH}?reasons=2`,
		`${PATH}?reasons=1001`,
		`${PATH}?reasons=x`,
		`${PATH}?other=2`,
		`${PATH}/`,
		'/v1/models/../predict',
	),
);

describe('plain requests to our own door', () => {
	it('are answered as the framework answers them, byte for byte, whole or in pieces, and counted alike', async () => {
		await fc.assert(fc.asyncProperty(target, text, fc.array(fc.nat({ max: 600 }), { maxLength: 3 }), both), {
			numRuns: 150,
			seed: 12,
			examples: [[PATH, JSON.stringify({ rows: Array.from({ length: 40 }, () => FRUIT) }), [20, 150, 1000]]],
		});
		expect(counted(direct)).toEqual(counted(ordinary));
		// Addresses that are not its own and bodies that are too large went to the framework.
		expect(seen).toBeLessThan(50);
	});

	it('are answered one after the other where several come at once, by both ways on one connection', async () => {
		const wire = new Wire(direct.url);
		const one = (days: number, headers: string[] = []) =>
			requestText(PATH, JSON.stringify({ row: { ...FRUIT, days }, requestId: `${days}` }), headers);
		const before = seen;
		await wire.send([one(1), one(2), one(3, NOT_PLAIN), one(4), one(5)].join(''), [700]);
		for (const id of ['1', '2', '3', '4', '5']) expect(JSON.parse((await wire.next())!.body)).toMatchObject({ requestId: id });
		wire.end();
		expect(seen - before).toBe(3);
	});

	it('stay possible on a connection after a refusal', async () => {
		const before = seen;
		const wire = new Wire(direct.url);
		await wire.send(requestText(PATH, '{'));
		expect((await wire.next())!.head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
		await wire.send(requestText(PATH, JSON.stringify({ row: FRUIT })));
		expect((await wire.next())!.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
		wire.halfClose();
		expect(await wire.next()).toBeUndefined();
		expect(seen).toBe(before);
	});

	it('that end in the middle are answered as Node answers that', async () => {
		const wire = new Wire(direct.url);
		await wire.send(requestText(PATH, JSON.stringify({ row: FRUIT })).slice(0, -5));
		wire.halfClose();
		const got = await wire.next();
		expect(got?.head ?? 'closed').toMatch(/^HTTP\/1\.1 400 |^closed/);
		await wire.over();
	});

	it('wait while the caller does not take its answers, and none is lost', async () => {
		const wire = new Wire(direct.url);
		wire.pause();
		const rows = Array.from({ length: 40 }, () => FRUIT);
		const many = 800;
		const sending = wire.send(requestText(PATH, JSON.stringify({ rows })).repeat(many));
		await sleep(300);
		wire.resume();
		let answered = 0;
		while (answered < many && (await wire.next())?.head.startsWith('HTTP/1.1 200')) answered++;
		await sending;
		wire.end();
		expect(answered).toBe(many);
	});

	it('are answered before a server that stops closes, and connections that stand by end', async () => {
		const server = await served();
		const sockets: Socket[] = [];
		server.app.server.on('connection', (socket) => sockets.push(socket));
		const [idle, half, silent] = [new Wire(server.url), new Wire(server.url), new Wire(server.url)];
		const request = requestText(PATH, JSON.stringify({ row: FRUIT }));
		await idle.send(request);
		expect((await idle.next())!.head).toMatch('200 OK');
		await half.send(request.slice(0, 200));
		while (sockets.length < 3 || !sockets.some(({ bytesRead }) => bytesRead === 200)) await sleep(5);
		const closed = server.close();
		// It has begun to stop.
		await idle.over();
		await half.send(request.slice(200));
		const last = await half.next();
		expect(last?.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
		expect(last?.head).toMatch(/^connection: close$/im);
		await closed;
		await Promise.all([half.over(), silent.over()]);
	});
});
