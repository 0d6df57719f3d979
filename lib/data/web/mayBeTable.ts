import { MlopsError } from '../../domain/errors.js';
import { isBinary, tableFormat } from './tableFormats.js';

/** What a file is instead of a table, in words, from its first bytes; undefined if it may be one. */
export function notATable(head: Buffer): string | undefined {
	const bytes = head.toString('latin1', 0, 8);
	const kind = MARKS.find(([mark]) => bytes.startsWith(mark));
	if (kind) return kind[1];
	const text = textOf(head);
	if (!text.startsWith('<')) return undefined;
	const start = text.replace(/^(?:<!--[\s\S]*?-->\s*|<\?xml[^>]*>\s*)+/i, '');
	if (/^<(?:!doctype\s+html|html|head|body|meta|title|script|style|table|div|form)\b/i.test(start)) return `a web page${titleOf(text)}`;
	if (/^<\?xml/i.test(text) || /^<[\w:.-]+(?:\s+[\w:.-]+\s*=\s*["'][^"'<]*["'])*\s*\/?>/.test(start)) return 'XML';
	return undefined;
}

const MARKS: ReadonlyArray<[string, string]> = [
	['%PDF-', 'a PDF'],
	['\x89PNG', 'a picture'],
	['\xff\xd8\xff', 'a picture'],
	['GIF8', 'a picture'],
	['{\\rtf', 'a text document'],
	['\x28\xb5\x2f\xfd', 'packed with zstd'],
	['BZh', 'packed with bzip2'],
	['\xfd7zXZ\0', 'packed with xz'],
	['7z\xbc\xaf', 'packed with 7-Zip'],
	['Rar!', 'packed with RAR'],
];

const textOf = (head: Buffer): string => {
	const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
	return (utf16 ? head.toString('utf16le').replaceAll('\0', '') : head.toString('utf8')).replace(/^\ufeff/, '').trimStart();
};

const titleOf = (html: string): string => {
	const title = /<title[^>]*>([^<]*)/i
		.exec(html)?.[1]
		.replace(/[\s\p{Cc}]+/gu, ' ')
		.trim();
	return title ? ` ("${[...title].slice(0, 60).join('')}")` : '';
};

/**
 * @param encoded whether somebody said how its text is encoded, so that it is text
 * @throws `data.unreadable` for a file that is something else, such as a saved page, or a table in a format that is not read here
 */
export function assertMayBeTable(head: Buffer, file: string, encoded = false): void {
	const format = tableFormat(head);
	if (format)
		throw new MlopsError('data.unreadable', `"${file}" is ${format.is}, which is not read as a file with a table.`, {
			expected: 'CSV, TSV, JSON, Parquet or Excel',
			remedy: format.remedy,
		});
	const kind = notATable(head) ?? (!encoded && isBinary(head) ? 'no text, but a file of some program' : undefined);
	if (!kind) return;
	const packed = kind.startsWith('packed');
	throw new MlopsError('data.unreadable', `"${file}" is ${kind}, ${packed ? 'which is not unpacked here' : 'no table'}.`, {
		expected: 'CSV, TSV, JSON, Parquet or Excel',
		remedy: packed
			? 'Unpack it first, or pack it with gzip.'
			: 'Download or export the table itself; a page to sign in at is often saved in its place.',
	});
}

/** Names that an object about a failure is made of. */
const ABOUT = new Set([
	'error',
	'errors',
	'message',
	'msg',
	'status',
	'statuscode',
	'statustext',
	'code',
	'errorcode',
	'errormessage',
	'errordescription',
	'detail',
	'details',
	'title',
	'type',
	'instance',
	'success',
	'ok',
	'requestid',
	'traceid',
	'timestamp',
	'path',
	'reason',
	'description',
	'documentationurl',
	'hint',
	'fault',
	'data',
	'result',
	'meta',
	'help',
	'url',
	'method',
]);
const FAILURE = new Set(['error', 'errors', 'errorcode', 'errormessage', 'errordescription', 'fault']);

/** What an answer of JSON says that went wrong, if it is about that and nothing else. */
export function errorIn(head: Buffer, whole: boolean): string | undefined {
	if (!whole) return undefined;
	let value: unknown;
	try {
		value = JSON.parse(textOf(head));
	} catch {
		return undefined;
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
	const fields = new Map(Object.entries(value).map(([key, v]) => [key.toLowerCase().replace(/[_-]/g, ''), v as unknown]));
	if (fields.size === 0 || [...fields.keys()].some((key) => !ABOUT.has(key))) return undefined;
	if (
		[...fields.values()].some(
			(v) => Array.isArray(v) && v.length > 0 && v.every((e) => typeof e === 'object') && v !== fields.get('errors'),
		)
	)
		return undefined;
	const filled = (v: unknown) => v !== null && v !== undefined && v !== false && v !== '' && !(Array.isArray(v) && v.length === 0);
	const status = Number(fields.get('status') ?? fields.get('statuscode') ?? fields.get('code'));
	const failed =
		[...FAILURE].some((key) => filled(fields.get(key))) ||
		fields.get('success') === false ||
		fields.get('ok') === false ||
		fields.get('status') === 'error' ||
		status >= 400 ||
		(typeof fields.get('message') === 'string' && fields.get('data') === undefined && fields.get('result') === undefined);
	if (!failed) return undefined;
	const said = [
		fields.get('message'),
		fields.get('errordescription'),
		fields.get('errormessage'),
		fields.get('detail'),
		fields.get('error'),
		fields.get('errors'),
		fields.get('fault'),
		fields.get('title'),
		fields.get('msg'),
		fields.get('reason'),
	]
		.map(wordsOf)
		.find(Boolean);
	return said ?? 'an error';
}

function wordsOf(value: unknown): string | undefined {
	if (typeof value === 'string')
		return (
			[
				...value
					.replace(/[\s\p{Cc}]+/gu, ' ')
					.replace(/\bhttps?:\/\/\S+/g, '***')
					.trim(),
			]
				.slice(0, 120)
				.join('') || undefined
		);
	if (Array.isArray(value)) return wordsOf(value[0]);
	if (typeof value === 'object' && value !== null)
		return wordsOf(
			(value as Record<string, unknown>).message ?? (value as Record<string, unknown>).detail ?? (value as Record<string, unknown>).reason,
		);
	return undefined;
}
