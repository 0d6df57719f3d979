import { MlopsError } from '../../domain/errors.js';
import { uniqueNames } from '../columnNames.js';
import { quoteText, WIDE } from '../duck.js';
import { materialise, materialiseBeside } from '../materialise.js';
import type { RawTable, SourceContext } from '../sources/contract.js';
import { emptyFile } from './emptyFile.js';
import { turnColumns } from './jsonColumns.js';
import { fieldsIn, loadObjects, noteNested, openEnvelope } from './jsonObjects.js';
import { repairJson } from './repairJson.js';
import { cutText } from '../../domain/text.js';

export interface JsonOptions {
	nulls?: readonly string[];
	decimal?: '.' | ',' /** Items of a workflow: an item with a list is a row, unless the list's name says otherwise. */;
	items?: boolean;
}

/** Fields of wide objects that are taken out together. */
const BESIDE = 500;

let counter = 0;

/**
 * Reads objects from NDJSON (one a line; bad lines are kept apart) or from one JSON array. Every value becomes text as JSON writes
 * it (strings without quotes, nested values as JSON), so typing is the same as for CSV.
 * @throws `data.empty`, `data.unreadable`
 */
export async function readJson(
	paths: readonly string[],
	lines: boolean,
	options: JsonOptions,
	label: string,
	context: SourceContext,
): Promise<RawTable> {
	const { duck } = context;
	const id = ++counter;
	const objects = `json_${id}`;
	const bad = await loadObjects(await repairJson(paths, context), lines, objects, label, context);
	// Items of a workflow are rows, whatever they hold.
	const turned = bad.length === 0 && !options.items && !lines && (await turnColumns(objects, paths.length, context));
	if (bad.length === 0 && !turned) await openEnvelope(objects, paths.length, !options.items, context);
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${objects}`);
	if (rows === 0 && bad.length) {
		throw new MlopsError('data.unreadable', `No line of ${label} is a JSON object.`, {
			row: bad[0].row,
			found: cutText(bad[0].text, 80),
			expected: 'one object a line',
			remedy: 'Choose the right format.',
		});
	}
	if (rows === 0) throw emptyFile(label);
	const keys = (
		await duck.rows<{ k: string }>(
			`SELECT k FROM (SELECT rowid AS r, unnest(json_keys(j)) AS k, generate_subscripts(json_keys(j), 1) AS p FROM ` +
				`${objects}) GROUP BY k ORDER BY min(r * 100000 + p)`,
		)
	).map((row) => row.k);
	if (keys.length === 0) {
		throw new MlopsError('data.unreadable', `${label} holds no objects with fields.`, {
			expected: 'an array of objects',
			remedy: 'Choose the field that holds the list of rows, or convert the data first.',
		});
	}
	await noteNested(objects, keys, context);
	await noteRepeated(objects, context);
	const names = uniqueNames(keys, context);
	const kept = await fieldsOf(keys, objects, `fields_${id}`, context);
	const strings = await numbersInStrings(keys, objects, kept.relation, context);
	await duck.run(`DROP TABLE ${objects}`);
	return {
		...kept,
		columns: keys.map((_, i) => ({ key: `c${i}`, name: names[i], kind: 'text', ...(strings.has(i) ? { strings: true } : {}) })),
		nulls: options.nulls,
		decimal: options.decimal,
		plainNumbers: true,
		bad,
		badCount: bad.length,
		description: label,
	};
}

/** The fields as columns `c0`, `c1`, ... of text. */
async function fieldsOf(keys: readonly string[], objects: string, table: string, context: SourceContext) {
	// One parse a row for all fields; keys that no struct can have, or that differ only in case, are taken out one by one.
	const seen = new Set<string>();
	const single = keys.map((k) => (k === '' || k.includes('\0') || seen.has(k.toLowerCase()) ? true : (seen.add(k.toLowerCase()), false)));
	const fields = keys.map((k, i) =>
		single[i] ? `json_extract_string(j, ${pointerTo(k)}) AS c${i}` : `struct_extract(s, ${quoteText(k)}) AS c${i}`,
	);
	const selectOf = (from: number, to: number): string => {
		const shared = keys.slice(from, to).filter((_, i) => !single[from + i]);
		const shape = JSON.stringify(Object.fromEntries(shared.map((k) => [k, 'VARCHAR'])));
		const parsed = shared.length ? `SELECT j, from_json(j, ${quoteText(shape)}) AS s FROM ${objects}` : `SELECT j FROM ${objects}`;
		return `SELECT ${fields.slice(from, to).join(', ')} FROM (${parsed})`;
	};
	if (keys.length <= BESIDE) return await materialise(table, selectOf(0, keys.length), keys.length, context);
	const parts = Array.from({ length: Math.ceil(keys.length / BESIDE) }, (_, p) => {
		const [from, to] = [p * BESIDE, Math.min(keys.length, (p + 1) * BESIDE)];
		return { select: selectOf(from, to), columns: to - from };
	});
	return await materialiseBeside(parts, context);
}

/** Says where an object has one field several times: JSON leaves open which of them counts, and programs differ. */
async function noteRepeated(objects: string, { duck, note }: SourceContext): Promise<void> {
	const [found] = await duck.rows<{ rows: number; first: number | null }>(
		`SELECT count(*) AS rows, min(rowid) AS first FROM ${objects} WHERE list_unique(json_keys(j)) < len(json_keys(j))`,
	);
	if (found.first === null) return;
	const names = await duck.rows<{ k: string }>(`SELECT unnest(json_keys(j)) AS k FROM ${objects} WHERE rowid = ${found.first}`);
	const twice = names.find(({ k }, i) => names.findIndex((other) => other.k === k) < i)!.k;
	note(
		'data.same_field',
		`${found.rows} row${found.rows === 1 ? ' has' : 's have'} a field several times (the first is row ${found.first + 1}, with ` +
			`"${cutText(twice, 40)}"): the first value of each counts, and the others are left out.`,
	);
}

/**
 * Fields with values such as "1.971" that are strings: whoever wrote them may have meant groups of thousands. JSON's own numbers have a
 * decimal point. Most files hold none, which one look at each object shows.
 */
async function numbersInStrings(keys: readonly string[], objects: string, relation: string, { duck }: SourceContext): Promise<Set<number>> {
	const form = String.raw`\s*[-+]?\d{1,3}(\.\d{3})+\s*`;
	const [{ rows }] = await duck.rows<{ rows: number }>(
		`SELECT count(*) AS rows FROM ${objects} WHERE regexp_matches(j::VARCHAR, '"${form}"')`,
	);
	if (rows === 0) return new Set();
	const all = keys.map((_, i) => i);
	if (keys.length > WIDE) {
		const grouped = `count(*) FILTER (regexp_full_match(v ->> '$', '${form}'))`;
		const strings = await duck.rows<{ k: string }>(
			`SELECT k FROM ${fieldsIn(objects)} GROUP BY k HAVING ${grouped} > 0 AND count(*) FILTER (json_type(v) = 'VARCHAR') >= ${grouped}`,
		);
		const names = new Set(strings.map(({ k }) => k));
		return new Set(all.filter((i) => names.has(keys[i])));
	}
	const [counts] = await duck.rows<Record<string, number>>(
		`SELECT ${all.map((i) => `count(*) FILTER (regexp_full_match(c${i}, '${form}')) AS n${i}`).join(', ')} FROM ${relation}`,
	);
	const asked = all.filter((i) => counts[`n${i}`] > 0);
	if (asked.length === 0) return new Set();
	const [types] = await duck.rows<Record<string, number>>(
		`SELECT ${asked.map((i) => `count(*) FILTER (json_type(j, ${pointerTo(keys[i])}) = 'VARCHAR') AS n${i}`).join(', ')} FROM ${objects}`,
	);
	return new Set(asked.filter((i) => types[`n${i}`] >= counts[`n${i}`]));
}

/** A JSON pointer (RFC 6901) to a field, as SQL. */
const pointerTo = (key: string): string => quoteText(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
