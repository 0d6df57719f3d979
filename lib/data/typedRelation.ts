import type { ColumnSchema } from '../domain/column.js';
import { leftoverSql } from './grammar/leftovers.js';
import { presentSql, trimSql, usualSql } from './grammar/sql.js';
import { quoteName, WIDE } from './duck.js';
import type { ColumnFormat } from './format.js';
import type { RawColumn, RawTable } from './sources/contract.js';

/** How SQL makes one stored column of one of the relation. */
export interface Reading {
	raw: RawColumn;
	schema: Pick<ColumnSchema, 'type'>;
	/** Text is read by this format; else `native` is the SQL of the value. */
	format?: ColumnFormat;
	native?: string;
	/** Table of the texts that SQL does not read itself (grammar/leftovers.ts). */
	leftovers?: string;
	/** Numbers of more than 15 digits are many. */
	long?: boolean;
	/** SQL reads all of its texts that were looked at. */
	usual?: boolean;
}

/**
 * SQL for FROM that gives, for each column i, its text or value as it came (`k0`), its stored value (`v0`, NULL where missing or
 * unreadable), whether there is a value at all (`p0`) and the text that the value does not give back (`x0`, else NULL); and `position`, the
 * place of the row in the source.
 */
export function typedRelation(raw: RawTable, columns: readonly Reading[]): string {
	const position = raw.position ?? 'row_number() OVER () - 1';
	if (columns.length > WIDE && !columns.some((c) => c.leftovers))
		return `(SELECT ${position} AS position, ${columns.map(inlineColumn).join(', ')} FROM ${raw.relation})`;
	const first: string[] = [];
	const second: string[] = [];
	const third: string[] = [];
	const joins: string[] = [];
	columns.forEach((column, i) => {
		const {
			schema: { type },
			format,
			native,
			leftovers,
			long,
		} = column;
		const key = quoteName(column.raw.key);
		if (!format) {
			first.push(`${key} AS k${i}, ${native ?? key} AS v${i}`);
			second.push(`k${i}, v${i}`);
			third.push(`k${i}, v${i}, k${i} IS NOT NULL AS p${i}, CAST(NULL AS VARCHAR) AS x${i}`);
			return;
		}
		first.push(`${key} AS k${i}, ${trimSql(key)} AS t${i}`);
		second.push(
			`k${i}, t${i}, ${presentSql(`t${i}`, format)} AS p${i}, ${isText(type) ? `k${i}` : usualSql(`t${i}`, type, format, long)} AS u${i}`,
		);
		const value = leftovers ? `coalesce(u${i}, ${leftoverSql(`d${i}.v`, type)})` : `u${i}`;
		third.push(`k${i}, CASE WHEN p${i} THEN ${value} END AS v${i}, p${i}, ${leftovers ? `d${i}.x` : 'CAST(NULL AS VARCHAR)'} AS x${i}`);
		if (leftovers) joins.push(` LEFT JOIN ${leftovers} d${i} ON d${i}.t = t${i}`);
	});
	return (
		`(SELECT position, ${third.join(', ')} FROM (SELECT position, ${second.join(', ')} FROM (SELECT ${position} AS ` +
		`position, ${first.join(', ')} FROM ${raw.relation}))${joins.join('')})`
	);
}

const isText = (type: ColumnSchema['type']): boolean => type === 'category' || type === 'text';

/** The same in one stage, for wide tables: planning stages takes time that grows with the square of the columns. */
function inlineColumn(column: Reading, i: number): string {
	const key = quoteName(column.raw.key);
	const present = column.format ? presentSql(trimSql(key), column.format) : `${key} IS NOT NULL`;
	return `${key} AS k${i}, ${inlineValue(column)} AS v${i}, ${present} AS p${i}, CAST(NULL AS VARCHAR) AS x${i}`;
}

/** The stored value of a column without leftovers as a single expression over the relation. */
export function inlineValue({ raw, schema: { type }, format, native, long }: Reading): string {
	const key = quoteName(raw.key);
	if (!format) return native ?? key;
	const text = trimSql(key);
	return `CASE WHEN ${presentSql(text, format)} THEN ${isText(type) ? key : usualSql(text, type, format, long)} END`;
}
