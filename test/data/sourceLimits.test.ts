import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { crc32, gzipSync } from 'node:zlib';
import { MlopsError } from '../../lib/domain/errors.js';
import { oneStatement, type Dialect } from '../../lib/data/databases/assertReads.js';
import { preview } from '../../lib/data/preview.js';
import { outboundGuard } from '../../lib/http/outboundGuard.js';
import { post } from '../../lib/notify/deliver.js';
import { workshop, type Workshop } from './helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

const failure = async (work: Promise<unknown>): Promise<MlopsError> => {
	const error = await work.then(
		() => undefined,
		(e: unknown) => e,
	);
	expect(error).toBeInstanceOf(MlopsError);
	expect((error as MlopsError).details.remedy).toBeTruthy();
	return error as MlopsError;
};
let n = 0;
const file = (content: string | Buffer, params: object = {}, name = `s${++n}.csv`) => {
	writeFileSync(shop.path(name), content);
	return shop.ingest({ source: 'file', params: { path: shop.path(name), ...params } });
};
const TABLE = 'a,b\n1,x\n2,y\n';
const PAGE = '<!DOCTYPE html>\n<html><head><title>Sign  in</title></head><body><form></form></body></html>';

/** A zip file with one part that is stored as it is. */
function zipOf(name: string, text: string): Buffer {
	const sizes = Buffer.alloc(20);
	sizes.writeUInt32LE(crc32(text), 4);
	sizes.writeUInt32LE(text.length, 8);
	sizes.writeUInt32LE(text.length, 12);
	sizes.writeUInt32LE(name.length, 16);
	const local = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\0\0', 'latin1'), sizes.subarray(0, 20), Buffer.from(name + text)]);
	const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\0\x14\0\0\0\0\0', 'latin1'), sizes, Buffer.alloc(14), Buffer.from(name)]);
	const end = Buffer.alloc(22);
	end.write('PK\x05\x06', 'latin1');
	end.writeUInt16LE(1, 8);
	end.writeUInt16LE(1, 10);
	end.writeUInt32LE(entry.length, 12);
	end.writeUInt32LE(local.length, 16);
	return Buffer.concat([local, entry, end]);
}

describe('what is packed', () => {
	const bomb = gzipSync(Buffer.alloc(40 << 20, '1,2\n'), { level: 9 });
	test('the limit is on what comes out, and nothing of it stays', async () => {
		const e = await failure(file(bomb, { maxUnpackedMegabytes: 8 }, 'bomb.csv.gz'));
		expect([e.code, e.message]).toEqual(['data.too_large', expect.stringContaining('8 MB')]);
		expect(readdirSync(shop.folder).filter((f) => f.endsWith('unpacked'))).toEqual([]);
	});
	test('below the limit it is read', async () =>
		expect((await file(gzipSync(TABLE), { maxUnpackedMegabytes: 1 }, 'small.csv.gz')).rows).toBe(2));
	test('several files together have one limit', async () => {
		for (const i of [1, 2, 3]) writeFileSync(shop.path(`pack${i}.csv.gz`), gzipSync(Buffer.alloc(3 << 20, '1,2\n')));
		expect(
			(await failure(shop.ingest({ source: 'file', params: { path: shop.path('pack*.csv.gz'), maxUnpackedMegabytes: 8 } }))).code,
		).toBe('data.too_large');
	});
	test('cut off', async () =>
		expect((await failure(file(gzipSync(TABLE).subarray(0, 20), {}, 'cut.csv.gz'))).message).toContain('cut off'));
	test('a gzip in a gzip is unpacked twice, and not for ever', async () => {
		expect((await file(gzipSync(gzipSync(TABLE)), {}, 'twice.csv.gz')).rows).toBe(2);
		const often = Array.from({ length: 5 }).reduce<Buffer>((packed) => gzipSync(packed), Buffer.from(TABLE));
		expect((await failure(file(often, {}, 'often.csv.gz'))).message).toContain('again and again');
	});
	test('a zip that is no workbook is said to be one', async () => {
		expect((await failure(file(zipOf('a.csv', TABLE), {}, 'table.zip'))).message).toBe(
			'"table.zip" is a zip file, but no workbook with sheets.',
		);
	});
	test('a workbook in which a byte has changed, or whose texts are missing', async () => {
		const { default: ExcelJs } = await import('exceljs');
		const book = new ExcelJs.Workbook();
		const sheet = book.addWorksheet('x');
		for (let i = 0; i < 20; i++) sheet.addRow([i, `text ${i}`]);
		const stored = Buffer.from(await book.xlsx.writeBuffer({ zip: { compression: 'STORE' } } as never));
		stored[stored.indexOf('text 7')] ^= 1;
		expect((await failure(file(stored, {}, 'changed.xlsx'))).message).toBe(
			'"changed.xlsx" is damaged: its part "xl/sharedStrings.xml" is not what was written.',
		);
		const packed = Buffer.from(await book.xlsx.writeBuffer()).toString('latin1');
		const without = Buffer.from(packed.replaceAll('xl/sharedStrings.xml', 'xl/sharedStringx.xml'), 'latin1');
		expect((await failure(file(without, {}, 'without.xlsx'))).message).toBe('The workbook is damaged: the texts of its cells are missing.');
	});
	test('a workbook that unpacks to more than it should', async () => {
		const { default: ExcelJs } = await import('exceljs');
		const book = new ExcelJs.Workbook();
		const sheet = book.addWorksheet('x');
		for (let i = 0; i < 30_000; i++) sheet.addRow(['the same text again and again', i]);
		await book.xlsx.writeFile(shop.path('book.xlsx'));
		expect((await failure(shop.ingest({ source: 'file', params: { path: shop.path('book.xlsx'), maxUnpackedMegabytes: 1 } }))).code).toBe(
			'data.too_large',
		);
	}, 30_000);
});

describe('files that are something else', () => {
	test.each([
		['a page', PAGE, 'a web page ("Sign in")'],
		['a page with a comment first', `\ufeff\n<!-- x -->${PAGE}`, 'a web page'],
		['a page in UTF-16', Buffer.from(`\ufeff${PAGE}`, 'utf16le'), 'a web page'],
		['a table of HTML that calls itself Excel', '<table><tr><td>1</td></tr></table>', 'a web page'],
		['XML', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', 'XML'],
		['a PDF', '%PDF-1.7\n1 0 obj', 'a PDF'],
		['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]), 'zstd'],
	])('%s', async (_, content, said) => {
		const e = await failure(file(content));
		expect([e.code, e.message]).toEqual(['data.unreadable', expect.stringContaining(said)]);
	});
	test('a table about HTML is a table', async () => {
		expect((await file('html,n\n<b>x</b>,1\n<html>,2\n')).rows).toBe(2);
		expect((await file('<5,n\n"<html>",1\n<3,2\n')).rows).toBe(2);
	});
});

describe('URL', () => {
	const answers = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
	const sockets = new Set<{ destroy(): void }>();
	let server: Server;
	let base: string;
	beforeAll(async () => {
		server = createServer((request, response) => {
			const answer = answers.get(request.url!.split('?')[0]);
			if (answer) answer(request, response);
			else response.writeHead(404).end();
		});
		server.on('connection', (socket) => sockets.add(socket));
		await new Promise<void>((resolve) => {
			server.listen(0, '127.0.0.1', resolve);
		});
		base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	afterAll(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const serve = (body: string | Buffer, status = 200, headers: Record<string, string | number> = {}) => {
		const path = `/${++n}.csv`;
		answers.set(path, (_, response) => response.writeHead(status, headers).end(body));
		return path;
	};
	const url = (path: string, more: object = {}) =>
		shop.ingest({ source: 'url', params: { url: path.startsWith('http') ? path : base + path, retries: 0, ...more } });

	test('a page answered with 200 is no table, whatever it says it is', async () => {
		for (const type of ['text/html', 'text/csv', 'application/octet-stream']) {
			const e = await failure(url(serve(PAGE, 200, { 'Content-Type': type })));
			expect([e.code, e.message]).toEqual(['data.source_refused', expect.stringContaining('Sign in')]);
		}
		expect((await url(serve(TABLE, 200, { 'Content-Type': 'text/html' }))).rows).toBe(2);
	});

	test.each([
		['{"error":{"code":401,"message":"Invalid key"}}', 'Invalid key'],
		['{"message":"Not Found","documentation_url":"https://x","status":"404"}', 'Not Found'],
		['{"success":false,"errors":["no such view"],"data":null}', 'no such view'],
		['{"status":500,"title":"Oops","detail":"Broke","instance":"/x","type":"about:blank"}', 'Broke'],
		['{"ok":false,"error":"not_authed"}', 'not_authed'],
	])('an answer about an error is no table: %s', async (body, said) => {
		const e = await failure(url(serve(body, 200, { 'Content-Type': 'application/json' })));
		expect([e.code, e.message]).toEqual(['data.source_refused', expect.stringContaining(said)]);
	});
	test('rows with a field called message are rows', async () => {
		expect((await url(serve('[{"message":"hi","status":200},{"message":"ho","status":404}]'))).rows).toBe(2);
		expect((await url(serve('{"message":"hi","n":1}\n{"message":"ho","n":2}\n'))).rows).toBe(2);
	});

	test('a part is not the whole', async () => {
		expect((await failure(url(serve('a,b\n1,x\n', 206, { 'Content-Range': 'bytes 0-7/500' })))).message).toContain('a part');
		expect((await failure(url(serve('a,b\n1,x\n', 206)))).code).toBe('data.source_refused');
		expect((await url(serve(TABLE, 206, { 'Content-Range': `bytes 0-${TABLE.length - 1}/${TABLE.length}` }))).rows).toBe(2);
		for (const status of [202, 204, 304]) expect((await failure(url(serve('', status)))).code).toBe('data.source_refused');
	});

	test('an answer that breaks off: shorter than promised, a chunk cut, packed data cut', async () => {
		answers.set('/short.csv', (_, response) => {
			response.writeHead(200, { 'Content-Length': 1000 });
			response.write(TABLE, () => response.destroy());
		});
		answers.set('/chunk.csv', (_, response) => {
			response.writeHead(200, { 'Transfer-Encoding': 'chunked' });
			response.write(TABLE, () => response.destroy());
		});
		const cut = gzipSync(TABLE.repeat(50)).subarray(0, -12);
		answers.set('/packed.csv', (_, response) =>
			response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': cut.length }).end(cut),
		);
		for (const path of ['/short.csv', '/chunk.csv', '/packed.csv']) {
			const e = await failure(url(path));
			expect([path, e.code]).toEqual([path, 'data.source_unreachable']);
		}
		let calls = 0;
		answers.set('/second.csv', (_, response) => {
			response.writeHead(200, { 'Content-Length': TABLE.length });
			if (calls++) response.end(TABLE);
			else response.write('a,b\n1', () => response.destroy());
		});
		expect((await url('/second.csv', { retries: 1 })).rows).toBe(2);
	});

	test('a drip, silence, and an answer without end', async () => {
		answers.set('/drip.csv', (_, response) => {
			response.write('a,b\n');
			const timer = setInterval(() => response.write('1'), 100);
			response.on('close', () => clearInterval(timer));
		});
		answers.set('/silent.csv', () => {});
		answers.set('/endless.csv', (_, response) => {
			const line = TABLE.repeat(1000);
			const timer = setInterval(() => response.write(line), 50);
			response.on('close', () => clearInterval(timer));
		});
		expect((await failure(url('/drip.csv', { timeoutSeconds: 1 }))).message).toContain('too slowly');
		expect((await failure(url('/silent.csv', { timeoutSeconds: 1 }))).message).toContain('silent for 1 seconds');
		expect((await failure(url('/endless.csv', { timeoutSeconds: 1, totalSeconds: 1 }))).message).toContain('within 1 seconds');
	}, 20_000);

	test('packed on its way, packed as a file, and both limits on what comes out', async () => {
		expect((await url(serve(gzipSync(TABLE), 200, { 'Content-Encoding': 'gzip' }))).rows).toBe(2);
		answers.set('/x.csv.gz', (_, response) => response.end(gzipSync(TABLE)));
		expect((await url('/x.csv.gz')).rows).toBe(2);
		const bomb = gzipSync(Buffer.alloc(3 << 20, '1,2\n'));
		expect((await failure(url(serve(bomb, 200, { 'Content-Encoding': 'gzip' }), { maxMegabytes: 1 }))).code).toBe('data.too_large');
		answers.set('/bomb.csv.gz', (_, response) => response.end(bomb));
		expect((await failure(url('/bomb.csv.gz', { maxMegabytes: 1 }))).code).toBe('data.too_large');
		expect((await failure(url(serve(TABLE, 200, { 'Content-Encoding': 'x-unknown' })))).code).toBe('data.source_refused');
	});

	test.each(['/100%.csv', '/50%25.csv', '/%zz.csv', '/%E4%F6.csv', '/a%2Fb.csv', '/na%20me.csv', '/%F0%9F%98%80.csv'])(
		'an address with signs: %s',
		async (path) => {
			answers.set(path, (_, response) => response.end(TABLE));
			expect((await url(path)).rows).toBe(2);
		},
	);

	test('redirects are followed, not without end and not to anything else', async () => {
		const table = serve(TABLE);
		answers.set('/to', (_, response) => response.writeHead(302, { Location: table }).end());
		answers.set('/round', (_, response) => response.writeHead(302, { Location: '/round' }).end());
		answers.set('/local', (_, response) => response.writeHead(302, { Location: 'file:///etc/passwd' }).end());
		expect((await url('/to')).rows).toBe(2);
		expect((await failure(url('/round'))).code).toBe('data.source_refused');
		expect((await failure(url('/local'))).code).toBe('data.source_refused');
	});

	describe("n8n's guard against requests to inner addresses", () => {
		const NAMES = [
			'N8N_SSRF_PROTECTION_ENABLED',
			'N8N_SSRF_BLOCKED_IP_RANGES',
			'N8N_SSRF_ALLOWED_IP_RANGES',
			'N8N_SSRF_ALLOWED_HOSTNAMES',
			'N8N_SSRF_BLOCKED_HOSTNAMES',
		];
		const kept = NAMES.map((name) => process.env[name]);
		const set = (values: Record<string, string>) => {
			for (const name of NAMES) delete process.env[name];
			Object.assign(process.env, values);
		};
		afterEach(() => {
			NAMES.forEach((name, i) => {
				if (kept[i] === undefined) delete process.env[name];
				else process.env[name] = kept[i];
			});
		});
		const ON = { N8N_SSRF_PROTECTION_ENABLED: 'true' };
		const local = (host: string, path: string) => `http://${host}:${new URL(base).port}${path}`;

		test('is off unless n8n has it on, and then holds for names and for every way to write an address', async () => {
			const path = serve(TABLE);
			set({});
			expect((await url(path)).rows).toBe(2);
			set(ON);
			const inIpv6 = [
				'[::1]',
				'[::ffff:127.0.0.1]',
				'[::127.0.0.1]',
				'[::ffff:0:10.0.0.1]',
				'[64:ff9b::7f00:1]',
				'[64:ff9b:1::a9fe:a9fe]',
				'[2002:7f00:1::]',
			];
			for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0.0.0.0', '169.254.169.254', 'LOCALHOST.', ...inIpv6]) {
				const e = await failure(url(local(host, path), { timeoutSeconds: 2 }));
				expect([host, e.code, e.message]).toEqual([host, 'data.source_refused', expect.stringContaining('n8n does not allow')]);
			}
		}, 30_000);

		test('what is allowed by range or by name goes through; what is blocked by name does not', async () => {
			const path = serve(TABLE);
			set({ ...ON, N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.0/8' });
			expect((await url(path)).rows).toBe(2);
			set({ ...ON, N8N_SSRF_ALLOWED_HOSTNAMES: 'LocalHost' });
			expect((await failure(url(path))).code).toBe('data.source_refused');
			set({ ...ON, N8N_SSRF_BLOCKED_IP_RANGES: '10.0.0.0/8' });
			expect((await url(path)).rows).toBe(2);
			set({ ...ON, N8N_SSRF_BLOCKED_IP_RANGES: '10.0.0.0/8', N8N_SSRF_BLOCKED_HOSTNAMES: 'localhost,*.internal' });
			expect((await failure(url(local('localhost', path)))).code).toBe('data.source_refused');
			expect((await failure(url('http://a.b.internal/x.csv'))).code).toBe('data.source_refused');
		});

		test('a redirect does not lead around it', async () => {
			const table = serve(TABLE);
			set({ ...ON, N8N_SSRF_BLOCKED_IP_RANGES: '169.254.0.0/16,127.0.0.2/32', N8N_SSRF_BLOCKED_HOSTNAMES: 'localhost' });
			answers.set('/meta', (_, response) => response.writeHead(302, { Location: 'http://169.254.169.254/latest' }).end());
			answers.set('/name', (_, response) => response.writeHead(302, { Location: local('localhost', table) }).end());
			answers.set('/ip', (_, response) => response.writeHead(302, { Location: local('127.0.0.2', table) }).end());
			for (const path of ['/meta', '/name', '/ip']) expect((await failure(url(path))).message).toContain('n8n does not allow');
			expect((await url(table)).rows).toBe(2);
		});

		test('a name that leads elsewhere when it is connected to is refused then', async () => {
			const guard = outboundGuard({ N8N_SSRF_PROTECTION_ENABLED: '1' })!;
			const { httpAgent } = guard.agents(new URL('http://localhost/'));
			const { get } = await import('node:http');
			const error = await new Promise<unknown>((resolve) => {
				get(local('localhost', '/x'), { agent: httpAgent }, () => resolve('connected')).on('error', resolve);
			});
			expect(error).toBeInstanceOf(MlopsError);
		});

		test('holds for messages of Notify', async () => {
			answers.set('/hook', (_, response) => response.end('ok'));
			const send = () =>
				post({
					channel: 'Webhook',
					url: `${base}/hook`,
					body: '{}',
					context: { signal: new AbortController().signal, progress: () => {}, note: () => {} },
				});
			set({});
			expect((await send()).status).toBe(200);
			set(ON);
			const e = await failure(send());
			expect([e.code, e.message]).toEqual(['notify.channel_failed', expect.stringContaining('n8n does not allow')]);
		});
	});
});

describe('queries', () => {
	const NEVER = 'WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT max(i) AS m FROM t';
	const database = () => {
		const path = shop.path(`${++n}.db`);
		const db = new DatabaseSync(path);
		db.exec(`CREATE TABLE t (a INTEGER, b TEXT, c BLOB); INSERT INTO t VALUES (1, 'x;y', x'00ff'), (9007199254740993, 'u\u2028v', NULL)`);
		db.close();
		return path;
	};
	const sqlite = (query: string, more: object = {}) =>
		shop.ingest({ source: 'sql', params: { database: 'sqlite', file: database(), query, ...more } });

	test('SQLite: the time runs out while no row comes', async () => {
		const e = await failure(sqlite(NEVER, { timeoutSeconds: 1 }));
		expect([e.code, e.message]).toEqual(['data.source_unreachable', expect.stringContaining('longer than 1 seconds')]);
	}, 15_000);

	test('SQLite: values come as they are', async () => {
		const r = await sqlite('SELECT * FROM t ORDER BY a');
		expect(await preview(r.dataPath, r.columns, 9)).toEqual([
			{ a: '1', b: 'x;y', c: '00ff' },
			{ a: '9007199254740993', b: 'u\u2028v', c: null },
		]);
		expect((await failure(sqlite('SELECT nowhere FROM t'))).message).toContain('no such column');
		expect((await failure(sqlite('WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 2, 3'))).code).toBe('input.invalid');
	});

	test('two statements are refused, not half run', async () => {
		for (const query of [
			'SELECT 1 AS a; SELECT 2 AS a',
			'SELECT 1 AS a;;DELETE FROM t',
			'SELECT 1 AS a; -- x\nDROP TABLE t',
			"SELECT ';' AS a; DELETE FROM t",
		]) {
			const e = await failure(sqlite(query));
			expect([e.code, e.message]).toEqual(['input.invalid', 'The query holds more than one statement.']);
		}
		for (const query of [
			"SELECT ';' AS a FROM t;",
			'SELECT a /* ; */ FROM t ; ; -- end; really',
			'SELECT a AS ";" FROM t',
			'SELECT a AS [;] FROM t',
			'SELECT a AS `;` FROM t -- ; DROP',
		])
			expect((await sqlite(query)).rows).toBe(2);
	});

	test.each<[Dialect, string, boolean]>([
		['postgres', "SELECT 'a;b', E'\\';', $$;$$, $x$ ; $$ ; $x$ /* /* ; */ ; */ FROM t -- ;", true],
		['postgres', "SELECT 'a\\'; DROP TABLE t", false],
		['postgres', "SELECT E'a\\'; DROP TABLE t'", true],
		['postgres', 'SELECT $1$;$1$', false],
		['postgres', 'SELECT a$$b; SELECT 2', false],
		['postgres', 'SELECT 1 # 2; DROP TABLE t', false],
		['postgres', 'SELECT 1 /* /* */ ; */; DROP TABLE t', false],
		['mysql', 'SELECT \'a\\\';b\', "x;\\"" # ;\n, `;` -- ;\n', true],
		['mysql', 'SELECT 1--2; DROP TABLE t', false],
		['mysql', 'SELECT 1; /*! DROP TABLE t */', false],
		['mysql', 'SELECT 1; /*M! DROP TABLE t */', false],
		['mysql', 'SELECT 1; # the end', true],
		['sqlite', 'SELECT \'it\'\'s;\' , "a""; b"', true],
		['sqlite', "SELECT 'a\\'; DROP TABLE t", false],
		['sqlite', 'SELECT 1 /* ; ', true],
	])('%s: %j is one statement: %s', (dialect, query, one) => {
		const check = () => oneStatement(query, dialect);
		if (one) expect(check).not.toThrow();
		else expect(check).toThrow(expect.objectContaining({ code: 'input.invalid' }));
	});
});
