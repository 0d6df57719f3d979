import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { SourceContext } from '../sources/contract.js';

const HALF = /\\u[dD][89a-fA-F][0-9a-fA-F]{2}/;
/** One piece of JSON text: no escape at all, a whole pair, any other escape. */
const PIECE = /[^\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[\s\S]/y;
/** As many characters as the longest piece with an escape. */
const LONGEST = 12;

/**
 * The files, with halves of characters that are written as escapes (`\ud83d` alone) replaced by U+FFFD: no reader but JavaScript's takes
 * them. Files without any stay where they are.
 */
export async function repairJson(paths: readonly string[], context: SourceContext): Promise<string[]> {
	const out: string[] = [];
	let repaired = 0;
	for (const path of paths) {
		if (!(await mayHoldHalf(path))) {
			out.push(path);
			continue;
		}
		const at = await context.temporary('json');
		await pipeline(
			createReadStream(path, 'utf8'),
			async function* (source: AsyncIterable<string>) {
				let rest = '';
				for await (const chunk of source) {
					context.check();
					const [text, left, halves] = whole(rest + chunk, false);
					[rest, repaired] = [left, repaired + halves];
					yield text;
				}
				const [text, , halves] = whole(rest, true);
				repaired += halves;
				yield text;
			},
			createWriteStream(at),
		);
		out.push(at);
	}
	if (repaired)
		context.note(
			'data.text_repaired',
			`${repaired} ${repaired === 1 ? 'half of a character was' : 'halves of characters were'} replaced by \uFFFD.`,
		);
	return out;
}

async function mayHoldHalf(path: string): Promise<boolean> {
	let rest = '';
	for await (const chunk of createReadStream(path, 'latin1') as AsyncIterable<string>) {
		if (HALF.test(rest + chunk)) return true;
		rest = chunk.slice(-LONGEST);
	}
	return false;
}

function whole(text: string, last: boolean): [text: string, rest: string, halves: number] {
	let done = '';
	let halves = 0;
	PIECE.lastIndex = 0;
	for (let at = 0; at < text.length; at = PIECE.lastIndex) {
		if (!last && text[at] === '\\' && text.length - at < LONGEST) return [done, text.slice(at), halves];
		const piece = PIECE.exec(text)?.[0];
		if (piece === undefined) return [done + text.slice(at), '', halves];
		const half = piece.length === 6 && HALF.test(piece);
		if (half) halves++;
		done += half ? '\uFFFD' : piece;
	}
	return [done, '', halves];
}
