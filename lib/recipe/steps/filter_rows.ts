import { z } from 'zod/v4';
import type { ColumnSchema } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { isNumberVector } from '../../data/frame.js';
import { takeRows } from '../../data/takeRows.js';
import { defineStep } from '../contract.js';
import { compileExpression, type Expression } from '../expression/index.js';
import { rowsWhere } from '../rows.js';
import { cutText } from '../../domain/text.js';

const params = z.object({
	expression: z.string().min(1).meta({
		title: 'Condition',
		description:
			"Rows for which it holds are kept, for example distance > 100 and origin != 'ORD'. Rows where it cannot be told are left out.",
		ui: 'expression',
		placeholder: 'distance > 100',
	}),
	keep: z
		.enum(['matching', 'others'])
		.default('matching')
		.meta({ title: 'Keep', description: 'Which rows stay.', labels: { matching: 'Rows that match', others: 'Rows that do not match' } }),
});
type Params = z.infer<typeof params>;

function condition(schema: readonly ColumnSchema[], p: Params): Expression {
	const compiled = compileExpression(p.expression, schema);
	if (compiled.type !== 'category' && compiled.type !== 'text' && compiled.type !== 'datetime') return compiled;
	throw new MlopsError('recipe.expression_invalid', `"${cutText(p.expression, 100)}" is no condition: it gives a ${compiled.type}.`, {
		expected: 'a comparison such as delay > 15',
		found: compiled.type,
		remedy: 'Compare the value with something.',
	});
}

export const filterRows = defineStep<Params>({
	id: 'filter_rows',
	version: 1,
	label: 'Filter rows',
	group: 'clean',
	stage: 'dataset',
	rows: 'drop',
	params,
	description: 'Keeps only rows that meet a condition. Rows to predict are never left out.',
	outputs(input, p) {
		condition(input, p);
		return [...input];
	},
	transform(frame, p) {
		const result = condition(frame.schema, p).vector(frame);
		if (!isNumberVector(result)) return frame;
		const { data } = result;
		const rows = rowsWhere(frame.rows, p.keep === 'matching' ? (i) => data[i] === data[i] && data[i] !== 0 : (i) => data[i] === 0);
		return rows.length === frame.rows ? frame : takeRows(frame, rows);
	},
	explain: (p) => `Keeps rows where ${p.keep === 'matching' ? '' : 'not: '}${p.expression}.`,
});
