import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { MlopsError } from '../../lib/domain/errors.js';
import { withDuck } from '../../lib/data/duck.js';
import { exampleFolder } from '../../lib/data/sources/example.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { workshop, type Workshop } from './helpers.js';
import { stringsOf } from './frames.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

let n = 0;
const csv = (text: string | Buffer, params: object = {}, more: object = {}) => {
	const path = shop.path(`bad${++n}.csv`);
	writeFileSync(path, text);
	return shop.ingest({ source: 'file', params: { path, ...params }, ...more });
};
const failure = async (work: Promise<unknown>): Promise<MlopsError> => {
	const error = await work.then(
		() => undefined,
		(e: unknown) => e,
	);
	expect(error).toBeInstanceOf(MlopsError);
	expect((error as MlopsError).details.remedy).toBeTruthy();
	return error as MlopsError;
};
const quarantine = (path: string | undefined) =>
	readFileSync(path!, 'utf8')
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as { row: number; reason: string; text: string });

describe('files that hold no data', () => {
	test('empty file', async () => {
		const e = await failure(csv(''));
		expect([e.code, e.message]).toEqual(['data.empty', `"bad${n}.csv" is empty.`]);
	});
	test('only blanks and line ends', async () => expect((await failure(csv('\n \n\n'))).code).toBe('data.empty'));
	test('header only', async () => {
		const e = await failure(csv('a,b,c\n'));
		expect([e.code, e.message]).toEqual(['data.empty', `"bad${n}.csv" has column names but no rows.`]);
	});
	test('no items', async () => expect((await failure(shop.ingest({ source: 'items', params: { items: [] } }))).code).toBe('data.empty'));
	test('an empty JSON array', async () => {
		const path = shop.path('empty.json');
		writeFileSync(path, '[]');
		expect((await failure(shop.ingest({ source: 'file', params: { path } }))).code).toBe('data.empty');
	});
	test('no such file', async () =>
		expect((await failure(shop.ingest({ source: 'file', params: { path: shop.path('nowhere.csv') } }))).code).toBe(
			'data.source_unreachable',
		));
});

describe('ragged rows', () => {
	test('are kept apart word for word, the others are read', async () => {
		const r = await csv('a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n', { maxBadPercent: 50 });
		expect(r.rows).toBe(2);
		expect(r.quarantined).toBe(2);
		expect(quarantine(r.quarantinePath)).toEqual([
			{ row: 3, reason: 'has fewer than 3 values', text: '4,5' },
			{ row: 4, reason: 'has more than 3 values', text: '6,7,8,9' },
		]);
		expect(r.notes.map((x) => x.code)).toContain('data.quarantined');
	});
	test('only fail the whole when no row fits', async () => {
		const e = await failure(csv('a,b,c\n1,2\n3,4\n', { delimiter: ',' }));
		expect(e.code).toBe('data.ragged');
		expect(e.details.row).toBe(2);
	});
});

describe('wrong delimiter', () => {
	test('the evident one is used and named', async () => {
		const r = await csv('a;b;c\n1;2;3\n4;5;6\n', { delimiter: ',' });
		expect(r.columns.map((c) => c.name)).toEqual(['a', 'b', 'c']);
		expect(r.notes.find((x) => x.code === 'data.delimiter')?.text).toContain('semicolon');
	});
	test.each([
		[';', 'a;b\n1,5;2\n2,5;3\n'],
		['\t', 'a\tb\n1\t2\n3\t4\n'],
		['|', 'a|b\n1|2\n3|4\n'],
	])('found by itself: %j', async (_, text) => {
		expect((await csv(text)).columns.map((c) => c.name)).toEqual(['a', 'b']);
	});
	test('a file with one column stays one column', async () => {
		expect((await csv('value\n1\n2\n3\n')).columns).toEqual([{ name: 'value', type: 'integer', role: 'feature' }]);
	});
});

describe('names', () => {
	test('a hostile name is a name like any other', async () => {
		const name = 'select "x"; --';
		const r = await csv(`"${name.replaceAll('"', '""')}",b'c\n1,x\n2,y\n`);
		expect(r.columns.map((c) => c.name)).toEqual([name, "b'c"]);
		const frame = await loadFrame(r.dataPath, { schema: r.columns, columns: [name] });
		expect(Array.from((frame.vectors[0] as { data: Float64Array }).data)).toEqual([1, 2]);
	});
	test('doubles and empty ones are renamed and noted', async () => {
		const r = await csv('a,a,,A,__row\n1,2,3,4,5\n6,7,8,9,10\n');
		expect(r.columns.map((c) => c.name)).toEqual(['a', 'a_2', 'column_3', 'A', '__row']);
		expect(r.notes.find((x) => x.code === 'data.names_changed')?.text).toContain('column 3 has no name');
	});
	test('hostile keys of items, and such that differ by case alone', async () => {
		const r = await shop.ingest({
			source: 'items',
			params: {
				items: [
					{ 'a"b': 1, "c'd": 'x', Key: 1, key: 2 },
					{ 'a"b': 2, "c'd": 'y', Key: 3, key: 4 },
				],
			},
		});
		expect(r.columns.map((c) => [c.name, c.type])).toEqual([
			['a"b', 'integer'],
			["c'd", 'category'],
			['Key', 'integer'],
			['key', 'integer'],
		]);
	});
});

test('5,000 columns', async () => {
	const names = Array.from({ length: 5000 }, (_, i) => `c${i}`).join(',');
	const rows = Array.from({ length: 60 }, (_, r) => Array.from({ length: 5000 }, (_, c) => (c % 2 ? `t${(r * c) % 7}` : r * c)).join(','));
	const r = await csv(`${names}\n${rows.join('\n')}\n`);
	expect([r.rows, r.columns.length]).toEqual([60, 5000]);
	expect(r.columns[4998].type).toBe('integer');
	const frame = await loadFrame(r.dataPath, { schema: r.columns, columns: ['c4999'] });
	expect(stringsOf(frame, 'c4999').dictionary).toHaveLength(7);
});

describe('Parquet', () => {
	test('cut in half', async () => {
		const path = shop.path('half.parquet');
		copyFileSync(`${exampleFolder()}/flights-3m.parquet`, path);
		truncateSync(path, 6_000_000);
		const e = await failure(shop.ingest({ source: 'file', params: { path } }));
		expect([e.code, e.message]).toEqual([
			'data.unreadable',
			'"half.parquet" is no complete Parquet file: it may have been cut off on its way.',
		]);
	});
	test('damaged in the middle, which only shows when its values are read', async () => {
		const path = shop.path('middle.parquet');
		await withDuck({}, async (duck) => await duck.run(`COPY (SELECT i, sin(i) AS x FROM range(20000) t(i)) TO '${path}' (FORMAT parquet)`));
		const bytes = readFileSync(path);
		bytes.fill(0x5a, 20_000, 21_000);
		writeFileSync(path, bytes);
		const e = await failure(shop.ingest({ source: 'file', params: { path } }));
		expect([e.code, e.message]).toEqual(['data.unreadable', expect.stringContaining('"middle.parquet" is no complete Parquet file')]);
	});
});

describe('values that cannot be read', () => {
	test('rows go to quarantine when a person insists on a type', async () => {
		const r = await csv('age,name\n31,Ann\nold,Bob\n44,Cy\n', {}, { types: { age: 'integer' } });
		expect(r.rows).toBe(2);
		expect(quarantine(r.quarantinePath)).toEqual([{ row: 2, reason: '"age" is no integer', text: '{"age":"old","name":"Bob"}' }]);
	});
	test('fail only when nothing is left', async () => {
		expect((await failure(csv('age\nold\nyoung\n', {}, { types: { age: 'integer' } }))).code).toBe('data.value_invalid');
	});
	test('stay text when a sample disagrees', async () => {
		const r = await csv('price\n$5\n$6\nseven\n');
		expect(r.columns[0].type).toBe('category');
		expect(r.quarantined).toBe(0);
	});
	test('a few late ones among many rows are gaps, many make the column text', async () => {
		const rows = (bad: number) =>
			`x,y\n${Array.from({ length: 50_000 }, (_, i) => `${i % 2 && i > 100 && i < 100 + 2 * bad + 1 ? 'oops' : i},${i % 3}`).join('\n')}\n`;
		const few = await csv(rows(7));
		expect([few.columns[0].type, few.rows, few.quarantined]).toEqual(['integer', 50_000, 0]);
		expect(few.profile.columns[0]).toMatchObject({ missing: 7, strays: { count: 7, cells: [{ value: 'oops', count: 7, row: 102 }] } });
		expect(few.notes.find((x) => x.code === 'data.stray_cells')?.text).toBe(
			'"x" holds whole numbers; 7 cells that are none are gaps: "oops" (7 times, first in row 102).',
		);
		const many = await csv(rows(4000));
		expect([many.columns[0].type, many.rows]).toEqual(['text', 50_000]);
		expect(many.notes.find((x) => x.code === 'data.mixed_values')?.text).toContain('2000 of 25000 values that were looked at');
	});
	test('bad lines of NDJSON are kept', async () => {
		const path = shop.path('bad.ndjson');
		writeFileSync(path, '{"a":1}\nnot json\n{"a":2}\n[3]\n{"a":');
		const r = await shop.ingest({ source: 'file', params: { path, maxBadPercent: 60 } });
		expect(r.rows).toBe(2);
		expect(quarantine(r.quarantinePath).map((b) => [b.row, b.text])).toEqual([
			[2, 'not json'],
			[4, '[3]'],
			[5, '{"a":'],
		]);
	});
	test('broken JSON array', async () => {
		const path = shop.path('broken.json');
		writeFileSync(path, '[{"a":1},{"a":');
		expect((await failure(shop.ingest({ source: 'file', params: { path } }))).code).toBe('data.unreadable');
	});
});

describe('target', () => {
	test('unknown', async () => {
		const e = await failure(csv('a,Churn\n1,0\n2,1\n', {}, { target: 'churn' }));
		expect([e.code, e.details.expected]).toEqual(['learn.target_unknown', 'perhaps "Churn"']);
	});
	test('with one class is no failure of the reading: Train will say that there is nothing to learn', async () => {
		const r = await csv('a,y\n1,0\n2,0\n', {}, { target: 'y' });
		expect([r.target, r.task, r.notes.map((n) => n.code)]).toEqual(['y', undefined, ['data.target_unfit']]);
	});
	test('an all-missing column is ignored with a warning', async () => {
		const r = await csv('a,b\n1,\n2,\n3,\n');
		expect(r.columns[1].role).toBe('ignore');
		expect(r.profile.warnings.map((w) => [w.code, w.column])).toContainEqual(['all_missing', 'b']);
	});
});

describe('URL', () => {
	let server: Server;
	let base: string;
	let calls = 0;
	beforeAll(async () => {
		server = createServer((request, response) => {
			calls++;
			if (request.url === '/ok.csv?key=secret') response.end('a,b\n1,x\n2,y\n');
			else if (request.url === '/flaky.csv') {
				if (calls % 2) {
					response.statusCode = 503;
					response.end();
				} else response.end('a\n1\n2\n');
			} else if (request.url === '/large.csv') response.end(Buffer.alloc(3 << 20, 'a,b\n'));
			else {
				response.statusCode = request.url === '/private.csv' ? 401 : 404;
				response.end('no');
			}
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	afterAll(() => new Promise((resolve) => server.close(resolve)));
	const url = (path: string, more: object = {}) => shop.ingest({ source: 'url', params: { url: base + path, retries: 0, ...more } });

	test('reads, and does not show what follows the question mark', async () => {
		const r = await url('/ok.csv?key=secret');
		expect(r.rows).toBe(2);
		expect(JSON.stringify(r)).not.toContain('secret');
	});
	test('tries again', async () => {
		calls = 0;
		expect((await url('/flaky.csv', { retries: 1 })).rows).toBe(2);
	});
	test('no such file', async () => expect((await failure(url('/none.csv'))).message).toContain('HTTP 404'));
	test('sign-in wanted', async () => expect((await failure(url('/private.csv'))).code).toBe('data.source_refused'));
	test('too large', async () => expect((await failure(url('/large.csv', { maxMegabytes: 1 }))).code).toBe('data.too_large'));
	test('nobody there', async () => {
		const e = await failure(shop.ingest({ source: 'url', params: { url: 'http://127.0.0.1:1/a.csv', retries: 0 } }));
		expect([e.code, e.message]).toEqual(['data.source_unreachable', '127.0.0.1:1 cannot be reached: it refuses connections.']);
	});
	test('no address', async () =>
		expect((await failure(shop.ingest({ source: 'url', params: { url: 'file:///etc/passwd' } }))).code).toBe('input.invalid'));
});

test('what is quoted of long texts is cut between characters, in notes, the profile and failures', async () => {
	// A letter before the emoji, so that a cut at an even number of units would leave half of one.
	const long = `x${'🙂'.repeat(150)}`;
	const rows = Array.from({ length: 200 }, (_, i) => `${i === 7 ? long : i + 0.5},${i % 2 ? long : 'short'}`);
	const read = await csv(`amount,label\n${rows.join('\n')}\n`);
	const said = JSON.stringify([read.notes, read.profile]);
	expect(said).toContain('🙂🙂');
	expect(said.isWellFormed() && !said.includes('\uFFFD') && !/\\ud[89a-f]/i.test(said)).toBe(true);
	const error = await failure(csv(`a,b\n${Array.from({ length: 10 }, () => `1,2,${long}`).join('\n')}\n1,2\n1,2\n`, { header: 'yes' }));
	expect(JSON.stringify([error.message, error.details])).not.toMatch(/\uFFFD|\\ud[89a-f]/i);
});

test('a carriage return within the first row, which is too short, refuses that row and not the whole file', async () => {
	const read = await csv('id,size,price\n1,2\r5\n2,3,4\n3,4,5\n4,5,6\n5,6,7\n6,7,8\n7,8,9\n8,9,1\n9,1,2\n10,2,3\n11,3,4\n', {
		header: 'yes',
	});
	expect([read.rows, read.quarantined]).toEqual([10, 1]);
	expect(quarantine(read.quarantinePath)).toEqual([{ row: 2, reason: 'has fewer than 3 values', text: '1,2\r5' }]);
});
