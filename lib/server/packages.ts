import { readFile } from 'node:fs/promises';
import { MlopsError } from '../domain/errors.js';
import { sha256 } from '../domain/json.js';
import { createPredictor, type RowPredictor } from '../serve/predictor.js';

/** How long a package that could not be read is not tried again. */
const REST_MS = 5_000;

/** A model that is ready to answer. */
export interface Ready {
	predictor: RowPredictor;
	/** Columns that the log keeps of a row. */
	columns: ReadonlySet<string>;
	bytes: number;
}

/**
 * Compiled packages by their digest, within a budget of memory: the least recently used go first. A package that cannot be read is tried
 * again after a while, never more than once at a time.
 * @param pathOf gives the local file of a package
 * @param kept hears that others are in memory now
 */
export function createPackages(budgetBytes: number, pathOf: (digest: string) => Promise<string>, kept?: () => void) {
	const ready = new Map<string, Ready>();
	const loading = new Map<string, Promise<Ready>>();
	const failed = new Map<string, { at: number; thrown: unknown }>();
	let used = 0;

	async function load(digest: string): Promise<Ready> {
		const bytes = await readFile(await pathOf(digest));
		if (sha256(bytes) !== digest)
			throw new MlopsError('store.digest_mismatch', 'The file of the model was altered after it was written.', {
				remedy: "Restore the store's folder from a backup.",
			});
		const predictor = await createPredictor(bytes, digest);
		return { predictor, columns: new Set(predictor.manifest.signature.map((c) => c.name)), bytes: predictor.residentBytes };
	}

	function keep(digest: string, made: Ready): Ready {
		ready.set(digest, made);
		used += made.bytes;
		for (const [other, { bytes }] of ready) {
			if (used <= budgetBytes || other === digest) break;
			ready.delete(other);
			used -= bytes;
		}
		kept?.();
		return made;
	}

	return {
		has: (digest: string): boolean => ready.has(digest),
		/** A model that is in memory; it becomes the most recently used one. */
		get(digest: string): Ready | undefined {
			const known = ready.get(digest);
			// Where all fit, their order does not matter and costs nothing.
			if (known && used > budgetBytes / 2) {
				ready.delete(digest);
				ready.set(digest, known);
			}
			return known;
		},
		/** The same, read from its file where it is not in memory. @throws what reading it throws */
		async load(digest: string): Promise<Ready> {
			const known = ready.get(digest);
			if (known) return known;
			const failure = failed.get(digest);
			if (failure && performance.now() - failure.at < REST_MS) throw failure.thrown;
			let begun = loading.get(digest);
			if (!begun) {
				begun = load(digest)
					.then((made) => {
						failed.delete(digest);
						return keep(digest, made);
					})
					.catch((thrown: unknown) => {
						failed.set(digest, { at: performance.now(), thrown });
						throw thrown;
					})
					.finally(() => loading.delete(digest));
				loading.set(digest, begun);
			}
			return await begun;
		},
		get usedBytes(): number {
			return used;
		},
	};
}
export type Packages = ReturnType<typeof createPackages>;
