import { quoteName, quoteText, type Duck } from './duck.js';
import { NULL_WORDS } from './format.js';
import { Form } from './grammar/forms.js';
import { usualForm, usualTest } from './grammar/sql.js';
import type { OddCell, RawTable } from './sources/contract.js';
import type { Reading } from './typedRelation.js';
import { dropTables, makeTyped, type Made } from './typedTable.js';

/** What the first pass over a relation denied that was believed of it. */
export class Denied extends Error {}

/** The first pass over a relation that nobody has read yet. @throws Denied */
export async function readFirst(raw: RawTable, columns: readonly Reading[], duck: Duck): Promise<Made[]> {
	const direct = await readDirectly(raw, columns);
	// Whatever it fails of is said by those who read with more care.
	const made = await makeTyped(direct.raw, direct.columns, duck).catch(() => undefined);
	if (!made) throw new Denied();
	const [{ table }] = made;
	const [found] = await duck.rows<{ rows: number; hollow: number }>(
		`SELECT count(*) AS rows, count(*) FILTER (hollow) AS hollow FROM ${table}`,
	);
	let fits = true;
	for (const [i, cells] of direct.odd) fits &&= await takeOut(made[i], cells, duck);
	if (fits && (await raw.unread!.confirm(found))) return made;
	await dropTables([table], duck);
	throw new Denied();
}

/**
 * Columns whose texts all have the form that their type is usually written in are read as that type: what takes most of the time is to make
 * texts and to look at them.
 */
async function readDirectly(
	raw: RawTable,
	columns: readonly Reading[],
): Promise<{ raw: RawTable; columns: readonly Reading[]; odd: ReadonlyMap<number, readonly OddCell[]> }> {
	const unread = raw.unread!;
	const odd = new Map<number, readonly OddCell[]>();
	const found = await unread.forms();
	if (!found) return { raw, columns, odd };
	const missing = visible(raw.nulls);
	// Words that are gaps in one column become gaps in all.
	const alike = columns.every(({ format }) => !format || sameWords(visible(format.nulls), missing));
	const reads = new Map<number, string>();
	const made = columns.map((reading, i): Reading => {
		const { schema, format, long } = reading;
		const place = raw.columns.indexOf(reading.raw);
		const usual = format && usualForm(schema.type, format);
		if (!usual || !(found.forms[place] & usual.form)) return reading;
		if (usual.form === Form.bare ? !alike : found.words[place] && !alike) return reading;
		// A number that means "missing".
		if (usual.form !== Form.bare && [...missing, ...visible(format.nulls)].some(usualTest(schema.type, format, long))) return reading;
		const key = quoteName(reading.raw.key);
		if (usual.form === Form.bare) return { ...reading, format: undefined, native: key };
		reads.set(place, usual.reads);
		const cells = found.odd[place].filter(({ lacks }) => lacks & usual.form);
		if (cells.length) odd.set(i, cells);
		// None of the usual texts is a zero below zero, but an odd one may be, and the database takes it for the other one when it is replaced.
		const value = usual.reads === 'DATE' ? `CAST(${key} AS TIMESTAMP)` : cells.length ? `CASE WHEN ${key} = 0 THEN 0 ELSE ${key} END` : key;
		return { ...reading, format: undefined, native: value };
	});
	if (reads.size === 0) return { raw, columns, odd };
	const { relation, hollow } = unread.typed(reads, alike ? missing : []);
	return { raw: { ...raw, relation, unread: { ...unread, hollow } }, columns: made, odd };
}

let counter = 0;

/**
 * Takes the values of odd cells out of their column, which has their texts then, as if SQL had not read them. Says whether they stood where
 * they were seen.
 */
async function takeOut(made: Made, cells: readonly OddCell[], duck: Duck): Promise<boolean> {
	const odd = `odd_${++counter}`;
	const rows = cells.map(({ row, text }) => `(${row}, ${quoteText(text)})`).join(', ');
	await duck.run(`CREATE TEMP TABLE ${odd} AS SELECT place, text FROM (VALUES ${rows}) AS cells(place, text)`);
	const { table, value } = made;
	const same = `${table}.rowid = ${odd}.place`;
	const [{ found }] = await duck.rows<{ found: number }>(
		`SELECT count(*) AS found FROM ${table} JOIN ${odd} ON ${same} WHERE ${value} = TRY_CAST(text AS DOUBLE)`,
	);
	const stood = found === cells.length;
	if (stood) {
		made.text = `x${value.slice(1)}`;
		await duck.run(`ALTER TABLE ${table} ADD COLUMN ${made.text} VARCHAR`);
		await duck.run(`UPDATE ${table} SET ${made.text} = ${odd}.text, ${value} = NULL FROM ${odd} WHERE ${same}`);
	}
	await dropTables([odd], duck);
	return stood;
}

const visible = (words: readonly string[] = NULL_WORDS): string[] => words.filter((word) => word !== '');

const sameWords = (a: readonly string[], b: readonly string[]): boolean => {
	const [one, other] = [new Set(a), new Set(b)];
	return one.size === other.size && [...one].every((word) => other.has(word));
};
