import type { DuckDBType } from '@duckdb/node-api';
import type { ColumnType } from '../domain/column.js';
import { ROW_ID } from '../domain/dataset.js';
import { quoteName, quoteText, withDuck } from './duck.js';
import { isNumberVector, type Frame } from './frame.js';
import { parquetFormat } from './parquetFormat.js';
import { storedNames } from './storedNames.js';

const STORED: Record<ColumnType, string> = {
	number: 'DOUBLE',
	integer: 'BIGINT',
	boolean: 'BOOLEAN',
	datetime: 'TIMESTAMP',
	category: 'VARCHAR',
	text: 'VARCHAR',
};
const CHUNK = 2048;

/** Writes a frame as Parquet in the stored form: `__row`, then its columns. The same frame gives the same bytes. */
export async function writeFrame(
	frame: Frame,
	path: string,
	options: { memoryBytes?: number; temporaryDirectory?: string } = {},
): Promise<void> {
	const { DuckDBDataChunk, DOUBLE, VARCHAR } = await import('@duckdb/node-api');
	await withDuck({ ...options, threads: 1 }, async (duck) => {
		const numeric = frame.vectors.map(isNumberVector);
		const types: DuckDBType[] = [DOUBLE, ...numeric.map((n) => (n ? DOUBLE : VARCHAR))];
		await duck.run(`CREATE TEMP TABLE frame (r DOUBLE${numeric.map((n, j) => `, c${j} ${n ? 'DOUBLE' : 'VARCHAR'}`).join('')})`);
		const appender = await duck.connection.createAppender('frame', null, 'temp');
		for (let at = 0; at < frame.rows; at += CHUNK) {
			const count = Math.min(CHUNK, frame.rows - at);
			const chunk = DuckDBDataChunk.create(types, count);
			chunk.setColumnValues(0, Array.from(frame.rowId.subarray(at, at + count)));
			frame.vectors.forEach((v, j) => {
				chunk.setColumnValues(
					j + 1,
					isNumberVector(v)
						? Array.from(v.data.subarray(at, at + count), (x) => (Number.isNaN(x) ? null : x))
						: Array.from(v.codes.subarray(at, at + count), (c) => (c === 0 ? null : v.dictionary[c - 1])),
				);
			});
			appender.appendDataChunk(chunk);
		}
		appender.closeSync();
		const names = storedNames(frame.schema).values;
		const columns = frame.schema.map(({ type }, j) => {
			const value =
				type === 'datetime'
					? `make_timestamp(CAST(round(c${j} * 1000) AS BIGINT))`
					: type === 'boolean'
						? `c${j} <> 0`
						: `CAST(c${j} AS ${STORED[type]})`;
			return `, ${value} AS ${quoteName(names[j])}`;
		});
		await duck.run(
			`COPY (SELECT CAST(r AS BIGINT) AS ${quoteName(ROW_ID)}${columns.join('')} FROM frame) TO ${quoteText(path)} ` +
				parquetFormat(names.length),
		);
	});
}
