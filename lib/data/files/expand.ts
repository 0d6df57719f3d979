import { opendir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { fits, isPattern, type Pattern } from './pattern.js';

/** What an expansion may cost. */
export interface ExpandLimits {
	/** Files found. */
	files: number;
	/** Entries of folders looked at. */
	entries: number;
	/** Folders inside each other below the place where a pattern begins. */
	depth: number;
	milliseconds: number;
}

export const EXPAND_LIMITS: ExpandLimits = { files: 10_000, entries: 1_000_000, depth: 32, milliseconds: 30_000 };

/** A pattern, and the only folders that may be looked into on the way (absent: any below its base). */
export type Search = Pattern & { roots?: string[] };

/**
 * The ordinary files that patterns find, sorted, each once. Links to files and folders are followed, but not by `**`.
 * A folder that holds no root and lies in none is not listed: only the way to the roots is known there.
 * @throws `input.invalid` beyond a limit, what `check` throws
 */
export async function expand(searches: readonly Search[], check: () => void, limits: ExpandLimits = EXPAND_LIMITS): Promise<string[]> {
	const found = new Set<string>();
	const due = performance.now() + limits.milliseconds;
	let seen = 0;
	const look = (): void => {
		check();
		if (performance.now() > due) throw beyond(`takes longer than ${Math.round(limits.milliseconds / 1000)} seconds to look up`);
		if (++seen > limits.entries) throw beyond(`leads through more than ${limits.entries.toLocaleString('en')} files and folders`);
	};
	const isKind = async (path: string, kind: 'isFile' | 'isDirectory'): Promise<boolean> =>
		(await stat(path).catch(() => undefined))?.[kind]() ?? false;

	async function visit(folder: string, parts: readonly string[], depth: number, roots?: readonly string[]): Promise<void> {
		const [part, ...rest] = parts;
		if (part === undefined) return;
		if (depth > limits.depth) throw beyond(`leads through more than ${limits.depth} folders inside each other`);
		const below = async (name: string, into: readonly string[], isFolder: () => Promise<boolean>) => {
			if (into.length > 0) {
				if (await isFolder()) await visit(join(folder, name), into, depth + 1, roots);
			} else if (await isKind(join(folder, name), 'isFile')) {
				found.add(join(folder, name));
				if (found.size > limits.files) throw beyond(`finds more than ${limits.files.toLocaleString('en')} files`);
			}
		};
		if (part !== '**' && !isPattern(part)) {
			look();
			const known = !roots || roots.some((root) => isWithin(root, folder) || isWithin(join(folder, part), root));
			return known ? await below(part, rest, async () => await isKind(join(folder, part), 'isDirectory')) : undefined;
		}
		if (part === '**') await visit(folder, rest.length ? rest : ['*'], depth, roots);
		for await (const { name, link, directory } of entriesOf(folder, roots)) {
			look();
			if (part === '**') {
				if (directory && !name.startsWith('.')) await visit(join(folder, name), parts, depth + 1, roots);
			} else if (await fitsPart(name, part))
				await below(name, rest, async () => directory || (link && (await isKind(join(folder, name), 'isDirectory'))));
		}
	}
	for (const { base, parts, roots } of searches) {
		look();
		await visit(base, parts, 0, roots);
	}
	return [...found].sort();
}

/** Plain parts are matched here; the rarer `+(a|b)` is left to Node. */
async function fitsPart(name: string, part: string): Promise<boolean> {
	if (!/[!+@?*]\(/.test(part)) return fits(name, part);
	const { matchesGlob } = await import('node:path');
	return matchesGlob(name, part);
}

interface Entry {
	name: string;
	link: boolean;
	directory: boolean;
}

async function* entriesOf(folder: string, roots: readonly string[] | undefined): AsyncGenerator<Entry> {
	if (roots && !roots.some((root) => isWithin(root, folder))) {
		const onTheWay = roots.filter((root) => isWithin(folder, root)).map((root) => relative(folder, root).split(sep)[0]);
		for (const name of new Set(onTheWay)) yield { name, link: false, directory: true };
		return;
	}
	const directory = await opendir(folder).catch(() => undefined);
	if (!directory) return;
	for await (const entry of directory) yield { name: entry.name, link: entry.isSymbolicLink(), directory: entry.isDirectory() };
}

/** Whether a path is a folder itself or lies in it. */
export function isWithin(folder: string, path: string): boolean {
	const way = relative(folder, path);
	return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`));
}

const beyond = (why: string): MlopsError =>
	new MlopsError('input.invalid', `The pattern of files ${why}.`, {
		remedy: 'Name the folder more exactly, or fewer files at a time.',
	});
