/**
 * PostgreSQL's text cannot hold the character NUL, which names may have. It is written as an escape from a private place of Unicode, and
 * that character itself doubled, so that every text reads back as it was and equal texts stay equal.
 */
const ESCAPE = '\uE0A0';
const MEANT = /[\u0000\uE0A0]/g;
const WRITTEN = /\uE0A0([0\uE0A0])/g;

/** A parameter as the server can take it. */
export const escapeNul = (value: unknown): unknown =>
	typeof value === 'string' && (value.includes('\u0000') || value.includes(ESCAPE))
		? value.replace(MEANT, (character) => (character === ESCAPE ? ESCAPE + ESCAPE : `${ESCAPE}0`))
		: value;

/** A value as it was handed in. */
export const restoreNul = (value: unknown): unknown =>
	typeof value === 'string' && value.includes(ESCAPE)
		? value.replace(WRITTEN, (_, character: string) => (character === '0' ? '\u0000' : ESCAPE))
		: value;
