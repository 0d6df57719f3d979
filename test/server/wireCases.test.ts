import { gzipSync } from 'node:zlib';
import type { Store } from '../../lib/store/contract.js';
import cases from '../cases/wire/cases.json';
import { removeFolders } from '../store/records.js';
import { requestText, Wire } from './direct/wire.js';
import { fruitStore, ROW, startServe, type Served } from './served.js';

/** How a request looks on the wire: a good one but for what is said here. */
interface Send {
	/** All of it, as it stands. */
	raw?: string;
	/** Method and address. */
	request?: string;
	/** Null: the header is left out. */
	type?: string | null;
	headers?: string[];
	/** The body; in it, ROW stands for a question and ROWS for a row. */
	body?: string;
	encoding?: 'gzip' | 'latin1';
	/** The body comes in chunks of so many bytes. */
	chunks?: number;
	coding?: string;
	/** The length that the header tells, where it is not that of the body. */
	length?: number;
	/** The body comes once the server has asked for it. */
	later?: boolean;
	/** An answer to HEAD: it has no body, and the request neither. */
	bare?: boolean;
}
interface Case {
	title: string;
	right: string;
	send: Send;
	/** Of the answers, one after the other. */
	status: number[];
	/** What the last answer says. */
	says?: string;
	/** Headers of the last answer; null: it has none of that name. */
	header?: Record<string, string | null>;
	/** What becomes of the connection: the next request on it is answered, or it ends. */
	then: 'goes on' | 'ends';
}

const PATH = '/v1/models/fruit/predict';
const QUESTION = JSON.stringify({ row: ROW });

let store: Store;
let server: Served;
beforeAll(async () => {
	const made = await fruitStore();
	store = made.store;
	server = await startServe(made.home);
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

function bytesOf({ body = 'ROW', encoding, bare }: Send): Buffer {
	if (bare) return Buffer.alloc(0);
	const text = body.replace('ROWS', JSON.stringify(ROW)).replace('ROW', QUESTION);
	return encoding === 'gzip' ? gzipSync(text) : Buffer.from(text, encoding);
}

function inChunks(bytes: Buffer, size: number): Buffer {
	const parts: Buffer[] = [];
	for (let at = 0; at < bytes.length; at += size) {
		const part = bytes.subarray(at, at + size);
		parts.push(Buffer.from(`${part.length.toString(16)};part=${at}\r\n`), part, Buffer.from('\r\n'));
	}
	return Buffer.concat([...parts, Buffer.from('0\r\nX-Sum: 1\r\n\r\n')]);
}

function requestOf(send: Send): { head: Buffer; body: Buffer } {
	const { raw, request = `POST ${PATH}`, type = 'application/json', headers = [], chunks, coding, length } = send;
	if (raw !== undefined) return { head: Buffer.from(raw), body: Buffer.alloc(0) };
	const plain = bytesOf(send);
	const body = chunks === undefined ? plain : inChunks(plain, chunks);
	const framing = chunks === undefined ? `Content-Length: ${length ?? plain.length}` : `Transfer-Encoding: ${coding ?? 'chunked'}`;
	const lines = [
		`${request} HTTP/1.1`,
		'Host: localhost',
		...(type === null ? [] : [`Content-Type: ${type}`]),
		...(send.bare ? [] : [framing]),
		...headers,
	];
	return { head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body };
}

const statusOf = (head: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);

it.each(cases as Case[])('$title: $right', async ({ send, status, says = '', header = {}, then }) => {
	const { head, body } = requestOf(send);
	const wire = new Wire(server.url);
	try {
		await wire.send(send.later ? head : Buffer.concat([head, body]));
		let last = await wire.next(send);
		const got = [statusOf(last?.head ?? '')];
		if (send.later) await wire.send(body);
		while (got.length < status.length) {
			last = await wire.next(send);
			got.push(statusOf(last?.head ?? ''));
		}
		expect(got).toEqual(status);
		expect(last!.body).toContain(says);
		// Nothing of the inside.
		expect(last!.body).not.toMatch(/node_modules|dist\/|\.js:\d/);
		if (status.at(-1) === 200 && !send.bare) expect(JSON.parse(last!.body)).not.toHaveProperty('error');
		const found = new Map(last!.head.split('\r\n').map((line) => [line.split(':')[0].toLowerCase(), line.slice(line.indexOf(':') + 2)]));
		for (const [name, value] of Object.entries(header)) expect(found.get(name) ?? null).toBe(value);
		if (then === 'goes on') {
			expect(found.get('connection')?.toLowerCase()).toBe('keep-alive');
			await wire.send(requestText(PATH, QUESTION));
			const next = await wire.next();
			expect([statusOf(next!.head), JSON.parse(next!.body).model]).toEqual([200, 'fruit']);
		} else {
			expect(found.get('connection')).toBe('close');
			expect(await wire.next()).toBeUndefined();
		}
	} finally {
		wire.end();
	}
});

it('none of these stopped the server, and it had nothing to say of them', async () => {
	const wire = new Wire(server.url);
	await wire.send(requestText(PATH, QUESTION));
	expect(statusOf((await wire.next())!.head)).toBe(200);
	wire.end();
	expect(server.said()).not.toMatch(/Error|at .*:\d+:\d+/);
});
