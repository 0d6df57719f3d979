import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { Form } from '../../../lib/data/grammar/forms.js';
import { askForms } from '../../../lib/data/readers/askForms.js';
import { readForms } from '../../../lib/data/readers/cellForms.js';
import { cellKernel } from '../../../lib/data/readers/cellKernel.js';
import { standard } from '../../../lib/data/readers/csvRecord.js';
import { surveyText } from '../../../lib/data/readers/survey.js';
import { mulberry32 } from '../../../lib/domain/random.js';
import { askedSeed } from '../../seededFastCheck.js';
import { workshop, type Workshop } from '../helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

/** What is found in a text; WebAssembly and plain TypeScript find the same. */
const formsIn = (text: string, width: number, { crlf = false, skip = 0 } = {}) => {
	const path = shop.path('forms.csv');
	writeFileSync(path, text);
	const part = { path, from: 0, to: Buffer.byteLength(text), skip, width, delimiter: 44, quote: 34, crlf, words: ['NA'] };
	const found = readForms(part);
	expect(found).toEqual(readForms(part, true));
	return found;
};

test('what the cells of a column have in common, gaps and odd cells aside', () => {
	const { whole, number, point, day, bare } = Form;
	const found = formsIn('1,0.5,a,2024-01-31\n,2.25,"b, ""c""",NA\n"3","1.5e3", d,2024-02-29\n', 4)!;
	expect([...found.forms]).toEqual([whole | number | point | bare, number | point | bare, 0, day | bare]);
	expect([...found.words]).toEqual([0, 0, 0, 1]);
	const odd = [
		{ row: 0, text: '1', lacks: point },
		{ row: 2, text: '3', lacks: point },
	];
	expect(found.odd).toEqual([odd, [{ row: 2, text: '1.5e3', lacks: number | point }], [], []]);
	expect(found.rows).toBe(3);
	expect([...formsIn('1\r\n"2"\r\n3', 1, { crlf: true })!.forms]).toEqual([whole | number | point | bare]);
});

test.each([
	['a line end within a value', '1,"a\nb"\n'],
	['a quotation mark where none belongs', '1,a"b\n'],
	['a quotation mark that nothing closes', '1,"ab'],
	['something behind a quotation mark', '1,"a"b\n'],
	['a value too many', '1,2\n1,2,3\n'],
	['a value too few', '1,2\n1\n'],
])('nothing is said of a file with %s', (_, text) => {
	expect(formsIn(text, 2)).toBeUndefined();
});

test('WebAssembly looks at cells here', () => {
	expect(cellKernel(1 << 22, { width: 3, delimiter: 44, quote: 34, crlf: false })).toBeDefined();
});

const cells = fc.oneof(
	{ weight: 5, arbitrary: fc.integer({ min: -2000, max: 2000 }).map((n) => String(n / 10)) },
	{ weight: 3, arbitrary: fc.integer({ min: -99, max: 99 }).map((n) => `${n}.0`) },
	fc.date({ noInvalidDate: true }).map((d) => d.toISOString().slice(0, 10)),
	fc.constantFrom(
		'',
		'',
		'NA',
		'""',
		'"NA"',
		' 1',
		'1 ',
		'"a ""b"" c"',
		'"1,5"',
		'-0',
		'1e5',
		'"x',
		'a"b',
		'"a"b',
		'ä ',
		'"7"',
		'a long text of a column',
	),
	fc.string({ maxLength: 40 }),
);
test('whatever the cells, both forms find the same', () => {
	let plain = 0;
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 5 }).chain((width) =>
				fc.record({
					width: fc.constant(width),
					rows: fc.array(fc.array(cells, { minLength: width, maxLength: width }), { maxLength: 12 }),
					strange: fc.option(fc.tuple(fc.nat(11), fc.constantFrom('', ',', '1,2', '"')), { nil: undefined, freq: 5 }),
				}),
			),
			fc.boolean(),
			fc.boolean(),
			fc.nat(2),
			({ width, rows, strange }, crlf, ended, skip) => {
				const lines = rows.map((row) => row.join(','));
				if (strange) lines.splice(strange[0], 0, strange[1]);
				const mark = crlf ? '\r\n' : '\n';
				plain += Number(formsIn(lines.join(mark) + (ended ? mark : ''), width, { crlf, skip }) !== undefined);
			},
		),
		{ numRuns: 600 },
	);
	expect(plain).toBeGreaterThan(100);
});

test.each(['\n', '\r\n'])('several threads find the same of a file as one, by parts of its own each (%j)', async (mark) => {
	const path = shop.path('parts.csv');
	const rows = Array.from(
		{ length: 5000 },
		(_, i) => `${i},${i % 999 ? i / 8 : '1e3'},${i % 7 ? `word ${i}` : 'NA'},${i % 1234 ? 5 : '05'}`,
	);
	writeFileSync(path, ['remarks above', 'a,b,c,d', ...rows].join(mark));
	const survey = await surveyText(path, { check() {}, progress() {} });
	const ask = async (threads: number, partBytes: number) => {
		const asked = askForms({ path, survey, dialect: standard(','), skip: 2, width: 4 }, ['NA'], threads, partBytes);
		try {
			return await asked.found;
		} finally {
			await asked.end();
		}
	};
	const one = (await ask(1, 1000))!;
	expect(one.rows).toBe(5000);
	expect(one.odd[1].filter(({ lacks }) => lacks & Form.number).map(({ row }) => row)).toEqual([0, 999, 1998, 2997, 3996, 4995]);
	expect(one.odd[3].filter(({ lacks }) => lacks & Form.whole).map(({ row }) => row)).toEqual([0, 1234, 2468, 3702, 4936]);
	// Which forms were given up early, and what is kept of them, may differ; what a column may be read as does not.
	const used = (found: typeof one) => found.odd.map((cells) => cells.filter(({ lacks }) => lacks & (Form.number | Form.whole)));
	for (const threads of [2, 3, 7]) {
		const several = (await ask(threads, 1000))!;
		expect([several.rows, several.words]).toEqual([one.rows, one.words]);
		expect([...several.forms].map((forms) => forms & ~Form.point)).toEqual([...one.forms].map((forms) => forms & ~Form.point));
		expect(used(several).map((cells) => cells.map(({ row, text }) => [row, text]))).toEqual(
			used(one).map((cells) => cells.map(({ row, text }) => [row, text])),
		);
	}
});

/** So many that every second one is looked at first. */
const ROWS = 41_000;
/** More of them by `MLOPS_TABLES=50`. */
const TABLES = Number(process.env['MLOPS_TABLES'] ?? 4);

type Draw = () => number;
const int = (draw: Draw, below: number): number => Math.floor(draw() * below);
const pick = <T>(draw: Draw, list: readonly T[]): T => list[int(draw, list.length)];
/** What a column is made of, and what stands in few of its cells. */
const KINDS: ReadonlyArray<{ usual(draw: Draw): string; odd: readonly string[] }> = [
	{ usual: (d) => String(int(d, 1000) - 100), odd: ['-0', '007', '12345678901234567', '5.0', '1e3', ' 7'] },
	{ usual: (d) => String((int(d, 100_000) - 50_000) / 100), odd: ['-0.0', '1.50', '5.', '.5', '1e-7', '2.5E+3', '0.10000000000000001'] },
	{ usual: (d) => ((int(d, 2000) - 1000) / 10).toFixed(1), odd: ['-0.0', '12', '1.25e1', '00.5', '-.5'] },
	{ usual: (d) => String(d()), odd: ['1', '0.1', '3e-9'] },
	{ usual: (d) => `20${10 + int(d, 15)}-${pick(d, ['01', '06', '12'])}-${10 + int(d, 18)}`, odd: ['2021-02-30', '2021-1-5', '01/02/2021'] },
	{ usual: (d) => `word ${int(d, 60)}`, odd: [' word 1', 'word 2 ', '"quoted, ""twice"""', 'é', '7', 'NA '] },
	{ usual: (d) => `"$${1 + int(d, 9)},${100 + int(d, 900)}.00"`, odd: ['$5.00', '"$1,000"'] },
	{ usual: (d) => `0${int(d, 9000)}`, odd: ['12', 'x'] },
];
const GAPS = ['', '', '', 'NA', '"NA"', '""', 'NaN', ' '];

test.each(Array.from({ length: TABLES }, (_, k) => k + (askedSeed ?? 0)))(
	'table %d, a line each row, comes out the same as from two files of texts',
	async (seed) => {
		const draw = mulberry32(seed + 1);
		const columns = Array.from({ length: 7 }, () => {
			const kind = pick(draw, KINDS);
			return {
				kind,
				share: pick(draw, [0, 0.0002, 0.002, 0.02]),
				gaps: draw() < 0.6 ? pick(draw, GAPS) : '',
				odd: kind.odd.filter(() => draw() < 0.5),
			};
		});
		const cell = ({ kind, share, gaps, odd }: (typeof columns)[number]): string => {
			const dice = draw();
			if (dice < 0.03) return gaps;
			if (dice < 0.03 + share && odd.length) return pick(draw, odd);
			return kind.usual(draw);
		};
		const mark = pick(draw, ['\n', '\r\n']);
		const head = columns.map((_, k) => (draw() < 0.1 ? String(2000 + k) : `c${k}`)).join(',');
		const lines = Array.from({ length: ROWS }, (_, i) => `${i},${columns.map(cell).join(',')}`);
		const write = (name: string, rows: readonly string[]): string => {
			writeFileSync(shop.path(name), [`id,${head}`, ...rows].join(mark) + mark);
			return shop.path(name);
		};
		const read = async (path: string) => {
			const {
				content,
				rows,
				columns: schema,
				texts,
				fromText,
				quarantined,
				profile,
			} = await shop.ingest({ source: 'file', params: { path } });
			return { content, rows, schema, texts, fromText, quarantined, profile };
		};
		const found = await read(write('one.csv', lines));
		write('part-1.csv', lines.slice(0, 15_000));
		write('part-2.csv', lines.slice(15_000));
		const wanted = await read(shop.path('part-*.csv'));
		expect(found).toEqual(wanted);
	},
);
