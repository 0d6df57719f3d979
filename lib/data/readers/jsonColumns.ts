import { quoteText } from '../duck.js';
import type { SourceContext } from '../sources/contract.js';
import { cellKind } from './cellKind.js';

/** Fewer objects beside one another are the fields of one record. */
const RECORDS = 10;
const MAX_COLUMNS = 10_000;

/** SQL that makes rows `j` of the table `objects`, and what people are told. */
interface Turned {
	sql: string;
	said: string;
}

type Duck = SourceContext['duck'];

/**
 * Where each file is one object that holds columns rather than rows, or rows by their names, makes rows of it: as pandas writes tables
 * (`to_json` with the orientations `columns`, `index`, `list` of `to_dict`, and `split`), and as databases export collections by key.
 * @param objects a table with the objects as `j JSON`, which is replaced
 * @returns whether it was so
 */
export async function turnColumns(objects: string, files: number, { duck, note }: SourceContext): Promise<boolean> {
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM (FROM ${objects} LIMIT ${files + 1})`);
	if (rows === 0 || rows !== files) return false;
	const keys = (await duck.rows<{ k: string }>(`SELECT unnest(json_keys(j)) AS k FROM (FROM ${objects} LIMIT 1)`)).map((r) => r.k);
	if (keys.length === 0 || keys.some((k) => k === '' || k.includes('\0')) || new Set(keys).size < keys.length) return false;
	const turned =
		(await fromSplit(objects, keys, duck)) ?? (await fromLists(objects, keys, duck)) ?? (await fromObjects(objects, keys, duck));
	if (!turned) return false;
	await duck.run(`CREATE OR REPLACE TEMP TABLE ${objects} AS ${turned.sql}`);
	note('data.columnar', turned.said);
	return true;
}

/** `{"columns": ["a", "b"], "index": [0, 1], "data": [[1, 2], [3, 4]]}` */
async function fromSplit(objects: string, keys: readonly string[], duck: Duck): Promise<Turned | undefined> {
	if (!keys.includes('columns') || !keys.includes('data') || keys.length > 5) return undefined;
	const [{ fits }] = await duck.rows<{ fits: boolean }>(
		`SELECT coalesce(bool_and(json_type(j, '/columns') = 'ARRAY' AND json_type(j, '/data/0') = 'ARRAY' AND ` +
			`json_array_length(j, '/columns') = json_array_length(j, '/data/0') AND json_extract(j, '/columns') = ` +
			`(SELECT json_extract(j, '/columns') FROM ${objects} LIMIT 1)), false) AS fits FROM ${objects}`,
	);
	if (!fits) return undefined;
	const names = (
		await duck.rows<{ name: string }>(
			`SELECT unnest(from_json(json_extract(j, '/columns'), '["VARCHAR"]')) AS name FROM (FROM ${objects} LIMIT 1)`,
		)
	).map((r) => r.name);
	if (names.some((name) => typeof name !== 'string') || new Set(names).size < names.length) return undefined;
	const [{ named }] = await duck.rows<{ named: boolean }>(
		`SELECT coalesce(bool_or(json_array_length(j, '/index') = json_array_length(j, '/data') AND json_extract(j, '/index')::VARCHAR <> ` +
			`to_json(range(json_array_length(j, '/data')::BIGINT))::VARCHAR), false) AS named FROM ${objects}`,
	);
	const index = named && !names.includes('index');
	const fields = [...(index ? [`'index', k`] : []), ...names.map((name, i) => `${quoteText(name)}, r[${i + 1}]`)].join(', ');
	const others = keys.filter((k) => !['columns', 'data', 'index'].includes(k)).map((k) => `"${k}"`);
	return {
		sql:
			`SELECT json_object(${fields}) AS j FROM (SELECT unnest(from_json(json_extract(j, '/data'), '[["JSON"]]')) AS r` +
			`${index ? `, unnest(from_json(json_extract(j, '/index'), '["JSON"]')) AS k` : ''} FROM ${objects})`,
		said:
			'The names of the columns were taken from the list "columns", and the rows from the lists in "data"' +
			`${index ? ', with what names them in the column "index"' : ''}` +
			`${others.length ? `; beside them stands ${others.join(', ')}, which was left out` : ''}.`,
	};
}

/** `{"a": [1, 3], "b": [2, 4]}` */
async function fromLists(objects: string, keys: readonly string[], duck: Duck): Promise<Turned | undefined> {
	// One list may as well be a field of the one row. Of two names that differ in case alone a struct holds one.
	if (keys.length < 2 || keys.length > MAX_COLUMNS || new Set(keys.map((k) => k.toLowerCase())).size < keys.length) return undefined;
	const fits = await allFit(objects, keys, duck, {
		first: `json_array_length(j, ${pointerTo(keys[0])})`,
		test: `f > 1 AND json_type(v) = 'ARRAY' AND json_array_length(v) = f AND coalesce(json_type(v, '/0'), 'NULL') <> 'OBJECT'`,
	});
	if (!fits) return undefined;
	const shape = JSON.stringify(Object.fromEntries(keys.map((k) => [k, ['JSON']])));
	const fields = keys.map((k, i) => `${quoteText(k)}, v${i}`).join(', ');
	const lists = keys.map((k, i) => `unnest(struct_extract(s, ${quoteText(k)})) AS v${i}`).join(', ');
	return {
		sql:
			`SELECT json_object(${fields}) AS j FROM (SELECT ${lists} FROM ` + `(SELECT from_json(j, ${quoteText(shape)}) AS s FROM ${objects}))`,
		said: `The file holds columns, not rows: the values of its ${keys.length} lists, all of one length, were put side by side.`,
	};
}

/** `{"a": {"0": 1, "1": 3}, "b": {"0": 2, "1": 4}}`, or the same by rows: `{"0": {"a": 1, "b": 2}, "1": {"a": 3, "b": 4}}` */
async function fromObjects(objects: string, keys: readonly string[], duck: Duck): Promise<Turned | undefined> {
	const [{ fits }] = await duck.rows<{ fits: boolean }>(
		`SELECT coalesce(bool_and(len(list_filter(json_extract(j, '$.*'), lambda v: json_type(v) = 'OBJECT')) = ` +
			`len(json_keys(j))), false) AS fits FROM ${objects}`,
	);
	if (!fits) return undefined;
	const inner = (
		await duck.rows<{ k: string }>(`SELECT unnest(json_keys(j, ${pointerTo(keys[0])})) AS k FROM (FROM ${objects} LIMIT 1)`)
	).map((r) => r.k);
	if (inner.length === 0) return undefined;
	const counted = (list: readonly string[]) => list.every((k) => ['number', 'moment'].includes(cellKind(k)));
	if (counted(inner) && !counted(keys)) return await fromColumns(objects, keys, inner, duck);
	if (!counted(keys) && keys.length < RECORDS) return undefined;
	const [{ alike }] = await duck.rows<{ alike: boolean }>(
		`SELECT coalesce(bool_and(list_has_any(json_keys(v), [${inner.slice(0, 100).map(quoteText).join(', ')}])), false) AS alike FROM ` +
			`(SELECT unnest(json_extract(j, '$.*')) AS v FROM ${objects})`,
	);
	if (!alike) return undefined;
	const inOrder = keys.every((k, i) => k === String(i));
	const row = inOrder || inner.includes('key') ? 'v' : `json_merge_patch(json_object('key', k), v)`;
	return {
		sql: `SELECT ${row} AS j FROM (SELECT unnest(json_keys(j)) AS k, unnest(json_extract(j, '$.*')) AS v FROM ${objects})`,
		said:
			'The file is one object with a row in each of its fields' +
			`${row === 'v' ? '.' : ': the names of the fields are in the column "key".'}`,
	};
}

/** Columns whose values have the same names, such as the numbers of the rows. */
async function fromColumns(objects: string, keys: readonly string[], inner: readonly string[], duck: Duck): Promise<Turned | undefined> {
	if (keys.length > MAX_COLUMNS) return undefined;
	const fits = await allFit(objects, keys, duck, {
		first: `hash(json_keys(j, ${pointerTo(keys[0])}))`,
		test: `hash(json_keys(v)) = f AND coalesce(json_type(v, ${pointerTo(inner[0]!)}), 'NULL') <> 'OBJECT'`,
	});
	if (!fits) return undefined;
	const numbered = inner.every((k, i) => k === String(i)) || keys.includes('index');
	// Of two names that differ in case alone a struct holds one.
	const held = new Map(keys.map((k) => [k.toLowerCase(), k]));
	const shape = JSON.stringify(Object.fromEntries([...held.values()].map((k) => [k, 'JSON'])));
	const values = (k: string) =>
		held.get(k.toLowerCase()) === k ? `struct_extract(s, ${quoteText(k)})` : `json_extract(j, ${pointerTo(k)})`;
	const lists = keys.map((k, i) => `unnest(json_extract(${values(k)}, '$.*')) AS v${i}`);
	const fields = [...(numbered ? [] : [`'index', k`]), ...keys.map((k, i) => `${quoteText(k)}, v${i}`)];
	return {
		sql:
			`SELECT json_object(${fields.join(', ')}) AS j FROM ` +
			`(SELECT unnest(json_keys(j, ${pointerTo(keys[0])})) AS k, ${lists.join(', ')} FROM ` +
			`(SELECT j, from_json(j, ${quoteText(shape)}) AS s FROM ${objects}))`,
		said:
			`The file holds columns, not rows: the values of its ${keys.length} columns were put side by side` +
			`${numbered ? '.' : ', and what names them in the column "index".'}`,
	};
}

/**
 * Whether each object has all these fields, and a test holds of the value `v` of each, beside `f`, which is found once an object. A
 * function that names a field reads the whole object: of thousands of fields each object would be read thousands of times.
 */
async function allFit(
	objects: string,
	keys: readonly string[],
	duck: Duck,
	{ first, test }: { first: string; test: string },
): Promise<boolean> {
	const [{ fits }] = await duck.rows<{ fits: boolean }>(
		`SELECT coalesce(bool_and(fitting = ${keys.length}) AND count(*) = (SELECT count(*) FROM ${objects}), false) AS fits FROM ` +
			`(SELECT count(*) FILTER (k IN (${keys.map(quoteText).join(', ')}) AND ${test}) AS fitting FROM ` +
			`(SELECT o, f, unnest(ks) AS k, unnest(vs) AS v FROM ` +
			`(SELECT rowid AS o, ${first} AS f, json_keys(j) AS ks, json_extract(j, '$.*') AS vs FROM ${objects})) GROUP BY o)`,
	);
	return fits;
}

/** A JSON pointer (RFC 6901) to a field, and on from it, as SQL. */
const pointerTo = (key: string, further = ''): string => quoteText(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${further}`);
