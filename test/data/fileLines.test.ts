import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileLines } from '../../lib/data/fileLines.js';

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'mlops-lines-'));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

async function linesOf(content: string | Buffer): Promise<string[]> {
	const file = join(folder, 'lines.jsonl');
	await writeFile(file, content);
	const found: string[] = [];
	for await (const line of fileLines(file)) found.push(line.toString('latin1'));
	return found;
}
const asBytes = (text: string): string => Buffer.from(text).toString('latin1');

it('end where a file’s lines end, and not at signs within a text', async () => {
	const note = JSON.stringify({ note: 'one\u2028two\u2029three\u0085four, Müller \u{1f600}' });
	expect(await linesOf(`${note}\n${note}\r\n\n${note}`)).toEqual([asBytes(note), asBytes(note), '', asBytes(note)]);
	expect(await linesOf('')).toEqual([]);
});

it('are the bytes that are there, whatever they mean, also in a long file', async () => {
	const odd = Buffer.from([0x4d, 0xfc, 0x6c, 0xff, 0xfe, 0x00, 0x80]);
	const long = asBytes('é'.repeat(100_001));
	expect(await linesOf(Buffer.concat([odd, Buffer.from('\n'), Buffer.from(long, 'latin1'), Buffer.from('\n')]))).toEqual([
		odd.toString('latin1'),
		long,
	]);
});
