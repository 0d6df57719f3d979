import type { ColumnSchema, ColumnType } from '../../domain/column.js';
import { apart } from '../../data/derived.js';
import { isNumberVector, vectorOf, type Frame, type Value, type Vector } from '../../data/frame.js';
import type { Row } from '../contract.js';
import { orNull, textVector } from '../derive.js';
import { compileNode, type Reader } from './compile.js';
import { columnsOf, parseExpression } from './parseExpression.js';
import type { Compiled } from './compiled.js';

/** An expression checked against the columns it will meet, in both forms. */
export interface Expression {
	/** Type of the values that come out. */
	type: ColumnType;
	/** Columns it reads. */
	columns: string[];
	row(row: Row): Value;
	vector(frame: Frame): Vector;
}

const rowReader: Reader<Row> = {
	number: (name) => (row) => {
		const v = row[name];
		return typeof v === 'number' ? v : NaN;
	},
	text: (name) => (row) => {
		const v = row[name];
		return typeof v === 'string' ? v : null;
	},
};

function frameReader(frame: Frame): Reader<number> {
	return {
		number(name) {
			const v = vectorOf(frame, name);
			if (!isNumberVector(v)) return () => NaN;
			const { data } = apart(v);
			return (i) => data[i];
		},
		text(name) {
			const v = vectorOf(frame, name);
			if (isNumberVector(v)) return () => null;
			const { codes } = apart(v);
			const table = [null, ...v.dictionary];
			return (i) => table[codes[i]];
		},
	};
}

/** A result that is no finite number (1 / 0, log of 0) counts as missing. */
const finite = (x: number): number => (Number.isFinite(x) ? x : NaN);

/**
 * Compiles a formula over columns into closures: arithmetic, comparison, and/or/not, and the functions in `EXPRESSION_FUNCTIONS`.
 * Missing values propagate, except through `coalesce`, `is_missing`, and where `and`/`or` are decided by their other side.
 * Text never becomes program code, so an expression reaches nothing but the columns.
 * @throws `recipe.expression_invalid` with the position
 */
export function compileExpression(source: string, schema: readonly ColumnSchema[]): Expression {
	const tree = parseExpression(source);
	const forRow = compileNode(tree, source, schema, rowReader);
	return {
		type: resultType(forRow),
		columns: [...columnsOf(tree)],
		row: forRow.kind === 'text' ? forRow.at : (row) => orNull(finite(forRow.at(row))),
		vector(frame) {
			const compiled = compileNode(tree, source, frame.schema, frameReader(frame));
			if (compiled.kind === 'text') return textVector(frame.rows, compiled.at);
			const data = new Float64Array(frame.rows);
			for (let i = 0, n = data.length; i < n; i++) data[i] = finite(compiled.at(i));
			return { data };
		},
	};
}

function resultType(c: Compiled<Row>): ColumnType {
	if (c.column) return c.column;
	if (c.kind === 'text') return 'category';
	return c.type === 'missing' ? 'number' : c.type;
}

/** A column's name as an expression writes it. */
export const quoteName = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '``')}\``;
