import { mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { diskFiles, type Files } from '../../lib/store/files.js';

/** One thing that was done to the home: to a file, or bytes that SQLite appended to its write-ahead log up to `wal`. */
type Act =
	| { do: 'folder'; path: string }
	| { do: 'write'; path: string; bytes: Uint8Array }
	| { do: 'syncFile' | 'syncFolder' | 'remove'; path: string }
	| { do: 'rename'; from: string; to: string }
	| { do: 'wal'; size: number };

/** Records everything that a store does to its home, in order. */
export interface Recording {
	files: Files;
	acts: Act[];
	/** Notes how far the write-ahead log has grown. */
	sample(): void;
}

export function record(home: string): Recording {
	const acts: Act[] = [];
	const wal = join(home, 'store.db-wal');
	let known = 0;
	const at = (path: string): string => relative(home, path);
	const sample = (): void => {
		const size = existsSync(wal) ? statSync(wal).size : 0;
		if (size < known) throw new Error('the log was reset: the script is too long for this test');
		if (size > known) acts.push({ do: 'wal', size });
		known = size;
	};
	const noting = async (act: Act, real: Promise<void>): Promise<void> => {
		await real;
		acts.push(act);
	};
	const files: Files = {
		makeFolder: (path) => (sample(), noting({ do: 'folder', path: at(path) }, diskFiles.makeFolder(path))),
		write: (path, bytes) => (
			sample(), noting({ do: 'write', path: at(path), bytes: Uint8Array.from(bytes) }, diskFiles.write(path, bytes))
		),
		async copy() {
			throw new Error('nothing is copied within one file system');
		},
		protect: (path, mode) => diskFiles.protect(path, mode),
		syncFile: (path) => (sample(), noting({ do: 'syncFile', path: at(path) }, diskFiles.syncFile(path))),
		rename: (from, to) => (sample(), noting({ do: 'rename', from: at(from), to: at(to) }, diskFiles.rename(from, to))),
		syncFolder: (path) => (sample(), noting({ do: 'syncFolder', path: at(path) }, diskFiles.syncFolder(path))),
		remove: (path) => (sample(), noting({ do: 'remove', path: at(path) }, diskFiles.remove(path))),
	};
	return { files, acts, sample };
}

interface Inode {
	folder: boolean;
	bytes: Uint8Array;
	synced: Uint8Array;
}

/** A disk that forgets on a power cut what nobody synced: bytes of a file, and names in a folder. */
export class ForgetfulDisk {
	private readonly names = new Map<string, Inode>();
	private readonly kept = new Map<string, Inode>();

	apply(act: Act): void {
		switch (act.do) {
			case 'folder':
				if (act.path !== '' && !this.names.has(act.path))
					this.names.set(act.path, { folder: true, bytes: new Uint8Array(), synced: new Uint8Array() });
				break;
			case 'write':
				this.names.set(act.path, { folder: false, bytes: act.bytes, synced: new Uint8Array() });
				break;
			case 'syncFile': {
				const inode = this.names.get(act.path);
				if (inode) inode.synced = inode.bytes;
				break;
			}
			case 'rename': {
				const inode = this.names.get(act.from)!;
				this.names.delete(act.from);
				this.names.set(act.to, inode);
				break;
			}
			case 'remove':
				this.names.delete(act.path);
				break;
			case 'syncFolder': {
				const inside = (path: string): boolean => path !== '' && (dirname(path) === '.' ? '' : dirname(path)) === act.path;
				for (const path of [...this.kept.keys()].filter(inside)) this.kept.delete(path);
				for (const [path, inode] of this.names) if (inside(path)) this.kept.set(path, inode);
				break;
			}
			case 'wal':
		}
	}

	/** Puts into `home` what is there after a kill (`all`) or after a power cut (`synced`). */
	async unload(home: string, what: 'all' | 'synced'): Promise<void> {
		const names = what === 'all' ? this.names : this.kept;
		const reachable = (path: string): boolean => path.split(sep).every((_, i, parts) => names.has(parts.slice(0, i + 1).join(sep)));
		for (const [path, inode] of [...names].sort(([a], [b]) => a.length - b.length)) {
			if (!reachable(path)) continue;
			if (inode.folder) await mkdir(join(home, path));
			else await writeFile(join(home, path), what === 'all' ? inode.bytes : inode.synced);
		}
	}
}

/** A home as a crash would leave it: the disk's files, the database as it was before its log began, and the log's first bytes. */
export async function leave(
	home: string,
	disk: ForgetfulDisk,
	what: 'all' | 'synced',
	database: Uint8Array,
	wal: Uint8Array,
): Promise<void> {
	await rm(home, { recursive: true, force: true });
	await mkdir(home);
	await disk.unload(home, what);
	await writeFile(join(home, 'store.db'), database);
	if (wal.length > 0) await writeFile(join(home, 'store.db-wal'), wal);
}
