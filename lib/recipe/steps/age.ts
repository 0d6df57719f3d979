import { z } from 'zod/v4';
import type { ColumnSchema } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { columnParam } from '../../domain/ui.js';
import { allNumbers } from '../../data/derived.js';
import { columnIndex, vectorOf, withColumns, withoutColumns, type NumberVector } from '../../data/frame.js';
import { CALENDAR } from '../calendar.js';
import { checkType } from '../columnStep.js';
import { defineStep } from '../contract.js';
import { orNull } from '../derive.js';
import { dateReader } from '../parse/values.js';

const params = z.object({
	column: columnParam({ title: 'Date', description: 'The date to count from, for example a date of birth.', accepts: ['datetime'] }),
	reference: z
		.enum(['column', 'date'])
		.default('column')
		.meta({
			title: 'Up to',
			description: 'The moment the age is taken at.',
			labels: { column: 'Another date column', date: 'A fixed date' },
		}),
	reference_column: z
		.string()
		.default('')
		.meta({
			title: 'Reference column',
			description: 'The date to count to, for example the date of the order.',
			ui: 'column',
			accepts: ['datetime'],
			when: { reference: ['column'] },
		}),
	reference_date: z
		.string()
		.default('')
		.meta({
			title: 'Reference date',
			description: 'The fixed date to count to. It stays the same at prediction, so prefer a column.',
			ui: 'date',
			when: { reference: ['date'] },
		}),
	unit: z
		.enum(['years', 'months', 'days', 'hours'])
		.default('years')
		.meta({
			title: 'Unit',
			description: 'Years and months are completed ones, as people count age; days and hours may have fractions.',
			labels: { years: 'Years', months: 'Months', days: 'Days', hours: 'Hours' },
		}),
	name: z.string().default('').meta({ title: 'Name of the new column', description: 'Empty means the date\'s name with "_age".' }),
	drop_original: z
		.boolean()
		.default(false)
		.meta({ title: 'Drop the date itself', description: 'Whether to leave the date out afterwards.' }),
});
type Params = z.infer<typeof params>;

const DAY = 86_400_000;
const monthsOf = (ms: number): number => CALENDAR.year(ms) * 12 + CALENDAR.month(ms) - 1;
const sinceMonth = (ms: number): number => CALENDAR.day(ms) * DAY + (((ms % DAY) + DAY) % DAY);

/** Completed months between two moments; negative if the second comes first. */
function completedMonths(from: number, to: number): number {
	if (to < from) return -completedMonths(to, from) + 0;
	return monthsOf(to) - monthsOf(from) - (sinceMonth(to) < sinceMonth(from) ? 1 : 0);
}

const UNITS: Record<Params['unit'], (from: number, to: number) => number> = {
	years: (from, to) => Math.trunc(completedMonths(from, to) / 12) + 0,
	months: completedMonths,
	days: (from, to) => (to - from) / DAY,
	hours: (from, to) => (to - from) / 3_600_000,
};

const nameOf = (p: Params): string => p.name || `${p.column}_age`;

/** The reference: a column's name, or a fixed moment. */
function referenceOf(input: readonly ColumnSchema[], p: Params): string | number {
	checkType(input[columnIndex(input, p.column)], ['datetime']);
	if (p.reference === 'column') return checkType(input[columnIndex(input, p.reference_column)], ['datetime']).name;
	const ms = dateReader(false)(p.reference_date);
	if (!Number.isNaN(ms)) return ms;
	throw new MlopsError('recipe.step_invalid', `"${p.reference_date}" is no date.`, {
		expected: 'a date such as 2001-05-31',
		found: p.reference_date,
		remedy: 'Write the reference date as 2001-05-31.',
	});
}

function schemaAfter(input: readonly ColumnSchema[], p: Params): ColumnSchema[] {
	referenceOf(input, p);
	const name = nameOf(p);
	const made: ColumnSchema = { name, type: p.unit === 'years' || p.unit === 'months' ? 'integer' : 'number', role: 'feature' };
	const out = input.some((c) => c.name === name) ? input.map((c) => (c.name === name ? made : c)) : [...input, made];
	return p.drop_original && name !== p.column ? out.filter((c) => c.name !== p.column) : out;
}

export const age = defineStep<Params>({
	id: 'age',
	makes: ({ name }) => name,
	version: 1,
	label: 'Age from a date',
	group: 'feature',
	stage: 'dataset',
	rows: 'keep',
	params,
	description: "Counts the time between a date and another date, for example someone's age at the time of an order.",
	outputs: schemaAfter,
	reads(input, p, _, needed) {
		const reference = referenceOf(input, p);
		return needed.flatMap((name) => (name !== nameOf(p) ? [name] : typeof reference === 'string' ? [p.column, reference] : [p.column]));
	},
	transform(frame, p) {
		const reference = referenceOf(frame.schema, p);
		const moments = (name: string) => allNumbers(vectorOf(frame, name) as NumberVector);
		const from = moments(p.column);
		const count = UNITS[p.unit];
		const data = new Float64Array(frame.rows);
		if (typeof reference === 'number') for (let i = 0, n = data.length; i < n; i++) data[i] = count(from[i], reference);
		else {
			const to = moments(reference);
			for (let i = 0, n = data.length; i < n; i++) data[i] = count(from[i], to[i]);
		}
		const schema = schemaAfter(frame.schema, p);
		const name = nameOf(p);
		const out = withColumns(frame, [{ schema: schema[columnIndex(schema, name)], vector: { data } }]);
		return p.drop_original && name !== p.column ? withoutColumns(out, [p.column]) : out;
	},
	row(input, p) {
		const reference = referenceOf(input, p);
		const count = UNITS[p.unit];
		const name = nameOf(p);
		const drop = p.drop_original && name !== p.column;
		return (row) => {
			const from = row[p.column];
			const to = typeof reference === 'number' ? reference : row[reference];
			const value = typeof from === 'number' && typeof to === 'number' ? orNull(count(from, to)) : null;
			if (drop) delete row[p.column];
			row[name] = value;
		};
	},
	explain: (p) => `Counts ${p.unit} from ${p.column} to ${p.reference === 'column' ? p.reference_column : p.reference_date}.`,
});
