import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { MlopsError } from '../../../domain/errors.js';
import { parseJson } from '../../../domain/json.js';
import { assertUnpacked } from '../../readJson.js';

/** A request that its protocol does not allow. */
export const invalid = (message: string, details: ConstructorParameters<typeof MlopsError>[2] = {}): MlopsError =>
	new MlopsError('serve.request_invalid', message, details);

/** Text of a body. @throws `serve.request_invalid` where it is packed, or no UTF-8 */
export function textOf({ body, headers }: Pick<FastifyRequest, 'body' | 'headers'>, part: Buffer = bytesOf(body)): string {
	assertUnpacked(headers);
	if (!isUtf8(part)) throw invalid('The body is not UTF-8.', { remedy: 'Send the text in UTF-8.' });
	const text = part.toString('utf8');
	return text.startsWith('\ufeff') ? text.slice(1) : text;
}

export const bytesOf = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

/**
 * JSON as Python writes it: `NaN`, which is no JSON, is null here, and `Infinity` is infinite, so that the column which gets it refuses it
 * by name. Whole numbers keep all of their digits.
 * @throws `serve.request_invalid`
 */
export function readJson(text: string): Record<string, unknown> {
	if (text.trim() === '') throw invalid('The body is empty.', { expected: 'a JSON object', remedy: 'Send the question as JSON.' });
	let value: unknown;
	try {
		value = parseJson(text);
	} catch (thrown) {
		value = parseWithNaN(text, thrown);
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		throw invalid('The body should be a JSON object.', {
			found: Array.isArray(value) ? 'a list' : `${value === null ? 'null' : `a ${typeof value}`}`,
		});
	return value as Record<string, unknown>;
}

const LITERALS: Record<string, string> = { NaN: 'null', Infinity: '1e999' };

function parseWithNaN(text: string, first: unknown): unknown {
	const plain = withoutNaN(text);
	try {
		if (plain !== undefined) return parseJson(plain);
	} catch {
		// What was wrong before is what people should read.
	}
	throw invalid(`The body is not JSON: ${String((first as Error).message)}.`, { remedy: 'Send JSON in UTF-8.' });
}

/** The text with other words for NaN and Infinity outside of its strings; undefined where it has none. One pass, however long it is. */
function withoutNaN(text: string): string | undefined {
	const pieces: string[] = [];
	const next = /["NI]/g;
	let done = 0;
	for (let found = next.exec(text); found; found = next.exec(text)) {
		if (found[0] === '"') {
			let end = found.index + 1;
			while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
			next.lastIndex = end + 1;
			continue;
		}
		const word = found[0] === 'N' ? 'NaN' : 'Infinity';
		if (!text.startsWith(word, found.index)) return undefined;
		pieces.push(text.slice(done, found.index), LITERALS[word]);
		done = next.lastIndex = found.index + word.length;
	}
	return pieces.length ? `${pieces.join('')}${text.slice(done)}` : undefined;
}
