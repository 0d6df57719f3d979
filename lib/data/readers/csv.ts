import { basename } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { quotePath, quoteText } from '../duck.js';
import { materialise } from '../materialise.js';
import type { BadRow, RawTable, SourceContext } from '../sources/contract.js';
import { csvShape, DELIMITER_NAMES, type CsvOptions } from './csvShape.js';
import { emptyFile } from './emptyFile.js';

const MAX_LINE_BYTES = 4 << 20;
/** DuckDB reads this much at a time; a line must fit. */
const BUFFER_BYTES = 16 << 20;

/**
 * Reads CSV files (UTF-8) with the same columns, in whatever order, into one table of text.
 * @param files names to show for the paths
 * @throws `data.empty`, `data.ragged`, `data.unreadable`, `data.schema_mismatch`
 */
export async function readCsv(paths: readonly string[], options: CsvOptions, label: string, context: SourceContext, files: readonly string[] = paths.map((p) => basename(p))): Promise<RawTable> {
	const { names, header, groups } = await csvShape(paths, files, options, label, context);
	const { duck } = context;
	const keys = names.map((_, i) => `c${i}`);
	const table = `csv_${++counter}`;
	const columns = keys.map((k) => `${quoteText(k)}: 'VARCHAR'`).join(', ');
	const scans = groups.map(({ paths: list, delimiter, at }) => `SELECT ${at.every((k, i) => k === i) ? '*' : at.map((k, i) => `c${k} AS c${i}`).join(', ')} FROM read_csv([${list.map(quotePath).join(', ')}], auto_detect=false, header=${header}, delim=${quoteText(delimiter)}, quote='"', escape='"', `
		+ `columns={${columns}}, nullstr='', max_line_size=${MAX_LINE_BYTES}, buffer_size=${BUFFER_BYTES}, strict_mode=true, null_padding=false, store_rejects=true, ignore_errors=true, `
		+ `rejects_table=${quoteText(`${table}_errors`)}, rejects_scan=${quoteText(`${table}_scans`)})`);
	let kept: Awaited<ReturnType<typeof materialise>>;
	try {
		kept = await materialise(table, scans.join(' UNION ALL '), keys.length, context);
	} catch (thrown) {
		throw new MlopsError('data.unreadable', `${label} cannot be read as CSV.`, { cause: thrown, remedy: 'Open the file in a text editor and check its quotes and its encoding, or choose delimiter and encoding yourself.' });
	}
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${kept.relation}`);
	const bad = await duck.rows<{ path: string; line: number; text: string | null; type: string }>(
		`SELECT file_path AS path, line, any_value(error_type::VARCHAR) AS type, any_value(csv_line) AS text FROM ${table}_errors JOIN ${table}_scans USING (scan_id, file_id) GROUP BY path, line ORDER BY path, line`);
	const place = (path: string) => (paths.length > 1 ? `of "${files[paths.indexOf(path)]}" ` : '');
	if (rows === 0 && bad.length) {
		throw new MlopsError('data.ragged', `No row of ${label} has the ${names.length} values that its first line promises.`, {
			row: bad[0].line, expected: `${names.length} values separated by ${DELIMITER_NAMES[groups[0].delimiter] ?? groups[0].delimiter}`, found: (bad[0].text ?? '').slice(0, 80), remedy: 'Choose the right delimiter, or repair the file.',
		});
	}
	if (rows === 0) throw emptyFile(label);
	return {
		...kept,
		columns: keys.map((key, i) => ({ key, name: names[i], kind: 'text' })),
		nulls: options.nulls,
		decimal: options.decimal,
		bad: bad.map((b): BadRow => ({ row: b.line, reason: place(b.path) + reasonOf(b.type, names.length), text: b.text ?? '' })),
		badCount: bad.length,
		description: label,
	};
}

let counter = 0;

function reasonOf(type: string, width: number): string {
	if (/TOO MANY/i.test(type)) return `has more than ${width} values`;
	if (/MISSING/i.test(type)) return `has fewer than ${width} values`;
	if (/QUOTE/i.test(type)) return 'has a quotation mark in the wrong place';
	if (/ENCODING|UNICODE/i.test(type)) return 'holds bytes that are no text in this encoding';
	if (/LINE SIZE/i.test(type)) return 'is too long';
	return 'cannot be read';
}
