import type { ColumnRole, ColumnSchema } from '../../lib/domain/column';
import { driftRecord } from '../../lib/domain/drift';
import { silentContext } from '../../lib/domain/progress';
import type { Frame } from '../../lib/data/frame';
import { buildReference, driftParams, driftReport, requestsOf } from '../../lib/monitor';
import { driftReportHtml } from '../../lib/report/reports/drift';
import { frameOf } from '../data/frames';

const report = async (a: Parameters<typeof driftReport>[0], b: Frame, given: object = {}, about = {}) =>
	driftReport(a, b, driftParams.parse(given), silentContext(), about);
const column = (name: string, type: ColumnSchema['type'], role: ColumnRole = 'feature'): ColumnSchema => ({ name, type, role });
const SCHEMA = [
	column('warm', 'number'),
	column('wet', 'number'),
	column('wind', 'integer'),
	column('place', 'category'),
	column('open', 'boolean'),
	column('kind', 'category'),
	column('note', 'category'),
	column('shop', 'category'),
];
type Cell = (i: number) => unknown;
const USUAL: Record<string, Cell> = {
	warm: (i) => ((i * 37) % 101) / 4,
	wet: (i) => ((i * 53) % 89) / 89,
	wind: (i) => (i * 29) % 67,
	place: (i) => ['north', 'south', 'east'][(i * 7) % 3],
	open: (i) => (i * 5) % 2,
	kind: (i) => ['a', 'b', 'c', 'd'][(i * 11) % 4],
	note: (i) => (i % 4 ? null : `n${i % 3}`),
	shop: (i) => `s${(i * 31) % 40}`,
};
/** Rows as usual but for some columns; a column given as null is not there. */
function rows(n: number, changed: Record<string, Cell | null> = {}, schema = SCHEMA): Frame {
	const kept = schema.filter((c) => changed[c.name] !== null);
	return frameOf(
		kept,
		Object.fromEntries(kept.map((c) => [c.name, Array.from({ length: n }, (_, i) => (changed[c.name] ?? USUAL[c.name])(i))])),
	);
}
const reference = rows(1_000);
const empty = () => null;

describe('a dead feed is never stable', () => {
	test.each<[string, Record<string, Cell | null>, Array<[string, string]>]>([
		['an empty column among seven', { warm: empty }, [['warm', 'empty']]],
		['an empty column of text', { place: empty }, [['place', 'empty']]],
		['a column that is gone', { kind: null }, [['kind', 'gone']]],
		['a sensor that stands still', { wet: () => 0 }, [['wet', 'stuck']]],
		['a sensor that counts nothing', { wind: () => 0 }, [['wind', 'stuck']]],
		['a column with a value here and there', { warm: (i) => (i === 7 ? 1 : null) }, [['warm', 'empty']]],
		['one of many words in every row', { shop: () => 's3' }, [['shop', 'stuck']]],
		['a word that was never there, in every row', { shop: () => 'error' }, [['shop', 'stuck']]],
		[
			'nearly everything',
			{ warm: empty, wet: () => 1, wind: null, place: empty, open: empty },
			[
				['warm', 'empty'],
				['wet', 'stuck'],
				['wind', 'gone'],
				['place', 'empty'],
				['open', 'empty'],
			],
		],
	])('%s', async (_, changed, dead) => {
		for (const before of [reference, buildReference(reference)]) {
			for (const n of [40, 300]) {
				const result = await report(before, rows(n, changed), {}, { needed: SCHEMA.map((c) => c.name) });
				expect(result).toMatchObject({ drifted: true, dead: dead.map(([name, how]) => ({ column: name, how })) });
				expect(result.driftedColumns).toEqual(expect.arrayContaining(dead.map(([name]) => name)));
				expect(result.summary).toMatch(/^Drift: /);
				for (const [name] of dead) expect(result.summary).toContain(`"${name}"`);
				expect(driftRecord.parse(result)).toBeTruthy();
			}
		}
	});

	test('whatever roles the current rows have got by themselves, since constant and empty columns are called useless there', async () => {
		const as = (role: ColumnRole, type?: ColumnSchema['type']) => SCHEMA.map((c) => ({ ...c, role, ...(type ? { type } : {}) }));
		const result = await report(reference, rows(200, { place: () => 'north', kind: () => 'a', open: () => 0 }, as('ignore')));
		expect(result.driftedColumns.sort()).toEqual(['kind', 'open', 'place']);
		// All empty, and so all called text.
		const nothing = await report(
			buildReference(reference),
			rows(200, Object.fromEntries(SCHEMA.map((c) => [c.name, empty])), as('ignore', 'category')),
		);
		expect(nothing).toMatchObject({ drifted: true, share: 1 });
		expect(nothing.columns[0].reason).toMatch(/All values are missing now/);
	});

	test('as Evidently decides, which would pass empty columns over', async () => {
		const result = await report(reference, rows(200, { place: empty, warm: empty }), { mode: 'evidently' });
		expect(result).toMatchObject({
			drifted: true,
			dead: [
				{ column: 'warm', how: 'empty' },
				{ column: 'place', how: 'empty' },
			],
		});
		// One whose test finds nothing has drifted all the same.
		const stuck = await report(reference, rows(40, { wet: () => 0.5 }), {
			mode: 'evidently',
			columns: ['wet', 'place'],
			thresholds: { wet: 1e9 },
			tests: { wet: 'wasserstein' },
		});
		expect(stuck).toMatchObject({
			drifted: true,
			driftedColumns: ['wet'],
			columns: [
				{ column: 'wet', drifted: true },
				{ column: 'place', drifted: false },
			],
		});
		const same = await report(reference, rows(200), { mode: 'evidently' });
		expect(same.dead).toBeUndefined();
		expect(same.drifted).toBe(false);
	});

	test('in that mode too a column that is gone is drift, and one that is seldom filled keeps no other from being judged', async () => {
		const before = rows(1_000, { note: (i) => (i % 50 ? null : 'x'), kind: (i) => (i % 40 ? null : 'k') });
		const now = await report(
			before,
			rows(200, { warm: null, note: empty, kind: empty, wind: empty }),
			{ mode: 'evidently' },
			{ needed: ['warm', 'wind'] },
		);
		expect(now).toMatchObject({
			drifted: true,
			dead: [
				{ column: 'warm', how: 'gone' },
				{ column: 'wind', how: 'empty' },
			],
		});
		expect(now.notCompared).toEqual(
			expect.arrayContaining(['kind', 'note'].map((column) => ({ column, why: 'it has no values in the current rows' }))),
		);
	});

	test('a feed that gets nothing but errors is drift, however few answers are left; a handful of errors is too few to judge', async () => {
		for (const mode of ['default', 'evidently']) {
			for (const [left, failed] of [
				[0, 60],
				[0, 10],
				[9, 100],
				[3, 7],
			]) {
				const result = await report(reference, rows(left), { mode }, { failedRequests: failed });
				expect(result).toMatchObject({ drifted: true, failedRequests: failed, columns: [], driftedColumns: [], share: 0 });
				expect(result.summary).toMatch(/^Drift: most requests got an error/);
				expect(driftRecord.parse(result)).toBeTruthy();
				expect((await driftReportHtml(result)).html).toContain('too few answers are left to compare');
			}
			for (const [left, failed] of [
				[0, 3],
				[5, 4],
				[9, 5],
			])
				await expect(report(reference, rows(left), { mode }, { failedRequests: failed })).rejects.toMatchObject({
					code: 'monitor.too_few_rows',
					details: { found: expect.stringContaining(`${failed} requests that got an error`) as string },
				});
		}
	});

	test('what is rare or optional may be absent in a small batch', async () => {
		const rare = rows(1_000, { open: (i) => (i % 100 === 0 ? 1 : 0), note: (i) => (i % 50 ? null : 'x') });
		const result = await report(rare, rows(30, { open: () => 0, note: empty }));
		expect(result).toMatchObject({ drifted: false, driftedColumns: [] });
	});

	test('a column that no model needs is not missed that much: it counts as one of them', async () => {
		const result = await report(reference, rows(200, { kind: null }));
		expect(result).toMatchObject({ drifted: false, driftedColumns: ['kind'] });
		expect(result.dead).toBeUndefined();
		const asked = await report(
			reference,
			rows(200, { kind: null }),
			{},
			{ asked: true, needed: SCHEMA.map((c) => c.name).filter((name) => name !== 'kind') },
		);
		expect(asked).toMatchObject({
			drifted: false,
			driftedColumns: [],
			notCompared: [{ column: 'kind', why: 'the model does not ask for it' }],
		});
	});

	test('requests that failed are counted; when most do, that is drift', async () => {
		const few = await report(reference, rows(200), {}, { failedRequests: 20 });
		expect(few).toMatchObject({ drifted: false, failedRequests: 20 });
		expect(few.notes).toContainEqual({ code: 'requests_failed', text: expect.stringContaining('20 of 220 requests') as string });
		const most = await report(reference, rows(200), {}, { failedRequests: 2_000 });
		expect(most.drifted).toBe(true);
		expect(most.summary).toMatch(/most requests got an error/);
	});
});

describe('what cannot be judged is said, not passed', () => {
	test('too few rows, on either side', async () => {
		await expect(report(reference, rows(3))).rejects.toMatchObject({
			code: 'monitor.too_few_rows',
			message: '3 current rows are too few to judge: it takes at least 10.',
		});
		await expect(report(rows(4), rows(300))).rejects.toMatchObject({
			code: 'monitor.too_few_rows',
			message: '4 reference rows are too few to judge: it takes at least 10.',
		});
	});

	test('another table, and names that differ in case or blanks', async () => {
		const other = frameOf([column('x', 'number'), column('warm', 'number')], {
			x: Array.from({ length: 50 }, (_, i) => i),
			warm: Array.from({ length: 50 }, (_, i) => i),
		});
		await expect(report(reference, other)).rejects.toMatchObject({
			code: 'monitor.other_table',
			message: 'This is another table: only 1 of the 8 columns that are watched is in the current rows.',
		});
		const renamed = rows(50);
		renamed.schema = renamed.schema.map((c) => ({ ...c, name: ` ${c.name.toUpperCase()}` }));
		await expect(report(reference, renamed)).rejects.toMatchObject({
			code: 'monitor.other_table',
			message: expect.stringContaining('none of the 8 columns') as string,
			details: { remedy: expect.stringContaining('" WARM" (for "warm")') as string },
		});
	});

	test('nothing to compare', async () => {
		const ids = (n: number) =>
			frameOf([column('id', 'integer', 'id'), column('void', 'number')], {
				id: Array.from({ length: n }, (_, i) => i),
				void: new Array(n).fill(null),
			});
		await expect(report(ids(100), ids(50))).rejects.toMatchObject({
			code: 'monitor.nothing_compared',
			details: { found: '"id": it names rows, "void": it has no value on either side' },
		});
	});

	test('answers that are not known yet are not missed; the record says what was not compared', async () => {
		const schema = [...SCHEMA, column('day', 'datetime', 'time'), column('left', 'boolean', 'target')];
		const before = rows(500, { day: (i) => i * 1e9, left: (i) => i % 2 }, schema);
		const result = await report(before, rows(200));
		expect(result.drifted).toBe(false);
		expect(result.notCompared).toEqual([
			{ column: 'day', why: 'it says when a row happened' },
			{ column: 'left', why: 'the answers are not known yet' },
		]);
		// Where they are known, they are compared.
		const labelled = await report(before, rows(200, { left: () => 1 }, [...SCHEMA, column('left', 'boolean', 'target')]));
		expect(labelled.driftedColumns).toContain('left');
	});
});

test('values that the reference lacks are a check of their own, with their share', async () => {
	const result = await report(
		buildReference(reference),
		rows(300, { kind: (i) => (i % 10 ? USUAL.kind(i) : 'zz'), place: (i) => (i ? USUAL.place(i) : 'mars') }),
	);
	expect(result.columns.find((c) => c.column === 'kind')).toMatchObject({
		drifted: true,
		newValues: { share: 0.1, values: ['zz'], drifted: true },
	});
	expect(result.columns.find((c) => c.column === 'place')).toMatchObject({
		drifted: false,
		newValues: { share: 1 / 300, values: ['mars'], drifted: false },
	});
});

test('requests of a model are read as it reads them, and what was found is counted and shown', async () => {
	const signature = [
		{ ...column('plan', 'category'), required: true },
		{ ...column('amount', 'number'), required: true },
	];
	const seen = [
		{ name: 'plan', missing: 0, levels: { values: ['Gold', 'Silver'], rows: [50, 50], more: 0 } },
		{ name: 'amount', missing: 0, range: { min: 0, max: 100 } },
	];
	const entries = Array.from({ length: 40 }, (_, i) => ({
		input: { plan: i === 0 ? 'Lead' : i % 2 ? 'Silver ' : 'Gold', amount: i === 1 ? 'much' : i === 2 ? 5_000 : String(i) },
	}));
	const { frame, reading } = requestsOf(entries, { v: 2, signature, seen });
	expect(reading).toEqual([
		{ column: 'plan', unread: 0, unknown: 1, outside: 0, examples: ['"Lead"'] },
		{ column: 'amount', unread: 1, unknown: 0, outside: 1, examples: ['"much"', '5000'] },
	]);
	const before = frameOf(signature, {
		plan: Array.from({ length: 200 }, (_, i) => ['Gold', 'Silver'][i % 2]),
		amount: Array.from({ length: 200 }, (_, i) => i % 101),
	});
	const record = await report(before, frame, {}, { reading });
	expect(record.reading).toEqual(reading);
	const { html } = await driftReportHtml({
		...record,
		dead: [{ column: 'gone & away', how: 'gone' }],
		notCompared: [{ column: 'id', why: 'it names rows' }],
	});
	for (const text of [
		'Values the model does not know',
		'Values never seen before',
		'Not compared',
		'it names rows',
		'Dead columns',
		'gone &amp; away',
	])
		expect(html.toString()).toContain(text);
});
