import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { ColumnType } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import { ROW_ID } from '../domain/dataset.js';
import { quoteName, quotePath, quoteText, WIDE } from './duck.js';
import { parquetFormat } from './parquetFormat.js';
import { inBlocks } from './profile/blocks.js';
import type { LaneTask } from './profile/lanes.js';
import { assertFewBad } from './quarantine.js';
import type { RawTable, SourceContext } from './sources/contract.js';
import { storedNames, type StoredNames } from './storedNames.js';
import { typedRelation } from './typedRelation.js';
import { dropTables, madeRelation, type Made } from './typedTable.js';
import { tabulated } from './readOpen.js';
import type { TypedColumn } from './typing.js';
import { writeWide } from './writeWide.js';

export interface Written {
	path: string;
	rows: number;
	quarantinePath?: string;
	quarantined: number;
	/** The file is yet to be written, while others read the same rows from where they lie. */
	pending?: Pending;
}

/** Where rows come behind others that lie in files of their own. */
export interface WritePlace {
	/** Number of the first of them. */
	first: number;
	/** Names of their columns among all of the table. */
	stored: StoredNames;
}

export interface Pending {
	write: LaneTask;
	/** What stands after FROM, with the names of the file. */
	scan: string;
	rows: number;
}

/**
 * Writes the typed Parquet file, `__row` first, rows in source order, and the quarantine file for rows with unreadable values. Many rows
 * that lie in memory already are left to be written beside what else is done with them. The same relation gives the same rows in the same
 * order; the bytes depend on the number of threads, and nothing depends on them. @throws `data.value_invalid` when no row is left,
 * `data.too_many_bad`
 */
export async function writeTyped(
	raw: RawTable,
	columns: readonly TypedColumn[],
	context: SourceContext,
	place?: WritePlace,
): Promise<Written> {
	const { duck } = context;
	await duck.widen(columns.length);
	const path = await context.temporary('parquet');
	// Rows that are kept apart are asked for in SQL.
	const typed = columns.some((t) => t.failed > 0) ? await tabulated(columns, context) : columns;
	const relation = typedRelation(raw, typed);
	const checks = typed.flatMap((t, i): Check[] =>
		t.failed > 0 ? [{ name: t.schema.name, type: t.schema.type, sql: `(p${i} IS NOT DISTINCT FROM true AND v${i} IS NULL)` }] : [],
	);
	const anyFailed = checks.map((c) => c.sql).join(' OR ');
	const failed = checks.length
		? (await duck.rows<{ failed: number }>(`SELECT count(*) AS failed FROM ${relation} WHERE ${anyFailed}`))[0].failed
		: 0;
	const rowId = failed === 0 ? 'position' : 'row_number() OVER (ORDER BY position) - 1';
	const { stored, first } = place ?? { stored: storedNames(typed.map((t) => t.schema)), first: 0 };
	const names = stored.values.map(quoteName);
	const texts = typed.map((t, i) => (t.kept > 0 ? `, x${i} AS ${quoteName(stored.text(i))}` : '')).join('');
	const made = failed ? undefined : allMade(typed);
	const joined = !made && typed.some((t) => t.leftovers);
	if (joined) await duck.keepOrder();
	const where = failed ? ` WHERE NOT (${anyFailed})` : '';
	const format = parquetFormat(typed.length);
	const copy = async (order: string) =>
		await duck.run(
			`COPY (SELECT CAST(${rowId} + ${first} AS BIGINT) AS ${quoteName(ROW_ID)}, ` +
				`${names.map((name, i) => `v${i} AS ${name}`).join(', ')}${texts} ` +
				`FROM ${relation}${where}${order}) TO ${quoteText(path)} ${format}`,
		);
	const wide = typed.length > WIDE && failed === 0 && !made;
	if (wide) await writeWide(path, raw, typed, { stored, first }, context);
	// Nobody needs the texts any more: what was read of them is all that is stored.
	if (made && checks.length === 0 && raw.table) await dropTables([raw.table], duck);
	const pending = made && (await pendingOf(path, typed, made, { stored, first }, format, context));
	const together = pending !== undefined && new Set(made!.map(({ table }) => table)).size === 1;
	const later = !place && together && checks.length === 0 && inBlocks(pending.rows, typed.length) && !(await hasSpilled(duck));
	if (!pending) await (wide ? undefined : copy(failed ? ' ORDER BY position' : ''));
	else if (!later) await pending.write(duck);
	else await dropTexts(typed, made!, duck);
	// Joins keep the order of their left side, but nothing promises it.
	if (joined && !wide && !failed && (await outOfOrder(duck, path, first))) await copy(' ORDER BY position');
	const rows = pending?.rows ?? (await countRows(`read_parquet(${quotePath(path)})`, duck));
	const quarantined = failed + raw.badCount;
	if (rows === 0) {
		const [worst] = checks;
		throw new MlopsError(
			'data.value_invalid',
			`Not one row has a readable value in every column that needs one${worst ? `, such as "${worst.name}"` : ''}.`,
			{
				column: worst?.name,
				expected: worst?.type,
				remedy: 'Let the type be found automatically, or choose text and convert it in Clean.',
			},
		);
	}
	const written = { path, rows, quarantined, ...(later ? { pending } : {}) };
	if (quarantined === 0) return written;
	await assertFewBad(raw, relation, checks, rows, quarantined, context);
	const quarantinePath = await context.temporary('ndjson');
	await writeQuarantine(quarantinePath, raw, relation, checks, context);
	context.note(
		'data.quarantined',
		`${quarantined} row${quarantined === 1 ? '' : 's'} could not be read and ${quarantined === 1 ? 'is' : 'are'} kept apart.`,
	);
	return { ...written, quarantinePath };
}

/** The columns where they lie already, if all do. */
const allMade = (typed: readonly TypedColumn[]): Made[] | undefined => {
	const made = typed.flatMap((t) => (t.made ? [t.made] : []));
	return made.length > 0 && made.length === typed.length ? made : undefined;
};

/** The rows that lie in tables, as they will stand in the file. */
async function pendingOf(
	path: string,
	typed: readonly TypedColumn[],
	made: readonly Made[],
	{ stored, first }: WritePlace,
	format: string,
	{ duck }: SourceContext,
): Promise<Pending> {
	const { relation, position } = madeRelation(made);
	const values = made.map(({ table, value }, i) => `${table}.${value} AS ${quoteName(stored.values[i])}`);
	const texts = made.flatMap(({ table, text }, i) => (typed[i].kept > 0 ? [`${table}.${text} AS ${quoteName(stored.text(i))}`] : []));
	const select = (place: string): string =>
		`(SELECT ${[`CAST(${place} AS BIGINT) AS ${quoteName(ROW_ID)}`, ...values, ...texts].join(', ')} FROM ${relation})`;
	return {
		scan: select(position),
		rows: await countRows(made[0].table, duck),
		// Counted and not asked for its place, a row is written when it comes: threads that write together hold row groups back for each other.
		write: async (lane) => await lane.run(`COPY ${select(`row_number() OVER () - 1 + ${first}`)} TO ${quoteText(path)} ${format}`),
	};
}

/** Whether some of what the session holds lies on the disk by now, where a file of it is smaller and sooner read. */
const hasSpilled = async (duck: SourceContext['duck']): Promise<boolean> =>
	(await duck.rows<{ bytes: number }>('SELECT coalesce(sum(temporary_storage_bytes), 0)::DOUBLE AS bytes FROM duckdb_memory()'))[0].bytes >
	0;

/** Forgets the texts that stand nowhere else, as there are none. */
async function dropTexts(typed: readonly TypedColumn[], made: readonly Made[], duck: SourceContext['duck']): Promise<void> {
	for (const [i, { table, text }] of made.entries())
		if (text && typed[i].kept === 0 && typed[i].strays === 0) await duck.run(`ALTER TABLE ${table} DROP COLUMN ${text}`);
}

const countRows = async (relation: string, duck: SourceContext['duck']): Promise<number> =>
	(await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${relation}`))[0].rows;

const outOfOrder = async (duck: SourceContext['duck'], path: string, first: number): Promise<boolean> =>
	(
		await duck.rows<{ wrong: number }>(
			`SELECT count(*) AS wrong FROM read_parquet(${quotePath(path)}, file_row_number=true) WHERE ` +
				`${quoteName(ROW_ID)} <> file_row_number + ${first}`,
		)
	)[0].wrong > 0;

interface Check {
	name: string;
	type: ColumnType;
	sql: string;
}

async function writeQuarantine(
	path: string,
	raw: RawTable,
	relation: string,
	checks: readonly Check[],
	{ duck }: SourceContext,
): Promise<void> {
	const out = createWriteStream(path);
	let failure: Error | undefined;
	// A full disk must not end the process: whoever writes next is told.
	out.on('error', (error) => {
		failure = error;
	});
	const write = async (line: object) => {
		if (failure) throw failure;
		if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain');
	};
	for await (const { row, reason, text } of raw.bad) await write({ row, reason, text });
	if (checks.length) {
		const reason = checks.map((c) => `CASE WHEN ${c.sql} THEN ${quoteText(`"${c.name}" is no ${c.type}`)} END`).join(', ');
		const values = raw.columns.map((c, i) => `${quoteText(c.name)}, CAST(k${i} AS VARCHAR)`).join(', ');
		const result = await duck.stream(
			`SELECT position + 1, concat_ws('; ', ${reason}), CAST(json_object(${values}) AS VARCHAR) FROM ${relation} WHERE ` +
				`${checks.map((c) => c.sql).join(' OR ')}`,
		);
		for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
			for (const [row, why, text] of chunk.getRows()) await write({ row: Number(row), reason: String(why), text: String(text) });
		}
	}
	if (failure) throw failure;
	out.end();
	await once(out, 'finish');
}
