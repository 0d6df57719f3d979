import { quotePath, quoteText } from '../duck.js';
import { trimSql } from '../grammar/sql.js';
import type { SourceContext } from '../sources/contract.js';
import { cutText } from '../../domain/text.js';
import type { CsvFile, CsvShape } from './csvShape.js';

const MAX_LINE_BYTES = 4 << 20;
/** DuckDB reads this much at a time; a line must fit. */
const BUFFER_BYTES = 16 << 20;

/** What stands after FROM for files as they are; what DuckDB refuses stands in tables that begin with `table`. */
export const plainScan = (paths: readonly string[], { dialect, skip, width }: CsvFile, table: string): string =>
	readCsvSql(
		paths,
		columnsOf(width),
		`delim=${quoteText(dialect.delimiter)}, quote=${quoteText(dialect.quote)}, escape=${quoteText(dialect.escape)}, ` +
			`header=false, skip=${skip}, store_rejects=true, ignore_errors=true, ` +
			`rejects_table=${quoteText(`${table}_errors`)}, rejects_scan=${quoteText(`${table}_scans`)}`,
	);

/** The same for files that were read carefully: written with line feeds, whatever ends of lines stand within a value. */
export const carefulScan = (paths: readonly string[], { width }: CsvFile): string =>
	readCsvSql(paths, [...columnsOf(width), 'short'], `delim=',', quote='"', escape='"', header=false, new_line='\\n'`);

const columnsOf = (width: number): string[] => Array.from({ length: width }, (_, i) => `c${i}`);

const readCsvSql = (paths: readonly string[], columns: readonly string[], how: string): string =>
	`read_csv([${paths.map(quotePath).join(', ')}], auto_detect=false, ` +
	`columns={${columns.map((k) => `${quoteText(k)}: 'VARCHAR'`).join(', ')}}, nullstr='', max_line_size=${MAX_LINE_BYTES}, ` +
	`buffer_size=${BUFFER_BYTES}, strict_mode=true, null_padding=false, ${how})`;

/** SQL for rows that hold nothing but separators, and for those that repeat the names. */
export function hollowSql({ names, raw, header }: CsvShape): { empty: string; again: string } {
	const cell = (i: number) => `coalesce(${trimSql(`c${i}`)}, '')`;
	return {
		empty: names.map((_, i) => `${cell(i)} = ''`).join(' AND '),
		again: header ? raw.map((name, i) => `${cell(i)} = ${quoteText(name.trim())}`).join(' AND ') : 'false',
	};
}

const TOTALS = /^(?:(?:grand|sub)[ -]?)?totals?\b|^(?:summe|gesamt|insgesamt|totaux|somme|suma|totale)\b/i;

/** Says where the last row, which is all of a relation, looks like the sum of those above: it is a row like any other here. */
export async function noteTotals(relation: string, width: number, { duck, note }: SourceContext): Promise<void> {
	const [last] = await duck.rows<{ text: string | null }>(
		`SELECT coalesce(${columnsOf(Math.min(width, 3)).join(', ')}) AS text FROM ${relation}`,
	);
	if (last?.text && TOTALS.test(last.text.trim()))
		note(
			'data.totals',
			`The last row begins with "${cutText(last.text.trim(), 40)}" and may be the sum of the others: it was read as a row.`,
		);
}
