import { z } from 'zod/v4';
import type { ColumnSchema } from '../../domain/column.js';
import { columnIndex, withColumns } from '../../data/frame.js';
import { defineStep } from '../contract.js';
import { compileExpression } from '../expression/index.js';

const params = z.object({
	name: z.string().min(1).meta({ title: 'Name of the new column', description: 'A column of this name is replaced if there is one.' }),
	expression: z.string().min(1).meta({
		title: 'Expression',
		description: "A formula over columns, for example a / b, or if(x > 1, 'hi', 'lo'). Names with odd characters go between `backticks`.",
		ui: 'expression',
		placeholder: 'distance / duration',
	}),
});
type Params = z.infer<typeof params>;

function schemaAfter(input: readonly ColumnSchema[], p: Params): ColumnSchema[] {
	const { type } = compileExpression(p.expression, input);
	const at = input.findIndex((c) => c.name === p.name);
	const made: ColumnSchema = { name: p.name, type, role: at < 0 ? 'feature' : input[at].role };
	return at < 0 ? [...input, made] : input.with(at, made);
}

export const expression = defineStep<Params>({
	id: 'expression',
	makes: ({ name }) => name,
	version: 1,
	label: 'Expression',
	group: 'feature',
	stage: 'dataset',
	rows: 'keep',
	params,
	description: 'Makes a new column with a formula over other columns.',
	outputs: schemaAfter,
	reads: (input, p, _, needed) => needed.flatMap((name) => (name === p.name ? compileExpression(p.expression, input).columns : [name])),
	transform(frame, p) {
		const schema = schemaAfter(frame.schema, p);
		return withColumns(frame, [
			{ schema: schema[columnIndex(schema, p.name)], vector: compileExpression(p.expression, frame.schema).vector(frame) },
		]);
	},
	row(input, p) {
		const compiled = compileExpression(p.expression, input);
		return (row) => {
			row[p.name] = compiled.row(row);
		};
	},
	explain: (p) => `${p.name} = ${p.expression}.`,
});
