import { tallyOf } from './grammar/tally.js';
import { countLeftovers, readLeftovers } from './grammar/leftovers.js';
import { presentSql, trimSql, usualSql, usualTest } from './grammar/sql.js';
import { quoteName } from './duck.js';
import type { RawTable, SourceContext } from './sources/contract.js';
import { readFirst } from './readFirst.js';
import { typedRelation } from './typedRelation.js';
import { countMade, makeTyped } from './typedTable.js';
import { type Open, type Whole, readingOf } from './openColumn.js';
import type { TypedColumn } from './typing.js';

/** Columns checked in one query; more would make it slow to plan. */
const BATCH = 200;

/** All rows are in the sample: what SQL would not read is known without asking. */
export async function readTallies(open: readonly Open[], { duck }: SourceContext): Promise<Open[]> {
	for (const c of open) {
		const { type, format, long } = c.guess;
		const usual = usualTest(type, format, long);
		const rest = [...c.tally].filter(([text]) => !usual(text));
		if (rest.length === 0) continue;
		const whole = c.forced === 'integer';
		c.leftovers = c.cells
			? countLeftovers({ type }, format, rest, whole)
			: await readLeftovers(duck, { type }, format, batched(rest), whole);
	}
	return [...open];
}

/** Texts that SQL does not read, as a table, of columns whose cells lie in memory: for who asks the database about them all the same. */
export async function tabulated(typed: readonly TypedColumn[], { duck }: SourceContext): Promise<TypedColumn[]> {
	const all: TypedColumn[] = [];
	for (const t of typed) {
		if (!t.celled || t.leftovers) {
			all.push(t);
			continue;
		}
		const { cells, reading } = t.celled;
		const { type, format, long, wholeOnly } = reading;
		const usual = usualTest(type, format, long);
		const rest = [...tallyOf(cells.texts, format.nulls)].filter(([text]) => !usual(text));
		const leftovers = rest.length ? (await readLeftovers(duck, { type }, format, batched(rest), wholeOnly)).table : undefined;
		all.push({ ...t, leftovers });
	}
	return all;
}

async function* batched<T>(list: readonly T[]): AsyncGenerator<readonly T[]> {
	yield list;
}

/**
 * Reads columns into a table as they will be stored, in the first pass all of the relation, so that what fits is read once. What SQL does
 * not read stands there as text.
 */
export async function readMade(raw: RawTable, { columns, others }: Whole, open: readonly Open[], { duck }: SourceContext): Promise<Open[]> {
	const all = columns.some((c) => c.made) ? open : columns;
	const besides = all === columns ? [...others.values()] : [];
	const made = await (raw.unread && all === columns
		? readFirst(raw, all.map(readingOf), duck)
		: makeTyped(raw, [...all.map(readingOf), ...besides], duck));
	for (const [i, c] of [...all, ...besides].entries()) c.made = made[i];
	const counts = await countMade(
		open.map((c) => c.made!),
		duck,
	);
	for (const [i, c] of open.entries()) {
		c.present = counts[i].read + counts[i].left;
		if (counts[i].left === 0) continue;
		const { table, text } = c.made!;
		const rest = streamed(duck, `SELECT ${text} AS t, count(*) AS rows FROM ${table} WHERE ${text} IS NOT NULL GROUP BY t`);
		c.leftovers = await readLeftovers(duck, { type: c.guess.type }, c.guess.format, rest, c.forced === 'integer');
	}
	return [...open];
}

/** The same for wide tables, which are read once more when they are written. */
export async function readRelation(raw: RawTable, open: readonly Open[], { duck, check }: SourceContext): Promise<Open[]> {
	for (let at = 0; at < open.length; at += BATCH) {
		check();
		const batch = open.slice(at, at + BATCH);
		const relation = typedRelation(raw, batch.map(readingOf));
		const [counts] = await duck.rows<Record<string, number>>(
			`SELECT ${batch.map((_, i) => `count(*) FILTER (p${i}) AS p${i}, count(v${i}) AS v${i}`).join(', ')} FROM ${relation}`,
		);
		for (const [i, c] of batch.entries()) {
			c.present = counts[`p${i}`];
			if (c.present === counts[`v${i}`]) continue;
			const { type, format, long } = c.guess;
			const text = trimSql(quoteName(c.column.key));
			const rest =
				`SELECT t, count(*) AS rows FROM (SELECT ${text} AS t FROM ${raw.relation}) WHERE ${presentSql('t', format)} AND ` +
				`${usualSql('t', type, format, long)} IS NULL GROUP BY t`;
			c.leftovers = await readLeftovers(duck, { type }, format, streamed(duck, rest), c.forced === 'integer');
		}
	}
	return [...open];
}

async function* streamed(duck: SourceContext['duck'], sql: string): AsyncGenerator<ReadonlyArray<readonly [string, number]>> {
	const result = await duck.stream(sql);
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		const texts = chunk.getColumnValues(0) as string[];
		const rows = chunk.getColumnValues(1) as bigint[];
		yield texts.map((text, i) => [text, Number(rows[i])] as const);
	}
}
