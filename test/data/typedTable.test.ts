import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { quoteName, quotePath, quoteText, withDuck, type Duck } from '../../lib/data/duck.js';
import { cellReader, cellText } from '../../lib/data/grammar/cell.js';
import { dateReader } from '../../lib/data/grammar/date.js';
import { missingTest, trimBlank } from '../../lib/data/parse.js';
import type { RawTable, SourceContext } from '../../lib/data/sources/contract.js';
import { storedNames } from '../../lib/data/storedNames.js';
import { listStrays } from '../../lib/data/strays.js';
import { tabulated } from '../../lib/data/readOpen.js';
import { typeColumns } from '../../lib/data/typing.js';
import { writeTyped } from '../../lib/data/writeTyped.js';
import type { ColumnType } from '../../lib/domain/column.js';
import { askedSeed } from '../seededFastCheck.js';
import { dateSpellings, numberSpellings } from './grammar/spellings.js';

const ROWS = 90;
const SAMPLE = 20;
const COLUMNS = 6;
/** More of them by `MLOPS_TABLES=2000`, and others by `MLOPS_SEED=1`. */
const TABLES = Number(process.env['MLOPS_TABLES'] ?? 40);
const SEED = askedSeed ?? 0;

const day = fc.date({ min: new Date('1950-01-01'), max: new Date('2049-12-31'), noInvalidDate: true });
const two = (n: number) => String(n).padStart(2, '0');
/** What a column is mostly made of. */
const kinds: ReadonlyArray<fc.Arbitrary<string>> = [
	fc.nat(99_999).map(String),
	fc.integer({ min: -999, max: 999 }).map(String),
	fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((x) => x.toFixed(3)),
	fc.double({ noNaN: true, min: -1, max: 1 }).map(String),
	fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
	fc.nat(9_999_999).map((n) => `$${(n / 100).toFixed(2).replace(/\B(?=(?:\d{3})+\.)/g, ',')}`),
	fc.nat(9_999_999).map((n) => (n / 100).toFixed(2).replace('.', ',')),
	day.map((d) => d.toISOString().slice(0, 10)),
	day.map((d) => `${two(d.getUTCMonth() + 1)}/${two(d.getUTCDate())}/${d.getUTCFullYear()}`),
	day.map((d) => `${d.getUTCDate()}.${d.getUTCMonth() + 1}.${d.getUTCFullYear()}`),
	day.map((d) => d.toISOString()),
	fc.constantFrom('yes', 'no'),
	fc.constantFrom('True', 'False', 'TRUE'),
	fc.constantFrom('0', '1'),
	fc.constantFrom('red', 'green', 'blue', 'NA'),
	numberSpellings.map(({ text }) => text),
	dateSpellings.map(({ text }) => text),
];
const odd = fc.oneof(
	fc.constantFrom(
		'',
		' ',
		'NA',
		'n/a',
		'-',
		'?',
		'unknown',
		'-0',
		'0.0',
		'00',
		'007',
		'+5',
		'1e3',
		'1_000',
		'inf',
		'NaN',
		'.5',
		'5.',
		'--',
	),
	fc.constantFrom(
		'2021-02-30',
		'0001-01-01',
		'12021-01-01',
		'epoch',
		'2021-1-5',
		'99999999999999999999',
		'9007199254740993',
		'1,5',
		'\u00a07',
	),
	...kinds,
);

/** Mostly of one kind, with gaps, blanks around values, and cells that are none of it; sometimes only far below what is looked at first. */
const column = fc
	.record({
		kind: fc.nat(kinds.length - 1),
		strange: fc.constantFrom(0, 0, 0.02, 0.05, 0.2),
		late: fc.boolean(),
	})
	.chain(({ kind, strange, late }) =>
		fc.tuple(
			fc.array(kinds[kind], { minLength: ROWS, maxLength: ROWS }),
			fc.array(odd, { minLength: ROWS, maxLength: ROWS }),
			fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: ROWS, maxLength: ROWS }),
			fc.constant({ strange, late }),
		),
	)
	.map(([usual, others, dice, { strange, late }]) =>
		usual.map((text, i): string | null => {
			if (dice[i] < 0.05) return null;
			if (dice[i] < 0.05 + strange && (!late || i % Math.floor(ROWS / SAMPLE) !== 0)) return others[i];
			return dice[i] > 0.97 ? ` ${text}\t` : text;
		}),
	);
const table = fc.record({
	columns: fc.array(column, { minLength: COLUMNS, maxLength: COLUMNS }),
	nulls: fc.constantFrom(undefined, undefined, ['0', '', '-999', 'no'] as string[]),
	forced: fc.constantFrom<Array<Record<string, ColumnType>>>(
		{},
		{},
		{},
		{ c0: 'integer' },
		{ c1: 'number', c2: 'category' },
		{ c3: 'datetime' },
	),
});

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'typed-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const iso = dateReader({ date: 'iso' });
let counter = 0;

async function rawOf(columns: ReadonlyArray<ReadonlyArray<string | null>>, nulls: string[] | undefined, duck: Duck): Promise<RawTable> {
	const cells = columns.map((values) => `[${values.map((v) => (v === null ? 'NULL' : quoteText(v))).join(', ')}]::VARCHAR[]`);
	const name = `raw_${++counter}`;
	await duck.run(`CREATE TEMP TABLE ${name} AS SELECT ${cells.map((list, i) => `unnest(${list}) AS c${i}`).join(', ')}`);
	const names = columns.map((_, i) => `c${i}`);
	const textual = names.map((key) => ({ key, name: key, kind: 'text' as const }));
	return {
		relation: quoteName(name),
		position: 'rowid',
		columns: textual,
		nulls,
		bad: [],
		badCount: 0,
		maxBadPercent: 100,
		description: name,
	};
}

const contextIn = (duck: Duck): SourceContext => ({
	duck,
	temporary: async (extension) => join(folder, `${++counter}.${extension}`),
	progress() {},
	note() {},
	check() {},
	finally() {},
});

const stored = async (duck: Duck, path: string): Promise<Array<Record<string, unknown>>> =>
	await duck.rows(`SELECT * FROM read_parquet(${quotePath(path)})`);

test(`what is read once is what careful reading gives, cell by cell, in ${TABLES} tables with odd cells`, async () => {
	const seen = { made: 0, kept: 0, strays: 0, failed: 0, late: 0 };
	const samples = fc.sample(table, { numRuns: TABLES, seed: 20_011 + SEED });
	for (const { columns, nulls, forced } of samples) {
		await withDuck({ threads: 2 }, async (duck) => {
			const context = contextIn(duck);
			const raw = await rawOf(columns, nulls, duck);
			const typed = await typeColumns(raw, forced, context, { sampleRows: SAMPLE });
			const failed = typed.some((t) => t.failed > 0);
			if (typed.every((t) => t.failed === columns[0].length)) return;
			const outcome = async (how: typeof typed) => {
				try {
					const written = await writeTyped(raw, how, context);
					const rows = await stored(duck, written.path);
					return { rows, count: written.rows, quarantined: written.quarantined, strays: [...(await listStrays(raw, how, context))] };
				} catch (thrown) {
					const { code, message } = thrown as { code?: string; message: string };
					return { code: code ?? message };
				}
			};
			const fast = await outcome(typed);
			const careful = await outcome(typed.map((t) => ({ ...t, made: undefined })));
			expect(fast).toEqual(careful);
			// Loaded and kept apart are all that were read.
			if (fast.rows) expect(fast.count! + fast.quarantined!).toBe(columns[0].length);
			seen.made += typed.filter((t) => t.made).length;
			seen.kept += typed.filter((t) => t.kept > 0).length;
			seen.strays += typed.filter((t) => t.strays > 0).length;
			seen.failed += Number(failed);
			seen.late += Number(new Set(typed.flatMap((t) => t.made?.table ?? [])).size > 1);
			if (failed || !fast.rows) return;
			// And what the grammar's other form says of each cell.
			const schema = typed.map((t) => t.schema);
			const names = storedNames(schema);
			for (const [j, { schema: of, kept }] of typed.entries()) {
				const read = cellReader(of);
				const show = cellText(of);
				const missing = missingTest(nulls);
				const words = of.type === 'category' || of.type === 'text';
				for (const [i, text] of columns[j].entries()) {
					// A plain ISO day is read among dates in whatever notation, as Predict reads it.
					const day =
						of.type === 'datetime' && text !== null && /^[1-9]\d{3}-\d\d-\d\d$/.test(trimBlank(text)) ? iso(trimBlank(text)) : undefined;
					const said = text === null ? null : (read(text) ?? day ?? null);
					const value = fast.rows[i][names.values[j]] ?? null;
					const plain =
						typeof value === 'boolean' ? Number(value) : of.type === 'datetime' && value !== null ? Date.parse(String(value)) : value;
					expect({ text, of, value: plain }).toEqual({ text, of, value: said });
					if (words || kept === 0) continue;
					const trimmed = text === null ? '' : trimBlank(text);
					const beside = missing(trimmed) || (said !== null && show(said) === trimmed) ? null : trimmed;
					expect({ text, beside: fast.rows[i][names.text(j)] ?? null }).toEqual({ text, beside });
				}
			}
		});
	}
	// The generator makes what is told apart here.
	for (const [what, count] of Object.entries(seen)) expect({ what, some: count > 0 }).toEqual({ what, some: true });
}, 14_400_000);

/** More columns than a table has that is read by one query. */
const WIDE_COLUMNS = 310;

test.each([1, 2])(
	'what a wide table stores from memory is what the database makes of it, cell by cell (%d)',
	async (seed) => {
		const wide = fc.array(column, { minLength: WIDE_COLUMNS, maxLength: WIDE_COLUMNS });
		const [columns] = fc.sample(wide, { numRuns: 1, seed: 20_021 + seed + SEED });
		// Texts that the database hands over otherwise than they stand there, in one table of the two.
		if (seed === 2) columns[7] = columns[7].map((text, i) => (i % 9 === 0 ? `\ufeff${text ?? 'x'}` : text));
		await withDuck({ threads: 2 }, async (duck) => {
			const context = contextIn(duck);
			const raw = { ...(await rawOf(columns, undefined, duck)), maxBadPercent: 100 };
			const typed = await typeColumns(raw, { c3: 'category' }, context);
			expect(new Set(typed.map((t) => t.celled !== undefined))).toEqual(new Set([seed === 1]));
			const outcome = async (how: typeof typed) => {
				const written = await writeTyped(raw, how, context);
				return { rows: await stored(duck, written.path), count: written.rows, strays: [...(await listStrays(raw, how, context))] };
			};
			const fromMemory = await outcome(typed);
			const asked = (await tabulated(typed, context)).map((t) => ({ ...t, celled: undefined }));
			expect(fromMemory).toEqual(await outcome(asked));
			// Half of the columns from memory, half from the database: their order is that of the table.
			const half = await outcome(asked.map((t, i) => (i % 2 ? t : typed[i])));
			expect(half).toEqual(fromMemory);
			expect(Object.keys(half.rows[0]).slice(0, 4)).toEqual(Object.keys(fromMemory.rows[0]).slice(0, 4));
			expect(fromMemory.strays.length).toBeGreaterThan(5);
			expect(typed.filter((t) => t.kept > 0).length).toBeGreaterThan(5);
			expect(new Set(typed.map((t) => t.schema.type))).toEqual(new Set(['number', 'integer', 'boolean', 'datetime', 'category']));
		});
	},
	600_000,
);

test('rows of a wide table that are kept apart are those that a person wants to be of a type', async () => {
	const columns = Array.from({ length: WIDE_COLUMNS }, (_, j) =>
		Array.from({ length: 40 }, (_, i) => (j === 2 && i % 20 === 3 ? 'x' : `${i * j}.${j % 7}0`)),
	);
	await withDuck({ threads: 2 }, async (duck) => {
		const context = contextIn(duck);
		const raw = await rawOf(columns, undefined, duck);
		const typed = await typeColumns(raw, { c2: 'number' }, context);
		const written = await writeTyped(raw, typed, context);
		expect(written).toMatchObject({ rows: 38, quarantined: 2 });
		expect((await stored(duck, written.path)).map((row) => row['c1'])).toEqual(columns[1].filter((_, i) => i % 20 !== 3).map(Number));
	});
}, 600_000);
