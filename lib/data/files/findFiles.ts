import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { expand, type Search } from './expand.js';
import { isPattern, patternsOf } from './pattern.js';

/** A file that is to be read: where it lies, and the name that people know it by. */
export interface FoundFile {
	path: string;
	name: string;
}

/**
 * Local files that a path or a pattern names, sorted; a path that is there as it is written is no pattern. @throws
 * `data.source_unreachable`, `input.invalid`
 */
export async function findFiles(path: string, check: () => void = () => {}): Promise<FoundFile[]> {
	if (await isOrdinaryFile(path)) return [{ path, name: basename(path) }];
	const found = isPattern(path) ? await expand(patternsOf(resolve(path)) satisfies Search[], check) : [];
	if (found.length === 0) throw noFile(path);
	return found.map((file) => ({ path: file, name: basename(file) }));
}

/** Whether there is a file of the ordinary kind. @throws `data.source_unreachable` for a folder, a device, a pipe */
export async function isOrdinaryFile(path: string): Promise<boolean> {
	const found = await stat(path).catch(() => undefined);
	if (!found || found.isFile()) return found !== undefined;
	if (found.isDirectory()) {
		throw new MlopsError('data.source_unreachable', `"${basename(path)}" is a folder, not a file.`, {
			found: path,
			remedy: 'Name a file in it, or all files of one kind, for example with /*.csv at the end.',
		});
	}
	throw notOrdinary(path);
}

/** A device or a pipe may have no end, so nothing is read from it. */
export const notOrdinary = (path: string): MlopsError =>
	new MlopsError('data.source_unreachable', `"${basename(path)}" is no ordinary file, so it is not read.`, {
		found: path,
		expected: 'a file on a disk, no device and no pipe',
		remedy: 'Write the data to a file first.',
	});

/** @param looked the folders in which it was looked for */
export const noFile = (path: string, looked: readonly string[] = []): MlopsError =>
	new MlopsError('data.source_unreachable', `There is no file "${basename(path)}".`, {
		found: looked.length ? `nothing of this name in ${looked.join(', ')}` : path,
		remedy: 'Check the path as the machine that runs n8n sees it.',
	});
