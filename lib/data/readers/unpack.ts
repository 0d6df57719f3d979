import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MlopsError } from '../../domain/errors.js';
import type { SourceContext } from '../sources/contract.js';
import { readHead } from './head.js';

const MEGABYTE = 1 << 20;
/**
 * Without a limit of a person's: as much as this, or so many times the packed size, whichever is more. A table is seldom packed to less
 * than a thirtieth.
 */
const FREE_BYTES = 1 << 30;
const FREE_TIMES = 100;
/** So often a file may be packed; one that holds itself would be so for ever. */
const MOST_TIMES = 3;
export const TABLE_MB = 'Raise "Largest size when unpacked (MB)" if the file is to be trusted.';

/** What may come out of so many packed bytes where a person set no limit. */
export const freeMegabytes = (packedBytes: number): number => Math.max(FREE_BYTES, FREE_TIMES * packedBytes) / MEGABYTE;

/**
 * Files as they are inside gzip; others stay where they are. What comes out is limited for all of them together.
 * @param maxMegabytes 0: 1 GB, or a hundred times the packed size, whichever is more
 * @throws `data.too_large`, `data.unreadable` (damaged or cut off)
 */
export async function unpackAll(paths: readonly string[], maxMegabytes: number, context: SourceContext): Promise<string[]> {
	const packed: boolean[] = [];
	for (const path of paths) packed.push(await isPacked(path));
	let bytes = 0;
	for (const [i, path] of paths.entries()) if (packed[i]) bytes += (await stat(path)).size;
	const budget = { left: (maxMegabytes || freeMegabytes(bytes)) * MEGABYTE };
	const megabytes = Math.round(budget.left / MEGABYTE);
	const out: string[] = [];
	for (const path of paths) {
		let at = path;
		// A server may pack a packed file once more on its way.
		for (let times = 0; await isPacked(at); times++) {
			if (times === MOST_TIMES)
				throw new MlopsError('data.unreadable', 'What is packed in the gzip file is packed again and again.', {
					remedy: 'Unpack it first.',
				});
			at = await gunzip(at, budget, megabytes, context);
		}
		out.push(at);
	}
	return out;
}

const isPacked = async (path: string): Promise<boolean> => (await readHead(path, 2)).toString('latin1') === '\x1f\x8b';

async function gunzip(path: string, budget: { left: number }, megabytes: number, context: SourceContext): Promise<string> {
	const at = await context.temporary('unpacked');
	try {
		await pipeline(
			createReadStream(path),
			createGunzip(),
			async function* (source: AsyncIterable<Buffer>) {
				for await (const chunk of source) {
					context.check();
					budget.left -= chunk.length;
					if (budget.left < 0)
						throw new MlopsError(
							'data.too_large',
							`What is packed in the file is larger than ${megabytes.toLocaleString('en')} MB, so it was not unpacked.`,
							{ remedy: TABLE_MB },
						);
					yield chunk;
				}
			},
			createWriteStream(at),
		);
	} catch (thrown) {
		await rm(at, { force: true });
		const { code } = thrown as { code?: string };
		if (thrown instanceof MlopsError || !/^Z_|^ERR_STREAM_PREMATURE/.test(code ?? '')) throw thrown;
		throw new MlopsError('data.unreadable', 'The gzip file is damaged or cut off.', {
			cause: thrown,
			remedy: 'Download or export it again.',
		});
	}
	return at;
}
