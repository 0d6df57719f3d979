import { MlopsError } from '../../domain/errors.js';
import { uniqueNames } from '../columnNames.js';
import { materialise } from '../materialise.js';
import { IN_TABLE, READING, SURVEYED, type BadRow, type RawTable, type SourceContext } from '../sources/contract.js';
import { noteBeside, noteOtherTables } from './anotherTable.js';
import { readCarefully, swallowTest, type Careful } from './carefulCsv.js';
import { carefulScan, noteTotals, plainScan } from './csvScan.js';
import { csvShape, type CsvFile, type CsvOptions, type CsvShape } from './csvShape.js';
import { readUnread } from './csvUnread.js';
import { DELIMITER_NAMES } from './dialect.js';
import { drop, withoutHollow, type Kept } from './csvHollow.js';
import { emptyFile } from './emptyFile.js';
import type { PlainFile } from './encoding.js';
import { mixedLineEnds } from './survey.js';
import { cutText } from '../../domain/text.js';

/** Values with line ends that are looked at for rows in them. */
const LOOKED_AT = 10_000;

let counter = 0;

/**
 * Reads CSV files (UTF-8) with the same columns, in whatever order, into one table of text. DuckDB reads what is well-formed; a file that
 * is not is read once more, record by record.
 * @param files names to show for the paths
 * @throws `data.empty`, `data.ragged`, `data.unreadable`, `data.schema_mismatch`
 */
export async function readCsv(
	plain: readonly PlainFile[],
	options: CsvOptions,
	label: string,
	context: SourceContext,
	files: readonly string[] = plain.map(() => label),
): Promise<RawTable> {
	const shape = await csvShape(plain, files, options, label, context);
	const inTable = async () =>
		await context.duck.watched(
			async () => await readIntoTable(shape, options, label, context),
			(done) => context.progress({ stage: READING, share: SURVEYED + (IN_TABLE - SURVEYED) * done }),
		);
	return (await readUnread(shape, options, label, inTable, context)) ?? (await inTable());
}

async function readIntoTable(shape: CsvShape, options: CsvOptions, label: string, context: SourceContext): Promise<RawTable> {
	const careful = new Map<CsvFile, Careful>();
	for (const file of shape.files) if (file.odd) careful.set(file, await readCarefully(file, context));
	let kept: Kept | undefined;
	// Whatever DuckDB refuses is read carefully and put together anew: at most once for each file.
	for (let again = true; again; ) {
		const read = await scan(shape, careful, context);
		kept = read.kept;
		const refused = read.refused ?? (options.ours !== undefined ? [] : await swallowing(shape, careful, kept!, context));
		again = refused.length > 0;
		for (const file of refused) careful.set(file, await readCarefully(file, context));
		if (again && kept) await drop(kept, context);
	}
	// What we wrote has its rows from a query or a sheet, where an empty one is a row.
	kept = options.ours === undefined ? await withoutHollow(shape, kept!, context) : kept!;
	const bad = settle(shape, careful, context);
	const rows = await count(kept, context);
	if (rows === 0 && bad.length) {
		throw new MlopsError('data.ragged', `No row of ${label} has the ${shape.names.length} values that its first line promises.`, {
			row: bad[0].row,
			expected: `${shape.names.length} values separated by ${separator(shape.files[0])}`,
			found: cutText(bad[0].text, 80),
			remedy: 'Choose the right delimiter, or repair the file.',
		});
	}
	if (rows === 0) throw emptyFile(label);
	const { relation, position } = kept;
	if (rows >= 5)
		await noteTotals(
			`${relation} WHERE ${position} = ${rows - 1}`,
			shape.names.length,
			context,
			`${relation} WHERE ${position} < ${rows - 1}`,
		);
	const another = options.ours === undefined && rows >= 3 ? await noteOtherTables(shape, kept, rows, bad, context) : undefined;
	const columns = await namedColumns(shape, kept, context);
	return {
		...kept,
		columns: columns.map((i) => ({ key: `c${i}`, name: shape.names[i], kind: 'text' })),
		nulls: options.nulls,
		decimal: options.decimal,
		delimiter: shape.files[0].dialect.delimiter,
		bad,
		badCount: bad.length,
		description: label,
		...(another ? { whyBad: another } : {}),
	};
}

const separator = ({ dialect }: CsvFile): string => DELIMITER_NAMES.get(dialect.delimiter) ?? dialect.delimiter;

/** One try to read all files: either a table, or the files that have to be read carefully. */
async function scan(
	{ names, files }: CsvShape,
	careful: ReadonlyMap<CsvFile, Careful>,
	context: SourceContext,
): Promise<{ kept?: Kept; refused?: CsvFile[] }> {
	const table = `csv_${++counter}`;
	const groups: Array<{ like: CsvFile; careful: boolean; omitted: boolean; paths: string[] }> = [];
	for (const file of files) {
		const own = careful.get(file);
		const last = groups.at(-1);
		const same = last && last.careful === (own !== undefined) && last.omitted === (own?.omitted ?? false) && alike(last.like, file);
		if (same) last.paths.push(own?.path ?? file.path);
		else groups.push({ like: file, careful: own !== undefined, omitted: own?.omitted ?? false, paths: [own?.path ?? file.path] });
	}
	const direct = groups.some((g) => !g.careful);
	const scans = groups.map((group) => {
		const { at } = group.like;
		const wanted = at.every((k, i) => k === i) && !group.careful ? '*' : at.map((k, i) => `c${k} AS c${i}`).join(', ');
		const read = group.careful ? carefulScan(group.paths, group.like) : plainScan(group.paths, group.like, table);
		return `SELECT ${wanted} FROM ${read}${group.careful && !group.omitted ? ' WHERE short IS NULL' : ''}`;
	});
	const plainly = files.filter((f) => !careful.has(f));
	let kept: Kept;
	try {
		kept = await materialise(table, scans.join(' UNION ALL '), names.length, context);
	} catch (thrown) {
		if (plainly.length) return { refused: plainly };
		throw new MlopsError('data.unreadable', 'The file cannot be read as CSV.', {
			cause: thrown,
			remedy: 'Open the file in a text editor and check its quotes and its encoding, or choose delimiter and encoding yourself.',
		});
	}
	if (!direct) return { kept };
	const refused = await context.duck.rows<{ path: string }>(
		`SELECT DISTINCT file_path AS path FROM ${table}_errors JOIN ${table}_scans USING (scan_id, file_id)`,
	);
	if (refused.length === 0) return { kept };
	const paths = new Set(refused.map((r) => r.path));
	await drop(kept, context);
	const named = plainly.filter((f) => paths.has(f.path));
	return { refused: named.length ? named : plainly };
}

const alike = (a: CsvFile, b: CsvFile): boolean =>
	a.skip === b.skip &&
	a.width === b.width &&
	a.at.every((k, i) => k === b.at[i]) &&
	(['delimiter', 'quote', 'escape'] as const).every((k) => a.dialect[k] === b.dialect[k]);

const count = async ({ relation }: Kept, { duck }: SourceContext): Promise<number> =>
	(await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${relation}`))[0].rows;

/** Files in which a quotation mark that was never closed took rows into a value, without a word from DuckDB. */
async function swallowing(
	{ files }: CsvShape,
	careful: ReadonlyMap<CsvFile, Careful>,
	kept: Kept,
	context: SourceContext,
): Promise<CsvFile[]> {
	const left = files.filter((f) => !careful.has(f) && f.kinds.some((k) => k !== undefined));
	if (left.length === 0) return [];
	const rows = await count(kept, context);
	// As many lines as rows: no value goes over a line end.
	if (
		left.length === files.length &&
		files.every((f) => f.survey) &&
		files.reduce((n, f) => n + Math.max(f.survey!.lf, f.survey!.cr) - f.skip, 0) <= rows
	)
		return [];
	const suspects = new Set<CsvFile>();
	for (const i of await withLineEnds(files[0].at.length, kept, context)) {
		const found = await context.duck.rows<{ v: string }>(
			`SELECT c${i} AS v FROM ${kept.relation} WHERE contains(c${i}, chr(10)) OR contains(c${i}, chr(13)) LIMIT ${LOOKED_AT}`,
		);
		if (found.length === 0) continue;
		for (const file of left) {
			const swallows = swallowTest(file);
			if (found.some(({ v }) => swallows(file.at[i], v))) suspects.add(file);
		}
	}
	return [...suspects];
}

/** Columns (by place) asked for at a time. */
const ASKED = 200;

/** Columns (by place) with a line end in a value: a query a column reads a wide table as often as it has columns. */
async function withLineEnds(columns: number, { relation }: Kept, { duck, check }: SourceContext): Promise<number[]> {
	const found: number[] = [];
	for (let from = 0; from < columns; from += ASKED) {
		check();
		const part = Array.from({ length: Math.min(ASKED, columns - from) }, (_, k) => from + k);
		const holds = (i: number): string => `coalesce(bool_or(contains(c${i}, chr(10)) OR contains(c${i}, chr(13))), false) AS c${i}`;
		const [row] = await duck.rows<Record<string, boolean>>(`SELECT ${part.map(holds).join(', ')} FROM ${relation}`);
		found.push(...part.filter((i) => row[`c${i}`]));
	}
	return found;
}

/** What careful reading found, in notes; the rows that stay apart. */
function settle({ files, names }: CsvShape, careful: ReadonlyMap<CsvFile, Careful>, { note }: SourceContext): BadRow[] {
	const bad: BadRow[] = [];
	for (const [file, own] of careful) {
		const of = files.length > 1 ? ` of "${file.name}"` : '';
		const rows = [...own.bad, ...(own.omitted ? [] : own.short)].sort((a, b) => a.row - b.row);
		bad.push(...(of ? rows.map((r) => ({ ...r, reason: `${of.trim()} ${r.reason}` })) : rows));
		if (own.omitted)
			note(
				'data.short_rows',
				`${own.short.length} rows${of} have fewer than ${names.length} values (the first in line ${own.short[0].row}): empty ` +
					`values at their ends were left out, and are missing.`,
			);
		if (own.loose)
			note(
				'data.quotes',
				`${own.loose} row${own.loose === 1 ? '' : 's'}${of} with quotation marks inside a value that nothing escapes ` +
					`${own.loose === 1 ? 'was' : 'were'} read as they stand.`,
			);
		if (own.remarks)
			note(
				'data.remarks',
				`${own.remarks} line${own.remarks === 1 ? '' : 's'}${of} between the rows begin${own.remarks === 1 ? 's' : ''} with ` +
					`"#" and ${own.remarks === 1 ? 'was' : 'were'} left out.`,
			);
		const { lines, at } = own.swallowed;
		if (at.length)
			note(
				'data.quote_open',
				`A quotation mark${of} in line ${at[0]} is not ` +
					`closed${at.length > 1 ? ` (and in ${at.length - 1} more line${at.length > 2 ? 's' : ''})` : ''}: it would have ` +
					`swallowed ${lines} line${lines === 1 ? '' : 's'} below it. Its row is kept apart; the lines below were read.`,
			);
		if (file.survey && mixedLineEnds(file.survey))
			note(
				'data.line_ends',
				`The lines${of} end in different ways (CRLF ${file.survey.crlf} times, LF alone ${file.survey.lf - file.survey.crlf}, ` +
					`CR alone ${file.survey.cr - file.survey.crlf}).`,
			);
	}
	return bad;
}

/** The columns to keep: not those without a name and without a value, which a separator at the end of each line makes. */
async function namedColumns({ names, raw, files }: CsvShape, kept: Kept, context: SourceContext): Promise<number[]> {
	const { duck, note } = context;
	const all = names.map((_, i) => i);
	const nameless = all.filter((i) => files[0].nameless.includes(i));
	const told = (kept: number[]) => {
		uniqueNames(
			kept.map((i) => raw[i]),
			context,
		);
		return kept;
	};
	if (nameless.length === 0 || nameless.length === all.length) return told(all);
	const [counts] = await duck.rows<Record<string, number>>(
		`SELECT ${nameless.map((i) => `count(c${i}) AS c${i}`).join(', ')} FROM ${kept.relation}`,
	);
	const empty = nameless.filter((i) => counts[`c${i}`] === 0);
	if (empty.length)
		note(
			'data.empty_columns',
			`${empty.length} column${empty.length === 1 ? '' : 's'} without a name and without a value ` +
				`${empty.length === 1 ? 'was' : 'were'} left out.`,
		);
	await noteBeside(names, empty, kept, context);
	return told(all.filter((i) => !empty.includes(i)));
}
