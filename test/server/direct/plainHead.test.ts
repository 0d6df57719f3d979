import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { plainHead } from '../../../lib/server/direct/plainHead.js';
import { Wire } from './wire.js';

const PLAIN = ['POST /v1/models/m/predict HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Content-Length: 2'];
const read = (lines: readonly string[]) => plainHead(lines.join('\r\n'));

describe('the head of a plain request', () => {
	it('is read with what matters in it', () => {
		const more = ['Authorization: Bearer abc ', 'X-API-Key:\tk', 'Accept: */*', 'Connection: Keep-Alive', 'traceparent: 00-1-2-01'];
		expect(read([...PLAIN, ...more])).toEqual({
			target: '/v1/models/m/predict',
			headers: { host: 'localhost', authorization: 'Bearer abc', 'x-api-key': 'k' },
			length: 2,
		});
	});

	it('may say twice what nothing depends on', () => {
		expect(read([...PLAIN, 'X-Forwarded-For: 10.0.0.1', 'X-Forwarded-For: 10.0.0.2'])?.length).toBe(2);
	});

	it.each([
		['another method', ['GET /v1/models/m/predict HTTP/1.1', ...PLAIN.slice(1)]],
		['another version of HTTP', ['POST / HTTP/1.0', ...PLAIN.slice(1)]],
		['a blank in the address', ['POST /a b HTTP/1.1', ...PLAIN.slice(1)]],
		['an address with another host', ['POST http://other/v1 HTTP/1.1', ...PLAIN.slice(1)]],
		['no host', [PLAIN[0], ...PLAIN.slice(2)]],
		['two hosts', [...PLAIN, 'Host: other']],
		['no length', PLAIN.slice(0, 3)],
		['two lengths', [...PLAIN, 'content-length: 2']],
		['a length with a sign', [...PLAIN.slice(0, 3), 'Content-Length: +2']],
		['a length with a list', [...PLAIN.slice(0, 3), 'Content-Length: 2, 2']],
		['a length with zeros', [...PLAIN.slice(0, 3), 'Content-Length: 02']],
		['a large body', [...PLAIN.slice(0, 3), 'Content-Length: 70000']],
		['chunks', [...PLAIN, 'Transfer-Encoding: chunked']],
		['chunks by another case', [...PLAIN, 'tRANSFER-eNCODING: identity']],
		['a wish to go on', [...PLAIN, 'Expect: 100-continue']],
		['a connection that closes', [...PLAIN, 'Connection: close']],
		['another protocol', [...PLAIN, 'Connection: Upgrade', 'Upgrade: websocket']],
		['a packed body', [...PLAIN, 'Content-Encoding: gzip']],
		['another type', [...PLAIN.slice(0, 2), 'Content-Type: text/csv', PLAIN[3]]],
		['another set of characters', [...PLAIN.slice(0, 2), 'Content-Type: application/json; charset=latin1', PLAIN[3]]],
		['two keys', [...PLAIN, 'X-API-Key: a', 'x-api-key: b']],
		['a header on two lines', [...PLAIN, 'X-Long: a', ' b']],
		['a blank before the colon', [...PLAIN, 'X-A : b']],
		['a line feed alone', [...PLAIN, 'X-A: b\nTransfer-Encoding: chunked']],
		['a carriage return alone', [...PLAIN, 'X-A: b\rTransfer-Encoding: chunked']],
		['a zero', [...PLAIN, 'X-A: b\0c']],
		['letters beyond ASCII', [...PLAIN, 'X-A: \xe9']],
		['a line without a colon', [...PLAIN, 'X-A']],
		['an empty line', [...PLAIN, '', 'X-A: b']],
	])('is not plain with %s', (_what, lines) => {
		expect(read(lines)).toBeUndefined();
	});

	it('that is read here, is read by Node in the same way', async () => {
		let got: IncomingMessage | undefined;
		const server = createServer((request, response) => {
			got = request.resume();
			response.end();
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const sign = fc.constantFrom(...'aZ09-_!~:;,/ \t"=%\r\n\0\x7f\xe9'.split(''));
		const word = fc.string({ unit: sign, maxLength: 6 });
		const name = fc.oneof(
			fc.constantFrom('Host', 'HOST', 'X-API-Key', 'Authorization', 'Content-Length', 'Accept', 'Te', 'Connection'),
			word,
		);
		const line = fc.tuple(name, fc.constantFrom(':', ': ', ' :', ':\t', ''), word).map((parts) => parts.join(''));
		const lines = fc
			.tuple(fc.shuffledSubarray(PLAIN.slice(1), { minLength: 2 }), fc.array(line, { maxLength: 3 }))
			.chain(([some, more]) => fc.shuffledSubarray([...some, ...more], { minLength: some.length + more.length }));
		const target = fc.oneof(
			fc.constant('/v1/models/m/predict'),
			word.map((text) => `/${text}`),
		);
		let plain = 0;
		await fc.assert(
			fc.asyncProperty(target, lines, async (path, headers) => {
				const text = [`POST ${path} HTTP/1.1`, ...headers].join('\r\n');
				const head = plainHead(text);
				if (!head) return;
				plain++;
				got = undefined;
				const wire = new Wire(url);
				await wire.send(`${text}\r\n\r\n${' '.repeat(head.length)}`);
				const answer = await wire.next();
				wire.end();
				expect(answer?.head).toMatch(/^HTTP\/1\.1 200 /);
				const { host, authorization, 'x-api-key': key, 'content-length': length } = got!.headers;
				expect([got!.url, host, authorization, key, length]).toEqual([
					head.target,
					head.headers.host,
					head.headers.authorization,
					head.headers['x-api-key'],
					String(head.length),
				]);
			}),
			{ numRuns: 1500, seed: 12 },
		);
		expect(plain).toBeGreaterThan(50);
		server.close();
	});
});
