import { MlopsError } from '../../domain/errors.js';

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
	throw wouldWrite(`it begins with "${word.slice(0, 40)}"`);
}

export const wouldWrite = (why: string, cause?: unknown): MlopsError => new MlopsError('input.invalid', `The query does not only read: ${why}.`, {
	cause, expected: 'a query that begins with SELECT or WITH and changes nothing', remedy: 'Ingest only reads. Use the Postgres or MySQL node for statements that change data.',
});
