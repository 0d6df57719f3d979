import { z } from 'zod/v4';
import type { ColumnType } from '../../domain/column.js';
import { columnsParam } from '../../domain/ui.js';
import { CALENDAR, CALENDAR_OF_MANY } from '../calendar.js';
import { columnStep, type Made } from '../columnStep.js';

const parts = z.enum(['hour', 'minute', 'weekday', 'day', 'month', 'quarter', 'year', 'day_of_year', 'is_weekend']);
type Part = z.infer<typeof parts>;

const params = z.object({
	columns: columnsParam({
		title: 'Date columns',
		description: 'Dates to take apart. Leave empty for all dates that are features or the time of the rows.',
		accepts: ['datetime'],
	}),
	parts: z
		.array(parts)
		.min(1)
		.default(['hour', 'weekday', 'month'])
		.meta({
			title: 'Parts',
			description: 'What to make of each date. Weekday counts from 0 (Monday) to 6 (Sunday); times are in UTC.',
			labels: {
				hour: 'Hour',
				minute: 'Minute',
				weekday: 'Weekday',
				day: 'Day of the month',
				month: 'Month',
				quarter: 'Quarter',
				year: 'Year',
				day_of_year: 'Day of the year',
				is_weekend: 'Is it a weekend?',
			},
		}),
	cyclical: z
		.boolean()
		.default(false)
		.meta({
			title: 'As points on a circle',
			description:
				'Whether to give each repeating part as sine and cosine, so that 23 h lies next to 0 h. Helps linear models and neural ' +
				'networks, trees do not need it.',
		}),
	drop_original: z.boolean().default(true).meta({
		title: 'Drop the date itself',
		description: 'Whether to leave the date out afterwards. A column with the role time stays in any case, but is no feature.',
	}),
});

/** First value and number of values of the parts that repeat. */
const PERIOD: Partial<Record<Part, [first: number, length: number]>> = {
	hour: [0, 24],
	minute: [0, 60],
	weekday: [0, 7],
	day: [1, 31],
	month: [1, 12],
	quarter: [1, 4],
	day_of_year: [1, 366],
};

/** Calendar fields of a UTC moment; names and ranges as pandas' `.dt`. */
export const dateParts = columnStep({
	id: 'date_parts',
	version: 1,
	label: 'Date parts',
	group: 'feature',
	stage: 'dataset',
	params,
	description: 'Turns a date into numbers a model can use: hour, weekday, month and so on.',
	columns: (p) => p.columns,
	accepts: ['datetime'],
	roles: ['feature', 'time'],
	make(column, p) {
		const made = [...new Set(p.parts)].flatMap((part): Made[] => {
			const of = CALENDAR[part];
			const name = `${column.name}_${part}`;
			const period = p.cyclical ? PERIOD[part] : undefined;
			if (!period) {
				const type: ColumnType = part === 'is_weekend' ? 'boolean' : 'integer';
				return [
					{ schema: { name, type, role: 'feature' }, derive: { from: 'number', to: 'number', map: of, all: CALENDAR_OF_MANY[part] } },
				];
			}
			const turn = (2 * Math.PI) / period[1];
			return (
				[
					['sin', Math.sin],
					['cos', Math.cos],
				] as const
			).map(([suffix, f]) => ({
				schema: { name: `${name}_${suffix}`, type: 'number', role: 'feature' },
				derive: { from: 'number', to: 'number', map: (ms) => f((of(ms) - period[0]) * turn) },
			}));
		});
		return { keep: !p.drop_original || column.role !== 'feature', made };
	},
	explain: (p) => `Makes ${p.parts.join(', ')} of ${p.columns.length ? p.columns.join(', ') : 'each date'}.`,
});
