import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MlopsError } from '../../domain/errors.js';
import type { SourceContext } from '../sources/contract.js';
import { readHead } from './head.js';

const SAMPLE_BYTES = 1 << 16;

/** A file as plain UTF-8: itself where it is so already, else a converted temporary copy. Binary formats pass through. */
export async function toUtf8(path: string, encoding: string | undefined, context: SourceContext): Promise<string> {
	const head = await readHead(path, SAMPLE_BYTES);
	if (['PAR1', 'PK\u0003\u0004'].includes(head.subarray(0, 4).toString('latin1'))) return path;
	const from = encoding && encoding !== 'auto' ? encoding : guessEncoding(head);
	if (/^utf-?8$/i.test(from)) return path;
	if (!encoding || encoding === 'auto') context.note('data.encoding', `The text is not UTF-8 and was read as ${from}.`);
	const out = await context.temporary('utf8');
	await pipeline(createReadStream(path), decoder(from), createWriteStream(out));
	return out;
}

/** UTF-16 by its mark, UTF-8 if all of the sample is valid, else Windows-1252 (a superset of Latin-1). */
function guessEncoding(head: Buffer): string {
	if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
	if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
	try {
		new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
		return 'utf-8';
	} catch {
		return 'windows-1252';
	}
}

function decoder(encoding: string): Transform {
	let text: InstanceType<typeof TextDecoder>;
	try {
		text = new TextDecoder(encoding);
	} catch (thrown) {
		throw new MlopsError('input.invalid', `"${encoding}" is no known text encoding.`, { cause: thrown, expected: 'for example utf-8, windows-1252, utf-16le', remedy: 'Choose an encoding from the list.' });
	}
	return new Transform({
		transform(chunk: Buffer, _encoding, done) { done(null, Buffer.from(text.decode(chunk, { stream: true }))); },
		flush(done) { done(null, Buffer.from(text.decode())); },
	});
}

