import type { LogKind } from './contract.js';

/** Columns of a kind of line, with DuckDB's types; JSON: text that holds JSON. */
export const COLUMNS: Readonly<Record<LogKind, Readonly<Record<string, string>>>> = {
	answers: {
		at: 'TIMESTAMP',
		id: 'VARCHAR',
		model: 'VARCHAR',
		version: 'INTEGER',
		digest: 'VARCHAR',
		alias: 'VARCHAR',
		rollout: 'VARCHAR',
		arm: 'VARCHAR',
		door: 'VARCHAR',
		key: 'VARCHAR',
		request: 'VARCHAR',
		ms: 'DOUBLE',
		input: 'JSON',
		prediction: 'JSON',
		score: 'JSON',
		warnings: 'JSON',
		error: 'VARCHAR',
		unlogged: 'BIGINT',
	},
	truth: {
		at: 'TIMESTAMP',
		id: 'VARCHAR',
		key: 'VARCHAR',
		time: 'TIMESTAMP',
		model: 'VARCHAR',
		truth: 'JSON',
		by: 'VARCHAR',
		batch: 'VARCHAR',
	},
};

/** The longest line that is kept, in bytes. */
export const LONGEST_LINE = 16 << 20;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
/** A path as a literal of SQL: what a pattern would be is meant as it is written. */
const path = (file: string): string => text(file.replace(/[[*?]/g, '[$&]'));
export const list = (files: readonly string[]): string => `[${files.map(path).join(', ')}]`;

const stored = (type: string): string => (type === 'JSON' ? 'VARCHAR' : type);

/** Lines of open files, each as they are in JSON; one that is none has no value at all. */
export function openLines(kind: LogKind, files: readonly string[]): string {
	const columns = Object.entries(COLUMNS[kind]).map(([name, type]) => `'${name}': '${type === 'TIMESTAMP' ? 'VARCHAR' : type}'`);
	return (
		`read_json(${list(files)}, format = 'newline_delimited', ignore_errors = true, maximum_object_size = ${LONGEST_LINE + 1024}, ` +
		`columns = {${columns.join(', ')}})`
	);
}

/** The same with types, without lines that are none. */
export function typedLines(kind: LogKind, files: readonly string[]): string {
	const columns = Object.entries(COLUMNS[kind]).map(([name, type]) =>
		type === 'VARCHAR' ? `"${name}"` : `TRY_CAST("${name}" AS ${stored(type)}) AS "${name}"`,
	);
	return `SELECT ${columns.join(', ')} FROM ${openLines(kind, files)} WHERE TRY_CAST("at" AS TIMESTAMP) IS NOT NULL`;
}

const noLines = (kind: LogKind): string =>
	`SELECT ${Object.entries(COLUMNS[kind])
		.map(([name, type]) => `CAST(NULL AS ${stored(type)}) AS "${name}"`)
		.join(', ')} WHERE false`;

/** Lines of sealed files; what files of older versions have no column for is null there. */
const sealedLines = (kind: LogKind, files: readonly string[]): string =>
	`FROM read_parquet(${list(files)}, union_by_name = true) UNION ALL BY NAME ${noLines(kind)}`;

/** A table expression over sealed and open files. */
export function relationOver(kind: LogKind, sealed: readonly string[], open: readonly string[]): string {
	const names = Object.keys(COLUMNS[kind]).map((name) => `"${name}"`);
	const parts = [
		...(sealed.length > 0 ? [`SELECT ${names.join(', ')} FROM (${sealedLines(kind, sealed)})`] : []),
		...(open.length > 0 ? [typedLines(kind, open)] : []),
	];
	if (parts.length === 0) parts.push(noLines(kind));
	return `(${parts.join(' UNION ALL ')})`;
}

/** The statement that writes open files as a sealed one. */
export const sealStatement = (kind: LogKind, files: readonly string[], to: string): string =>
	`COPY (${typedLines(kind, files)}) TO ${text(to)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 30720)`;

/** Rows of a sealed file, its first and its last moment. */
export const factsStatement = (file: string): string =>
	`SELECT CAST(count(*) AS DOUBLE), strftime(min("at"), '%Y-%m-%dT%H:%M:%S.%gZ'), strftime(max("at"), '%Y-%m-%dT%H:%M:%S.%gZ') ` +
	`FROM read_parquet(${list([file])})`;

/** Lines of open files, those that are none too. */
export const countStatement = (kind: LogKind, files: readonly string[]): string =>
	`SELECT CAST(count(*) AS DOUBLE) FROM ${openLines(kind, files)}`;
