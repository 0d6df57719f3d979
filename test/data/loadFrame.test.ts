import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { quoteName, quoteText, withDuck } from '../../lib/data/duck.js';
import { isNumberVector, valueAt } from '../../lib/data/frame.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { loadParts } from '../../lib/data/loadParts.js';
import type { ColumnSchema } from '../../lib/domain/column.js';

const ROWS = 220_000;
/** Rows that are compared: some of each chunk, and those at its ends. */
const LOOKED_AT = Array.from({ length: ROWS }, (_, r) => r).filter((r) => r % 101 === 0 || r % 2048 < 2 || r % 2048 > 2046);
const NUMBERS = 19;
const TEXTS = ['few', 'many', 'own', 'none', 'gaps'];

let folder: string;
let file: string;
const schema: ColumnSchema[] = [
	...Array.from({ length: NUMBERS }, (_, k): ColumnSchema => ({ name: `n${k}`, type: 'number', role: 'feature' })),
	...TEXTS.map((name): ColumnSchema => ({ name, type: 'category', role: 'feature' })),
	{ name: 'whole', type: 'integer', role: 'feature' },
	{ name: 'flag', type: 'boolean', role: 'feature' },
	{ name: 'moment', type: 'datetime', role: 'feature' },
	{ name: 'empty', type: 'number', role: 'feature' },
];

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'mlops-load-'));
	file = path.join(folder, 'table.parquet');
	const columns = [
		...Array.from({ length: NUMBERS }, (_, k) => `CASE WHEN r % ${k + 2} = 1 THEN NULL ELSE r * ${k + 1} / 8.0 END AS n${k}`),
		"['', 'a', 'ä', '😀', 'a b', NULL][r % 6 + 1] AS few",
		"'level ' || (r * 7919 % 90001) AS many",
		"'row ' || r AS own",
		'NULL::VARCHAR AS none',
		"CASE WHEN r = 77777 THEN 'once' END AS gaps",
		'CASE WHEN r % 3 = 0 THEN NULL ELSE r - 5 END AS whole',
		'CASE WHEN r % 4 = 0 THEN NULL ELSE r % 2 = 0 END AS flag',
		'make_timestamp(r * 86400000000 + 1000) AS moment',
		'NULL::DOUBLE AS empty',
	];
	await withDuck({}, async (duck) => {
		await duck.run(
			`COPY (SELECT r AS ${quoteName('__row')}, ${columns.join(', ')} FROM range(${ROWS}) t(r)) TO ${quoteText(file)} ` +
				'(FORMAT parquet, ROW_GROUP_SIZE 61440)',
		);
	});
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

/** What each row holds, worked out without the file. */
function expected(name: string, r: number): unknown {
	const n = /^n(\d+)$/.exec(name);
	if (n) return r % (Number(n[1]) + 2) === 1 ? null : (r * (Number(n[1]) + 1)) / 8;
	switch (name) {
		case 'few':
			return ['', 'a', 'ä', '😀', 'a b', null][r % 6];
		case 'many':
			return `level ${(r * 7919) % 90001}`;
		case 'own':
			return `row ${r}`;
		case 'gaps':
			return r === 77777 ? 'once' : null;
		case 'whole':
			return r % 3 === 0 ? null : r - 5;
		case 'flag':
			return r % 4 === 0 ? null : Number(r % 2 === 0);
		case 'moment':
			return r * 86_400_000 + 1;
		default:
			return null;
	}
}

describe.each([
	{ threads: 1, shared: false },
	{ threads: 2, shared: true },
])('A stored table in memory, read by $threads thread(s), shared: $shared', (options) => {
	it('has every value of every column in its row, gaps included', async () => {
		const frame = await loadFrame(file, { schema, ...options });
		expect(frame.rows).toBe(ROWS);
		expect(frame.schema).toEqual(schema);
		const wrong: string[] = [];
		for (const [j, { name }] of schema.entries()) {
			const v = frame.vectors[j];
			for (const r of LOOKED_AT) if (valueAt(v, r) !== expected(name, r)) wrong.push(`${name} ${r}`);
			const array = isNumberVector(v) ? v.data : v.codes;
			expect(array.buffer instanceof SharedArrayBuffer).toBe(options.shared);
		}
		expect(wrong.slice(0, 5)).toEqual([]);
		for (let r = 0; r < ROWS; r++) if (frame.rowId[r] !== r) wrong.push(String(r));
		expect(wrong).toEqual([]);
	});

	it('has dictionaries in the order of code points where they have at most 200,000 values, in that of the rows otherwise', async () => {
		const frame = await loadFrame(file, { schema, columns: ['few', 'many', 'own', 'none'], ...options });
		const dictionaries = frame.vectors.map((v) => (isNumberVector(v) ? [] : v.dictionary));
		expect(dictionaries[0]).toEqual(['', 'a', 'a b', 'ä', '😀']);
		expect(dictionaries[1]).toEqual(Array.from({ length: 90_001 }, (_, k) => `level ${k}`).sort());
		expect(dictionaries[2].slice(0, 3)).toEqual(['row 0', 'row 1', 'row 2']);
		expect(dictionaries[3]).toEqual([]);
	});

	it('comes in parts with the same rows, all of them or those that are marked', async () => {
		const columns = ['n0', 'n18', 'few', 'many', 'own', 'empty'];
		const keep = Uint8Array.from({ length: ROWS }, (_, r) => Number(r % 3 === 1 || (r > 100_000 && r < 110_000)));
		for (const [rows, marks] of [
			[65_536, undefined],
			[30_001, keep],
		] as const) {
			const wanted = Array.from({ length: ROWS }, (_, r) => r).filter((r) => !marks || marks[r]);
			let at = 0;
			for await (const part of loadParts(
				file,
				{ columns: schema },
				{ rows, keep: marks, threads: options.threads, columns: (c) => columns.includes(c) },
			)) {
				expect(part.rows).toBe(Math.min(rows, wanted.length - at));
				expect(part.schema.map((c) => c.name)).toEqual(columns);
				for (let i = 0; i < part.rows; i += 97) {
					const r = wanted[at + i];
					expect([part.rowId[i], ...part.vectors.map((v) => valueAt(v, i))]).toEqual([r, ...columns.map((c) => expected(c, r))]);
				}
				at += part.rows;
			}
			expect(at).toBe(wanted.length);
		}
	});

	it('has the first rows alone where these are asked for', async () => {
		const { rows, vectors, rowId } = await loadFrame(file, { schema, columns: ['n3', 'many'], limit: 70_001, ...options });
		expect([rows, rowId.length, rowId[70_000]]).toEqual([70_001, 70_001, 70_000]);
		expect(vectors.map((v) => valueAt(v, 70_000))).toEqual([expected('n3', 70_000), expected('many', 70_000)]);
	});
});
