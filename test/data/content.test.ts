import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { withDuck } from '../../lib/data/duck.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { preview } from '../../lib/data/preview.js';
import { profileStored } from '../../lib/data/profile.js';
import { writeFrame } from '../../lib/data/writeFrame.js';
import { sha256 } from '../../lib/domain/json.js';
import { profileSchema } from '../../lib/domain/profile.js';
import { exampleFolder } from '../../lib/data/sources/example.js';
import { workshop, type Workshop } from './helpers.js';
import { frameContent, frameOf } from './frames.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

const PENGUINS = JSON.parse(readFileSync(`${exampleFolder()}/penguins.json`, 'utf8')) as Array<Record<string, unknown>>;

describe('the same content is the same version', () => {
	test('from JSON, items, CSV and SQLite; other values or another order are another', async () => {
		const names = Object.keys(PENGUINS[0]);
		const csv = shop.path('penguins.csv');
		writeFileSync(csv, [names.join(','), ...PENGUINS.map((r) => names.map((n) => r[n] ?? '').join(','))].join('\n'));
		const file = shop.path('penguins.sqlite');
		const database = new DatabaseSync(file);
		database.exec(`CREATE TABLE penguins (${names.map((n) => `"${n}"`).join(', ')})`);
		const insert = database.prepare(`INSERT INTO penguins VALUES (${names.map(() => '?').join(', ')})`);
		for (const r of PENGUINS) insert.run(...names.map((n) => r[n] as string | number | null));
		database.close();
		const results = [
			await shop.ingest({ source: 'example', params: { example: 'penguins' } }, 1),
			await shop.ingest({ source: 'items', params: { items: PENGUINS } }),
			await shop.ingest({ source: 'file', params: { path: csv } }),
			await shop.ingest({ source: 'sql', params: { database: 'sqlite', file, query: 'SELECT * FROM penguins ORDER BY rowid;' } }),
		];
		expect(new Set(results.map((r) => r.content)).size).toBe(1);
		expect(results[0]).toMatchObject({ rows: 344, name: 'penguins', target: 'Species', task: 'multiclass' });
		const turned = await shop.ingest({ source: 'items', params: { items: [...PENGUINS].reverse() } });
		expect(turned.content).not.toBe(results[0].content);
	});

	test('bytes of the stored file do not depend on the run', async () => {
		const csv = shop.path('many.csv');
		writeFileSync(csv, `a,b\n${Array.from({ length: 300_000 }, (_, i) => `${i / 7},x${i % 90}`).join('\n')}`);
		const runs = [
			await shop.ingest({ source: 'file', params: { path: csv } }, 2),
			await shop.ingest({ source: 'file', params: { path: csv } }, 2),
		];
		expect(new Set(runs.map((r) => sha256(readFileSync(r.dataPath)))).size).toBe(1);
		const single = await shop.ingest({ source: 'file', params: { path: csv } }, 1);
		expect(single.content).toBe(runs[0].content);
		expect(single.profile).toEqual(runs[0].profile);
		const frame = await loadFrame(runs[0].dataPath, { schema: runs[0].columns });
		expect(frame.rowId.every((id, i) => id === i)).toBe(true);
		expect(frameContent(frame)).toBe(runs[0].content);
	});
});

test('a frame that is written is read back equal, row ids included', async () => {
	const frame = {
		...frameOf(
			[
				{ name: 'n', type: 'number', role: 'feature' },
				{ name: 'b', type: 'boolean', role: 'feature' },
				{ name: 'd', type: 'datetime', role: 'feature' },
				{ name: 'c "x"', type: 'category', role: 'feature' },
			],
			{ n: [0.1, null, -1e300], b: [1, 0, null], d: [-1, 1_700_000_000_123, null], 'c "x"': ['b', null, 'ä'] },
		),
		rowId: Float64Array.of(7, 3, 9),
	};
	const path = shop.path('frame.parquet');
	await writeFrame(frame, path);
	const again = await loadFrame(path, { schema: frame.schema });
	expect([...again.rowId]).toEqual([7, 3, 9]);
	expect(frameContent(again)).toBe(frameContent(frame));
	expect((await preview(path, frame.schema, 1))[0]).toEqual({ n: 0.1, b: true, d: '1969-12-31T23:59:59.999Z', 'c "x"': 'b' });
});

describe('profile', () => {
	// Reference: numpy's default quantile (linear) and ddof=1, worked by hand for 1..5.
	test('statistics, and the same however many columns are read at a time', async () => {
		const csv = shop.path('p.csv');
		writeFileSync(csv, 'x,c\n1,a\n2,b\n3,a\n4,a\n5,\n');
		const r = await shop.ingest({ source: 'file', params: { path: csv } });
		expect(profileSchema.parse(r.profile)).toEqual(r.profile);
		expect(r.profile.columns[0]).toMatchObject({ missing: 0, distinct: 5, min: 1, max: 5, mean: 3, std: Math.sqrt(2.5) });
		expect(r.profile.columns[0].quantiles![4]).toBe(3);
		expect(r.profile.columns[0].quantiles![3]).toBe(2);
		expect(r.profile.columns[1]).toMatchObject({
			missing: 1,
			distinct: 2,
			top: [
				{ value: 'a', count: 3 },
				{ value: 'b', count: 1 },
			],
		});
		const again = await withDuck({ threads: 1 }, async (duck) => {
			// As little memory as makes a pass of each column.
			const stored = await profileStored(duck, r.dataPath, r.columns, { memoryBytes: 1 });
			return await stored.finish(r.columns, {});
		});
		expect(again).toEqual(r.profile);
	});
	test('warns of a column that gives the target away, of constants, ids, duplicates and rare classes', async () => {
		const rows = Array.from({ length: 1000 }, (_, i) => ({
			id: 5000 + i * 3,
			age: (i * 37) % 60,
			churn: i % 40 === 0 ? 'yes' : 'no',
			closed_on: i % 40 === 0 ? 1 : 0,
			country: 'CH',
		}));
		const r = await shop.ingest({ source: 'items', params: { items: rows } });
		expect([r.target, r.task]).toEqual(['churn', 'binary']);
		expect(r.columns.map((c) => c.role)).toEqual(['id', 'feature', 'target', 'feature', 'ignore']);
		const found = r.profile.warnings.map((w) => [w.code, w.column]);
		expect(found).toEqual(
			expect.arrayContaining([
				['leakage', 'closed_on'],
				['constant', 'country'],
				['id_like', 'id'],
				['imbalance', 'churn'],
			]),
		);
		expect(found).not.toContainEqual(['leakage', 'age']);
	});
});

describe('databases', () => {
	const sql = (params: object) => shop.ingest({ source: 'sql', params: { query: 'SELECT 1 AS a', ...params } });
	test.each(['postgres', 'mysql'])('nobody answers: %s', async (database) => {
		await expect(
			sql({ database, connection: { host: '127.0.0.1', port: 1, user: 'ann', password: 'secret', database: 'x' } }),
		).rejects.toMatchObject({
			code: 'data.source_unreachable',
			message: 'The database at 127.0.0.1:1 cannot be reached: nothing answers there.',
		});
	});
	test('no SQLite file', async () =>
		await expect(sql({ database: 'sqlite', file: shop.path('none.db') })).rejects.toMatchObject({ code: 'data.source_unreachable' }));
	test('a wrong query, an attempt to write, an empty result', async () => {
		const file = shop.path('one.db');
		const database = new DatabaseSync(file);
		database.exec(`CREATE TABLE t (a TEXT, "b" INTEGER); INSERT INTO t VALUES ('007', 9007199254740993), ('x,"y"', NULL)`);
		database.close();
		await expect(sql({ database: 'sqlite', file, query: 'SELECT nothing FROM t' })).rejects.toMatchObject({ code: 'input.invalid' });
		await expect(sql({ database: 'sqlite', file, query: 'DELETE FROM t' })).rejects.toMatchObject({ code: 'input.invalid' });
		await expect(sql({ database: 'sqlite', file, query: 'SELECT * FROM t WHERE a IS NULL' })).rejects.toMatchObject({ code: 'data.empty' });
		const r = await sql({ database: 'sqlite', file, query: 'SELECT * FROM t -- all' });
		expect(await preview(r.dataPath, r.columns, 9)).toEqual([
			{ a: '007', b: '9007199254740993' },
			{ a: 'x,"y"', b: null },
		]);
	});
});

test.each([
	['weather', 1461, 'multiclass'],
	['cars', 406, 'regression'],
	['movies', 3201, 'regression'],
] as const)('example %s', async (example, rows, task) => {
	const r = await shop.ingest({ source: 'example', params: { example } });
	expect([r.rows, r.task, r.quarantined]).toEqual([rows, task, 0]);
	expect(r.columns.filter((c) => c.role === 'target')).toHaveLength(1);
});
