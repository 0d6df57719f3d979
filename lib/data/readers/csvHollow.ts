import { WIDE } from '../duck.js';
import { materialise } from '../materialise.js';
import type { SourceContext } from '../sources/contract.js';
import { hollowSql } from './csvScan.js';
import type { CsvShape } from './csvShape.js';

/** The text of files as a relation. */
export type Kept = Awaited<ReturnType<typeof materialise>>;

let counter = 0;

/** Drops the table of a relation that nobody reads any more, where it is one. */
export async function drop({ table }: Kept, { duck }: SourceContext): Promise<void> {
	if (table) await duck.run(`DROP TABLE ${table}`);
}

/** The first columns, which tell nearly always that a row holds something. */
const LOOKED_AT = 20;
/** Columns asked for at a time: very many tests in one query take longer to plan than to run. */
const ASKED = 200;

/** Rows that must not be there. */
interface Hollow {
	empty: number;
	again: number;
	/** The first that repeats the names, counted from 0. */
	first: number | null;
	/** SQL, true for them. */
	sql: string;
}

/** The same question about some of the columns. */
const sliced = (shape: CsvShape, from: number, to: number): CsvShape => ({
	...shape,
	names: shape.names.slice(from, to),
	raw: shape.raw.slice(from, to),
});

/**
 * The table without rows that hold nothing but separators, and without those that repeat the names, as files that were put together have
 * them; says so.
 */
export async function withoutHollow(shape: CsvShape, kept: Kept, context: SourceContext): Promise<Kept> {
	const { duck, note } = context;
	const { names } = shape;
	if (names.length < 2) return kept;
	const begins = beginsSql(shape);
	if (names.length > LOOKED_AT) {
		const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${kept.relation} WHERE ${begins}`);
		if (rows === 0) return kept;
	}
	const found = await (names.length > WIDE ? inParts(shape, begins, kept, context) : atOnce(shape, kept, context));
	if (found.empty === 0 && found.again === 0) return kept;
	if (found.empty)
		note(
			'data.empty_rows',
			`${found.empty} row${found.empty === 1 ? '' : 's'} without any value ${found.empty === 1 ? 'was' : 'were'} left out.`,
		);
	if (found.again)
		note(
			'data.header_again',
			`${found.again} row${found.again === 1 ? ' repeats' : 's repeat'} the names of the columns (the first is row ` +
				`${found.first! + 1}), as in files that were put together, and ${found.again === 1 ? 'was' : 'were'} left out.`,
		);
	const rest = await materialise(
		`csv_kept_${++counter}`,
		`SELECT ${names.map((_, i) => `c${i}`).join(', ')} FROM ${kept.relation} WHERE NOT (${found.sql})`,
		names.length,
		context,
	);
	await drop(kept, context);
	return rest;
}

/** SQL, true for rows whose first cells are as those of a row that must not be there. */
function beginsSql(shape: CsvShape): string {
	const { empty, again } = hollowSql(sliced(shape, 0, LOOKED_AT));
	return `((${empty}) OR (${again}))`;
}

async function atOnce(shape: CsvShape, { relation, position }: Kept, { duck }: SourceContext): Promise<Hollow> {
	const { empty, again } = hollowSql(shape);
	const [found] = await duck.rows<Omit<Hollow, 'sql'>>(
		`SELECT count(*) FILTER (e) AS empty, count(*) FILTER (NOT e) AS again, min(p) FILTER (NOT e) AS first FROM ` +
			`(SELECT ${position} AS p, (${empty}) AS e FROM ${relation} WHERE (${empty}) OR (${again}))`,
	);
	return { ...found, sql: `(${empty}) OR (${again})` };
}

/** The same of a wide table, whose rows that begin so are looked at some columns at a time. */
async function inParts(shape: CsvShape, begins: string, { relation, position }: Kept, { duck, check }: SourceContext): Promise<Hollow> {
	let empty: ReadonlySet<number> | undefined;
	let again: ReadonlySet<number> | undefined;
	const both = (before: ReadonlySet<number> | undefined, now: readonly number[]): ReadonlySet<number> =>
		new Set(before ? now.filter((row) => before.has(row)) : now);
	for (let from = 0; from < shape.names.length; from += ASKED) {
		check();
		const part = sliced(shape, from, from + ASKED);
		const places = new Map(part.names.map((_, i) => [`c${i}`, `c${from + i}`]));
		const sql = hollowSql(part);
		// The columns of a part are called as those of a table of its own.
		const columns = [...places].map(([here, there]) => `${there} AS ${here}`).join(', ');
		const rows = await duck.rows<{ p: number; e: boolean; a: boolean }>(
			`SELECT p, (${sql.empty}) AS e, (${sql.again}) AS a FROM (SELECT ${position} AS p, ${columns} FROM ${relation} WHERE ${begins})`,
		);
		empty = both(
			empty,
			rows.filter((r) => r.e).map((r) => r.p),
		);
		again = both(
			again,
			rows.filter((r) => r.a).map((r) => r.p),
		);
	}
	// A row of a table whose names are all blank would be both.
	const repeats = [...again!].filter((row) => !empty!.has(row));
	const left = [...empty!, ...repeats];
	return {
		empty: empty!.size,
		again: repeats.length,
		first: repeats.length ? Math.min(...repeats) : null,
		sql: left.length ? `${position} IN (${left.join(', ')})` : 'false',
	};
}
