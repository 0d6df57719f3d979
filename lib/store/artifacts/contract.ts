import type { Artifacts } from '../contract.js';
import type { Put } from './putMarks.js';

/**
 * What keeps the bytes: a folder today, and an object store can do the same. What the rest of the store needs besides the public contract.
 */
export interface OwnArtifacts extends Artifacts {
	/** Fails unless every one of these is there. @throws `store.not_found` */
	require(digests: readonly string[]): Promise<void>;
	/** Reads the bytes and compares. `missing` and `altered` are verdicts, not errors. */
	check(digest: string): Promise<'good' | 'missing' | 'altered'>;
	/** All that is kept: artifacts by their digests, and the names of what is none. */
	listed(): Promise<{ digests: string[]; others: string[] }>;
	/**
	 * Does `work`; temporary files that it made and nobody took over are gone afterwards.
	 * @param settle is told, where it fails, of the files that it put and that were not there before
	 */
	within<T>(work: () => Promise<T>, settle: (puts: readonly Put[]) => Promise<void>): Promise<T>;
	/** Files that were put within work which did not end, by processes that are gone. */
	left(): Promise<Put[]>;
	/** Takes a file away. */
	drop(digest: string): Promise<void>;
}
