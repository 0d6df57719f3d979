import { AsyncLocalStorage } from 'node:async_hooks';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MARK, stateOf } from '../../compute/processMark.js';
import { temporaryPath, type Files } from '../files.js';

/**
 * What a piece of work has put into the store and perhaps no record names yet. Beside each such file lies a mark, an empty file among the
 * temporary ones that says by its name which file, and whose it is: so a process that is killed before the record is written leaves no
 * file that nobody knows of. Another mark says of a file, new or not, that the work is about to name it: others leave it alone then.
 */

const MARKS = new RegExp(`^[0-9a-f]{24}-(${MARK})\\.(named|known)_([0-9a-f]{64})$`);
/** Of a process that cannot be told from here whether it still runs. */
const STALE_MS = 24 * 3600 * 1000;

/** Whether a temporary file is a mark. */
export const isMark = (name: string): boolean => MARKS.test(name);

/** A file that a process put, which may be gone by now. */
export interface Put {
	digest: string;
	/** Whether other work that may still go on is about to name it. */
	isWanted(): Promise<boolean>;
	/** Takes the mark away. */
	forget(): Promise<void>;
}

interface Work {
	/** Paths of its marks, by digest. */
	known: Map<string, string>;
	put: Map<string, string>;
	temporaries: Set<string>;
}

export function createMarks(folder: string, files: Files) {
	const current = new AsyncLocalStorage<Work>();
	const forget = async (path: string): Promise<void> => await files.remove(path).catch(() => {});

	/** All marks, and whether their process is gone for good. */
	async function all(): Promise<Array<{ path: string; kind: string; digest: string; gone: boolean }>> {
		const found = [];
		for (const name of await readdir(folder).catch(() => [] as string[])) {
			const [, mark, kind, digest] = MARKS.exec(name) ?? [];
			if (mark === undefined) continue;
			const path = join(folder, name);
			const state = await stateOf(mark);
			const old = async (): Promise<boolean> =>
				await stat(path).then(
					({ mtimeMs }) => mtimeMs < Date.now() - STALE_MS,
					() => false,
				);
			found.push({ path, kind, digest, gone: state === 'gone' || (state === 'unknown' && (await old())) });
		}
		return found;
	}

	const put = (digest: string, own: readonly string[]): Put => ({
		digest,
		isWanted: async () => (await all()).some((mark) => mark.digest === digest && !mark.gone && !own.includes(mark.path)),
		forget: async () => {
			for (const path of own) await forget(path);
		},
	});

	async function note(into: Map<string, string>, kind: string, digest: string): Promise<void> {
		if (into.has(digest)) return;
		const path = temporaryPath(folder, `.${kind}_${digest}`);
		await files.write(path, new Uint8Array());
		into.set(digest, path);
	}

	return {
		/** To be called before it is looked whether a file is there that is to be named. */
		async naming(digest: string): Promise<void> {
			const work = current.getStore();
			if (work) await note(work.known, 'known', digest);
		},
		/** To be called before a file that was not there gets its name. */
		async putting(digest: string): Promise<void> {
			const work = current.getStore();
			if (work) await note(work.put, 'named', digest);
		},
		/** A temporary file that goes with the work, unless somebody takes it over. */
		lent(path: string): string {
			current.getStore()?.temporaries.add(path);
			return path;
		},
		takenOver: (path: string): void => void current.getStore()?.temporaries.delete(path),
		/** @param settle what to do with the files that were put, where the work failed; then their marks go */
		async within<T>(work: () => Promise<T>, settle: (puts: readonly Put[]) => Promise<void>): Promise<T> {
			const own: Work = { known: new Map(), put: new Map(), temporaries: new Set() };
			let settled = true;
			try {
				return await current.run(own, work);
			} catch (thrown) {
				const mine = [...own.known.values(), ...own.put.values()];
				// What cannot be taken away now keeps its mark: it goes when the store is opened once this process has ended.
				await settle([...own.put.keys()].map((digest) => put(digest, mine))).catch(() => (settled = false));
				throw thrown;
			} finally {
				for (const path of own.temporaries) await files.remove(path).catch(() => {});
				for (const path of own.known.values()) await forget(path);
				if (settled) for (const path of own.put.values()) await forget(path);
			}
		},
		/** What processes that are gone have put without coming to an end. */
		async left(): Promise<Put[]> {
			const gone = (await all()).filter((mark) => mark.gone);
			for (const { path, kind } of gone) if (kind === 'known') await forget(path);
			return gone.filter(({ kind }) => kind === 'named').map(({ digest, path }) => put(digest, [path]));
		},
	};
}
