import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskFull, MlopsError } from '../../domain/errors.js';
import { digestFile, diskError, temporariesOf, temporaryPath, type Files } from '../files.js';
import { countStatement, factsStatement, sealStatement } from './columns.js';
import type { LogKind, SealedSegment } from './contract.js';
import type { DuckThread } from './duckThread.js';
import { openPath, sealedFolder, sealedName } from './places.js';

/** What sealing needs. */
export interface Sealer {
	home: string;
	files: Files;
	duck: DuckThread;
}

/** Whether a file of lines ends in the middle of one. */
export async function endsInHalf(path: string): Promise<boolean> {
	const file = await open(path, 'r');
	try {
		const { size } = await file.stat();
		if (size === 0) return false;
		const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
		return buffer[0] !== 0x0a;
	} finally {
		await file.close();
	}
}

/** What a sealed file holds, measured anew. */
export async function measure({ home, duck }: Sealer, kind: LogKind, file: string): Promise<SealedSegment> {
	const path = join(home, file);
	const [[rows, from, to]] = (await duck.run([factsStatement(path)])) as [[number, string, string]];
	const { digest, size } = (await digestFile(path))!;
	return { kind, file, sha256: digest, bytes: size, rows, from, to };
}

/**
 * Writes a segment's lines as Parquet, which is on the disk under its last name when this returns; from then on readers take it in the
 * place of the open file, which is still there. Undefined where there was no whole line. Nobody may write to the open file any more.
 */
export async function seal(sealer: Sealer, kind: LogKind, id: string): Promise<SealedSegment | undefined> {
	const { home, files, duck } = sealer;
	const path = openPath(home, kind, id);
	const temporary = temporaryPath(temporariesOf(home), 'parquet');
	try {
		const [[lines]] = (await duck.run([countStatement(kind, [path])])) as [[number]];
		const [[rows, from, to]] = (await duck.run([sealStatement(kind, [path], temporary), factsStatement(temporary)])) as [
			[number, string | null, string | null],
		];
		if (rows === 0 || from === null || to === null) return undefined;
		await files.syncFile(temporary);
		const { digest, size } = (await digestFile(temporary))!;
		const name = sealedName(id, from, to);
		await files.makeFolder(sealedFolder(home, kind));
		await rename(temporary, join(sealedFolder(home, kind), name));
		await files.syncFolder(sealedFolder(home, kind));
		const facts = { kind, file: `${kind}/sealed/${name}`, sha256: digest, bytes: size, rows, from, to };
		return lines > rows ? { ...facts, cut: lines - rows } : facts;
	} catch (error) {
		throw isDiskFull(error) ? MlopsError.from(error) : diskError(error);
	} finally {
		await rm(temporary, { force: true });
	}
}
