import { MlopsError } from '../../domain/errors.js';
import { uniqueNames } from '../columnNames.js';
import { assertColumns } from '../mostColumns.js';
import type { SourceContext } from '../sources/contract.js';
import { aboveSaid, tableAbove } from './anotherTable.js';
import { cellKind } from './cellKind.js';
import { DELIMITER_NAMES, findDialect } from './dialect.js';
import { emptyFile } from './emptyFile.js';
import type { PlainFile } from './encoding.js';
import { readHead } from './head.js';
import { headerNames, locate, tableWidth, type Location } from './locate.js';
import { headRecords, standard, type Dialect, type Expectation, type HeadRecord } from './csvRecord.js';
import { mixedLineEnds, type Survey } from './survey.js';
import { cutText } from '../../domain/text.js';

export interface CsvOptions {
	/** One character; found from the content if absent. */
	delimiter?: string;
	header?: 'auto' | 'yes' | 'no';
	nulls?: readonly string[];
	decimal?: '.' | ',';
	/** The file was written by us: values separated by commas, all records alike, with names in the first one or without. */
	ours?: 'named' | 'bare';
}

/** How one file is to be read. */
export interface CsvFile extends PlainFile {
	name: string;
	dialect: Dialect;
	/** Lines above the first row. */
	skip: number;
	/** What its beginning was read with: the lines above the first row are counted so. */
	above?: Expectation;
	/** Where each column of the table lies in it. */
	at: number[];
	width: number;
	kinds: Location['kinds'];
	/** Columns that nothing names; without a header the last one, which a separator at the end of each line makes. */
	nameless: number[];
	/** Lines above the table begin with "#": such lines are remarks. */
	remarks: boolean;
	/** It needs more care than DuckDB takes. */
	odd: boolean;
}

/** What is at the beginning of the files: their columns, and how each is to be read so that they come out in the same order. */
export interface CsvShape {
	names: string[];
	/** Names as they stand in the file. */
	raw: string[];
	header: boolean;
	files: CsvFile[];
}

const HEAD_BYTES = 1 << 20;
const LONGEST_HEAD_BYTES = 1 << 26;
const HEAD_RECORDS = 500;
const MAX_NAMED = 5;
/** Stands in no text: what cannot be separated is one column. */
const ONE_COLUMN = '\u001f';

/**
 * Looks at the head of each file. All must have the columns of the first one, in whatever order; files without rows are left out.
 * @param files names to show, beside the paths
 * @throws `data.empty`, `data.schema_mismatch` naming the file
 */
export async function csvShape(
	plain: readonly PlainFile[],
	files: readonly string[],
	options: CsvOptions,
	label: string,
	context: SourceContext,
): Promise<CsvShape> {
	const quiet = { note() {}, caseless: context.caseless };
	const shape: CsvShape = { names: [], raw: [], header: true, files: [] };
	const hollow: string[] = [];
	let reference = '';
	for (const [i, { path, survey }] of plain.entries()) {
		const first = shape.files.length === 0;
		const asked = { ...options, header: first ? options.header : shape.header ? ('yes' as const) : ('no' as const) };
		const found = await findHead(path, asked, survey, context);
		const { records, location, dialect } = found;
		assertColumns(location.width, label);
		if (location.body >= records.length) {
			if (plain.length === 1) throw records.length === 0 ? emptyFile(label) : headerOnly(label, records, location);
			hollow.push(files[i]);
			continue;
		}
		const header = location.header.length > 0;
		const raw = header
			? headerNames(
					location.header.map((k) => records[k].cells),
					location.width,
				)
			: Array.from({ length: location.width }, (_, k) => `column_${k + 1}`);
		const width = raw.length;
		const file: CsvFile = {
			path,
			survey,
			name: files[i],
			dialect,
			width,
			kinds: location.kinds,
			nameless: header ? raw.flatMap((name, k) => (name.trim() === '' ? [k] : [])) : width > 1 && !options.ours ? [width - 1] : [],
			skip: records[location.body].line - 1,
			above: found.expected,
			at: raw.map((_, k) => k),
			remarks: location.above.some((k) => records[k].cells[0].startsWith('#')),
			odd:
				dialect.delimiter === ' ' ||
				dialect.spaced === true ||
				(survey !== undefined && mixedLineEnds(survey)) ||
				records.slice(0, location.body).some((r) => r.lines > 1 || r.broken || r.loose),
		};
		if (first) {
			Object.assign(shape, { names: uniqueNames(raw, quiet), raw, header, files: [file] });
			if (!header && options.header !== 'no' && !options.ours)
				context.note('data.no_header', 'The first line looks like data, so the columns are called column_1, column_2 and so on.');
			noteAbove(found, raw, plain.length > 1 ? files[i] : undefined, context);
			noteOneColumn(found, raw, context);
			reference = files[i];
			continue;
		}
		const own = header ? uniqueNames(raw, quiet) : raw;
		file.at = shape.names.map((name) => own.indexOf(name));
		if (own.length !== shape.names.length || file.at.includes(-1)) throw otherColumns(files[i], reference, own, shape);
		shape.files.push(file);
	}
	if (shape.files.length === 0) throw emptyFile(label);
	if (hollow.length) {
		const names = hollow.slice(0, MAX_NAMED).map((f) => `"${f}"`);
		context.note(
			'data.file_empty',
			`${hollow.length} of the ${plain.length} files ${hollow.length === 1 ? 'holds no rows and was' : 'hold no rows and were'} ` +
				`left out: ${names.join(', ')}${hollow.length > MAX_NAMED ? ', ...' : ''}.`,
		);
	}
	return shape;
}

/** The table at the beginning of a file: of the first megabyte, or of more where the names of its columns alone fill that. */
async function findHead(path: string, options: CsvOptions, survey: Survey | undefined, context: SourceContext): Promise<Found> {
	for (let size = HEAD_BYTES; ; size *= 8) {
		const bytes = await readHead(path, size);
		const cut = bytes.length === size;
		const found = findTable(stripBom(bytes.toString('utf8')), cut, options, survey, context);
		if (!cut || size >= LONGEST_HEAD_BYTES || found.location.body < found.records.length) return found;
	}
}

interface Found {
	records: HeadRecord[];
	location: Location;
	dialect: Dialect;
	declared: boolean;
	expected?: Expectation;
	/** Line that is drawn below the names and holds nothing. */
	rule?: number;
}

/** A line that is drawn, as in tables of Markdown and of databases' consoles: `|----:|:----|`, `----+------`. */
const isRule = ({ cells }: HeadRecord): boolean => {
	const drawn = cells.map((c) => c.trim()).filter((c) => c !== '');
	return drawn.length > 0 && drawn.every((c) => /^(?::?-{3,}:?|={3,}|\+?-{2,}(?:\+-{2,})+\+?|[─━═┼╪]{3,})$/.test(c));
};
/** Records between which a line may be drawn around the names. */
const AROUND_NAMES = 10;

const withoutRules = (records: HeadRecord[]): HeadRecord[] => records.filter((r, k) => k >= AROUND_NAMES || !isRule(r));

/**
 * The first records, read twice: only once it is known how many values a row has, and how most lines end, can a stray quotation mark or
 * carriage return be told from one that is meant.
 */
function readHeadRecords(
	text: string,
	cut: boolean,
	dialect: Dialect,
	survey: Survey | undefined,
): { records: HeadRecord[]; expected?: Expectation } {
	const read = (expected?: Expectation): HeadRecord[] => {
		const records = headRecords(text, dialect, HEAD_RECORDS, cut, expected);
		// One record may be longer than what was read.
		return records.length === 0 && cut ? headRecords(text, dialect, HEAD_RECORDS, false, expected) : records;
	};
	const records = read();
	const width = tableWidth(records);
	if (width < 2) return { records };
	const returns = records.filter((r) => r.returns).length > records.length / 2;
	const expected = { width, strayReturns: !returns && (survey?.lf ?? 1) > 0, swallows: () => false };
	return { records: read(expected), expected };
}

/** Separator, header and first row of a text. */
function findTable(text: string, cut: boolean, options: CsvOptions, survey: Survey | undefined, context: SourceContext): Found {
	if (options.ours) {
		const found = headRecords(text, standard(','), 2, false);
		// Rows of one column without a value are blank lines.
		const blank = found.length === 0 && text !== '' && options.ours === 'bare';
		const records = blank ? [{ cells: [''], line: 1, lines: 1, gap: false, broken: false, loose: false, returns: false }] : found;
		const width = records[0]?.cells.length ?? 0;
		return {
			records,
			dialect: standard(','),
			declared: false,
			location:
				options.ours === 'named'
					? { width, body: 1, header: [0], above: [], kinds: [] }
					: { width, body: 0, header: [], above: [], kinds: [] },
		};
	}
	const declared = /^"?sep=(.)"?\r?\n/i.exec(text);
	const dialect = chooseDialect(declared ? text.slice(declared[0].length) : text, cut, options.delimiter || declared?.[1], context);
	const { records, expected } = readHeadRecords(text, cut, dialect, survey);
	const own = declared ? records.filter((r) => r.line > 1) : records;
	const remarks = own.findIndex((r) => !r.cells[0].startsWith('#'));
	const from = remarks > 0 ? remarks : 0;
	let table = withoutRules(own.slice(from));
	let location = locate(table, tableWidth(table), options.header ?? 'auto');
	// The last of the remarks may be the names: "#id,name,n".
	if (
		from > 0 &&
		location.width > 1 &&
		own[from - 1].cells.length === location.width &&
		location.above.length === 0 &&
		(location.header.length === 0 || location.kinds.every((k) => k === undefined))
	) {
		table = withoutRules(own.slice(from - 1));
		location = locate(table, location.width, options.header ?? 'auto');
	}
	const moved = (k: number) => (k < table.length ? records.indexOf(table[k]) : records.length);
	const shift = moved(0);
	const rule = records.find((r, k) => k < moved(location.body) && k >= shift && isRule(r));
	return {
		records,
		dialect,
		declared: declared !== null,
		expected,
		...(rule ? { rule: rule.line } : {}),
		location: {
			...location,
			body: moved(location.body),
			header: location.header.map(moved),
			...(location.types === undefined ? {} : { types: moved(location.types) }),
			above: [...Array.from({ length: shift }, (_, k) => k), ...location.above.map(moved)],
		},
	};
}

/** Says which lines above the table were left out, and that names took two lines. */
function noteAbove(
	{ records, location, declared, rule }: Found,
	names: readonly string[],
	file: string | undefined,
	{ note }: SourceContext,
): void {
	const where = file ? ` of "${file}"` : '';
	const said = location.above
		.filter((k) => !(declared && k === 0) && !isRule(records[k]))
		.map((k) =>
			records[k].cells
				.map((c) => c.trim())
				.filter((c) => c !== '')
				.join(' '),
		)
		.filter((t) => t !== '');
	const start = records[location.header[0] ?? location.body].line;
	if (said.length) {
		const shown = said[0].length > 60 ? `${cutText(said[0], 60)}...` : said[0];
		note(
			'data.preamble',
			`The table${where} begins in line ${start}: ${said.length === 1 ? 'the line' : `the ${said.length} lines`} above it, ` +
				`${said.length === 1 ? '' : 'beginning with '}"${shown}", ${said.length === 1 ? 'was' : 'were'} left out.`,
		);
	}
	const other = tableAbove(location.above.map((k) => records[k].cells));
	if (other !== undefined) note(...aboveSaid('line', records[location.above[other]].line));
	if (location.header.some((k) => records[k].broken))
		note('data.quote_open', `A quotation mark${where} in line ${start}, among the names, is not closed; the names are read as they stand.`);
	if (rule !== undefined) note('data.rule_line', `Line ${rule}${where} is drawn to part the names from the rows, and is no row.`);
	if (location.types !== undefined)
		note(
			'data.type_line',
			`Line ${records[location.types].line}${where} says the types of the columns ` +
				`(${cutText(records[location.types].cells.join(', '), 60)}) ` +
				`and is no row: types are found from the values.`,
		);
	if (location.header.length > 1)
		note(
			'data.header_rows',
			`Two lines${where} (from line ${start}) name the columns and were put together: ${names
				.slice(0, MAX_NAMED)
				.map((n) => `"${n}"`)
				.join(', ')}${names.length > MAX_NAMED ? ', ...' : ''}.`,
		);
}

/**
 * Says that a table of one column may be one whose columns stand below one another with blanks between, which has no separator, or one
 * whose lines are too different to be cut at the sign that they hold.
 */
function noteOneColumn({ records, location, dialect }: Found, names: readonly string[], { note }: SourceContext): void {
	if (names.length > 1 || dialect.delimiter !== ONE_COLUMN) return;
	const rows = records.slice(location.body).map(({ cells }) => cells[0]);
	if (rows.length < 3) return;
	const sign = [';', '\t', '|', ','].find((s) => rows.filter((row) => row.includes(s)).length >= rows.length * 0.8);
	const numbers = rows.filter((row) => cellKind(row) === 'number').length;
	// A comma stands in sentences and in numbers as well.
	if (sign && (sign !== ',' || (names[0].includes(sign) && numbers < rows.length / 2))) {
		note(
			'data.one_column',
			`Only one column was found, "${cutText(names[0], 60)}": most lines hold a ${DELIMITER_NAMES.get(sign)}, but so many have another ` +
				'number of them that they are no rows of a table. Choose the delimiter under "Options", or repair the file.',
		);
		return;
	}
	const spaced = rows.filter((row) => /\S {2,}\S/.test(row)).length;
	if (spaced < rows.length / 2) return;
	note(
		'data.one_column',
		`Only one column was found, "${cutText(names[0], 60)}": no sign separates its values in every line. ` +
			`Where blanks fill each value up to ` +
			'a fixed width, save the file with a separator such as a comma.',
	);
}

function headerOnly(label: string, records: readonly HeadRecord[], { header }: Location): MlopsError {
	const seen = cutText(
		records[header[0] ?? 0].cells
			.map((c) => c.trim())
			.filter((c) => c !== '')
			.join(', '),
		80,
	);
	return new MlopsError('data.empty', `${label} has column names but no rows.`, {
		expected: 'at least one row below the header',
		found: seen,
		remedy: 'Check that the export was complete.',
	});
}

function otherColumns(file: string, reference: string, own: readonly string[], { names, header }: CsvShape): MlopsError {
	const list = (columns: readonly string[]) =>
		header ? `${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', ...' : ''}` : `${columns.length} values in a row`;
	return new MlopsError('data.schema_mismatch', `"${file}" has other columns than "${reference}", so the two do not make one table.`, {
		expected: list(names),
		found: list(own),
		remedy: 'Read files with the same columns together, and the others by themselves.',
	});
}

const stripBom = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

function chooseDialect(text: string, cut: boolean, wanted: string | undefined, context: SourceContext): Dialect {
	const found = findDialect(text, cut);
	if (!wanted) return found ?? standard(ONE_COLUMN);
	const given = { ...(found ?? standard(wanted)), delimiter: wanted };
	if (!found || found.delimiter === wanted || headRecords(text, given, 20, cut).some((r) => r.cells.length > 1)) return given;
	context.note(
		'data.delimiter',
		`With "${wanted}" there would be a single column: the values are separated by ` +
			`${found.delimiter === ' ' ? '' : 'a '}${DELIMITER_NAMES.get(found.delimiter)}, which was used instead.`,
	);
	return found;
}
