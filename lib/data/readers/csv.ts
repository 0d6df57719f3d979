import { MlopsError } from '../../domain/errors.js';
import { uniqueNames } from '../columnNames.js';
import { quoteText } from '../duck.js';
import { NULL_WORDS } from '../format.js';
import { materialise } from '../materialise.js';
import { NUMBER_REGEX } from '../parse.js';
import type { BadRow, RawTable, SourceContext } from '../sources/contract.js';
import { readHead } from './head.js';

export interface CsvOptions {
	/** One character; found from the content if absent. */
	delimiter?: string;
	header?: 'auto' | 'yes' | 'no';
	nulls?: readonly string[];
	decimal?: '.' | ',';
}

const CANDIDATES = [',', ';', '\t', '|'];
const DELIMITER_NAMES: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'vertical bar' };
const HEAD_BYTES = 1 << 20;
const MAX_LINE_BYTES = 4 << 20;
/** DuckDB reads this much at a time; a line must fit. */
const BUFFER_BYTES = 16 << 20;

/** Splits CSV text into records (RFC 4180: quotes double inside quotes, line ends inside quotes belong to the value). */
export function parseCsvHead(text: string, delimiter: string, limit: number): string[][] {
	const records: string[][] = [];
	let record: string[] = [];
	let value = '';
	let quoted = false;
	for (let i = 0; i < text.length && records.length < limit; i++) {
		const c = text[i];
		if (quoted) {
			if (c !== '"') value += c;
			else if (text[i + 1] === '"') { value += '"'; i++; } else quoted = false;
		} else if (c === '"' && value === '') quoted = true;
		else if (c === delimiter) { record.push(value); value = ''; } else if (c === '\n' || c === '\r') {
			if (c === '\r' && text[i + 1] === '\n') i++;
			record.push(value);
			value = '';
			if (record.length > 1 || record[0] !== '') records.push(record);
			record = [];
		} else value += c;
	}
	if (records.length < limit && (record.length || value !== '')) records.push([...record, value]);
	return records;
}

/** The delimiter that splits the first lines most evenly into more than one column; undefined if none does. */
export function sniffDelimiter(head: string): string | undefined {
	let best: { delimiter: string; score: number } | undefined;
	for (const delimiter of CANDIDATES) {
		const records = parseCsvHead(head, delimiter, 50);
		const width = records[0]?.length ?? 0;
		if (width < 2) continue;
		const even = records.filter((r) => r.length === width).length / records.length;
		const score = even * 1000 + Math.min(width, 100);
		if (even >= 0.5 && (!best || score > best.score)) best = { delimiter, score };
	}
	return best?.delimiter;
}

/** Reads CSV files of one shape (UTF-8) into a table of text. @throws `data.empty`, `data.ragged`, `data.unreadable` */
export async function readCsv(paths: readonly string[], options: CsvOptions, label: string, context: SourceContext): Promise<RawTable> {
	const head = stripBom((await readHead(paths[0], HEAD_BYTES)).toString('utf8'));
	if (head.trim() === '') throw emptyFile(label);
	const delimiter = chooseDelimiter(head, options.delimiter, context);
	const records = parseCsvHead(head, delimiter, 200);
	const header = hasHeader(records, options.header ?? 'auto');
	if (header && records.length < 2) {
		throw new MlopsError('data.empty', `${label} has column names but no rows.`, { expected: 'at least one row below the header', remedy: 'Check that the export was complete.' });
	}
	const names = uniqueNames(header ? records[0] : records[0].map((_, i) => `column_${i + 1}`), context.note);
	if (!header && options.header !== 'no') context.note('data.no_header', 'The first line looks like data, so the columns are called column_1, column_2 and so on.');

	const { duck } = context;
	const keys = names.map((_, i) => `c${i}`);
	const table = `csv_${++counter}`;
	const columns = keys.map((k) => `${quoteText(k)}: 'VARCHAR'`).join(', ');
	const scan = `read_csv([${paths.map(quoteText).join(', ')}], auto_detect=false, header=${header}, delim=${quoteText(delimiter)}, quote='"', escape='"', `
		+ `columns={${columns}}, nullstr='', max_line_size=${MAX_LINE_BYTES}, buffer_size=${BUFFER_BYTES}, strict_mode=true, null_padding=false, store_rejects=true, ignore_errors=true, `
		+ `rejects_table=${quoteText(`${table}_errors`)}, rejects_scan=${quoteText(`${table}_scans`)})`;
	let kept: Awaited<ReturnType<typeof materialise>>;
	try {
		kept = await materialise(table, `SELECT * FROM ${scan}`, keys.length, context);
	} catch (thrown) {
		throw new MlopsError('data.unreadable', `${label} cannot be read as CSV.`, { cause: thrown, remedy: 'Open the file in a text editor and check its quotes and its encoding, or choose delimiter and encoding yourself.' });
	}
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${kept.relation}`);
	const bad = await duck.rows<{ line: number; reason: string; text: string | null; type: string }>(
		`SELECT line, any_value(error_type::VARCHAR) AS type, any_value(error_message) AS reason, any_value(csv_line) AS text FROM ${table}_errors GROUP BY file_id, scan_id, line ORDER BY scan_id, file_id, line`);
	if (rows === 0 && bad.length) {
		throw new MlopsError('data.ragged', `No row of ${label} has the ${names.length} values that its first line promises.`, {
			row: bad[0].line, expected: `${names.length} values separated by ${DELIMITER_NAMES[delimiter] ?? delimiter}`, found: (bad[0].text ?? '').slice(0, 80), remedy: 'Choose the right delimiter, or repair the file.',
		});
	}
	if (rows === 0) throw emptyFile(label);
	return {
		...kept,
		columns: keys.map((key, i) => ({ key, name: names[i], kind: 'text' })),
		nulls: options.nulls,
		decimal: options.decimal,
		bad: bad.map((b): BadRow => ({ row: b.line, reason: reasonOf(b.type, names.length), text: b.text ?? '' })),
		badCount: bad.length,
		description: label,
	};
}

let counter = 0;

const stripBom = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

export const emptyFile = (label: string): MlopsError =>
	new MlopsError('data.empty', `${label} is empty.`, { expected: 'a header and at least one row', remedy: 'Check that the export or download was complete.' });

function reasonOf(type: string, width: number): string {
	if (/TOO MANY/i.test(type)) return `has more than ${width} values`;
	if (/MISSING/i.test(type)) return `has fewer than ${width} values`;
	if (/QUOTE/i.test(type)) return 'has a quotation mark in the wrong place';
	if (/ENCODING|UNICODE/i.test(type)) return 'holds bytes that are no text in this encoding';
	if (/LINE SIZE/i.test(type)) return 'is too long';
	return 'cannot be read';
}

function chooseDelimiter(head: string, wanted: string | undefined, context: SourceContext): string {
	const found = sniffDelimiter(head);
	if (!wanted) return found ?? ',';
	const splits = parseCsvHead(head, wanted, 2)[0]?.length > 1;
	if (splits || !found) return wanted;
	context.note('data.delimiter', `With "${wanted}" there would be a single column: the values are separated by a ${DELIMITER_NAMES[found]}, which was used instead.`);
	return found;
}

/** The first line names the columns unless a value in it can only be data. */
function hasHeader(records: string[][], wanted: 'auto' | 'yes' | 'no'): boolean {
	if (wanted !== 'auto') return wanted === 'yes';
	const number = new RegExp(`^(?:${NUMBER_REGEX})$`);
	const first = records[0].map((v) => v.trim());
	const numbers = first.filter((v) => number.test(v)).map(Number);
	if (numbers.length === 0) return true;
	// Years or counted-up numbers beside a word are names.
	const named = !number.test(first[0]) && numbers.every((v, i) => i === 0 || v === numbers[i - 1] + 1);
	if (named && (numbers.length > 1 || (numbers[0] >= 1900 && numbers[0] <= 2100))) return true;
	const nulls = new Set(NULL_WORDS);
	const below = records.slice(1, 20);
	const alike = first.every((v, i) => nulls.has(v) || below.every((r) => r[i] === undefined || nulls.has(r[i].trim()) || number.test(v) === number.test(r[i].trim())));
	return !(alike && below.length > 0);
}
