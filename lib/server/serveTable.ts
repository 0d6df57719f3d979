import type { ApiKeyRecord } from '../domain/apiKey.js';
import type { Division } from '../domain/rollout.js';

/** A registered model as the listeners know it: plain data, made anew when the store's chain moves on, never changed. */
export interface ServedModel {
	name: string;
	/** Digest of each version's package, archived ones left out. */
	versions: Readonly<Record<number, string>>;
	/** Versions that are not to be used any more. */
	archived: readonly number[];
	aliases: Readonly<Record<string, number>>;
	/** Where rollouts divide the callers of an alias. */
	divisions: readonly Division[];
	/** Why a version cannot be served. */
	failed: Readonly<Record<number, string>>;
}

/** All that answering needs to know of the store. */
export interface ServeTable {
	/** Number of the audit event up to which it is true. */
	seq: number;
	/** When the store was seen last (ms): keys stay good for an hour beyond. */
	seenAt: number;
	models: readonly ServedModel[];
	keys: readonly ApiKeyRecord[];
}
