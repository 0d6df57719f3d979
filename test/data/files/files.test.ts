import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { claim } from '../../../lib/data/files/claim.js';
import { expand, EXPAND_LIMITS } from '../../../lib/data/files/expand.js';
import { findFiles } from '../../../lib/data/files/findFiles.js';
import { fits, patternsOf } from '../../../lib/data/files/pattern.js';
import { preview } from '../../../lib/data/preview.js';
import type { SourceContext } from '../../../lib/data/sources/contract.js';
import { workshop, type Workshop } from '../helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

let n = 0;
const folder = (): string => {
	const path = shop.path(`f${++n}`);
	mkdirSync(path);
	return path;
};
const put = (path: string, value: number | string): string => {
	writeFileSync(path, `a,b\n${value},x\n${value},y\n`);
	return path;
};
const values = async (path: string, params: Record<string, unknown> = {}) => {
	const r = await shop.ingest({ source: 'file', params: { path, ...params } });
	return (await preview(r.dataPath, r.columns, 100)).map((row) => row.a);
};
const code = async (work: Promise<unknown>): Promise<string> =>
	await work.then(
		() => 'nothing',
		(e: { code?: string }) => e.code ?? String(e),
	);

const NAMES = [
	'data[1].csv',
	'q?.csv',
	'st*r.csv',
	'{1..20000}.csv',
	'a{b,c}.csv',
	'back\\slash[1].csv',
	'per%20cent 100%.csv',
	'hash#1.csv',
	'new\nline.csv',
	'tab\t.csv',
	'o\'clock "x".csv',
	'~home.csv',
	'file:x.csv',
	's3:x.csv',
	'😀.csv',
	'cafe\u0301.csv',
	'caf\u00e9 nfc.csv',
	'..csv',
	'.hidden.csv',
	' lead.csv',
	'trail .csv',
	'[].csv',
	'[!a].csv',
	'--help.csv',
	'$HOME.csv',
	';drop.csv',
	'plain.csv.gz',
	'!(x).csv',
];
// Windows allows few of these letters in a name.
const unix = process.platform === 'win32' ? test.skip : test;

unix.each(NAMES)('a file called %j is read itself, and no other', async (name) => {
	const at = folder();
	// What the name would find as a pattern, and what DuckDB would make of it.
	for (const other of ['data1.csv', 'qa.csv', 'stxr.csv', '5.csv', 'ab.csv', 'back\\slash1.csv', 'a.csv', 'y.csv']) put(join(at, other), 9);
	put(join(at, name), 1);
	expect(await values(join(at, name))).toEqual([1, 1]);
	expect(await values(name, { files: [{ path: join(at, name), name }] })).toEqual([1, 1]);
});

test('folders with signs of patterns, for what is read and for where it is kept', async () => {
	const at = join(folder(), 'x[ab]*');
	mkdirSync(at);
	put(join(at, 'in.csv'), 3);
	const own = workshop();
	const kept = join(own.folder, 'k[1]?');
	mkdirSync(kept);
	let files = 0;
	const { ingest } = await import('../../../lib/data/ingest.js');
	const r = await ingest(
		{ source: 'file', params: { path: join(at, 'in.csv') } },
		{ temporary: async (extension) => join(kept, `${++files}.${extension}`), threads: 1, memoryBytes: 1 << 28, temporaryDirectory: kept },
		{ progress: () => {}, note: () => {} },
	);
	expect((await preview(r.dataPath, r.columns, 9)).map((row) => row.a)).toEqual([3, 3]);
	own.close();
});

test('patterns find what they say', async () => {
	const at = folder();
	for (const path of ['2023', '2024', '2024/deep', '.secret']) mkdirSync(join(at, path));
	for (const path of [
		'part-1.csv',
		'part-2.csv',
		'part-10.csv',
		'part-a.txt',
		'2023/x.csv',
		'2024/x.csv',
		'2024/deep/x.csv',
		'.secret/x.csv',
		'.part-0.csv',
	])
		put(join(at, path), 1);
	const find = async (pattern: string) =>
		(await expand(patternsOf(join(at, pattern)), () => {})).map((p) => p.slice(at.length + 1).replaceAll('\\', '/'));
	expect(await find('part-*.csv')).toEqual(['part-1.csv', 'part-10.csv', 'part-2.csv']);
	expect(await find('part-?.csv')).toEqual(['part-1.csv', 'part-2.csv']);
	expect(await find('part-[!1-2].*')).toEqual(['part-a.txt']);
	expect(await find('part-{1..2}.csv')).toEqual(['part-1.csv', 'part-2.csv']);
	expect(await find('{part-{1,2},nothing}.csv')).toEqual(['part-1.csv', 'part-2.csv']);
	expect(await find('20{23..24}/x.csv')).toEqual(['2023/x.csv', '2024/x.csv']);
	expect(await find('*/x.csv')).toEqual(['2023/x.csv', '2024/x.csv']);
	expect(await find('**/x.csv')).toEqual(['2023/x.csv', '2024/deep/x.csv', '2024/x.csv']);
	expect(await find('.secret/*.csv')).toEqual(['.secret/x.csv']);
	expect(await find('@(part-1|part-2).csv')).toEqual(['part-1.csv', 'part-2.csv']);
	expect(await find('none-*')).toEqual([]);
});

test('a pattern costs only so much', async () => {
	expect(() => patternsOf('/data/{1..20000}.csv')).toThrow(expect.objectContaining({ code: 'input.invalid' }));
	expect(() => patternsOf(`/data/${'{a,b}'.repeat(40)}`)).toThrow(expect.objectContaining({ code: 'input.invalid' }));
	expect(() => patternsOf(`/data/${'{'.repeat(2000)}1..9${'}'.repeat(2000)}`)).not.toThrow();
	expect(() => patternsOf('/data/*/../../etc/passwd')).toThrow(expect.objectContaining({ code: 'input.invalid' }));
	expect(fits('a'.repeat(255), `${'*a'.repeat(120)}b`)).toBe(false);
	const at = folder();
	for (let i = 0; i < 20; i++) put(join(at, `${i}.csv`), i);
	const within = async (limits: Partial<typeof EXPAND_LIMITS>) =>
		await code(expand(patternsOf(join(at, '**/*.csv')), () => {}, { ...EXPAND_LIMITS, ...limits }));
	expect(await within({})).toBe('nothing');
	expect(await within({ files: 19 })).toBe('input.invalid');
	expect(await within({ entries: 10 })).toBe('input.invalid');
	expect(await within({ milliseconds: -1 })).toBe('input.invalid');
	let deep = at;
	for (let i = 0; i < 40; i++) mkdirSync((deep = join(deep, 'd')));
	expect(await within({})).toBe('input.invalid');
});

unix('folders that are links into a circle end', async () => {
	const at = folder();
	symlinkSync(at, join(at, 'again'));
	put(join(at, 'x.csv'), 1);
	expect(await expand(patternsOf(join(at, '**/x.csv')), () => {})).toEqual([join(at, 'x.csv')]);
});

test('only the way to the roots is known outside of them', async () => {
	const at = folder();
	for (const path of ['open', 'open/in', 'closed', 'other']) mkdirSync(join(at, path));
	for (const path of ['open/x.csv', 'open/in/x.csv', 'closed/x.csv', 'x.csv']) put(join(at, path), 1);
	const roots = [join(at, 'open')];
	const find = async (pattern: string) =>
		await expand(
			patternsOf(join(at, pattern)).map((p) => ({ ...p, roots })),
			() => {},
		);
	expect(await find('*/x.csv')).toEqual([join(at, 'open/x.csv')]);
	expect(await find('**/x.csv')).toEqual([join(at, 'open/in/x.csv'), join(at, 'open/x.csv')]);
	expect(await find('*.csv')).toEqual([]);
});

test('a pattern made of the letters of a name finds the name', () => {
	const letter = fc.constantFrom('a', 'b', '*', '?', '[', ']', '.', '-', '!', 'é', '😀');
	fc.assert(
		fc.property(fc.array(letter, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat(3)), (letters, dice) => {
			const name = letters.join('');
			const open = letters
				.map((l, i) =>
					i === 0 && l === '.'
						? '.'
						: [`[${l === '!' ? 'x!' : l}]`, '?', '*', l === '[' || l === '!' || l === '*' || l === '?' ? '?' : l][
								dice.next().value as number
							],
				)
				.join('');
			return fits(name, open);
		}),
		{ numRuns: 3_000 },
	);
});

describe('what is no file', () => {
	unix('a folder, a device without end, a pipe that nobody writes to', async () => {
		const at = folder();
		execFileSync('mkfifo', [join(at, 'pipe.csv')]);
		for (const path of [at, '/dev/zero', '/dev/null', join(at, 'pipe.csv')])
			expect(await code(values(path))).toBe('data.source_unreachable');
		for (const path of ['/dev/zero', join(at, 'pipe.csv')])
			expect(await code(values(path, { files: [{ path, name: 'x' }] }))).toBe('data.source_unreachable');
		expect(await code(findFiles(join(at, '*.csv')))).toBe('data.source_unreachable');
	});

	test('a file that vanishes after it was found', async () => {
		const path = put(join(folder(), 'x.csv'), 1);
		rmSync(path);
		expect(await code(values(path, { files: [{ path, name: 'x.csv' }] }))).toBe('data.source_unreachable');
	});
});

describe('what was checked is what is read', () => {
	const endings: Array<() => Promise<void>> = [];
	const context = {
		temporary: async (extension: string) => shop.path(`${++n}.${extension}`),
		finally: (work: () => Promise<void>) => {
			endings.push(work);
		},
	} as unknown as SourceContext;
	afterEach(async () => {
		for (const end of endings.splice(0)) await end();
	});

	unix('a link that took the place of a file, or of its folder, after the check', async () => {
		const at = folder();
		mkdirSync(join(at, 'secret'));
		mkdirSync(join(at, 'in'));
		put(join(at, 'secret/x.csv'), 7);
		const path = put(join(at, 'in/x.csv'), 1);
		const files = [{ path, name: 'x.csv' }];
		rmSync(path);
		symlinkSync(join(at, 'secret/x.csv'), path);
		expect(await code(claim(files, true, context))).toBe('data.path_blocked');
		rmSync(join(at, 'in'), { recursive: true });
		symlinkSync(join(at, 'secret'), join(at, 'in'));
		expect(await code(claim(files, true, context))).toBe('data.path_blocked');
	});

	(process.platform === 'linux' ? test : test.skip)('a file exchanged while it is read', async () => {
		const at = folder();
		const path = put(join(at, 'x.csv'), 1);
		const [through] = await claim([{ path, name: 'x.csv' }], true, context);
		put(join(at, 'y.csv'), 2);
		renameSync(join(at, 'y.csv'), path);
		expect((await import('node:fs')).readFileSync(through, 'utf8')).toContain('1,x');
	});
});

test('columns that lie in the names of folders stay columns of a Parquet file', async () => {
	const at = join(folder(), 'year=2024');
	mkdirSync(at);
	const { withDuck, quoteText } = await import('../../../lib/data/duck.js');
	await withDuck(
		{},
		async (duck) => await duck.run(`COPY (SELECT range AS a FROM range(3)) TO ${quoteText(join(at, 'x.parquet'))} (FORMAT parquet)`),
	);
	const r = await shop.ingest({ source: 'file', params: { path: join(at, 'x.parquet') } });
	expect(r.columns.map((c) => c.name)).toEqual(['a', 'year']);
});

test('whole numbers beyond 64 bits with a sign stay what they are, and others stay numbers', async () => {
	const at = folder();
	const { withDuck, quoteText } = await import('../../../lib/data/duck.js');
	const [long, short] = [join(at, 'long.parquet'), join(at, 'short.parquet')];
	const write = (path: string, keys: string) => `COPY (SELECT unnest([${keys}])::UBIGINT AS key) TO ${quoteText(path)} (FORMAT parquet)`;
	await withDuck({}, async (duck) => {
		await duck.run(write(long, `18446744073709551615, 9223372036854775808, NULL, 7`));
		await duck.run(write(short, `9223372036854775807, NULL, 7`));
	});
	const keys = await shop.ingest({ source: 'file', params: { path: long } });
	expect(keys.columns[0].type).toBe('category');
	expect(keys.profile.columns[0].top?.map((t) => t.value).sort()).toEqual(['18446744073709551615', '7', '9223372036854775808']);
	expect(keys.profile.columns[0].missing).toBe(1);
	expect(keys.notes).toContainEqual({
		code: 'data.type',
		text: '"key" holds whole numbers too long for exact arithmetic and is kept as text.',
	});
	const whole = await shop.ingest({ source: 'file', params: { path: short } });
	expect(whole.columns[0].type).toBe('integer');
	// Also beside a file without such values, and where somebody asks for numbers.
	const both = await shop.ingest({ source: 'file', params: { path: join(at, '*.parquet') } });
	expect([both.rows, both.columns[0].type]).toEqual([7, 'category']);
	// And beside one whose numbers have a sign.
	const signed = join(folder(), 'signed');
	mkdirSync(signed);
	await withDuck({}, async (duck) => {
		await duck.run(write(join(signed, 'a.parquet'), `18446744073709551615, 18446744073709551614`));
		await duck.run(`COPY (SELECT unnest([-1, 9223372036854775807]) AS key) TO ${quoteText(join(signed, 'b.parquet'))} (FORMAT parquet)`);
	});
	const mixed = await shop.ingest({ source: 'file', params: { path: join(signed, '*.parquet') } });
	expect([mixed.columns[0].type, mixed.profile.columns[0].distinct]).toEqual(['category', 4]);
	const asked = await shop.ingest({ source: 'file', params: { path: long }, types: { key: 'number' } });
	expect([asked.columns[0].type, asked.profile.columns[0].max]).toEqual(['number', 2 ** 64]);
});

test('whole decimals, as databases export their keys, stay what they are where numbers would change them', async () => {
	const path = join(folder(), 'keys.parquet');
	const { withDuck, quoteText } = await import('../../../lib/data/duck.js');
	const select =
		`SELECT unnest([12345678901234567890123, 12345678901234567890124, NULL])::DECIMAL(38, 0) AS key, ` +
		`unnest([9007199254740993, 5, NULL])::DECIMAL(18, 0) AS code, unnest([9007199254740992, -5, NULL])::DECIMAL(38, 0) AS amount, ` +
		`unnest([1.25, 2.5, NULL])::DECIMAL(38, 2) AS price`;
	await withDuck({}, async (duck) => await duck.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet)`));
	const r = await shop.ingest({ source: 'file', params: { path } });
	expect(r.columns.map((c) => [c.name, c.type])).toEqual([
		['key', 'category'],
		['code', 'category'],
		['amount', 'number'],
		['price', 'number'],
	]);
	const [key, code, amount] = r.profile.columns;
	expect(key.top?.map((t) => t.value).sort()).toEqual(['12345678901234567890123', '12345678901234567890124']);
	expect(code.top?.map((t) => t.value).sort()).toEqual(['5', '9007199254740993']);
	expect([amount.min, amount.max, amount.missing]).toEqual([-5, 9007199254740992, 1]);
	expect(r.notes.filter((n) => n.text.includes('too long for exact arithmetic'))).toHaveLength(2);
});
