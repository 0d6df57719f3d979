import { z } from 'zod/v4';
import { columnType, type ColumnSchema, type ColumnType } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { columnsParam } from '../../domain/ui.js';
import { columnStep } from '../columnStep.js';
import { kindOf, type Derive } from '../derive.js';
import { readNumber } from '../parse/readNumber.js';
import { dateReader, readBoolean } from '../parse/values.js';
import { cutText } from '../../domain/text.js';

const params = z.object({
	columns: columnsParam({ title: 'Columns', description: 'Columns to convert.' }),
	to: columnType.default('number').meta({
		title: 'Convert to',
		description: 'What the values really are.',
		labels: {
			number: 'Number',
			integer: 'Whole number',
			boolean: 'Yes / no',
			datetime: 'Date and time',
			category: 'Category',
			text: 'Free text',
		},
	}),
	decimal: z
		.enum(['auto', '.', ','])
		.default('auto')
		.meta({
			title: 'Decimal mark',
			description: 'The sign before the fraction. Automatic decides value by value: 1,234 is read as a thousand, 1,5 as one and a half.',
			labels: { auto: 'Automatic', '.': 'Point (1,234.5)', ',': 'Comma (1.234,5)' },
			when: { to: ['number', 'integer'] },
		}),
	day_first: z
		.boolean()
		.default(false)
		.meta({ title: 'Day before month', description: 'Whether to read 03/04/2001 as the 3rd of April.', when: { to: ['datetime'] } }),
	unit: z
		.enum(['ms', 's', 'us', 'ns', 'days_1900'])
		.default('ms')
		.meta({
			title: 'Numbers as dates',
			description: 'What a number counts when it becomes a date.',
			advanced: true,
			labels: {
				ms: 'Milliseconds since 1970',
				s: 'Seconds since 1970',
				us: 'Microseconds since 1970',
				ns: 'Nanoseconds since 1970',
				days_1900: 'Days as in Excel',
			},
		}),
	on_error: z
		.enum(['missing', 'error'])
		.default('missing')
		.meta({
			title: 'Values that cannot be read',
			description: 'What happens to a value that is no such thing.',
			advanced: true,
			labels: { missing: 'Become missing', error: 'Stop with a message' },
		}),
});
type Params = z.infer<typeof params>;

const isoText = (ms: number): string =>
	new Date(ms)
		.toISOString()
		.replace(/T00:00:00\.000Z$/, '')
		.replace(/\.000Z$/, 'Z');
const EXCEL_EPOCH = Date.UTC(1899, 11, 30);
/** The moments that a JavaScript date can hold. */
const MAX_DATE = 8.64e15;

/** Reads numbers, dates and yes/no out of text as people write it, and turns numbers into categories. */
export const convertType = columnStep<Params>({
	id: 'convert_type',
	version: 1,
	label: 'Convert type',
	group: 'clean',
	stage: 'dataset',
	params,
	description: 'Reads numbers in words or with currency, dates in mixed formats, yes and no; or makes categories of numbers.',
	columns: (p) => p.columns,
	accepts: columnType.options,
	roles: [],
	make: (column, p) => ({ made: [{ schema: retyped(column, p.to), derive: checked(column, p, conversion(column.type, p)) }] }),
	explain: (p) => `Reads ${p.columns.join(', ') || 'nothing'} as ${p.to}.`,
});

/** The format that Ingest noted described the old type. */
function retyped({ name, role }: ColumnSchema, type: ColumnType): ColumnSchema {
	return { name, type, role };
}

const wholeOrNaN = (x: number): number => (Number.isInteger(x) ? x : NaN);
const asBoolean = (x: number): number => (x === 0 || x === 1 ? x : NaN);
const inRange = (ms: number): number => (Math.abs(ms) <= MAX_DATE ? Math.round(ms) : NaN);

function conversion(from: ColumnType, p: Params): Derive {
	if (kindOf(from) === 'number') {
		if (kindOf(p.to) === 'text') {
			const show = from === 'datetime' ? isoText : from === 'boolean' ? (x: number) => (x ? 'true' : 'false') : String;
			return { from: 'number', to: 'text', map: (x) => (Number.isNaN(x) ? null : show(x)) };
		}
		const factor = from !== 'datetime' && p.to === 'datetime' ? toMillis(p.unit) : (x: number) => x;
		const narrow = p.to === 'integer' ? wholeOrNaN : p.to === 'boolean' ? asBoolean : p.to === 'datetime' ? inRange : (x: number) => x;
		return { from: 'number', to: 'number', map: (x) => narrow(factor(x)) };
	}
	if (kindOf(p.to) === 'text') return { from: 'text', to: 'text', map: (s) => s };
	const read = p.to === 'boolean' ? readBoolean : p.to === 'datetime' ? dateReader(p.day_first) : (s: string) => readNumber(s, p.decimal);
	const narrow = p.to === 'integer' ? wholeOrNaN : (x: number) => x;
	return { from: 'text', to: 'number', map: (s) => (s === null ? NaN : narrow(read(s))) };
}

function toMillis(unit: Params['unit']): (x: number) => number {
	switch (unit) {
		case 's':
			return (x) => x * 1000;
		case 'ms':
			return (x) => x;
		case 'us':
			return (x) => x / 1e3;
		case 'ns':
			return (x) => x / 1e6;
		case 'days_1900':
			return (x) => EXCEL_EPOCH + x * 86_400_000;
	}
}

/** With `on_error: 'error'`, a value that came in and does not come out stops the step. */
function checked(column: ColumnSchema, p: Params, derive: Derive): Derive {
	if (p.on_error === 'missing' || derive.to === 'text') return derive;
	const refuse = (found: string): never => {
		throw new MlopsError('data.value_invalid', `"${cutText(found, 60)}" in column "${column.name}" cannot be read as ${p.to}.`, {
			column: column.name,
			expected: p.to,
			found: cutText(found, 60),
			remedy: 'Correct the value, or let unreadable values become missing.',
		});
	};
	if (derive.from === 'number')
		return {
			...derive,
			map: (x: number) => {
				const y = derive.map(x);
				return Number.isNaN(y) && !Number.isNaN(x) ? refuse(String(x)) : y;
			},
		};
	return {
		...derive,
		map: (s: string | null) => {
			const y = derive.map(s);
			return Number.isNaN(y) && s !== null ? refuse(s) : y;
		},
	};
}
