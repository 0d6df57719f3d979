import type { ColumnSchema, ColumnType } from '../../lib/domain/column';
import { formatText, type ColumnFormat } from '../../lib/data/format';
import { castRaw } from '../../lib/data/castRaw';
import { valueAt, type Frame } from '../../lib/data/frame';
import { frameFromLog } from '../../lib/monitor/frameFromLog';

const column = (name: string, type: ColumnType, format: ColumnFormat = {}): ColumnSchema => ({
	name,
	type,
	role: 'feature',
	format: formatText(format),
});
const rowsOf = (frame: Frame) =>
	Array.from({ length: frame.rows }, (_, i) => Object.fromEntries(frame.schema.map((c, j) => [c.name, valueAt(frame.vectors[j], i)])));
const inputs = (...rows: Array<Record<string, unknown>>) => rows.map((input) => ({ input }));

test('rows that failed and columns that nobody sent are left out; what is no value of its column is missing', () => {
	const schema = [
		column('price', 'number'),
		column('member', 'boolean'),
		column('city', 'category'),
		column('since', 'datetime'),
		column('never', 'number'),
	];
	const frame = frameFromLog(
		[
			{ input: { price: '12.5', member: 'true', city: 'Rome', since: '2001-01-01T00:00:00Z' } },
			{ input: { price: 'a lot', member: false, city: '', since: 978307200000 } },
			{ input: { price: 3 }, error: 'predict.input_invalid' },
		],
		schema,
	);
	expect(frame.schema.map((c) => c.name)).toEqual(['price', 'member', 'city', 'since']);
	expect(rowsOf(frame)).toEqual([
		{ price: 12.5, member: 1, city: 'Rome', since: 978307200000 },
		{ price: null, member: 0, city: null, since: 978307200000 },
	]);
});

test('values are read as Predict reads them, in the notation that the column was learned in', () => {
	const schema = [
		column('price', 'number', { decimal: ',', group: '.' }),
		column('fee', 'number', { currency: '€' }),
		column('share', 'number', { percent: true }),
		column('member', 'boolean', { yes: 'ja', no: 'nein' }),
		column('since', 'datetime', { date: '%d.%m.%Y' }),
		column('grade', 'category'),
		column('code', 'category', { nulls: ['-'] }),
	];
	const sent = [
		{ price: '1.234,5', fee: '€ 12', share: '5%', member: 'Ja', since: '31.12.2001', grade: 'NA', code: 'NA' },
		{ price: 2.5, fee: 12, share: 0.05, member: 'nein', since: '2001-12-31', grade: 'A', code: '-' },
		{ price: null, fee: '', share: 'n/a', member: true, since: null, grade: 7, code: true },
	];
	const frame = frameFromLog(inputs(...sent), schema);
	const cast = castRaw(schema);
	expect(rowsOf(frame)).toEqual(sent.map((row) => ({ ...cast(row) })));
	const day = Date.UTC(2001, 11, 31);
	expect(rowsOf(frame)).toEqual([
		{ price: 1234.5, fee: 12, share: 0.05, member: 1, since: day, grade: null, code: 'NA' },
		{ price: 2.5, fee: 12, share: 0.05, member: 0, since: day, grade: 'A', code: null },
		{ price: null, fee: null, share: null, member: 1, since: null, grade: '7', code: 'true' },
	]);
});

test('one bad value costs its own cell alone', () => {
	const frame = frameFromLog(inputs({ a: 'x', b: 2 }, { a: 1, b: 'y' }), [column('a', 'number'), column('b', 'number')]);
	expect(rowsOf(frame)).toEqual([
		{ a: null, b: 2 },
		{ a: 1, b: null },
	]);
});

test('a column called like a part of every object is no column that was sent', () => {
	const frame = frameFromLog(inputs({ a: 1 }), [column('a', 'number'), column('constructor', 'category')]);
	expect(frame.schema.map((c) => c.name)).toEqual(['a']);
});
