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
/** The same for DuckDB, and where the word stands last: "North Total". */
const SUBTOTALS =
	'(?i)^(?:sub[ -]?)?totals?\\b|\\b(?:sub[ -]?)?totals?$|^(?:summe|zwischensumme|gesamt|totaux|somme|suma|totale)\\b|\\b(?:summe|gesamt)$';
const REMARKS = /^(?:\*|sources?\b|notes?\b|footnotes?\b|page \S+ of\b|quellen?\b|anmerkung|hinweis|fuente\b|fonte\b|nota\b|remarques?\b)/i;
/** Columns of which a remark below a table leaves all but one empty, at most. */
const WIDEST_REMARKED = 100;

/**
 * Says where the last row, which is all of a relation, looks like the sum of those above, or like a remark: it is a row like any other
 * here.
 * @param above the relation of the rows above it, where sums of parts of them are counted
 */
export async function noteTotals(relation: string, width: number, { duck, note }: SourceContext, above?: string): Promise<void> {
	const first = `coalesce(${columnsOf(Math.min(width, 3)).join(', ')})`;
	const others = width > 2 && width <= WIDEST_REMARKED ? columnsOf(width).slice(1) : [];
	const alone = others.length ? others.map((c) => `${c} IS NULL`).join(' AND ') : 'false';
	const [last] = await duck.rows<{ text: string | null; alone: boolean }>(`SELECT ${first} AS text, ${alone} AS alone FROM ${relation}`);
	const text = last?.text?.trim();
	if (!text) return;
	if (last.alone && REMARKS.test(text))
		note(
			'data.remark_below',
			`The last row has a value in one column alone, "${cutText(text, 40)}", and may be a remark: it was read as a row.`,
		);
	if (!TOTALS.test(text)) return;
	note('data.totals', `The last row begins with "${cutText(text, 40)}" and may be the sum of the others: it was read as a row.`);
	if (!above) return;
	const [parts] = await duck.rows<{ rows: number; text: string | null }>(
		`SELECT count(*) AS rows, min(text) AS text FROM (SELECT trim(${first}) AS text FROM ${above}) ` +
			`WHERE regexp_matches(text, ${quoteText(SUBTOTALS)})`,
	);
	if (parts.rows)
		note(
			'data.totals',
			`${parts.rows === 1 ? 'One more row' : `${parts.rows} more rows`} may be the sum of others, such as ` +
				`"${cutText(parts.text!, 40)}": read as rows, they count their parts twice. Leave them out in Clean (Filter rows) if so.`,
		);
}
