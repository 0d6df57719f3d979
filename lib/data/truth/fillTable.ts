import type { Duck } from '../duck.js';

const CHUNK = 2048;

/** Columns of a table to fill, each with a value a row. */
export interface FilledColumn {
	name: string;
	type: 'DOUBLE' | 'VARCHAR';
	values: ReadonlyArray<number | string | null | undefined>;
}

/** Appends rows to a temporary table of the session, which is made if it is not there. */
export async function fillTable(duck: Duck, table: string, columns: readonly FilledColumn[]): Promise<void> {
	const { DuckDBDataChunk, DOUBLE, VARCHAR } = await import('@duckdb/node-api');
	await duck.run(`CREATE TEMP TABLE IF NOT EXISTS ${table} (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`);
	const appender = await duck.connection.createAppender(table, null, 'temp');
	const rows = columns[0].values.length;
	for (let from = 0; from < rows; from += CHUNK) {
		const to = Math.min(rows, from + CHUNK);
		const chunk = DuckDBDataChunk.create(
			columns.map(({ type }) => (type === 'DOUBLE' ? DOUBLE : VARCHAR)),
			to - from,
		);
		columns.forEach(({ values }, j) => {
			chunk.setColumnValues(
				j,
				values.slice(from, to).map((value) => value ?? null),
			);
		});
		appender.appendDataChunk(chunk);
	}
	appender.closeSync();
}
