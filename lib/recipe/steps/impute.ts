import { z } from 'zod/v4';
import { columnType, type ColumnSchema } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector, type Vector } from '../../data/frame.js';
import { columnStep, type Made } from '../columnStep.js';
import { kindOf } from '../derive.js';
import { missingCount, moments, mostFrequent, quantiles } from '../stats.js';

const params = z.object({
	columns: columnsParam({ title: 'Columns', description: 'Columns whose gaps are filled. Leave empty for all features.' }),
	strategy: z
		.enum(['auto', 'mean', 'median', 'most_frequent', 'constant'])
		.default('auto')
		.meta({
			title: 'Fill with',
			description: 'Automatic takes the median for numbers and dates, and the most frequent value for the rest.',
			labels: { auto: 'Automatic', mean: 'Mean', median: 'Median', most_frequent: 'Most frequent value', constant: 'A fixed value' },
		}),
	fill_value: z
		.string()
		.default('')
		.meta({
			title: 'Fixed value',
			description: 'The value put into the gaps. Empty means 0 for numbers and "missing" for text.',
			when: { strategy: ['constant'] },
		}),
	add_indicator: z.boolean().default(false).meta({
		title: 'Remember where gaps were',
		description: 'Whether to add a yes/no column for each column that had gaps, since a gap itself can say something.',
	}),
});
type Params = z.infer<typeof params>;
interface Fill {
	value: number | string | null;
	indicator: boolean;
}

/** Simple imputation, as scikit-learn's SimpleImputer; a column without any value keeps its gaps. */
export const impute = columnStep<Params, Fill>({
	id: 'impute',
	version: 1,
	label: 'Fill missing values',
	group: 'clean',
	stage: 'fold',
	params,
	description: 'Fills gaps with the mean, median, most frequent or a fixed value learned from the training rows.',
	columns: (p) => p.columns,
	accepts: columnType.options,
	fit: ({ schema, vector }, p) => {
		return { value: fillValue(schema, vector, p), indicator: p.add_indicator && missingCount(vector) > 0 };
	},
	make(column, p, fill) {
		return { made: [filled(column, p, fill), ...((fill ? fill.indicator : p.add_indicator) ? [indicator(column)] : [])] };
	},
	explain: (p, state) =>
		state?.columns.length
			? `Fills gaps: ${state.columns
					.slice(0, 10)
					.map((c) => `${c.name} with ${c.state.value ?? 'nothing (no values to learn from)'}`)
					.join(', ')}.`
			: `Fills gaps (${p.strategy}).`,
});

function fillValue(column: ColumnSchema, vector: Vector, p: Params): number | string | null {
	if (!isNumberVector(vector)) {
		if (p.strategy === 'constant') return p.fill_value === '' ? 'missing' : p.fill_value;
		if (p.strategy === 'auto' || p.strategy === 'most_frequent') return mostFrequent(vector);
		if (!p.columns.length) return mostFrequent(vector);
		throw new MlopsError('data.column_type', `Column "${column.name}" holds text, which has no ${p.strategy}.`, {
			column: column.name,
			expected: 'numbers',
			found: column.type,
			remedy: 'Choose "Most frequent value" or "A fixed value" for this column.',
		});
	}
	const strategy = p.strategy === 'auto' ? (column.type === 'boolean' ? 'most_frequent' : 'median') : p.strategy;
	if (strategy === 'constant') return constantNumber(column, p.fill_value);
	if (strategy === 'most_frequent') return mostFrequent(vector);
	const value = strategy === 'mean' ? moments(vector).mean : quantiles(vector, [0.5])[0];
	if (!Number.isFinite(value)) return null;
	return column.type === 'datetime' ? Math.round(value) : value;
}

function constantNumber(column: ColumnSchema, text: string): number {
	const value = column.type === 'datetime' && Number.isNaN(Number(text)) ? Date.parse(text) : Number(text);
	if (Number.isFinite(value)) return value;
	throw new MlopsError('recipe.step_invalid', `"${text}" is not a number, but column "${column.name}" holds numbers.`, {
		column: column.name,
		expected: column.type,
		found: text,
		remedy: 'Type a number as fixed value, or pick only text columns.',
	});
}

function filled(column: ColumnSchema, p: Params, fill: Fill | undefined): Made {
	if (kindOf(column.type) === 'text') {
		const value = typeof fill?.value === 'string' ? fill.value : null;
		return { schema: column, derive: { from: 'text', to: 'text', map: (s) => s ?? value } };
	}
	const value = typeof fill?.value === 'number' ? fill.value : NaN;
	const whole = column.type === 'boolean' ? value === 0 || value === 1 : Number.isInteger(value);
	const widened =
		(column.type === 'integer' || column.type === 'boolean') && (fill ? !Number.isNaN(value) && !whole : p.strategy === 'mean');
	return {
		schema: widened ? { ...column, type: 'number' } : column,
		derive: { from: 'number', to: 'number', map: (x) => (Number.isNaN(x) ? value : x), all: (values) => fillAll(values, value) },
	};
}

function fillAll(values: Float64Array, value: number): void {
	for (let i = 0, n = values.length; i < n; i++) if (values[i] !== values[i]) values[i] = value;
}

function indicator(column: ColumnSchema): Made {
	const schema: ColumnSchema = { name: `${column.name}_missing`, type: 'boolean', role: 'feature' };
	return kindOf(column.type) === 'text'
		? { schema, derive: { from: 'text', to: 'number', map: (s) => (s === null ? 1 : 0) } }
		: { schema, derive: { from: 'number', to: 'number', map: (x) => (Number.isNaN(x) ? 1 : 0) } };
}
