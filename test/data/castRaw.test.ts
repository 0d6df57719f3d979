import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { castRaw } from '../../lib/data/castRaw.js';
import { vectorOf, valueAt } from '../../lib/data/frame.js';
import { frameFromRows } from '../../lib/data/frameFromRows.js';
import { contentDigest, vectorDigest } from '../../lib/data/content.js';
import { formatOf } from '../../lib/data/format.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { missingTest, trimBlank } from '../../lib/data/parse.js';
import { textColumns } from '../../lib/data/texts.js';
import { isNumeric, type ColumnSchema } from '../../lib/domain/column.js';
import { workshop, type Workshop } from './helpers.js';
import { textsOf } from './textsOf.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

const pad = (n: number, width = 2) => String(n).padStart(width, '0');
const day = fc.date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true });
const money = (mark: string, group: string) =>
	fc
		.tuple(fc.integer({ min: -9_999_999, max: 9_999_999 }), fc.integer({ min: 0, max: 99 }))
		.map(([n, cents]) => `${n < 0 ? '-' : ''}${String(Math.abs(n)).replace(/\B(?=(\d{3})+$)/g, group)}${mark}${pad(cents)}`);
/** Kinds of columns as people write them. */
const KINDS: Record<string, fc.Arbitrary<string>> = {
	number: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
	integer: fc.maxSafeInteger().map(String),
	us: money('.', ',').map((m) => `$${m}`.replace('$-', '-$')),
	german: money(',', '.').map((m) => `${m} €`),
	percent: fc.integer({ min: -500, max: 500 }).map((n) => `${n / 10}%`),
	iso: fc.tuple(day, fc.constantFrom(10, 19, 23, 24)).map(([d, n]) => d.toISOString().slice(0, n)),
	offset: fc
		.tuple(day, fc.integer({ min: -12, max: 12 }))
		.map(([d, h]) => `${d.toISOString().slice(0, 19)}${h < 0 ? '-' : '+'}${pad(Math.abs(h))}:30`),
	american: day.map((d) => `${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()} ${d.getUTCHours()}:${pad(d.getUTCMinutes())}`),
	dotted: day.map((d) => `${pad(d.getUTCDate())}.${pad(d.getUTCMonth() + 1)}.${d.getUTCFullYear()}`),
	named: day.map((d) => `${d.toLocaleString('en-US', { month: 'short', timeZone: 'UTC' })} ${pad(d.getUTCDate())} ${d.getUTCFullYear()}`),
	words: fc.constantFrom('yes', 'No', 'YES', 'no'),
	text: fc.string({ unit: 'grapheme', maxLength: 12 }).filter((s) => !s.includes('\0')),
	junk: fc.constantFrom(
		'1_000',
		'inf',
		'0x10',
		'1e5',
		'.5',
		'5.',
		'+7',
		'NaN',
		'NA',
		' 3 ',
		'2024-02-30',
		'24:00',
		'١٢',
		'1,5',
		'00',
		'-0',
	),
};

/** What a reader refuses is a gap in the stored column. */
const orNull = (cast: ReturnType<typeof castRaw>, row: Record<string, unknown>, name: string) => {
	try {
		return cast(row)[name];
	} catch {
		return null;
	}
};

test('a raw row is read at prediction as the stored column was, nothing is lost uncounted, and every text comes back', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.record(
				Object.fromEntries(
					Object.entries(KINDS).map(([k, a]) => [k, fc.array(fc.option(a, { freq: 6 }), { minLength: 12, maxLength: 12 })]),
				),
			),
			async (columns) => {
				const rows = Array.from({ length: 12 }, (_, i) => Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, v[i]])));
				const path = shop.path('cast.ndjson');
				writeFileSync(path, rows.map((r) => JSON.stringify(r)).join('\n'));
				const r = await shop.ingest({ source: 'items', params: { path } }, 1);
				expect(r.rows).toBe(12);
				const frame = await loadFrame(r.dataPath, { schema: r.columns });
				const again = frameFromRows(
					rows.map((row) => Object.fromEntries(r.columns.map((c) => [c.name, orNull(castRaw([c]), row, c.name)]))),
					r.columns,
				);
				const texts = await textsOf(r.dataPath, { columns: r.columns, texts: r.texts });
				for (const [j, c] of r.columns.entries()) {
					const { name } = c;
					const values = (f: typeof frame) => Array.from({ length: 12 }, (_, i) => valueAt(vectorOf(f, name), i));
					expect({ name, values: values(again) }).toEqual({ name, values: values(frame) });
					const missing = missingTest(formatOf(c).nulls);
					const came = columns[name].map((t) => (t === null || missing(t) ? null : isNumeric(c.type) ? trimBlank(t) : t));
					expect({ name, texts: texts[j] }).toEqual({ name, texts: came });
					const lost = came.filter((t, i) => t !== null && valueAt(vectorOf(frame, name), i) === null).length;
					expect({ name, lost: r.profile.columns[j].strays?.count ?? 0 }).toEqual({ name, lost });
				}
				const beside = new Map(textColumns(r.columns, r.texts ?? []).map((c, k) => [r.texts![k], c.schema]));
				const kept = await loadFrame(r.dataPath, { schema: [...beside.values()] });
				const digests = new Map([...beside.keys()].map((name, k) => [name, vectorDigest(kept.vectors[k])]));
				for (const f of [frame, again]) expect(contentDigest(r.columns, 12, f.vectors.map(vectorDigest), digests)).toBe(r.content);
			},
		),
		{ numRuns: 40, endOnFailure: true },
	);
}, 240_000);

describe('lossless forms are taken, others refused by name', () => {
	const schema: ColumnSchema[] = [
		{ name: 'n', type: 'number', role: 'feature' },
		{ name: 'i', type: 'integer', role: 'feature' },
		{ name: 'b', type: 'boolean', role: 'feature', format: '{"no":"no","yes":"yes"}' },
		{ name: 'd', type: 'datetime', role: 'feature' },
		{ name: 'c', type: 'category', role: 'feature' },
	];
	const cast = castRaw(schema);
	test('taken', () => {
		expect(cast({ n: '1.5', i: 3, b: true, d: new Date(0), c: 7, extra: 1 })).toEqual({ n: 1.5, i: 3, b: 1, d: 0, c: '7' });
		expect(cast({ n: 2, i: '3', b: 'No', d: '1970-01-02', c: '' })).toEqual({ n: 2, i: 3, b: 0, d: 86_400_000, c: null });
		expect(cast({})).toEqual({ n: null, i: null, b: null, d: null, c: null });
	});
	test.each([
		[{ n: 'many' }, 'n', 'a number', '"many"'],
		[{ i: 1.5 }, 'i', 'a whole number', '1.5'],
		[{ b: 'perhaps' }, 'b', 'yes or no', '"perhaps"'],
		[{ d: 'soon' }, 'd', 'a date such as 2024-05-31 or 2024-05-31T12:00:00Z', '"soon"'],
		[{ n: {} }, 'n', 'a number', '{}'],
		[{ n: Infinity }, 'n', 'a number', 'Infinity'],
	])('%j', (raw, column, expected, found) => {
		expect(() => cast(raw)).toThrow(
			expect.objectContaining({ code: 'predict.input_invalid', message: `"${column}" should be ${expected}, not ${found}.` }),
		);
	});
});
