import { quoteName, quotePath, quoteText, WIDE } from './duck.js';
import { parquetFormat } from './parquetFormat.js';
import type { RawTable, SourceContext } from './sources/contract.js';

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
	await duck.run(`COPY (${select}) TO ${quoteText(path)} ${parquetFormat(columns)}`);
	return { relation: `read_parquet(${quotePath(path)}, file_row_number=true)`, position: quoteName('file_row_number') };
}
