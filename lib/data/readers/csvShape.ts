import { uniqueNames } from '../columnNames.js';
import { MlopsError } from '../../domain/errors.js';
import { NULL_WORDS } from '../format.js';
import { NUMBER_REGEX } from '../parse.js';
import type { SourceContext } from '../sources/contract.js';
import { emptyFile } from './emptyFile.js';
import { readHead } from './head.js';

export interface CsvOptions {
	/** One character; found from the content if absent. */
	delimiter?: string;
	header?: 'auto' | 'yes' | 'no';
	nulls?: readonly string[];
	decimal?: '.' | ',';
}

/** What is at the beginning of the files: their columns, and how each is to be read so that they come out in the same order. */
export interface CsvShape {
	names: string[];
	header: boolean;
	/** Files that one scan can read, in order; `at[i]` is where column i lies in them. */
	groups: Array<{ paths: string[]; delimiter: string; at: number[] }>;
}

const CANDIDATES = [',', ';', '\t', '|'];
export const DELIMITER_NAMES: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'vertical bar' };
const HEAD_BYTES = 1 << 20;
const MAX_NAMED = 5;

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

/**
 * Looks at the head of each file. All must have the columns of the first one, in whatever order; files without rows are left out.
 * @param files names to show, beside the paths
 * @throws `data.empty`, `data.schema_mismatch` naming the file
 */
export async function csvShape(paths: readonly string[], files: readonly string[], options: CsvOptions, label: string, context: SourceContext): Promise<CsvShape> {
	const shape: CsvShape = { names: [], header: true, groups: [] };
	const hollow: string[] = [];
	let found = false;
	let reference = '';
	for (const [i, path] of paths.entries()) {
		const head = stripBom((await readHead(path, HEAD_BYTES)).toString('utf8'));
		const delimiter = chooseDelimiter(head, options.delimiter, context);
		const records = parseCsvHead(head, delimiter, 200);
		const header = found ? shape.header : records.length > 0 && hasHeader(records, options.header ?? 'auto');
		if (records.length < (header ? 2 : 1)) {
			if (paths.length === 1) throw head.trim() === '' ? emptyFile(label) : headerOnly(label);
			hollow.push(files[i]);
			continue;
		}
		if (!found) {
			const names = uniqueNames(header ? records[0] : records[0].map((_, k) => `column_${k + 1}`), context.note);
			Object.assign(shape, { names, header, groups: [{ paths: [path], delimiter, at: names.map((_, k) => k) }] });
			if (!header && options.header !== 'no') context.note('data.no_header', 'The first line looks like data, so the columns are called column_1, column_2 and so on.');
			[found, reference] = [true, files[i]];
			continue;
		}
		const own = header ? uniqueNames(records[0], () => {}) : records[0].map((_, k) => `column_${k + 1}`);
		const at = shape.names.map((name) => own.indexOf(name));
		if (own.length !== shape.names.length || at.includes(-1)) throw otherColumns(files[i], reference, own, shape);
		const last = shape.groups.at(-1)!;
		if (last.delimiter === delimiter && last.at.every((k, j) => k === at[j])) last.paths.push(path);
		else shape.groups.push({ paths: [path], delimiter, at });
	}
	if (!found) throw emptyFile(label);
	if (hollow.length) context.note('data.file_empty', `${hollow.length} of the ${paths.length} files ${hollow.length === 1 ? 'holds no rows and was' : 'hold no rows and were'} left out: ${hollow.slice(0, MAX_NAMED).map((f) => `"${f}"`).join(', ')}${hollow.length > MAX_NAMED ? ', ...' : ''}.`);
	return shape;
}

const headerOnly = (label: string): MlopsError =>
	new MlopsError('data.empty', `${label} has column names but no rows.`, { expected: 'at least one row below the header', remedy: 'Check that the export was complete.' });

function otherColumns(file: string, reference: string, own: readonly string[], { names, header }: CsvShape): MlopsError {
	const list = (columns: readonly string[]) => (header ? `${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', ...' : ''}` : `${columns.length} values in a row`);
	return new MlopsError('data.schema_mismatch', `"${file}" has other columns than "${reference}", so the two do not make one table.`, {
		expected: list(names), found: list(own), remedy: 'Read files with the same columns together, and the others by themselves.',
	});
}

const stripBom = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

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
