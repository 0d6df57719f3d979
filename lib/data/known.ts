import type { ColumnSchema, ColumnType } from '../domain/column.js';
import { formatOf } from './format.js';
import type { Inferred } from './grammar/tally.js';

/** A column of the version that rows are added to: they are read as it was. */
export interface Known {
	schema: ColumnSchema;
	/** Rows of it with a value, and with a cell that could not be read. */
	present: number;
	strays: number;
}

/** Rows that cannot be read as the columns were to which they are to be added. */
export class Disagreement extends Error {
	constructor(
		readonly column: string,
		/** The end of a sentence that begins with the column's name. */
		readonly why: string,
	) {
		super(`"${column}" ${why}`);
	}
}

/** What a column is stored as: texts of both kinds are the same there. */
export const storedType = (type: ColumnType): ColumnType => (type === 'text' ? 'category' : type);

/** A column's type and format as if they had been found again. */
export const foundBefore = ({ schema }: Known): Inferred => ({
	type: storedType(schema.type),
	format: formatOf(schema),
	notes: [],
	says: {},
	open: {},
});

/** @throws Disagreement where a column is of another type than before */
export function assertSameTypes(typed: ReadonlyArray<{ schema: ColumnSchema }>, known: ReadonlyMap<string, ColumnSchema>): void {
	for (const { schema } of typed) {
		const before = known.get(schema.name);
		if (before && storedType(before.type) !== storedType(schema.type))
			throw new Disagreement(schema.name, `is ${before.type} there and ${schema.type} here`);
	}
}
