import type { ColumnSchema } from '../domain/column.js';
import { ROW_ID } from '../domain/dataset.js';
import { freeName } from './columnNames.js';

/** What the columns of a dataset are called in its Parquet file. */
export interface StoredNames {
	/** In the order of the schema. */
	values: string[];
	/**
	 * The column with the texts that values of column `index` do not give back (VARCHAR, NULL where they do). No column of people's has this
	 * name.
	 */
	text(index: number): string;
}

/**
 * Names of stored columns, which follow from the whole schema: SQL takes `id` and `ID` for one name, so the second is stored as `ID_2`.
 * Every other column is stored under its own name.
 */
export function storedNames(schema: ReadonlyArray<Pick<ColumnSchema, 'name'>>): StoredNames {
	const own = new Set(schema.map(({ name }) => name.toLowerCase()));
	const taken = new Set([ROW_ID]);
	const values = schema.map(({ name }) => {
		const stored = freeName(name, (n) => taken.has(n.toLowerCase()) || (n !== name && own.has(n.toLowerCase())));
		taken.add(stored.toLowerCase());
		return stored;
	});
	return {
		values,
		text(index) {
			let name = `__text_${index}`;
			while (taken.has(name)) name += '_';
			return name;
		},
	};
}
