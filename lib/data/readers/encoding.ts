import { createReadStream, createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MlopsError } from '../../domain/errors.js';
import type { SourceContext } from '../sources/contract.js';
import { LineDecoder, type Damage } from './decodeLines.js';
import { Utf16Decoder } from './decodeUtf16.js';
import { readHead } from './head.js';
import { surveyText, type Survey } from './survey.js';

const SAMPLE_BYTES = 1 << 16;

/** A file that every reader can take. */
export interface PlainFile {
	path: string;
	/** What is in it, if it is text. */
	survey?: Survey;
}

/**
 * A file as plain UTF-8: itself where it is so already, else a converted temporary copy. Binary formats pass through.
 * The encoding is guessed from the beginning, and guessed anew where the rest of the file denies it.
 */
export async function toUtf8(path: string, encoding: string | undefined, context: SourceContext, name = ''): Promise<PlainFile> {
	let at = path;
	const head = await readHead(at, SAMPLE_BYTES);
	if (['PAR1', 'PK\u0003\u0004'].includes(head.subarray(0, 4).toString('latin1'))) return { path: at };
	const auto = !encoding || encoding === 'auto';
	const from = auto ? guessEncoding(head) : encoding;
	if (!/^utf-?8$/i.test(from)) {
		if (auto) context.note('data.encoding', `The text ${name && `of ${name} `}is not UTF-8 and was read as ${from}.`);
		at = await decodedFrom(from, at, name, context);
		return settled(at, await surveyText(at, context), context);
	}
	const survey = await surveyText(at, context);
	if (survey.utf8) return settled(at, survey, context);
	const lines = new LineDecoder();
	await pipeline(createReadStream(at), lines.survey());
	const { damage } = lines;
	const how = auto ? lines.decide() : 'replace';
	noteDamage(how, damage, name, context);
	at = await decoded(at, how === 'windows-1252' ? decoder(how).transform : lines.decode(how), context);
	return settled(at, await surveyText(at, context), context);
}

/** Without what no reader can use: bytes of value zero, and marks in the middle of files that were put together. */
async function settled(path: string, survey: Survey, context: SourceContext): Promise<PlainFile> {
	if (survey.nul === 0 && survey.marks === 0) return { path, survey };
	if (survey.nul)
		context.note(
			'data.nul',
			`${survey.nul} byte${survey.nul === 1 ? ' of value zero was' : 's of value zero were'} left out: text has none, so the ` +
				`file may be damaged there.`,
		);
	const clean = await decoded(
		path,
		new Transform({
			transform(chunk: Buffer, _encoding, done) {
				done(null, chunk.indexOf(0) < 0 ? chunk : chunk.filter((byte) => byte !== 0));
			},
		}),
		context,
	);
	if (survey.marks === 0) return { path: clean, survey: { ...survey, nul: 0, starts: undefined } };
	const text = new TextDecoder();
	const strip = (part: string) => Buffer.from(part.replaceAll('\ufeff', ''));
	const bare = await decoded(
		clean,
		new Transform({
			transform(chunk: Buffer, _encoding, done) {
				done(null, strip(text.decode(chunk, { stream: true })));
			},
			flush(done) {
				done(null, strip(text.decode()));
			},
		}),
		context,
	);
	return { path: bare, survey: { ...survey, nul: 0, marks: 0, starts: undefined } };
}

async function decoded(path: string, how: Transform, context: SourceContext): Promise<string> {
	const out = await context.temporary('utf8');
	await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), how, createWriteStream(out));
	return out;
}

function noteDamage(
	how: 'windows-1252' | 'mixed' | 'replace',
	{ lines, places, first }: Damage,
	name: string,
	{ note }: SourceContext,
): void {
	const where = `${lines} line${lines === 1 ? '' : 's'}, the first of them line ${first?.line} ("${first?.text}")`;
	const what = name ? `${name} is` : 'The text is';
	if (how === 'windows-1252') note('data.encoding', `${what} not UTF-8 and was read as windows-1252: what says so is in ${where}.`);
	else if (how === 'mixed')
		note('data.encoding', `${what} UTF-8 in some lines and not in others; those others were read as windows-1252: ${where}.`);
	else note('data.encoding', `${what} UTF-8, but damaged in ${where}: ${places} broken place${places === 1 ? '' : 's'} read as "\ufffd".`);
}

/** UTF-16 by its mark or its zeros, UTF-8 if all of the sample is valid, else to be decided by all of the file. */
function guessEncoding(head: Buffer): string {
	if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
	if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
	let even = 0;
	let odd = 0;
	for (let i = 0, n = head.length; i < n; i++) {
		if (head[i] !== 0) continue;
		if (i % 2) odd++;
		else even++;
	}
	// Most signs of a table lie below 256: every second byte is zero.
	if (odd > head.length * 0.3 && even < odd / 10) return 'utf-16le';
	if (even > head.length * 0.3 && odd < even / 10) return 'utf-16be';
	return 'utf-8';
}

/** The file as UTF-8; says where it is no text of the encoding. */
async function decodedFrom(encoding: string, path: string, name: string, context: SourceContext): Promise<string> {
	const what = `The text ${name && `of ${name} `}`;
	const wide = /^utf-?16(le|be)?$/i.exec(encoding);
	if (wide) {
		const utf16 = new Utf16Decoder(wide[1]?.toLowerCase() === 'be');
		const out = await decoded(path, utf16.transform(), context);
		const { count, first } = utf16.shifts;
		if (count)
			context.note(
				'data.encoding',
				`${what}is damaged: in ${count} place${count === 1 ? '' : 's'}, the first of them in line ${first}, a byte is missing or one too ` +
					`many, and what follows it up to the end of the line is read as other signs.`,
			);
		return out;
	}
	const { transform, broken } = decoder(encoding);
	const out = await decoded(path, transform, context);
	if (broken())
		context.note(
			'data.encoding',
			`${what}is not ${encoding} throughout: ${broken()} place${broken() === 1 ? ' is' : 's are'} read as "\ufffd".`,
		);
	return out;
}

function decoder(encoding: string): { transform: Transform; broken: () => number } {
	let broken = 0;
	let text: InstanceType<typeof TextDecoder>;
	try {
		text = new TextDecoder(encoding);
	} catch (thrown) {
		throw new MlopsError('input.invalid', `"${encoding}" is no known text encoding.`, {
			cause: thrown,
			expected: 'for example utf-8, windows-1252, utf-16le',
			remedy: 'Choose an encoding from the list.',
		});
	}
	const counted = (part: string): Buffer => {
		broken += part.split('\ufffd').length - 1;
		return Buffer.from(part);
	};
	const transform = new Transform({
		transform(chunk: Buffer, _encoding, done) {
			done(null, counted(text.decode(chunk, { stream: true })));
		},
		flush(done) {
			done(null, counted(text.decode()));
		},
	});
	return { transform, broken: () => broken };
}
