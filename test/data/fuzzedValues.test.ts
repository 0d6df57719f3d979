import { rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import type { IngestResult } from '../../lib/data/ingest.js';
import { NULL_WORDS } from '../../lib/data/format.js';
import { workshop, type Workshop } from './helpers.js';
import { textsOf } from './textsOf.js';

/**
 * Files are written here, so what stands in each of their cells is known: read, typed and stored, every cell must give the same text back.
 * More of them by `MLOPS_FILES=1000`, and others by `MLOPS_SEED=1`; of long files a twentieth as many.
 */
const FILES = Number(process.env['MLOPS_FILES'] ?? 40);
const SEED = Number(process.env['MLOPS_SEED'] ?? 0);
/** From so many rows on, a file is read and typed in one pass where its lines seem to be its rows. */
const LONG = 40_000;

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

const padded = (n: number, width = 2): string => String(n).padStart(width, '0');
const day = fc.record({ y: fc.integer({ min: 1990, max: 2030 }), m: fc.integer({ min: 1, max: 12 }), d: fc.integer({ min: 1, max: 28 }) });
const cents = fc.integer({ min: -9_999_999, max: 9_999_999 });
const grouped = (whole: number, mark: string): string => String(whole).replace(/\B(?=(\d{3})+$)/g, mark);

/** What a column may hold. */
const KINDS = {
	whole: fc.integer({ min: -99_999, max: 99_999 }).map(String),
	long: fc.bigInt({ min: 10n ** 15n, max: 10n ** 19n }).map(String),
	points: cents.map((n) => (n / 100).toFixed(2)),
	shortest: cents.map((n) => String(n / 1000)),
	commas: cents.map((n) => (n / 100).toFixed(2).replace('.', ',')),
	money: fc.nat(99_999_999).map((n) => `$${grouped(Math.floor(n / 100), ',')}.${padded(n % 100)}`),
	percent: fc.nat(1000).map((n) => `${(n / 10).toFixed(1)}%`),
	exponents: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
	zeros: fc.nat(99_999).map((n) => padded(n, 5)),
	days: day.map(({ y, m, d }) => `${y}-${padded(m)}-${padded(d)}`),
	american: day.map(({ y, m, d }) => `${padded(m)}/${padded(d)}/${y}`),
	german: day.map(({ y, m, d }) => `${d}.${m}.${y}`),
	moments: day.map(({ y, m, d }) => `${y}-${padded(m)}-${padded(d)}T${padded(d % 24)}:${padded(m * 4)}:00Z`),
	answers: fc.constantFrom('yes', 'no'),
	flags: fc.constantFrom('0', '1'),
	words: fc.constantFrom('red', 'green', 'blue', 'Blue', 'two words'),
	names: fc
		.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
		.filter((text) => !/[\u0000-\u001f\u007f-\u009f\ufeff\u2028\u2029]/u.test(text)),
	sentences: fc
		.array(fc.constantFrom('a', 'b "c"', 'd,', 'e;', 'f\ng', 'h|', "it's", '\t', ' '), { minLength: 1, maxLength: 5 })
		.map((a) => a.join('')),
} satisfies Record<string, fc.Arbitrary<string>>;
const ODD = [
	'',
	'',
	'NA',
	'n/a',
	'x',
	'-',
	'?',
	' 7',
	'7 ',
	'007',
	'+7',
	'-0',
	'1e3',
	'1,5',
	'1.50',
	'.5',
	'5.',
	'1 000',
	'2024-02-30',
	'"',
	'é',
	'🙂',
];
const BLANK = /^[ \t\r\n]+|[ \t\r\n]+$/g;

interface File {
	names: string[];
	rows: string[][];
	delimiter: string;
	quoteAll: boolean;
	end: string;
	mark: boolean;
}

/** A table of columns of some kinds, the first without gaps; now and then a cell is none of its column. */
const fileOf = (least: number, most: number): fc.Arbitrary<File> =>
	fc
		.record({
			kinds: fc.array(fc.constantFrom(...(Object.keys(KINDS) as Array<keyof typeof KINDS>)), { minLength: 1, maxLength: 5 }),
			count: fc.integer({ min: least, max: most }),
			odd: fc.constantFrom(0, 0, 1, 3),
			delimiter: fc.constantFrom(',', ',', ';', '\t', '|'),
			quoteAll: fc.boolean(),
			end: fc.constantFrom('\n', '\n', '\r\n'),
			mark: fc.boolean(),
			seed: fc.nat(),
		})
		.map(({ kinds, count, odd, seed, ...how }) => {
			// A pool of values is drawn for each column, and rows from the pools: long files would take minutes to draw.
			const pools = kinds.map((kind, j) => fc.sample(KINDS[kind], { numRuns: Math.min(count, 400), seed: seed + j }));
			const places = fc.sample(fc.tuple(fc.nat(count - 1), fc.nat(kinds.length - 1), fc.constantFrom(...ODD)), {
				numRuns: Math.max(1, Math.min(odd * 4, (count * odd) >> 4)),
				seed,
			});
			const rows = Array.from({ length: count }, (_, i) => [
				String(1000 + i),
				...pools.map((pool, j) => pool[(i * (j + 7)) % pool.length]),
			]);
			if (odd) for (const [i, j, text] of places) rows[i][j + 1] = text;
			return { ...how, names: ['id', ...kinds.map((kind, j) => `${kind}_${j}`)], rows };
		});

const written = ({ names, rows, delimiter, quoteAll, end, mark }: File): string => {
	const cell = (text: string): string =>
		quoteAll || /["\r\n]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text;
	return `${mark ? '\ufeff' : ''}${[names, ...rows].map((row) => row.map(cell).join(delimiter)).join(end)}${end}`;
};

/** What is expected of a cell, and what of it is found: blanks around it do not count, and some words are gaps. */
const bare = (text: string | null): string | null => {
	const trimmed = text?.replace(BLANK, '') ?? '';
	return trimmed === '' || NULL_WORDS.includes(trimmed) ? null : trimmed;
};

/** Cells that came back otherwise. */
async function differences({ names, rows }: File, result: IngestResult): Promise<string[]> {
	const columns = await textsOf(result.dataPath, result);
	const found: string[] = [];
	if (result.rows !== rows.length) found.push(`${rows.length} rows were written, ${result.rows} read and ${result.quarantined} kept apart`);
	if (result.columns.map((c) => c.name).join() !== names.join()) found.push(`the columns are ${result.columns.map((c) => c.name).join()}`);
	if (found.length) return found;
	for (const [j, cells] of columns.entries())
		for (const [i, cell] of cells.entries())
			if (bare(cell) !== bare(rows[i][j]))
				found.push(
					`row ${i} of ${names[j]} (${result.columns[j].type}): ${JSON.stringify(rows[i][j])} came back as ${JSON.stringify(cell)}`,
				);
	return found;
}

test.each([
	['short', FILES, 12, 90, 31],
	['long', Math.ceil(FILES / 20), LONG, LONG + 3_000, 32],
])(
	'every cell of %s files is the one that was written (%d of them)',
	async (_length, files, least, most, seed) => {
		const wrong: string[] = [];
		for (const file of fc.sample(fileOf(least, most), { numRuns: files, seed: seed + 2 * SEED })) {
			const path = shop.path('fuzzed.csv');
			writeFileSync(path, written(file));
			const result = await shop.ingest({ source: 'file', params: { path, header: 'yes' } });
			const found = await differences(file, result);
			if (found.length) wrong.push(`${JSON.stringify({ ...file, rows: file.rows.slice(0, 3) })}\n\t${found.slice(0, 5).join('\n\t')}`);
			for (const made of [result.dataPath, result.quarantinePath]) if (made) rmSync(made, { force: true });
		}
		expect(wrong).toEqual([]);
	},
	14_400_000,
);
