import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { MlopsError } from '../../domain/errors.js';
import { quotePath, quoteText } from '../duck.js';
import type { BadRow, SourceContext } from '../sources/contract.js';
import { readHead } from './head.js';

const MAX_OBJECT_BYTES = 16 << 20;
const MAX_WHOLE_BYTES = 512 << 20;
/** How deep a list of rows may lie inside other fields. */
const MAX_DEPTH = 3;
/** Fields that services put their rows into. */
const KNOWN = new Set([
	'data',
	'results',
	'result',
	'items',
	'records',
	'rows',
	'value',
	'values',
	'features',
	'hits',
	'entries',
	'list',
	'docs',
	'documents',
	'content',
	'elements',
	'observations',
	'series',
]);

/**
 * The objects of JSON files as a temporary table `objects (j JSON)`, in their order: one a line, of an array, or of the list inside an
 * envelope such as `{"data": [...]}`. Lines that are no object come back as bad rows.
 * @throws `data.unreadable`
 */
export async function loadObjects(
	paths: readonly string[],
	lines: boolean,
	objects: string,
	label: string,
	context: SourceContext,
): Promise<BadRow[]> {
	try {
		return lines ? await loadLines(paths, objects, context) : await loadWhole(paths, objects, context);
	} catch (thrown) {
		if (thrown instanceof MlopsError) throw thrown;
		throw new MlopsError('data.unreadable', `${label} is no valid JSON.`, {
			cause: thrown,
			expected: 'an array of objects, or one object a line',
			remedy: 'Check that the file is complete.',
		});
	}
}

async function loadLines(paths: readonly string[], objects: string, { duck }: SourceContext): Promise<BadRow[]> {
	const raw = `${objects}_lines`;
	// A line is read as one value: no character of JSON text can be this delimiter or this quote.
	await duck.run(
		`CREATE TEMP TABLE ${raw} AS SELECT line, json_valid(line) AS valid FROM (SELECT ltrim(line, chr(65279)) AS line FROM ` +
			`read_csv([${paths.map(quotePath).join(', ')}], auto_detect=false, header=false, delim=E'\\x1f', quote='', escape='', ` +
			`columns={'line': 'VARCHAR'}, max_line_size=${MAX_OBJECT_BYTES}, buffer_size=${2 * MAX_OBJECT_BYTES}, ` +
			`strict_mode=false, null_padding=true))`,
	);
	const good = `CASE WHEN valid THEN json_type(line) = 'OBJECT' ELSE false END`;
	const bad = await duck.rows<{ row: number; line: string }>(
		`SELECT rowid + 1 AS row, line FROM ${raw} WHERE trim(line) <> '' AND NOT (${good}) ORDER BY rowid`,
	);
	await duck.run(`CREATE TEMP TABLE ${objects} AS SELECT line::JSON AS j FROM ${raw} WHERE trim(line) <> '' AND ${good} ORDER BY rowid`);
	await duck.run(`DROP TABLE ${raw}`);
	return bad.map((b) => ({ row: b.row, reason: 'is no JSON object', text: b.line }));
}

async function loadWhole(paths: readonly string[], objects: string, context: SourceContext): Promise<BadRow[]> {
	const sizes = await Promise.all(paths.map(async (p) => (await stat(p)).size));
	const largest = Math.max(...sizes);
	const plain = await Promise.all(
		paths.map(async (p) => ((await readHead(p, 3)).toString('hex') === 'efbbbf' ? withoutMark(p, context) : p)),
	);
	// An envelope is one object, as large as the file.
	const bytes = (await readHead(plain[0], 64)).toString('utf8').trimStart().startsWith('{')
		? Math.min(MAX_WHOLE_BYTES, Math.max(MAX_OBJECT_BYTES, largest + 1024))
		: MAX_OBJECT_BYTES;
	await context.duck.run(
		`CREATE TEMP TABLE ${objects} AS SELECT json AS j FROM read_json_objects([${plain.map(quotePath).join(', ')}], ` +
			`format='auto', maximum_object_size=${bytes})`,
	);
	return [];
}

async function withoutMark(path: string, context: SourceContext): Promise<string> {
	const out = await context.temporary('json');
	await pipeline(createReadStream(path, { start: 3 }), createWriteStream(out));
	return out;
}

interface List {
	pointer: string;
	path: string[];
	length: number;
	beside: string[];
}

/**
 * Where each file is but one object that holds the list of rows, takes the list's objects instead of it.
 * @param anyName also a field that no service is known for
 */
export async function openEnvelope(objects: string, files: number, anyName: boolean, { duck, note }: SourceContext): Promise<void> {
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM (FROM ${objects} LIMIT ${files + 1})`);
	if (rows === 0 || rows !== files) return;
	const lists = await listsIn(objects, '', [], duck);
	const known = (list: List) =>
		list.path.every((name) => KNOWN.has(name.toLowerCase()) || name === 'response' || name.startsWith('_')) ||
		KNOWN.has(list.path.at(-1)!.toLowerCase());
	const fitting = lists
		.filter((l) => known(l) || (anyName && l.length > 1))
		.sort((a, b) => Number(known(b)) - Number(known(a)) || b.length - a.length);
	const [best] = fitting;
	if (!best) return;
	await duck.run(
		`CREATE OR REPLACE TEMP TABLE ${objects} AS SELECT j FROM (SELECT unnest(from_json(json_extract(j, ` +
			`${quoteText(best.pointer)}), '["JSON"]')) AS j FROM ${objects}) WHERE json_type(j) = 'OBJECT'`,
	);
	const others = [...new Set([...best.beside, ...lists.filter((l) => l !== best).map((l) => l.path.join('.'))])];
	note(
		'data.envelope',
		`The rows were taken from the list "${best.path.join('.')}"${
			others.length
				? `; beside it stand ${others
						.slice(0, 5)
						.map((n) => `"${n}"`)
						.join(', ')}${others.length > 5 ? ', ...' : ''}, which were left out`
				: ''
		}.`,
	);
}

/** Lists of objects in the first object, with the fields beside them. */
async function listsIn(objects: string, pointer: string, path: string[], duck: SourceContext['duck']): Promise<List[]> {
	const at = pointer ? `json_extract(j, ${quoteText(pointer)})` : 'j';
	const keys = (await duck.rows<{ k: string }>(`SELECT unnest(json_keys(${at})) AS k FROM (FROM ${objects} LIMIT 1)`)).map((r) => r.k);
	if (keys.length > 100) return [];
	const found: List[] = [];
	for (const key of keys) {
		const own = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
		const [{ type, length, first }] = await duck.rows<{ type: string | null; length: number; first: string | null }>(
			`SELECT json_type(j, ${quoteText(own)}) AS type, json_array_length(j, ${quoteText(own)}) AS length, json_type(j, ` +
				`${quoteText(`${own}/0`)}) AS first FROM (FROM ${objects} LIMIT 1)`,
		);
		if (type === 'ARRAY' && (first === 'OBJECT' || (Number(length) === 0 && KNOWN.has(key.toLowerCase()))))
			found.push({
				pointer: own,
				path: [...path, key],
				length: Number(length),
				beside: keys.filter((k) => k !== key).map((k) => [...path, k].join('.')),
			});
		if (type === 'OBJECT' && path.length + 1 < MAX_DEPTH) found.push(...(await listsIn(objects, own, [...path, key], duck)));
	}
	return found;
}

/**
 * All fields `k` of objects with their values `v`, as SQL. A function that names a field reads the whole object, and the database plans a
 * question about thousands of fields for minutes, in gigabytes.
 */
export const fieldsIn = (objects: string): string =>
	`(SELECT unnest(json_keys(j)) AS k, unnest(json_extract(j, '$.*')) AS v FROM ${objects})`;

/** Says which fields hold objects or lists, which stay text as JSON writes it. */
export async function noteNested(objects: string, keys: readonly string[], { duck, note }: SourceContext): Promise<void> {
	const found = await duck.rows<{ k: string }>(
		`SELECT DISTINCT k FROM ${fieldsIn(`(FROM ${objects} LIMIT 1000)`)} WHERE json_type(v) IN ('OBJECT', 'ARRAY')`,
	);
	const names = new Set(found.map(({ k }) => k));
	const nested = keys.filter((key) => names.has(key));
	if (nested.length)
		note(
			'data.nested',
			`${nested
				.slice(0, 5)
				.map((k) => `"${k}"`)
				.join(
					', ',
				)}${nested.length > 5 ? ' and others' : ''} hold${nested.length === 1 ? 's' : ''} lists or objects, which are kept as text.`,
		);
}
