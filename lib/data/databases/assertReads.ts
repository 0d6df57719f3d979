import { MlopsError } from '../../domain/errors.js';
import { cutText } from '../../domain/text.js';

const READING = new Set(['select', 'with', 'values', 'table', 'show', 'describe', 'desc', 'explain']);
/** Blanks, comments (other than MySQL's executable ones) and brackets before the first word. */
const LEADING = /^(?:\s|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*(?!!)[\s\S]*?\*\/|\()*/;

/**
 * Refuses a query whose first word does not read, in plain words; the databases' own read-only transactions refuse what hides further in.
 * @throws `input.invalid`
 */
export function assertReads(query: string): void {
	const rest = query.replace(LEADING, '');
	const word = /^[^\s(;]*/.exec(rest)![0];
	if (READING.has(word.toLowerCase())) return;
	if (rest === '') throw new MlopsError('input.invalid', 'The query is empty.', { expected: 'a SELECT', remedy: 'Write the query.' });
	throw wouldWrite(`it begins with "${cutText(word, 40)}"`);
}

export type Dialect = 'postgres' | 'mysql' | 'sqlite';

/**
 * The one statement of a query, without what ends it. A semicolon inside a text, a quoted name or a comment ends nothing.
 * @throws `input.invalid` when another statement follows: it would be left out, or run by half
 */
export function oneStatement(query: string, dialect: Dialect): string {
	const text = query.trim();
	for (let at = 0; at < text.length; ) {
		if (text[at] !== ';') {
			at = Math.max(at + 1, endOf(text, at, dialect));
			continue;
		}
		for (let rest = at + 1; rest < text.length; ) {
			const end = isComment(text, rest, dialect) ? endOf(text, rest, dialect) : rest;
			if (end === rest && !/[\s;]/.test(text[rest])) {
				throw new MlopsError('input.invalid', 'The query holds more than one statement.', {
					expected: 'a single SELECT',
					found: text.slice(rest, rest + 40),
					remedy: 'Give each statement an Ingest of its own, or join them with UNION ALL.',
				});
			}
			rest = Math.max(rest + 1, end);
		}
		return text.slice(0, at).trimEnd();
	}
	return text;
}

/** `/*!` begins what MySQL runs. */
const isComment = (text: string, at: number, dialect: Dialect): boolean =>
	(dialect === 'mysql' ? /^--(?=[\s\p{Cc}]|$)/u.test(text.slice(at, at + 3)) || text[at] === '#' : text.startsWith('--', at)) ||
	(text.startsWith('/*', at) && !(dialect === 'mysql' && /^\/\*M?!/.test(text.slice(at, at + 4))));

/** Where what begins here ends: a text, a quoted name, a comment; anything else ends at once. */
function endOf(text: string, at: number, dialect: Dialect): number {
	if (isComment(text, at, dialect))
		return text.startsWith('/*', at) ? endOfBlock(text, at, dialect === 'postgres') : text.indexOf('\n', at) + 1 || text.length;
	const sign = text[at];
	if (dialect === 'postgres' && sign === '$' && !/[\w$]/.test(text[at - 1] ?? ' ')) {
		const tag = /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(text.slice(at, at + 70))?.[0];
		if (tag) return past(text, tag, at + tag.length);
	}
	if (sign === '[' && dialect === 'sqlite') return past(text, ']', at + 1);
	if (sign !== "'" && sign !== '"' && !(sign === '`' && dialect !== 'postgres')) return at;
	const escapes =
		(dialect === 'mysql' && sign !== '`') ||
		(dialect === 'postgres' && sign === "'" && /(?:^|[^\w$])e$/i.test(text.slice(Math.max(0, at - 2), at)));
	for (let i = at + 1; i < text.length; i++) {
		if (escapes && text[i] === '\\') i++;
		else if (text[i] === sign) {
			if (text[i + 1] !== sign) return i + 1;
			i++;
		}
	}
	return text.length;
}

const past = (text: string, end: string, from: number): number => {
	const at = text.indexOf(end, from);
	return at < 0 ? text.length : at + end.length;
};

/** PostgreSQL's block comments may lie inside each other. */
function endOfBlock(text: string, at: number, nested: boolean): number {
	if (!nested) return past(text, '*/', at + 2);
	let depth = 0;
	for (let i = at; i < text.length - 1; i++) {
		if (text.startsWith('/*', i)) [depth, i] = [depth + 1, i + 1];
		else if (text.startsWith('*/', i)) {
			i++;
			if (--depth === 0) return i + 1;
		}
	}
	return text.length;
}

export const wouldWrite = (why: string, cause?: unknown): MlopsError =>
	new MlopsError('input.invalid', `The query does not only read: ${why}.`, {
		cause,
		expected: 'a query that begins with SELECT or WITH and changes nothing',
		remedy: 'Ingest only reads. Use the Postgres or MySQL node for statements that change data.',
	});
