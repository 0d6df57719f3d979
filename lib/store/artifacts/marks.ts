import { AsyncLocalStorage } from 'node:async_hooks';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MARK, stateOf } from '../../compute/processMark.js';
import { temporaryPath, type Files } from '../files.js';

/**
 * What a piece of work has put into the store and perhaps no record names yet. Beside each such file lies a mark, an empty file among the
 * temporary ones that says by its name which file, and whose it is: so a process that is killed before the record is written leaves no
 * file that nobody knows of.
 */

const MARKS = new RegExp(`^[0-9a-f]{24}-(${MARK})\\.named_([0-9a-f]{64})$`);
/** Of a process that cannot be told from here whether it still runs. */
const STALE_MS = 24 * 3600 * 1000;

/** Whether a temporary file is a mark. */
export const isMark = (name: string): boolean => MARKS.test(name);

/** A file that a process put, which may be gone by now. */
export interface Put {
	digest: string;
	/** Takes the mark away. */
	forget(): Promise<void>;
}

interface Work {
	put: Put[];
	temporaries: Set<string>;
}

export function createMarks(folder: string, files: Files) {
	const current = new AsyncLocalStorage<Work>();
	const put = (digest: string, path: string): Put => ({ digest, forget: async () => await files.remove(path).catch(() => {}) });

	return {
		/** To be called before a file that was not there gets its name. */
		async putting(digest: string): Promise<void> {
			const work = current.getStore();
			if (!work) return;
			const path = temporaryPath(folder, `.named_${digest}`);
			await files.write(path, new Uint8Array());
			work.put.push(put(digest, path));
		},
		/** A temporary file that goes with the work, unless somebody takes it over. */
		lent(path: string): string {
			current.getStore()?.temporaries.add(path);
			return path;
		},
		takenOver: (path: string): void => void current.getStore()?.temporaries.delete(path),
		/** @param settle what to do with the files that were put, where the work failed; then their marks go */
		async within<T>(work: () => Promise<T>, settle: (digests: string[]) => Promise<void>): Promise<T> {
			const own: Work = { put: [], temporaries: new Set() };
			let forget = true;
			try {
				return await current.run(own, work);
			} catch (thrown) {
				// What cannot be taken away now keeps its mark: it goes when the store is opened once this process has ended.
				await settle(own.put.map(({ digest }) => digest)).catch(() => (forget = false));
				throw thrown;
			} finally {
				for (const path of own.temporaries) await files.remove(path).catch(() => {});
				if (forget) for (const one of own.put) await one.forget();
			}
		},
		/** What processes that are gone have put without coming to an end. */
		async left(): Promise<Put[]> {
			const found: Put[] = [];
			for (const name of await readdir(folder).catch(() => [] as string[])) {
				const [, mark, digest] = MARKS.exec(name) ?? [];
				if (mark === undefined) continue;
				const path = join(folder, name);
				const state = await stateOf(mark);
				const old = async (): Promise<boolean> =>
					await stat(path).then(
						({ mtimeMs }) => mtimeMs < Date.now() - STALE_MS,
						() => false,
					);
				if (state === 'gone' || (state === 'unknown' && (await old()))) found.push(put(digest, path));
			}
			return found;
		},
	};
}
