import { z } from 'zod/v4';
import type { ColumnSchema } from '../../domain/column.js';
import { columnIndex, withColumns, type Frame } from '../../data/frame.js';
import { defineStep } from '../contract.js';
import { compileExpression, quoteName } from '../expression/index.js';

const params = z.object({
	from: z
		.enum(['expression', 'column'])
		.default('expression')
		.meta({
			title: 'Made from',
			description: 'An expression, or an existing column as it is.',
			labels: { expression: 'An expression', column: 'A column' },
		}),
	expression: z
		.string()
		.default('')
		.meta({
			title: 'Expression',
			description: 'What is to be predicted, made of columns that are known afterwards, for example delay > 15.',
			ui: 'expression',
			placeholder: 'delay > 15',
			when: { from: ['expression'] },
		}),
	column: z
		.string()
		.default('')
		.meta({ title: 'Column', description: 'The column that is to be predicted.', ui: 'column', when: { from: ['column'] } }),
	name: z
		.string()
		.min(1)
		.default('target')
		.meta({ title: 'Name of the new column', description: 'How the target is called from here on.' }),
});
type Params = z.infer<typeof params>;

const formula = (p: Params): string => (p.from === 'column' ? quoteName(p.column) : p.expression);

function schemaAfter(input: readonly ColumnSchema[], p: Params): ColumnSchema[] {
	const { columns, type } = compileExpression(formula(p), input);
	const out = input.map((c): ColumnSchema => (columns.includes(c.name) || c.role === 'target' ? { ...c, role: 'ignore' } : c));
	const target: ColumnSchema = { name: p.name, type: type === 'text' ? 'category' : type, role: 'target' };
	const at = out.findIndex((c) => c.name === p.name);
	if (at < 0) out.push(target);
	else out[at] = target;
	return out;
}

/**
 * Makes the column to predict; what it was made from is known only afterwards, so it gets the role `ignore` and never becomes a feature.
 */
export const deriveTarget = defineStep<Params>({
	id: 'derive_target',
	makes: ({ name }) => name,
	version: 1,
	label: 'Derive target',
	group: 'feature',
	stage: 'dataset',
	rows: 'keep',
	labelledOnly: true,
	params,
	description: 'Makes the column to predict from other columns, and keeps those columns away from the model.',
	outputs: (input, p) => schemaAfter(input, p),
	transform(frame: Frame, p) {
		const schema = schemaAfter(frame.schema, p);
		const vector = compileExpression(formula(p), frame.schema).vector(frame);
		return { ...withColumns(frame, [{ schema: schema[columnIndex(schema, p.name)], vector }]), schema };
	},
	row(input, p) {
		const expression = compileExpression(formula(p), input);
		return (row) => {
			row[p.name] = expression.row(row);
		};
	},
	explain: (p) => `Target "${p.name}": ${p.from === 'column' ? `column ${p.column}` : p.expression}.`,
});
