import { readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { uniqueNames } from '../columnNames.js';
import { quoteText, type Duck } from '../duck.js';
import { NULL_WORDS } from '../format.js';
import type { CellForms, RawTable, SourceContext } from '../sources/contract.js';
import { sampledPlaces, sampleStep } from '../sampleTexts.js';
import { MOST_MADE } from '../typedTable.js';

import { formsOf } from '../grammar/forms.js';
import { askForms } from './askForms.js';
import { hollowSql, noteTotals, plainScan } from './csvScan.js';
import type { CsvFile, CsvOptions, CsvShape } from './csvShape.js';
import { STRIDE } from './survey.js';

let counter = 0;

/**
 * A long file of which each line seems to be a row, as a relation that is read when its columns are typed: nobody has to hold all its
 * texts. Nothing where the file is not so, as far as its beginning and a sample of its lines tell.
 * @param carefully reads it in the usual way, once it is known to be otherwise
 */
export async function readUnread(
	shape: CsvShape,
	options: CsvOptions,
	label: string,
	carefully: () => Promise<RawTable>,
	context: SourceContext,
): Promise<RawTable | undefined> {
	const [file] = shape.files;
	const { names } = shape;
	if (shape.files.length > 1 || options.ours || file.odd || file.nameless.length || names.length < 2 || names.length > MOST_MADE)
		return undefined;
	const rows = await rowsOf(file);
	const step = sampleStep(rows, names.length);
	// Few rows are all looked at.
	if (step === 1) return undefined;
	const { duck } = context;
	const table = `csv_unread_${++counter}`;
	const places = sampledPlaces(rows, step);
	const count = places.length;
	const last = `(FROM ${table} WHERE rowid = ${count})`;
	const path = await context.temporary('csv');
	await copyLines(file, path, [...places, rows - 1], context);
	const drop = async (): Promise<void> => await duck.run(`DROP TABLE IF EXISTS ${table}`);
	const refused = async (of: string): Promise<number> => await countRows(`${of}_errors`, duck);
	try {
		await duck.run(`CREATE TEMP TABLE ${table} AS FROM ${plainScan([path], { ...file, skip: 0 }, `${table}_sample`)}`);
		if ((await countRows(table, duck)) !== count + 1 || (await refused(`${table}_sample`))) throw new Error('Not one row a line');
	} catch {
		context.check();
		await drop();
		return undefined;
	}
	const words = (options.nulls ?? NULL_WORDS).filter((word) => word !== '');
	const forms = askForms(file, words, context.threads ?? 1);
	context.finally(forms.end);
	return {
		relation: plainScan([file.path], file, table),
		columns: names.map((name, i) => ({ key: `c${i}`, name, kind: 'text' })),
		nulls: options.nulls,
		decimal: options.decimal,
		delimiter: file.dialect.delimiter,
		bad: [],
		badCount: 0,
		description: label,
		unread: {
			rows,
			sample: `(FROM ${table} WHERE rowid < ${count})`,
			hollow: hollowTest(shape),
			forms: async () => notTheNames(shape, words, await forms.found),
			typed: (reads, gaps) => ({
				relation: plainScan([file.path], file, table, { reads, words: gaps }),
				hollow: hollowTest(shape, reads),
			}),
			async confirm(found) {
				const plain = found.rows === rows && found.hollow === 0 && (await refused(table)) === 0;
				if (plain) {
					await noteTotals(last, names.length, context);
					uniqueNames(shape.raw, context);
				}
				await drop();
				return plain;
			},
			carefully: async () => {
				await drop();
				return await carefully();
			},
		},
	};
}

/** A column whose name could stand in it is read as text: rows that repeat the names are looked for there. */
function notTheNames({ raw, header }: CsvShape, words: readonly string[], found: CellForms | undefined): CellForms | undefined {
	if (!found || !header) return found;
	const forms = found.forms.map((of, k) => {
		const name = Buffer.from(raw[k].trim());
		return words.includes(raw[k].trim()) ? 0 : of & ~formsOf(name, 0, name.length);
	});
	return { ...found, forms };
}

/** SQL, true for rows that hold nothing and for those that repeat the names. */
function hollowTest(shape: CsvShape, direct?: ReadonlyMap<number, string>): string {
	const { names, raw, header } = shape;
	const { empty, again } = hollowSql(shape, direct);
	// The whole question is asked of few rows: those whose cells all begin with nothing visible, and those that begin like the names.
	const named = header && !direct?.size ? raw.findIndex((name) => name.trim() !== '') : -1;
	const perhaps = [
		`(${names.map((_, i) => (direct?.has(i) ? `c${i} IS NULL` : `(c${i} IS NULL OR c${i} < '!')`)).join(' AND ')})`,
		...(named < 0 ? [] : [`starts_with(c${named}, ${quoteText(raw[named].trim())})`, `c${named} < '!'`]),
	].join(' OR ');
	return `CASE WHEN ${perhaps} THEN (${empty}) OR (${again}) ELSE false END`;
}

const countRows = async (relation: string, duck: Duck): Promise<number> =>
	(await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${relation}`))[0].rows;

/** Blank lines at the end are looked for in so many bytes. */
const TAIL = 1 << 12;

/** How many rows a file has if each of its lines is one; 0 where that cannot be. */
async function rowsOf({ path, survey, skip }: CsvFile): Promise<number> {
	if (!survey?.starts || survey.lf === 0) return 0;
	const file = await open(path, 'r');
	try {
		const { size } = await file.stat();
		const tail = readPart(file, Math.max(0, size - TAIL), Buffer.alloc(Math.min(TAIL, size)));
		let end = tail.length;
		let blank = 0;
		for (; end > 0 && (tail[end - 1] === 10 || tail[end - 1] === 13); end--) if (tail[end - 1] === 10) blank++;
		return survey.lf - blank + 1 - skip;
	} finally {
		await file.close();
	}
}

/** Bytes that are written at a time, and that are read at a time where lines lie that near to each other. */
const WRITTEN = 1 << 20;
const READ = 1 << 21;
/** Lines so many bytes apart are read together: what lies between them comes quicker than it is asked for. */
const NEAR = 1 << 14;

/** Copies lines, by the numbers of their rows in rising order, to another file. */
async function copyLines({ path, survey, skip }: CsvFile, to: string, rows: readonly number[], { check }: SourceContext): Promise<void> {
	const from = await open(path, 'r');
	const into = await open(to, 'wx', 0o600);
	try {
		const { size } = await from.stat();
		const starts = survey!.starts!;
		const near = size < NEAR * rows.length;
		let groups = 0;
		let room: Buffer = Buffer.allocUnsafe(near ? 2 * READ : 0);
		let bytes = room;
		let first = 0;
		let parts: Buffer[] = [];
		let waiting = 0;
		for (const row of rows) {
			const line = skip + row;
			const group = Math.floor(line / STRIDE);
			if (group >= groups) {
				check();
				first = starts[group];
				groups = group + 1;
				if (near) while (groups < starts.length && starts[groups] < first + READ) groups++;
				const length = (starts[groups] ?? size) - first;
				if (length > room.length) room = Buffer.allocUnsafe(length);
				bytes = readPart(from, first, room.subarray(0, length));
			}
			let begin = starts[group] - first;
			for (let k = group * STRIDE; k < line; k++) begin = bytes.indexOf(10, begin) + 1;
			const end = bytes.indexOf(10, begin) + 1;
			// A copy, so that what lies between the lines is not kept.
			const part = Buffer.from(bytes.subarray(begin, end || bytes.length));
			parts.push(part);
			waiting += part.length;
			if (waiting < WRITTEN) continue;
			await into.write(Buffer.concat(parts));
			[parts, waiting] = [[], 0];
		}
		await into.write(Buffer.concat(parts));
	} finally {
		await from.close();
		await into.close();
	}
}

/** At once: thousands of short parts are read, each of which would wait longer for its turn than for its bytes. */
function readPart({ fd }: FileHandle, from: number, bytes: Buffer): Buffer {
	let at = 0;
	while (at < bytes.length) {
		const read = readSync(fd, bytes, at, bytes.length - at, from + at);
		if (read === 0) break;
		at += read;
	}
	return bytes.subarray(0, at);
}
