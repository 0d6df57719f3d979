import type { ApiKeyRecord } from '../domain/apiKey.js';
import type { ServedDivision } from './rollouts/followed.js';

/** A registered model as the listeners know it: plain data, made anew when the store's chain moves on, never changed. */
export interface ServedModel {
	name: string;
	/** Digest of each version's package, archived ones left out. */
	versions: Readonly<Record<number, string>>;
	/** Versions that are not to be used any more. */
	archived: readonly number[];
	aliases: Readonly<Record<string, number>>;
	/** Where rollouts divide the callers of an alias. */
	divisions: readonly ServedDivision[];
	/** Why a version cannot be served. */
	failed: Readonly<Record<number, string>>;
}

/** All that answering needs to know of the store. */
export interface ServeTable {
	/** Number of the audit event up to which it is true. */
	seq: number;
	/** When reading it from the store began (ms): keys stay good for an hour beyond. */
	seenAt: number;
	/** The same by the clock of `monotonic`. */
	readFrom: number;
	models: readonly ServedModel[];
	keys: readonly ApiKeyRecord[];
}
