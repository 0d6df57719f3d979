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
	return inFile(await written(select, columns, { duck, temporary }));
}

/**
 * Keeps columns that several SELECTs give, each with the same rows in the same order, beside one another: one for all columns of a wide
 * table would hold some thousand rows of each of them in memory several times over. Column names differ between them.
 */
export async function materialiseBeside(
	selects: ReadonlyArray<{ select: string; columns: number }>,
	{ duck, temporary, check }: Pick<SourceContext, 'duck' | 'temporary' | 'check'>,
): Promise<Awaited<ReturnType<typeof materialise>>> {
	const columns = selects.reduce((sum, part) => sum + part.columns, 0);
	await duck.widen(columns);
	const scans: string[] = [];
	for (const part of selects) {
		check();
		scans.push(`read_parquet(${quotePath(await written(part.select, part.columns, { duck, temporary }))})`);
	}
	return inFile(await written(`SELECT * FROM ${scans.join(' POSITIONAL JOIN ')}`, columns, { duck, temporary }));
}

async function written(select: string, columns: number, { duck, temporary }: Pick<SourceContext, 'duck' | 'temporary'>): Promise<string> {
	const path = await temporary('parquet');
	await duck.run(`COPY (${select}) TO ${quoteText(path)} ${parquetFormat(columns)}`);
	return path;
}

const inFile = (path: string) => ({
	relation: `read_parquet(${quotePath(path)}, file_row_number=true)`,
	position: quoteName('file_row_number'),
});
