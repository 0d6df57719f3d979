import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * The lines of a text file as they are on the disk. Node's own reading of lines takes signs within a JSON text (U+2028, U+2029) for the end
 * of one, and puts U+FFFD for bytes that are no UTF-8: where each byte is a sign, there is neither.
 */
export async function* fileLines(path: string): AsyncGenerator<Buffer, void> {
	const lines = createInterface({ input: createReadStream(path, 'latin1'), crlfDelay: Number.POSITIVE_INFINITY });
	for await (const line of lines) yield Buffer.from(line, 'latin1');
}
