import { MlopsError } from '../../domain/errors.js';
import { uniqueNames } from '../columnNames.js';
import { quoteName, quotePath } from '../duck.js';
import type { RawColumn, RawTable, SourceContext } from '../sources/contract.js';
import { emptyFile } from './emptyFile.js';

/** DuckDB's column of row numbers, unless the file has one of this name itself. */
const ROW_NUMBER = 'file_row_number';

/** Reads Parquet files in place. @throws `data.unreadable` (for example cut in half), `data.empty` */
export async function readParquet(paths: readonly string[], label: string, context: SourceContext): Promise<RawTable> {
	const { duck } = context;
	const files = `[${paths.map(quotePath).join(', ')}], union_by_name=${paths.length > 1}`;
	let scan = '';
	let numbered = paths.length === 1;
	let described: Array<{ column_name: string; column_type: string }>;
	let rows: number;
	try {
		described = await duck.rows(`DESCRIBE SELECT * FROM read_parquet(${files})`);
		numbered &&= !described.some((c) => c.column_name.toLowerCase() === ROW_NUMBER);
		scan = `read_parquet(${files}${numbered ? `, ${ROW_NUMBER}=true` : ''})`;
		[{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${scan}`);
	} catch (thrown) {
		throw new MlopsError('data.unreadable', `${label} is no complete Parquet file: it may have been cut off on its way.`, {
			cause: thrown,
			remedy: 'Download or export the file again and compare its size with the original.',
		});
	}
	if (rows === 0 || described.length === 0) throw emptyFile(label);
	const names = uniqueNames(
		described.map((c) => c.column_name),
		context.note,
	);
	const columns = described.map(
		({ column_name, column_type }, i): RawColumn => ({
			key: column_name,
			name: names[i],
			kind: column_type === 'VARCHAR' ? 'string' : 'native',
			duckType: column_type,
		}),
	);
	return {
		relation: scan,
		position: numbered ? quoteName(ROW_NUMBER) : undefined,
		columns,
		bad: [],
		badCount: 0,
		description: label,
	};
}
