import { ROW_ID } from '../domain/dataset.js';
import { quoteName, quotePath, quoteText } from './duck.js';
import { parquetFormat } from './parquetFormat.js';
import type { RawTable, SourceContext } from './sources/contract.js';
import type { StoredNames } from './storedNames.js';
import { inlineValue, typedRelation } from './typedRelation.js';
import type { TypedColumn } from './typing.js';
import { writeCells } from './writeCells.js';

/** Columns of a wide table written together: planning time grows with the square of their number. */
const BLOCK = 100;

/** Where the rows come, and what their columns are called in the file. */
interface Place {
	first: number;
	stored: StoredNames;
}

/**
 * Writes the typed Parquet file of a wide table of which no row is kept apart: columns whose cells lie in memory at once, others as files
 * of some columns each, which are then put beside each other.
 */
export async function writeWide(
	path: string,
	raw: RawTable,
	typed: readonly TypedColumn[],
	place: Place,
	context: SourceContext,
): Promise<void> {
	const { stored, first } = place;
	const text = (i: number): string | undefined => (typed[i].kept > 0 ? stored.text(i) : undefined);
	const celled = typed.flatMap(({ schema, celled: own }, i) => (own ? [{ schema, ...own, name: stored.values[i], text: text(i) }] : []));
	const others = typed.flatMap(({ celled: own }, i) => (own ? [] : [i]));
	const all = celled.length === typed.length;
	const files: string[] = [];
	if (celled.length) {
		files.push(all ? path : await context.temporary('parquet'));
		await writeCells(files[0], celled, celled[0].cells.codes.length, first, context);
	}
	if (all) return;
	for (let from = 0; from < others.length; from += BLOCK) {
		context.check();
		const file = await context.temporary('parquet');
		const select = blockOf(raw, typed, others.slice(from, from + BLOCK), place, files.length === 0);
		await context.duck.run(`COPY (${select}) TO ${quoteText(file)} ${parquetFormat(BLOCK)}`);
		files.push(file);
	}
	// Columns that were written at once stand among the others again.
	const order = [ROW_ID, ...stored.values, ...typed.flatMap((_, i) => text(i) ?? [])].map(quoteName).join(', ');
	const scans = files.map((file) => `read_parquet(${quotePath(file)})`);
	await context.duck.run(
		`COPY (SELECT ${celled.length ? order : '*'} FROM ${scans.join(' POSITIONAL JOIN ')}) ` +
			`TO ${quoteText(path)} ${parquetFormat(typed.length)}`,
	);
}

/** SQL of some columns, all blocks with the same rows in the same order; the first has the row ids. */
function blockOf(
	raw: RawTable,
	typed: readonly TypedColumn[],
	places: readonly number[],
	{ stored, first }: Place,
	numbered: boolean,
): string {
	const part = places.map((i) => typed[i]);
	const name = (j: number): string => quoteName(stored.values[places[j]]);
	const id = (position: string): string => (numbered ? `CAST(${position} + ${first} AS BIGINT) AS ${quoteName(ROW_ID)}, ` : '');
	if (!part.some((t) => t.leftovers)) {
		const values = part.map((t, j) => `${inlineValue(t)} AS ${name(j)}`).join(', ');
		return `SELECT ${id(raw.position ?? 'row_number() OVER () - 1')}${values} FROM ${raw.relation}`;
	}
	const texts = part.flatMap((t, j) => (t.kept > 0 ? [`, x${j} AS ${quoteName(stored.text(places[j]))}`] : [])).join('');
	return (
		`SELECT ${id('position')}${part.map((_, j) => `v${j} AS ${name(j)}`).join(', ')}${texts} ` +
		`FROM ${typedRelation(raw, part)} ORDER BY position`
	);
}
