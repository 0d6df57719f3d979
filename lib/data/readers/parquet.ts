import { isDiskFull, MlopsError } from '../../domain/errors.js';
import { isOutOfMemory } from '../../domain/outOfMemory.js';
import { takeName, uniqueNames } from '../columnNames.js';
import { quoteName, quotePath, type Duck } from '../duck.js';
import { isMoment, LONG_DECIMAL, nameableSql } from '../nativeColumn.js';
import type { RawColumn, RawTable, SourceContext } from '../sources/contract.js';
import { emptyFile } from './emptyFile.js';

/** DuckDB's column of row numbers, unless the file has one of this name itself. */
const ROW_NUMBER = 'file_row_number';

interface Described {
	column_name: string;
	column_type: string;
}

/** Reads Parquet files in place. @throws `data.unreadable` (for example cut in half), `data.empty` */
export async function readParquet(paths: readonly string[], label: string, context: SourceContext): Promise<RawTable> {
	const { duck } = context;
	const files = `[${paths.map(quotePath).join(', ')}], union_by_name=${paths.length > 1}`;
	let scan = '';
	let numbered = paths.length === 1;
	let described: Described[];
	let own: string[];
	let rows: number;
	try {
		described = await describe(duck, files);
		numbered &&= !described.some((c) => c.column_name.toLowerCase() === ROW_NUMBER);
		scan = `read_parquet(${files}${numbered ? `, ${ROW_NUMBER}=true` : ''})`;
		own = described.map((c) => c.column_name);
		if (!context.caseless) {
			const each = await Promise.all(paths.map(async (path) => await namesIn(duck, path)));
			if (paths.length === 1) own = each[0].own;
			else if (each.some(differ)) {
				own = [...new Set(each.flatMap((names) => names.own))];
				scan = together(paths, each, own);
				described = await duck.rows(`DESCRIBE SELECT * FROM ${scan}`);
			}
		}
		[{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${scan}`);
	} catch (thrown) {
		throw incomplete(label, thrown);
	}
	if (rows === 0 || described.length === 0) throw emptyFile(label);
	const names = uniqueNames(own, context);
	const long = await tooLong(scan, described, duck);
	const finite = await finiteByFile(paths, duck);
	await noteValues(scan, described, names, context, finite);
	const columns = described.map(({ column_name, column_type }, i): RawColumn => {
		if (long.includes(column_name)) {
			context.note('data.type', `"${names[i]}" holds whole numbers too long for exact arithmetic and is kept as text.`);
			return { key: column_name, name: names[i], kind: 'native', duckType: 'VARCHAR' };
		}
		return { key: column_name, name: names[i], kind: column_type === 'VARCHAR' ? 'string' : 'native', duckType: column_type };
	});
	return {
		relation: long.length ? asTexts(scan, long) : scan,
		position: numbered ? quoteName(ROW_NUMBER) : undefined,
		columns,
		// Only its end was looked at: damage in the middle shows when the values are read.
		whyFailed: async (thrown) =>
			isOutOfMemory(thrown) || isDiskFull(thrown) || (await isWhole(scan, described, duck)) ? undefined : incomplete(label, thrown),
		bad: [],
		badCount: 0,
		description: label,
	};
}

const incomplete = (label: string, thrown: unknown): MlopsError =>
	new MlopsError('data.unreadable', `${label} is no complete Parquet file: it may have been cut off on its way.`, {
		cause: thrown,
		remedy: 'Download or export the file again and compare its size with the original.',
	});

/**
 * Whole numbers of more digits than a number surely holds: decimals, as databases export their keys, and what DuckDB makes of columns that
 * have a sign in one file and none in another.
 */
const MANY_DIGITS = /^(HUGEINT|DECIMAL\((1[6-9]|[23]\d),0\))$/;

/** What says that a column has whole numbers that ours would change; nothing where its type has none. */
function tooLongSql({ column_name, column_type }: Described): string | undefined {
	const name = quoteName(column_name);
	if (column_type === 'UBIGINT') return `max(${name}) > 9223372036854775807`;
	return MANY_DIGITS.test(column_type) ? `bool_or(CAST(CAST(${name} AS DOUBLE) AS HUGEINT) <> CAST(${name} AS HUGEINT))` : undefined;
}

/** Columns with whole numbers that ours would change: keys and hashes. */
async function tooLong(scan: string, described: readonly Described[], duck: Duck): Promise<string[]> {
	const asked = described.flatMap((c) => {
		const sql = tooLongSql(c);
		return sql === undefined ? [] : [{ name: c.column_name, sql }];
	});
	if (asked.length === 0) return [];
	const select = asked.map(({ sql }, i) => `coalesce(${sql}, false) AS k${i}`).join(', ');
	try {
		const [found] = await duck.rows<Record<string, boolean>>(`SELECT ${select} FROM ${scan}`);
		return asked.filter((_, i) => found[`k${i}`]).map(({ name }) => name);
	} catch {
		// Values that cannot be read are said where all of them are read.
		return [];
	}
}

/** Something that is to be said of values: SQL that is true for them, what they are, and what to do. */
interface Asked {
	code: string;
	sql: string;
	what: string;
	remedy: string;
}

/** What is asked of the values of a column of this type: of which ours keeps less than the file has, and which are no number or date. */
function askedOf({ column_name, column_type }: Described): Asked[] {
	const name = quoteName(column_name);
	const keep = 'To keep all digits, give it the type "category" under "Column Settings" of Ingest';
	const rounded = (sql: string, what: string, remedy: string): Asked => ({ code: 'data.rounded', sql, what, remedy });
	if (LONG_DECIMAL.test(column_type))
		return [
			rounded(
				// One that is no longer a decimal of this kind once it was a number is another one as well.
				`(${name} IS NOT NULL AND TRY_CAST(CAST(${name} AS DOUBLE) AS ${column_type}) IS DISTINCT FROM ${name})`,
				'have more digits than a number keeps and are rounded to it',
				keep,
			),
		];
	if (column_type === 'BIGINT')
		return [
			rounded(
				`(${name} NOT BETWEEN -9007199254740992 AND 9007199254740992)`,
				'are whole numbers too long for exact arithmetic: close ones run together where they are computed with',
				`If they name things: ${keep.charAt(0).toLowerCase()}${keep.slice(1)}`,
			),
		];
	if (/^(?:FLOAT|DOUBLE)$/.test(column_type))
		return [
			{
				code: 'data.infinite',
				sql: `isinf(${name})`,
				what: 'are infinite, with which no learner can work',
				remedy: 'Let Clean bound them (Clip outliers), or leave them out where they are made',
			},
		];
	if (!isMoment(column_type)) return [];
	const nameless: Asked = {
		code: 'data.no_date',
		sql: `(${name} IS NOT NULL AND ${nameableSql(name)} IS NOT true)`,
		what: 'are infinite or lie beyond the years that dates have here (275760 at most), and are gaps',
		remedy: 'If they stand for "open" or "never", a column of its own that says so tells more than such a date',
	};
	if (!/^TIMESTAMP(?:_NS| WITH TIME ZONE)?$/.test(column_type)) return [nameless];
	const [part, unit] = column_type === 'TIMESTAMP_NS' ? ['epoch_ns', 1_000_000] : ['epoch_us', 1_000];
	return [
		nameless,
		rounded(
			`CASE WHEN isfinite(${name}) THEN ${part}(${name}) % ${unit} <> 0 ELSE false END`,
			'have a fraction of a millisecond, which is cut off',
			'If it matters, bring in the fraction as a column of its own',
		),
	];
}

/**
 * Columns of fractions of which the file itself says, part by part, that the least and the greatest are finite: they need not be read to
 * know. Writers that leave that out, or found what is no number, say nothing.
 */
async function finiteByFile(paths: readonly string[], duck: Duck): Promise<Set<string>> {
	const bounded = (bound: string): string => `coalesce(isfinite(TRY_CAST(${bound} AS DOUBLE)), false)`;
	const known = await duck
		.rows<{ name: string }>(
			`SELECT path_in_schema AS name FROM parquet_metadata([${paths.map(quotePath).join(', ')}]) WHERE type IN ('FLOAT', 'DOUBLE') ` +
				`GROUP BY ALL HAVING bool_and(${bounded('stats_min_value')} AND ${bounded('stats_max_value')})`,
		)
		.catch(() => []);
	return new Set(known.map(({ name }) => name));
}

/** Columns asked for at a time. */
const ASKED = 500;

/** Says of columns how many of their values come in with less than the file has, or are no number or date. */
async function noteValues(
	scan: string,
	described: readonly Described[],
	names: readonly string[],
	{ duck, note }: SourceContext,
	finite: ReadonlySet<string>,
): Promise<void> {
	const asked = described.flatMap((c, i) => (finite.has(c.column_name) ? [] : askedOf(c).map((of) => ({ ...of, name: names[i] }))));
	for (let from = 0; from < asked.length; from += ASKED) {
		const part = asked.slice(from, from + ASKED);
		let found: Record<string, number>;
		try {
			[found] = await duck.rows(`SELECT ${part.map(({ sql }, i) => `count(*) FILTER (${sql}) AS k${i}`).join(', ')} FROM ${scan}`);
		} catch {
			// Values that cannot be read are said where all of them are read.
			return;
		}
		for (const [i, { code, name, what, remedy }] of part.entries())
			if (found[`k${i}`]) note(code, `Of "${name}" ${found[`k${i}`]} of the values ${what}. ${remedy}.`);
	}
}

const asTexts = (scan: string, keys: readonly string[]): string =>
	`(SELECT * REPLACE (${keys.map((key) => `CAST(${quoteName(key)} AS VARCHAR) AS ${quoteName(key)}`).join(', ')}) FROM ${scan})`;

/** Whether every value of the files can be read. */
async function isWhole(scan: string, described: readonly Described[], duck: Duck): Promise<boolean> {
	try {
		await duck.run(`SELECT ${described.map((c) => `max(hash(${quoteName(c.column_name)}))`).join(', ')} FROM ${scan}`);
		return true;
	} catch {
		return false;
	}
}

const describe = async (duck: Duck, files: string): Promise<Described[]> =>
	await duck.rows(`DESCRIBE SELECT * FROM read_parquet(${files})`);

interface FileNames {
	/** As DuckDB calls the columns: it tells `id` and `ID` apart by renaming the second. */
	told: string[];
	/** As the file calls them. */
	own: string[];
}

const differ = ({ told, own }: FileNames): boolean => told.some((name, i) => name !== own[i]);

/** The columns of one file. Those that folders called `year=2024` add follow its own, or stand in place of one. */
async function namesIn(duck: Duck, path: string): Promise<FileNames> {
	const told = (await describe(duck, quotePath(path))).map((c) => c.column_name);
	const nodes = await duck.rows<{ name: string; num_children: number | null }>(
		`SELECT name, num_children FROM parquet_schema(${quotePath(path)})`,
	);
	const own: string[] = [];
	const taken = new Set<string>();
	// The tree of types, root first: of each top-level column the first node, not what lies within.
	for (let at = 1; at < nodes.length; ) {
		own.push(takeName(nodes[at].name, taken));
		for (let open = 1; open > 0; at++) open += (nodes[at].num_children ?? 0) - 1;
	}
	return { told, own: told.map((name, i) => own[i] ?? name) };
}

/** The files as one relation with the columns `own`, which SQL could not tell apart by their names. */
function together(paths: readonly string[], each: readonly FileNames[], own: readonly string[]): string {
	const place = new Map(own.map((name, i) => [name, i]));
	const selects = paths.map((path, i) => {
		const columns = each[i].told.map((key, j) => `${quoteName(key)} AS c${place.get(each[i].own[j])!}`);
		return `SELECT ${columns.join(', ')} FROM read_parquet(${quotePath(path)})`;
	});
	return `(SELECT ${own.map((_, i) => `c${i}`).join(', ')} FROM (${selects.join(' UNION ALL BY NAME ')}))`;
}
