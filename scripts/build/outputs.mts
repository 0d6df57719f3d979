import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { slashed } from './paths.mts';

/**
 * Collects the files of one build. A file is written only when its content changed and then by rename, so that a process
 * which reads `dist` meanwhile never sees half a file; files of earlier builds that nobody claimed are removed.
 */
export class Outputs {
	#folder: string;
	#claimed = new Set<string>();
	/** How many files were written or removed: zero means that nothing changed. */
	changes = 0;

	constructor(folder: string) {
		this.#folder = folder;
	}

	async write(relative: string, contents: string | Uint8Array): Promise<void> {
		const file = this.claim(relative);
		const bytes = Buffer.from(contents);
		const before = await fs.readFile(file).catch(() => undefined);
		if (before?.equals(bytes)) return;
		await this.#replace(file, (temporary) => fs.writeFile(temporary, bytes));
	}

	/** Copies a file, taking size and time of change as its identity: data files are too large to compare. */
	async copy(source: string, relative: string): Promise<void> {
		const file = this.claim(relative);
		const [from, to] = await Promise.all([fs.stat(source), fs.stat(file).catch(() => undefined)]);
		if (to && to.size === from.size && Math.abs(to.mtimeMs - from.mtimeMs) < 2) return;
		await this.#replace(file, async (temporary) => {
			await fs.copyFile(source, temporary);
			await fs.utimes(temporary, from.atime, from.mtime);
		});
	}

	/** Keeps a file that another step of the build writes by itself. */
	claim(relative: string): string {
		const file = path.join(this.#folder, relative);
		this.#claimed.add(file);
		return file;
	}

	/** SHA-256 of the names and bytes of all files so far that lie in `folders`, in the order of their names, and of `more`. */
	async digest(folders: readonly string[], more: string): Promise<string> {
		const hash = createHash('sha256').update(more);
		const within = (name: string) => folders.some((folder) => name.startsWith(`${folder}/`));
		for (const name of [...this.#claimed]
			.map((file) => slashed(this.#folder, file))
			.filter(within)
			.sort()) {
			hash.update(`\0${name}\0`).update(await fs.readFile(path.join(this.#folder, name)));
		}
		return hash.digest('hex');
	}

	/** Removes what no build step claimed, but for the folders in `keep` and the files for which `spared` is true. */
	async prune(keep: readonly string[], spared: (file: string) => boolean = () => false): Promise<void> {
		const kept = keep.map((folder) => path.join(this.#folder, folder) + path.sep);
		for (const entry of await fs.readdir(this.#folder, { recursive: true, withFileTypes: true })) {
			const file = path.join(entry.parentPath, entry.name);
			if (!entry.isFile() || this.#claimed.has(file) || kept.some((folder) => file.startsWith(folder)) || spared(file)) continue;
			await fs.rm(file, { force: true });
			this.changes++;
		}
	}

	async #replace(file: string, write: (temporary: string) => Promise<void>): Promise<void> {
		await fs.mkdir(path.dirname(file), { recursive: true });
		const temporary = `${file}.${process.pid}.tmp`;
		await write(temporary);
		await fs.rename(temporary, file);
		this.changes++;
	}
}
