import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { homeFolder } from '../compute/homeFolder.js';
import { n8nSetting } from '../compute/setting.js';
import { isWithin, type Search } from '../data/files/expand.js';
import { isOrdinaryFile, noFile, type FoundFile } from '../data/files/findFiles.js';
import { isPattern, patternsOf } from '../data/files/pattern.js';
import { MlopsError } from '../domain/errors.js';
import { findFilesJob } from './jobs/findFilesJob.js';
import type { Session } from './session.js';

/** Whether n8n forbids reading what lies at a path that is free of links. */
export type IsBlocked = (realPath: string) => boolean;

/** What a person may have written, seen from the folders where it may lie. */
interface Written {
	/** Absolute paths, the likeliest first. */
	paths: string[];
	/** Folders to name when nothing is found: those of a path that is not absolute. */
	looked: string[];
}

/**
 * The file that a path names, as the one path without links that n8n's restriction of file access was asked about.
 * Says nothing of what lies outside the folders that n8n may read, not even whether it is there.
 * @throws `data.path_blocked`, `data.source_unreachable`
 */
export async function allowedFile(path: string, isBlocked: IsBlocked): Promise<string> {
	const found = await plainFile(isBlocked, path, written(path));
	if (found) return found.path;
	throw noFile(path, written(path).looked);
}

/**
 * The files that a path or a pattern names, in the order of their names. A pattern is expanded once, in a compute process, and looks
 * into no folder that n8n may not read.
 * @throws `data.path_blocked`, `data.source_unreachable`, `input.invalid`
 */
export async function allowedFiles({ run }: Pick<Session, 'run'>, path: string, isBlocked: IsBlocked): Promise<FoundFile[]> {
	const places = written(path);
	// A name with brackets that is there as it stands is no pattern.
	const plain = await plainFile(isBlocked, path, places, isPattern(path));
	if (plain) return [plain];
	const found = isPattern(path) ? await matching(isBlocked, run, path, places) : [];
	if (found.length === 0) throw noFile(path, places.looked);
	return found;
}

async function plainFile(isBlocked: IsBlocked, path: string, { paths, looked }: Written, pattern = false): Promise<FoundFile | undefined> {
	let blocked = false;
	for (const candidate of paths) {
		const real = await realPlace(candidate);
		if (isBlocked(real)) blocked = true;
		else if (await isOrdinaryFile(candidate)) return { path: real, name: basename(candidate) };
	}
	// In the folders of n8n itself nothing of the kind is blocked, so what is blocked lies elsewhere.
	if (blocked && looked.length === 0 && !pattern) throw notAllowed(path);
	return undefined;
}

async function matching(isBlocked: IsBlocked, run: Session['run'], path: string, { paths, looked }: Written): Promise<FoundFile[]> {
	for (const candidate of paths) {
		const searches: Search[] = [];
		for (const { base, parts } of patternsOf(candidate)) {
			const real = await realPlace(base);
			if (!isBlocked(join(real, 'x'))) searches.push({ base: real, parts });
			else {
				const roots = (await Promise.all(n8nFolders().map(realPlace))).filter((root) => isWithin(real, root));
				if (roots.length) searches.push({ base: real, parts, roots });
			}
		}
		if (searches.length === 0) continue;
		const { files } = await run(findFilesJob, { searches });
		const allowed: FoundFile[] = [];
		for (const file of files) {
			const real = await realPlace(file);
			if (!isBlocked(real)) allowed.push({ path: real, name: basename(file) });
			// A link from a folder that may be read to one that may not. What lies in a folder that may not be read is as if it were not there.
			else if (!isBlocked(join(await realPlace(dirname(file)), basename(file)))) throw notAllowed(file);
		}
		if (allowed.length) return allowed;
	}
	if (looked.length === 0 && !(await someAllowed(paths, isBlocked))) throw notAllowed(path);
	return [];
}

/** Whether a pattern begins where n8n may read at all. */
async function someAllowed(paths: readonly string[], isBlocked: IsBlocked): Promise<boolean> {
	for (const { base } of paths.flatMap(patternsOf)) if (!isBlocked(join(await realPlace(base), 'x'))) return true;
	return false;
}

/**
 * Where a path lies, seen from the root. One that is not absolute is looked for where n8n runs, as ever, and then in the folders that
 * are n8n's for files. Letters with accents have two spellings in Unicode, and file systems keep either.
 */
function written(path: string): Written {
	if (path.includes('\0')) throw new MlopsError('input.invalid', 'The path holds a NUL character.', { remedy: 'Correct the path.' });
	const spelt = [...new Set([path, path.normalize('NFC'), path.normalize('NFD')])];
	if (isAbsolute(path)) return { paths: spelt, looked: [] };
	const folders = n8nFolders();
	const home = /^~[\\/]/.test(path) ? spelt.map((p) => homeFolder() + p.slice(1)) : [];
	// Put together, not resolved: ".." behind a link goes up from where the link leads.
	return { paths: [...[process.cwd(), ...folders].flatMap((folder) => spelt.map((p) => `${folder}${sep}${p}`)), ...home], looked: folders };
}

/** The folders that n8n lets nodes read, as its own setting says. */
export function n8nFolders(): string[] {
	const setting = n8nSetting('N8N_RESTRICT_FILE_ACCESS_TO') ?? '';
	const folders = setting
		.split(';')
		.map((folder) => folder.trim())
		.filter(Boolean);
	return (folders.length ? folders : ['~/.n8n-files']).map((folder) =>
		folder.startsWith('~') ? folder.replace('~', homeFolder()) : folder,
	);
}

/** A path without links, as far as it is there. */
async function realPlace(path: string): Promise<string> {
	let at = path;
	const missing: string[] = [];
	for (;;) {
		try {
			return join(await realpath(at), ...missing);
		} catch {
			const above = dirname(at);
			if (above === at) return resolve(path);
			missing.unshift(basename(at));
			at = above;
		}
	}
}

const notAllowed = (path: string): MlopsError =>
	new MlopsError('data.path_blocked', `n8n does not allow reading "${path}".`, {
		expected: 'a file inside the folders that n8n may read (by default ~/.n8n-files)',
		remedy: 'Move the file there, or let the administrator add its folder to N8N_RESTRICT_FILE_ACCESS_TO.',
	});
