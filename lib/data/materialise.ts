import { quoteName, quotePath, quoteText, WIDE } from './duck.js';
import type { RawTable, SourceContext } from './sources/contract.js';

const ROW_GROUP_CELLS = 10_000_000;
const ROW_GROUP = 122_880;

/** Rows a row group holds, so that writing a wide file stays within memory. DuckDB takes multiples of 2,048. */
export const rowGroupSize = (columns: number): number =>
	Math.max(2048, Math.min(ROW_GROUP, Math.floor(ROW_GROUP_CELLS / Math.max(1, columns) / 2048) * 2048));

/**
 * Keeps the result of a SELECT in its order, for several passes. Wide tables lie in a file: in memory DuckDB needs a block for each column.
 */
export async function materialise(
	name: string,
	select: string,
	columns: number,
	{ duck, temporary }: Pick<SourceContext, 'duck' | 'temporary'>,
): Promise<Required<Pick<RawTable, 'relation' | 'position'>> & Pick<RawTable, 'table'>> {
	if (columns <= WIDE) {
		await duck.run(`CREATE TEMP TABLE ${quoteName(name)} AS ${select}`);
		return { relation: quoteName(name), position: 'rowid', table: quoteName(name) };
	}
	await duck.widen(columns);
	const path = await temporary('parquet');
	await duck.run(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${rowGroupSize(columns)})`);
	return { relation: `read_parquet(${quotePath(path)}, file_row_number=true)`, position: quoteName('file_row_number') };
}
