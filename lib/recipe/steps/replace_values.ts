import { z } from 'zod/v4';
import { dictionaryOf } from '../../domain/dictionary.js';
import { columnType, type ColumnSchema } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { columnsParam } from '../../domain/ui.js';
import { columnStep } from '../columnStep.js';
import { kindOf, type Derive } from '../derive.js';

const params = z.object({
	columns: columnsParam({ title: 'Columns', description: 'Where to replace. Leave empty for all features.' }),
	map: dictionaryOf(z.string())
		.prefault({})
		.meta({ title: 'Replacements', description: 'Old value and new value. An empty new value makes it missing.' }),
	ignore_case: z
		.boolean()
		.default(false)
		.meta({ title: 'Ignore case', description: 'Whether to treat "Yes" and "YES" as the same.', advanced: true }),
});
type Params = z.infer<typeof params>;

/** Exact replacement of whole values. */
export const replaceValues = columnStep<Params>({
	id: 'replace_values',
	version: 1,
	label: 'Replace values',
	group: 'clean',
	stage: 'dataset',
	params,
	description: 'Replaces certain values by others, for example 9999 by missing.',
	columns: (p) => p.columns,
	accepts: columnType.options,
	make: (column, p) => ({ made: [kindOf(column.type) === 'text' ? { schema: column, derive: ofText(p) } : ofNumbers(column, p)] }),
	explain: (p) =>
		`Replaces ${
			Object.entries(p.map)
				.map(([a, b]) => `${a} by ${b || 'missing'}`)
				.join(', ') || 'nothing'
		}.`,
});

function ofText(p: Params): Derive {
	const key = p.ignore_case ? (s: string) => s.toLowerCase() : (s: string) => s;
	const map = new Map(Object.entries(p.map).map(([from, to]) => [key(from), to === '' ? null : to]));
	return {
		from: 'text',
		to: 'text',
		map: (s) => {
			if (s === null) return null;
			const to = map.get(key(s));
			return to === undefined ? s : to;
		},
	};
}

function ofNumbers(column: ColumnSchema, p: Params): { schema: ColumnSchema; derive: Derive } {
	const map = new Map<number, number>();
	for (const [from, to] of Object.entries(p.map)) {
		const key = from.trim() === '' ? NaN : Number(from);
		if (Number.isNaN(key)) continue;
		const value = to.trim() === '' ? NaN : Number(to);
		if (Number.isNaN(value) && to.trim() !== '') {
			if (!p.columns.length) continue;
			throw new MlopsError('recipe.step_invalid', `Column "${column.name}" holds numbers, and "${to}" is none.`, {
				column: column.name,
				expected: 'a number, or nothing for missing',
				found: to,
				remedy: 'Replace by a number, or convert the column to a category first.',
			});
		}
		map.set(key, value);
	}
	const fraction = column.type === 'integer' && [...map.values()].some((v) => !Number.isNaN(v) && !Number.isInteger(v));
	return {
		schema: fraction ? { ...column, type: 'number' } : column,
		derive: {
			from: 'number',
			to: 'number',
			map: (x) => {
				const to = map.get(x);
				return to === undefined ? x : to;
			},
		},
	};
}
