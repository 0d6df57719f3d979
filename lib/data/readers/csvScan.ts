import { quotePath, quoteText } from '../duck.js';
import { trimSql } from '../grammar/sql.js';
import type { SourceContext } from '../sources/contract.js';
import { cutText } from '../../domain/text.js';
import type { CsvFile, CsvShape } from './csvShape.js';

const MAX_LINE_BYTES = 4 << 20;
/** DuckDB reads this much at a time; a line must fit. */
const BUFFER_BYTES = 16 << 20;

/** Columns (by place) that are no text, and the words that are gaps in all of them. */
export interface Direct {
	reads: ReadonlyMap<number, string>;
	words: readonly string[];
}

/** What stands after FROM for files as they are; what DuckDB refuses stands in tables that begin with `table`. */
export const plainScan = (paths: readonly string[], { dialect, skip, width }: CsvFile, table: string, direct?: Direct): string =>
	readCsvSql(
		paths,
		columnsOf(width).map((key, i) => [key, direct?.reads.get(i) ?? 'VARCHAR']),
		`delim=${quoteText(dialect.delimiter)}, quote=${quoteText(dialect.quote)}, escape=${quoteText(dialect.escape)}, ` +
			`header=false, skip=${skip}, store_rejects=true, ignore_errors=true, ` +
			`rejects_table=${quoteText(`${table}_errors`)}, rejects_scan=${quoteText(`${table}_scans`)}`,
		direct?.words,
	);

/** The same for files that were read carefully: written with line feeds, whatever ends of lines stand within a value. */
export const carefulScan = (paths: readonly string[], { width }: CsvFile): string =>
	readCsvSql(
		paths,
		[...columnsOf(width), 'short'].map((key) => [key, 'VARCHAR']),
		`delim=',', quote='"', escape='"', header=false, new_line='\\n'`,
	);

const columnsOf = (width: number): string[] => Array.from({ length: width }, (_, i) => `c${i}`);

const readCsvSql = (
	paths: readonly string[],
	columns: ReadonlyArray<readonly [string, string]>,
	how: string,
	words: readonly string[] = [],
) =>
	`read_csv([${paths.map(quotePath).join(', ')}], auto_detect=false, ` +
	`columns={${columns.map(([key, type]) => `${quoteText(key)}: ${quoteText(type)}`).join(', ')}}, ` +
	`nullstr=${words.length ? `['', ${words.map(quoteText).join(', ')}]` : "''"}, max_line_size=${MAX_LINE_BYTES}, ` +
	`buffer_size=${BUFFER_BYTES}, strict_mode=true, null_padding=false, ${how})`;

/**
 * SQL for rows that hold nothing but separators, and for those that repeat the names.
 * @param direct columns (by place) that are no text, and whose names could not stand in them
 */
export function hollowSql({ names, raw, header }: CsvShape, direct?: ReadonlyMap<number, string>): { empty: string; again: string } {
	const cell = (i: number) => `coalesce(${trimSql(`c${i}`)}, '')`;
	return {
		empty: names.map((_, i) => (direct?.has(i) ? `c${i} IS NULL` : `${cell(i)} = ''`)).join(' AND '),
		again: header && !direct?.size ? raw.map((name, i) => `${cell(i)} = ${quoteText(name.trim())}`).join(' AND ') : 'false',
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
