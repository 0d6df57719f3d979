import fc from 'fast-check';
import type { ColumnSchema, ColumnType } from '../../../lib/domain/column.js';
import { formatText, type ColumnFormat } from '../../../lib/data/format.js';
import { valueAt, vectorOf, type Frame } from '../../../lib/data/frame.js';
import { findingAt, readFrame, rowReader, seenIn, type ReadingWarning } from '../../../lib/data/reading/index.js';
import { frameOf } from '../frames.js';

const column = (name: string, type: ColumnType, format: ColumnFormat = {}): ColumnSchema => ({
	name,
	type,
	role: 'feature',
	format: formatText(format),
});
/** As much of a model as reading needs, trained on these values. */
function trained(schema: ColumnSchema[], values: Record<string, readonly unknown[]>, v: 1 | 2 = 2) {
	const frame = frameOf(schema, values);
	return {
		v,
		signature: schema.map((c) => ({ ...c, required: true })),
		seen: seenIn(
			frame,
			Uint32Array.from({ length: frame.rows }, (_, i) => i),
			schema.map((c) => c.name),
		),
		recipe: { input: schema, steps: [], output: schema },
		target: 'answer',
		task: 'binary' as const,
		classes: ['no', 'yes'],
	};
}
const valuesOf = (frame: Frame, name: string) => Array.from({ length: frame.rows }, (_, i) => valueAt(vectorOf(frame, name), i));
const one = (model: ReturnType<typeof trained>, batch: ColumnSchema, values: readonly unknown[], kept?: Record<number, string>) => {
	const { frame, findings } = readFrame(
		{
			...frameOf([batch], { [batch.name]: values }),
			...(kept ? { source: { texts: () => (id) => kept[id], fromText: new Set([batch.name]) } } : {}),
		},
		model,
	);
	return { values: valuesOf(frame, batch.name), findings: values.map((_, i) => (findings.length ? findingAt(findings[0], i) : undefined)) };
};

describe('a batch that was typed by itself is read as the model learned its columns', () => {
	const zip = trained([column('x', 'category')], { x: ['01067', '80331', '50667'] });
	const flag = trained([column('x', 'boolean', { yes: 'yes', no: 'no' })], { x: [1, 0] });
	const amount = trained([column('x', 'number')], { x: [0.5, 100] });
	const none = [undefined, undefined];

	test.each<[string, ReturnType<typeof trained>, ColumnSchema, unknown[], unknown[], unknown[]]>([
		['zips without leading zeros', zip, column('x', 'integer'), [50667, 80331], ['50667', '80331'], none],
		['zips that lost their zero', zip, column('x', 'integer'), [1067, 99999], ['01067', '99999'], [undefined, 'unknown']],
		['a flag that is only "no"', flag, column('x', 'category'), ['no', null], [0, null], none],
		['a flag as 1 and 0', flag, column('x', 'integer'), [1, 2], [1, null], [undefined, 'unread']],
		['a flag in other words', flag, column('x', 'category'), ['True', 'nein'], [1, 0], none],
		['a flag of another language', flag, column('x', 'boolean', { yes: 'ja', no: 'nein' }), [1, 0], [1, 0], none],
		[
			'yes and no where the model knows words',
			trained([column('x', 'category')], { x: ['True', 'False', 'unknown'] }),
			column('x', 'boolean'),
			[1, 0],
			['True', 'False'],
			none,
		],
		['an empty column of text', amount, column('x', 'category'), [null, null], [null, null], none],
		['numbers as text', amount, column('x', 'category'), ['12.5', 'n/a (broken)'], [12.5, null], [undefined, 'unread']],
		['whole numbers for numbers', amount, column('x', 'integer'), [7, 1e6], [7, 1e6], [undefined, 'outside']],
		['fractions for whole numbers', trained([column('x', 'integer')], { x: [0, 100] }), column('x', 'number'), [50.5, 3], [50.5, 3], none],
		['0 and 1 instead of 0, 1 and 2', trained([column('x', 'integer')], { x: [0, 1, 2] }), column('x', 'boolean'), [0, 1], [0, 1], none],
		[
			'dates as text',
			trained([column('x', 'datetime', { date: '%d.%m.%Y' })], { x: [Date.UTC(2024, 0, 1)] }),
			column('x', 'category'),
			['31.12.2024', 'soon'],
			[Date.UTC(2024, 11, 31), null],
			[undefined, 'unread'],
		],
		['dates where the model knows numbers', amount, column('x', 'datetime'), [0, null], [null, null], ['unread', undefined]],
	])('%s', (_, model, batch, values, read, findings) => {
		expect(one(model, batch, values)).toEqual({ values: read, findings });
	});

	test('text that was kept beside the value counts before it', () => {
		const model = trained([column('x', 'category')], { x: ['01067', '1067', 'True'] });
		expect(one(model, column('x', 'integer'), [1067, 1067, null], { 0: '01067', 2: 'True' }).values).toEqual(['01067', '1067', 'True']);
		const german = trained([column('x', 'number', { decimal: ',', group: '.' })], { x: [1000, 2000] });
		expect(one(german, column('x', 'number'), [1.971, 1500], { 0: '1.971' }).values).toEqual([1971, 1500]);
	});

	test("a column with the model's own type and reading is taken as it is, without a copy", () => {
		const schema = [column('a', 'number'), column('b', 'category')];
		const model = trained(schema, { a: [1, 2], b: ['x', 'y'] });
		const batch = frameOf([...schema, column('more', 'category')], { a: [1.5, 2], b: ['y', 'x'], more: ['m', 'n'] });
		const { frame, findings } = readFrame(batch, model);
		expect(findings).toEqual([]);
		expect(
			frame.vectors.map((v, j) =>
				'codes' in v ? v.codes === (batch.vectors[j] as typeof v).codes : v.data === (batch.vectors[j] as typeof v).data,
			),
		).toEqual([true, true, true]);
	});

	test('a model of version 1 gets the rows as they are', () => {
		const batch = frameOf([column('x', 'integer')], { x: [1067] });
		expect(readFrame(batch, { ...zip, v: 1 })).toEqual({ frame: batch, findings: [] });
	});
});

test('whole columns and single rows are read the same: value, gap and finding', () => {
	const schema = [
		column('n', 'number', { decimal: ',' }),
		column('i', 'integer'),
		column('b', 'boolean'),
		column('d', 'datetime'),
		column('c', 'category'),
	];
	const model = trained(schema, {
		n: [0.5, 9],
		i: [1, 30],
		b: [1, 0],
		d: [Date.UTC(2020, 0, 1), Date.UTC(2021, 0, 1)],
		c: ['True', 'False', '01067', 'Silver', 'é'],
	});
	const read = rowReader(model.signature, model.seen);
	const text = fc.oneof(
		fc.string({ maxLength: 5 }),
		fc.constantFrom(
			'12,5',
			'12.5',
			'1e3',
			'7',
			'true',
			'TRUE',
			'ja',
			'1067',
			'silver',
			'Silver ',
			'Bronze',
			'2020-05-05',
			'1900-01-01',
			'NA',
			' ',
			'-3',
			'e\u0301',
		),
	);
	fc.assert(
		fc.property(fc.record({ n: text, i: text, b: text, d: text, c: text }), (row) => {
			const batch = frameOf(
				schema.map((c) => column(c.name, 'category')),
				Object.fromEntries(Object.entries(row).map(([k, v]) => [k, [v]])),
			);
			const { frame, findings } = readFrame(batch, model);
			const found = new Map(findings.map((f) => [f.column.name, findingAt(f, 0)]));
			for (const { name } of schema) {
				const warnings: ReadingWarning[] = [];
				let single: unknown = null;
				try {
					single = read({ [name]: row[name as keyof typeof row] }, warnings)[name];
				} catch {
					expect([name, row, found.get(name)]).toEqual([name, row, 'unread']);
				}
				expect([name, row, valuesOf(frame, name)[0]]).toEqual([name, row, single]);
				const codes = { unknown: 'predict.unknown_value', outside: 'predict.out_of_range', case: 'predict.other_case' } as const;
				expect(warnings.map((w) => w.code)).toEqual([found.get(name)].flatMap((f) => (f && f !== 'unread' ? [codes[f]] : [])));
			}
		}),
		{ numRuns: 2_000 },
	);
});
