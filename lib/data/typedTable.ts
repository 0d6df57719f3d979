import type { Duck } from './duck.js';
import { quoteName, quoteText } from './duck.js';
import { NULL_WORDS } from './format.js';
import { leftoverSql } from './grammar/leftovers.js';
import { presentSql, trimSql, usualSql, usualTest } from './grammar/sql.js';
import type { RawTable } from './sources/contract.js';
import type { Reading } from './typedRelation.js';

/**
 * A column as it will be stored, in a table of the database (for all sessions beside) whose `rowid` is the place of the row in the source.
 */
export interface Made {
	table: string;
	/** Its values. */
	value: string;
	/** Texts that SQL did not read; after `putLeftovers` those that the value does not give back. Absent where there can be none. */
	text?: string;
	/** Where none is to be expected, its place in the lists of a row's texts that SQL did not read; until `countMade` looked. */
	rare?: number;
}

/** Columns of a relation that may lie in a table of the session: it holds a block in memory for each of them, and one for its texts. */
export const MOST_MADE = 150;

let counter = 0;

const isText = (type: Reading['schema']['type']): boolean => type === 'category' || type === 'text';

/**
 * Reads columns of a relation into a table, in one pass: the values of `typedRelation` without leftovers. Most texts are usual ones without
 * blanks around them, so only what is none of them is trimmed and looked up among the words for "missing".
 */
export async function makeTyped(raw: RawTable, columns: readonly Reading[], duck: Duck): Promise<Made[]> {
	const table = `typed_${++counter}`;
	const first: string[] = [];
	const second: string[] = [];
	const third: string[] = [];
	const fourth: string[] = [];
	// Texts that nobody expects need no columns of their own: a row that has some has a list.
	const rare: Array<{ unread: string; text: string }> = [];
	const asItIs = (i: number, of: string): void => {
		second.push(`${of} AS v${i}`);
		for (const stage of [third, fourth]) stage.push(`v${i}`);
	};
	const made = columns.map((reading, i): Made => {
		const {
			schema: { type },
			format,
			native,
			long,
		} = reading;
		const key = quoteName(reading.raw.key);
		if (!format || isText(type)) {
			first.push(`${format ? `CASE WHEN ${presentSql(trimSql(key), format)} THEN ${key} END` : (native ?? key)} AS v${i}`);
			asItIs(i, `v${i}`);
			return { table, value: `v${i}` };
		}
		const usual = usualTest(type, format, long);
		const words = (format.nulls ?? NULL_WORDS).filter((word) => word !== '' && usual(word)).map(quoteText);
		const read = usualSql(key, type, format, long);
		first.push(`${key} AS k${i}, ${words.length ? `CASE WHEN ${key} NOT IN (${words.join(', ')}) THEN ${read} END` : read} AS u${i}`);
		const unread = `u${i} IS NULL AND k${i} IS NOT NULL`;
		const text = trimSql(`k${i}`);
		if (reading.usual) {
			// What is not usual all the same is left to the other form, blanks around it or not.
			asItIs(i, `u${i}`);
			const left = `${unread} AND ${presentSql(text, format)}`;
			return { table, value: `v${i}`, rare: rare.push({ unread: left, text: `CASE WHEN ${left} THEN ${text} END` }) };
		}
		second.push(`u${i}, CASE WHEN ${unread} THEN ${text} END AS t${i}`);
		// A text that is trimmed is read once more; it is no value where a word says so.
		const present = presentSql(`t${i}`, format);
		third.push(
			`coalesce(u${i}, CASE WHEN ${present} THEN ${usualSql(`t${i}`, type, format, long)} END) AS v${i}, ` +
				`CASE WHEN ${present} THEN t${i} END AS t${i}`,
		);
		fourth.push(`v${i}, CASE WHEN v${i} IS NULL THEN t${i} END AS x${i}`);
		return { table, value: `v${i}`, text: `x${i}` };
	});
	if (rare.length) {
		const some = rare.map(({ unread }) => `(${unread})`).join(' OR ');
		second.push(`CASE WHEN ${some} THEN [${rare.map(({ text }) => text).join(', ')}] END AS rare`);
		for (const stage of [third, fourth]) stage.push('rare');
	}
	if (raw.unread) {
		first.push(`${raw.unread.hollow} AS hollow`);
		for (const stage of [second, third, fourth]) stage.push('hollow');
	}
	await duck.run(
		`CREATE TABLE ${table} AS SELECT ${fourth.join(', ')} FROM (SELECT ${third.join(', ')} FROM (SELECT ${second.join(', ')} FROM ` +
			`(SELECT ${first.join(', ')} FROM ${raw.relation})))`,
	);
	return made;
}

/**
 * Rows of each column of a table with a value, and with a text that SQL did not read. These texts have a column of their own afterwards,
 * where there are any.
 */
export async function countMade(made: readonly Made[], duck: Duck): Promise<Array<{ read: number; left: number }>> {
	const [first] = made;
	if (!first) return [];
	const { table } = first;
	await spreadRare(table, made, duck);
	const pairs = made.map(({ value, text }, i) => `count(${value}) AS v${i}, count(${text ?? 'NULL'}) AS x${i}`);
	const [counts] = await duck.rows<Record<string, number>>(`SELECT ${pairs.join(', ')} FROM ${table}`);
	return made.map((_, i) => ({ read: counts[`v${i}`], left: counts[`x${i}`] }));
}

/** Gives texts that nobody expected columns of their own, and drops the lists. */
async function spreadRare(table: string, made: readonly Made[], duck: Duck): Promise<void> {
	const rare = made.filter((m) => m.rare !== undefined);
	if (rare.length === 0) return;
	const counts = rare.map((m) => `count(rare[${m.rare}]) AS x${m.rare}`).join(', ');
	const [found] = await duck.rows<Record<string, number>>(`SELECT ${counts} FROM ${table} WHERE rare IS NOT NULL`);
	for (const m of rare) {
		if (found[`x${m.rare}`]) {
			m.text = `x${m.value.slice(1)}`;
			await duck.run(`ALTER TABLE ${table} ADD COLUMN ${m.text} VARCHAR`);
			await duck.run(`UPDATE ${table} SET ${m.text} = rare[${m.rare}] WHERE rare[${m.rare}] IS NOT NULL`);
		}
		m.rare = undefined;
	}
	await duck.run(`ALTER TABLE ${table} DROP COLUMN rare`);
}

/** Puts what the JavaScript form of the grammar read into its rows. */
export async function putLeftovers({ table, value, text }: Made, type: Reading['schema']['type'], read: string, duck: Duck) {
	await duck.run(
		`UPDATE ${table} SET ${value} = ${leftoverSql('d.v', type)}, ${text} = d.x FROM ${read} d WHERE ${table}.${text} = d.t AND ` +
			`(d.v IS NOT NULL OR d.x IS NULL)`,
	);
}

/** What stands after FROM for columns of one or several tables of the same rows, and the place of a row in it. */
export function madeRelation(made: readonly Made[]): { relation: string; position: string } {
	const tables = [...new Set(made.map(({ table }) => table))];
	return { relation: tables.join(' POSITIONAL JOIN '), position: `${tables[0]}.rowid` };
}

/** Drops tables of the session that nobody reads any more. */
export async function dropTables(tables: Iterable<string>, duck: Duck): Promise<void> {
	for (const table of new Set(tables)) await duck.run(`DROP TABLE IF EXISTS ${table}`);
}
