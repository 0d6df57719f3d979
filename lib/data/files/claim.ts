import { constants } from 'node:fs';
import { copyFile, mkdir, open, realpath, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import type { SourceContext } from '../sources/contract.js';
import { noFile, notOrdinary, type FoundFile } from './findFiles.js';
import { isPattern } from './pattern.js';

/** So many files are held open at once; of more, each is still looked at again before it is read. */
const MAX_HELD = 500;

/**
 * Paths through which exactly these files are read, whatever becomes of the names meanwhile, and whatever letters the names hold.
 * @param resolved whether the paths were checked as they are, without links on the way: then one that leads elsewhere now is refused
 * @throws `data.source_unreachable` when a file is gone or is no ordinary one, `data.path_blocked` when it was exchanged
 */
export async function claim(files: readonly FoundFile[], resolved: boolean, context: SourceContext): Promise<string[]> {
	const paths: string[] = [];
	for (const { path } of files) paths.push(await claimOne(path, resolved, paths.length < MAX_HELD, context));
	return paths;
}

async function claimOne(path: string, resolved: boolean, hold: boolean, context: SourceContext): Promise<string> {
	// Without waiting for the other end of a pipe.
	const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (resolved ? (constants.O_NOFOLLOW ?? 0) : 0);
	const handle = await open(path, flags).catch((thrown: unknown) => {
		throw unopened(path, thrown);
	});
	let held = false;
	try {
		const opened = await handle.stat();
		if (!opened.isFile()) throw notOrdinary(path);
		if (resolved) {
			const [real, now] = await Promise.all([realpath(path).catch(() => undefined), stat(path).catch(() => undefined)]);
			if (real !== path || now?.ino !== opened.ino || now.dev !== opened.dev) throw exchanged(path);
		}
		if (process.platform !== 'linux') return isPattern(path) ? await aside(path, context) : path;
		if (!hold) return isPattern(path) ? await aside(path, context) : path;
		held = true;
		context.finally(async () => await handle.close());
		const through = `/proc/self/fd/${handle.fd}`;
		const parts = dirname(path)
			.split('/')
			.filter((part) => /^[^=]+=/.test(part));
		return parts.length && /\.parquet$/i.test(path) ? await partitioned(through, parts, context) : through;
	} finally {
		if (!held) await handle.close();
	}
}

/** Folders called `year=2024` are columns of a Parquet file: they are built again around it. */
async function partitioned(through: string, parts: readonly string[], context: SourceContext): Promise<string> {
	const folder = join(await context.temporary('parts'), ...parts);
	await mkdir(folder, { recursive: true });
	await symlink(through, join(folder, 'file.parquet'));
	return join(folder, 'file.parquet');
}

/** The file under a name without signs that mean something in a pattern. */
async function aside(path: string, context: SourceContext): Promise<string> {
	const other = await context.temporary('input');
	await symlink(path, other).catch(async () => await copyFile(path, other));
	return other;
}

function unopened(path: string, thrown: unknown): MlopsError {
	const { code } = thrown as NodeJS.ErrnoException;
	if (code === 'ENOENT') return noFile(path);
	if (code === 'ELOOP') return exchanged(path);
	if (code === 'ENXIO' || code === 'EISDIR') return notOrdinary(path);
	const denied = code === 'EACCES' || code === 'EPERM';
	return new MlopsError(
		'data.source_unreachable',
		`"${basename(path)}" cannot be opened${denied ? ': the user that n8n runs as may not read it' : ` (${code ?? 'unknown reason'})`}.`,
		{
			cause: thrown,
			found: path,
			remedy: denied ? 'Give this user the right to read the file.' : 'Check the file and its disk.',
		},
	);
}

const exchanged = (path: string): MlopsError =>
	new MlopsError('data.path_blocked', `"${basename(path)}" was exchanged between the check and the reading, so it is not read.`, {
		remedy: 'Run this again once nothing changes the folder any more.',
	});
