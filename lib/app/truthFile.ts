import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { fileLines } from '../data/fileLines.js';
import { openDuck, parquetScan, quoteName, type Duck } from '../data/duck.js';
import { fileFormat, readFiles } from '../data/readers/readFile.js';
import { storedNames } from '../data/storedNames.js';
import { dictionary } from '../domain/dictionary.js';
import { parseJson } from '../domain/json.js';
import type { Context } from '../domain/progress.js';
import type { Store } from '../store/contract.js';
import { dataFiles } from './dataFiles.js';
import { UnreadRow } from './truthRows.js';

const OBJECT = 'one JSON object a line';

/** Rows of a dataset as it was read, by column: numbers, yes and no, times in milliseconds, texts. */
export async function* truthsOfDataset(store: Store, id: string, wanted: readonly string[]): AsyncGenerator<unknown> {
	const { body } = await store.get('dataset', id);
	const names = storedNames(body.columns).values;
	const columns = body.columns.flatMap(({ name, type }, i) => {
		if (!wanted.includes(name)) return [];
		const key = quoteName(names[i]);
		const sql = type === 'datetime' ? `epoch_ms(${key})` : type === 'number' || type === 'integer' ? `CAST(${key} AS DOUBLE)` : key;
		return [{ name, sql: type === 'datetime' ? `CAST(${sql} AS DOUBLE)` : sql }];
	});
	const path = await dataFiles(store, body);
	const duck = await openDuck();
	try {
		const list = columns.map(({ sql }) => sql).join(', ');
		const chosen = columns.map(({ name }) => name);
		// A dataset without any of the columns has rows all the same: each is told what it lacks.
		yield* rowsOf(duck, `SELECT ${list || 'NULL'} FROM ${parquetScan(path)}`, chosen);
	} finally {
		duck.close();
	}
}

async function* rowsOf(duck: Duck, sql: string, names: readonly string[]): AsyncGenerator<unknown> {
	const result = await duck.stream(sql);
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		const columns = names.map((_, j) => chunk.getColumnValues(j));
		for (let i = 0; i < chunk.rowCount; i++) yield dictionary(names.map((name, j) => [name, columns[j][i]] as const));
	}
}

/**
 * Rows of a file: of JSON (a list of objects, or one a line) as they are, of any other table that Ingest reads (CSV, Parquet, Excel) as
 * texts by column. What is no row is an `UnreadRow`.
 * @param temporary a fresh path for a file, which whoever calls takes away
 * @throws `data.*`
 */
export async function* truthsOfFile(
	path: string,
	name: string,
	{ temporary, context }: { temporary: (extension: string) => Promise<string>; context: Context },
): AsyncGenerator<unknown> {
	const format = await fileFormat(path, name);
	if (format === 'ndjson') yield* linesOf(path);
	else if (format === 'json') yield* listIn(await readFile(path));
	else yield* tableIn(path, name, { temporary, context });
}

async function* linesOf(path: string): AsyncGenerator<unknown> {
	let row = 0;
	for await (const bytes of fileLines(path)) {
		const line = bytes.toString('utf8');
		// What would be read as other signs would be the truth about somebody else.
		if (!isUtf8(bytes)) yield new UnreadRow(++row, line, `${OBJECT}, in UTF-8`);
		else yield* lineOf(row === 0 ? line.replace(/^\ufeff/, '') : line, () => ++row);
	}
}

/** Rows of text with one JSON object a line. */
export function* truthsOfLines(text: string): Generator<unknown> {
	let row = 0;
	for (const line of text.replace(/^\ufeff/, '').split('\n')) yield* lineOf(line, () => ++row);
}

function* lineOf(line: string, count: () => number): Generator<unknown> {
	if (line.trim() === '') return;
	const row = count();
	try {
		yield parseJson(line);
	} catch {
		yield new UnreadRow(row, line, OBJECT);
	}
}

function* listIn(bytes: Buffer): Generator<unknown> {
	const text = bytes.toString('utf8');
	let value: unknown;
	try {
		if (!isUtf8(bytes)) throw new TypeError('It is not in UTF-8.');
		value = parseJson(text.replace(/^\ufeff/, ''));
	} catch {
		yield new UnreadRow(1, text, 'a list of JSON objects, in UTF-8');
		return;
	}
	if (Array.isArray(value)) yield* value;
	else if (typeof value === 'object' && value !== null && Array.isArray((value as { truths?: unknown }).truths))
		yield* (value as { truths: unknown[] }).truths;
	else yield value;
}

async function* tableIn(
	path: string,
	name: string,
	{ temporary, context }: { temporary: (extension: string) => Promise<string>; context: Context },
): AsyncGenerator<unknown> {
	const endings: Array<() => Promise<void>> = [];
	const duck = await openDuck();
	try {
		const table = await readFiles(
			[path],
			{ fileName: name, maxBadPercent: 100 },
			{
				duck,
				temporary,
				progress: (progress) => context.progress(progress),
				note: (code, text) => context.note(code, text),
				check: () => context.signal.throwIfAborted(),
				finally: (work) => void endings.push(work),
			},
		);
		const list = table.columns.map(({ key }) => `CAST(${quoteName(key)} AS VARCHAR)`);
		try {
			yield* rowsOf(
				duck,
				`SELECT ${list.join(', ')} FROM ${table.relation}`,
				table.columns.map((column) => column.name),
			);
		} catch (thrown) {
			context.signal.throwIfAborted();
			throw (await table.whyFailed?.(thrown)) ?? thrown;
		}
		for await (const { row, text, reason } of table.bad) yield new UnreadRow(row, text, reason);
	} finally {
		duck.close();
		for (const end of endings) await end();
	}
}
