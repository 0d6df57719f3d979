import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ColumnFile, FiledColumn, filed } from '../../lib/data/columnFile.js';
import {
	allNumbers,
	changedNumbers,
	codeCounts,
	eachBlock,
	eachCodes,
	KEPT_ROWS,
	letGo,
	numbersInto,
	numbersOfCodes,
	rangeOf,
	recoded,
	workedOutFrom,
} from '../../lib/data/derived.js';
import { quoteName, quoteText, withDuck } from '../../lib/data/duck.js';
import { valueAt, type Frame, type NumberVector, type StringVector, type Vector } from '../../lib/data/frame.js';
import { loadFiled } from '../../lib/data/loadFiled.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { storedNames } from '../../lib/data/storedNames.js';
import { takeRows } from '../../lib/data/takeRows.js';
import { loadKept } from '../../lib/data/texts.js';
import type { ColumnSchema } from '../../lib/domain/column.js';

/** Longer than what is kept once it was read, and no whole number of blocks. */
const ROWS = KEPT_ROWS + 23_456;
const LEVELS = ['a', 'b', 'c', 'd'];

let folder: string;
let file: ColumnFile;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'mlops-columns-'));
	file = new ColumnFile(join(folder, 'columns'));
});
afterEach(() => {
	letGo();
	file.close();
	rmSync(folder, { recursive: true, force: true });
});

const frame = (): Frame => ({
	rows: ROWS,
	rowId: Float64Array.from({ length: ROWS }, (_, i) => i),
	schema: [
		{ name: 'x', type: 'number', role: 'feature' },
		{ name: 'c', type: 'category', role: 'feature' },
	],
	vectors: [
		{ data: Float64Array.from({ length: ROWS }, (_, i) => (i % 7 ? Math.sin(i) : i % 2 ? NaN : -0)) },
		{ codes: Uint32Array.from({ length: ROWS }, (_, i) => (i * i) % 5), dictionary: LEVELS },
	],
});
const inFile = (given: Frame): Frame => ({ ...given, vectors: given.vectors.map((v) => filed(file, v)) });
const bytes = (values: Float64Array | Uint32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const double = (values: Float64Array): void => {
	for (let i = 0; i < values.length; i++) values[i] *= 2;
};

/** Everything that can be asked of a column, as bytes. */
function asked(v: NumberVector | StringVector, rows: number): Buffer[] {
	const parts: Buffer[] = [];
	const [from, to] = [Math.floor(rows / 3), Math.floor(rows / 2)];
	const range = rangeOf(v, from, to);
	const one = [0, from, to, rows - 1].filter((row) => row >= 0).map((row) => valueAt(v, row));
	if ('data' in v) {
		eachBlock(v, (values) => parts.push(Buffer.from(bytes(values))));
		return [
			Buffer.concat(parts),
			bytes(allNumbers(v)),
			bytes(numbersInto(v, new Float64Array(rows))),
			bytes((range as NumberVector).data),
			Buffer.from(JSON.stringify(one)),
			bytes(v.data),
		];
	}
	eachCodes(v, (codes) => parts.push(Buffer.from(bytes(codes))));
	return [
		Buffer.concat(parts),
		bytes((range as StringVector).codes),
		bytes(codeCounts(v)),
		Buffer.from(JSON.stringify([one, v.dictionary])),
		bytes(v.codes),
	];
}

it('a column in a file is the one in memory to the bit, whatever rows are picked and however it is changed', () => {
	fc.assert(
		fc.property(
			fc.array(fc.constantFrom('take', 'shuffle', 'change', 'recode', 'look'), { maxLength: 4 }),
			fc.integer({ min: 1, max: 9 }),
			(moves, step) => {
				let both = [frame(), inFile(frame())];
				for (const move of moves) {
					both = both.map((current) => {
						const [x, c] = current.vectors as [NumberVector, StringVector];
						const { rows } = current;
						switch (move) {
							case 'take':
								return takeRows(
									current,
									Uint32Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step),
								);
							case 'shuffle':
								return takeRows(
									current,
									Uint32Array.from({ length: 200 }, (_, i) => (i * 7919 * step) % rows),
								);
							case 'change':
								return { ...current, vectors: [changedNumbers(x, double), c] };
							case 'recode':
								return { ...current, vectors: [x, recoded(c, Uint32Array.from([0, ...c.dictionary.map((_, k) => k % 2)]), ['z'])] };
							default:
								return { ...current, vectors: [numbersOfCodes(c, Float64Array.from([NaN, ...c.dictionary.map((_, k) => k * 10)])), c] };
						}
					});
				}
				const [memory, disk] = both;
				for (const [j, v] of memory.vectors.entries()) {
					const expected = asked(v, memory.rows);
					asked(disk.vectors[j], disk.rows).forEach((got, k) => expect(got.equals(expected[k])).toBe(true));
				}
			},
		),
		{ numRuns: 6 },
	);
});

it('long columns are not kept, but for the last two; short ones of them are', () => {
	const { vectors } = inFile(frame());
	const [x, c] = vectors as [NumberVector, StringVector];
	const other = filed(file, { data: new Float64Array(ROWS) }) as NumberVector;
	const first = x.data;
	expect(x.data).toBe(first);
	expect(c.codes.length + other.data.length).toBe(2 * ROWS);
	expect(x.data).not.toBe(first);
	expect(bytes(x.data).equals(bytes(first))).toBe(true);
	expect(workedOutFrom(x)).toBe('elsewhere');
	const [few] = takeRows({ ...frame(), vectors }, Uint32Array.of(5, 70_000)).vectors as [NumberVector];
	expect(few.data).toBe(few.data);
	expect(workedOutFrom(few)).toBeUndefined();
});

it('parts with dictionaries of their own become one column, as if it had been read whole', () => {
	const parts: StringVector[] = [
		{ codes: Uint32Array.of(2, 1, 0), dictionary: ['n', 'z', 'unused'] },
		{ codes: Uint32Array.of(1, 2, 2), dictionary: ['ä', 'n'] },
		{ codes: new Uint32Array(0), dictionary: [] },
		{ codes: Uint32Array.of(1), dictionary: ['😀'] },
	];
	const column = new FiledColumn(file);
	for (const part of parts) column.append(part);
	const vector = column.vector();
	expect(Array.from({ length: 7 }, (_, row) => valueAt(vector, row))).toEqual(['z', 'n', null, 'ä', 'n', 'n', '😀']);
	expect((vector as StringVector).dictionary).toEqual(['n', 'z', 'ä', '😀']);
});

it('the file has no name, so that nothing is left however a process ends; it is as large as its columns', () => {
	inFile(frame());
	expect(readdirSync(folder)).toEqual([]);
	expect(file.length).toBe(ROWS * 12);
});

describe('a stored table that lies in a file', () => {
	const schema: ColumnSchema[] = [
		{ name: 'n', type: 'number', role: 'feature' },
		{ name: 'day', type: 'datetime', role: 'time' },
		{ name: 'few', type: 'category', role: 'feature' },
		{ name: 'own', type: 'text', role: 'ignore' },
		{ name: 'none', type: 'category', role: 'feature' },
		{ name: 'flag', type: 'boolean', role: 'target' },
	];
	const columns = [
		'CASE WHEN r % 9 = 1 THEN NULL ELSE r / 8.0 END AS n',
		'make_timestamp(r * 86400000000 + 1000) AS "day"',
		"['', 'b', 'ä', '😀', 'a', NULL][r % 6 + 1] AS few",
		"'row ' || (r * 7919 % 1000003) AS own",
		'NULL::VARCHAR AS none',
		'r % 2 = 0 AS flag',
		`CASE WHEN r % 9 = 1 THEN 'n/a ' || r END AS ${quoteName(storedNames(schema).text(0))}`,
	];
	const written = async (rows: number): Promise<string> => {
		const path = join(folder, 'table.parquet');
		await withDuck({}, async (duck) => {
			await duck.run(
				`COPY (SELECT r AS ${quoteName('__row')}, ${columns.join(', ')} FROM range(${rows}) t(r)) TO ${quoteText(path)} (FORMAT parquet)`,
			);
		});
		return path;
	};

	it.each([205_000, 3])('has the values, dictionaries and kept texts of one in memory: %i rows', async (rows) => {
		const path = await written(rows);
		const body = { columns: schema, rows, texts: ['n'], fromText: ['n'] };
		const told: number[] = [];
		const disk = await loadFiled(path, body, file, { each: (done) => told.push(done) });
		const memory = await loadFrame(path, { schema });
		expect({ rows: disk.rows, schema: disk.schema }).toEqual({ rows: memory.rows, schema: memory.schema });
		expect(bytes(disk.rowId).equals(bytes(memory.rowId))).toBe(true);
		const valuesOf = (v: Vector): Buffer => bytes('data' in v ? v.data : v.codes);
		const levelsOf = (v: Vector): string => ('data' in v ? '' : v.dictionary.join('|'));
		for (const [j, v] of memory.vectors.entries()) {
			expect(valuesOf(disk.vectors[j]).equals(valuesOf(v))).toBe(true);
			expect(levelsOf(disk.vectors[j]) === levelsOf(v)).toBe(true);
		}
		const kept = (await loadKept(path, body))('n')!;
		for (const id of [0, 1, 10, rows - 1, rows, -1]) expect(disk.source!.texts('n')!(id)).toBe(kept(id));
		expect(kept(1)).toBe('n/a 1');
		expect(disk.source!.texts('few')).toBeUndefined();
		expect([...disk.source!.fromText]).toEqual(['n']);
		expect(told.at(-1)).toBe(rows);
		expect(told).toEqual([...told].sort((a, b) => a - b));
	});

	it('stops between two parts', async () => {
		const path = await written(205_000);
		const stop = (): void => {
			throw new Error('stop');
		};
		await expect(loadFiled(path, { columns: schema, rows: 205_000 }, file, { each: stop })).rejects.toThrow('stop');
		expect(file.length).toBeLessThan(205_000 * 20);
	});
});
