import { own } from '../domain/dictionary.js';
import type { Store } from '../store/contract.js';
import { monotonic } from './rollouts/followed.js';
import type { ServedModel, ServeTable } from './serveTable.js';

/** Events after which what is served, or who may ask, is another. */
const CHANGES = /^(model\.|alias\.|rollout\.|apiKey\.)/;

/** Number of the chain's last event. */
const lastEvent = async (store: Store): Promise<number> => (await store.auditLog({ limit: 1 }))[0]?.seq ?? 0;

/**
 * What of the store the listeners need. Read anew only where events since `before` say that it may be another.
 * @param names models to serve; none: all
 */
export async function readTable(store: Store, names: readonly string[], before?: ServeTable): Promise<ServeTable> {
	const began = { seenAt: Date.now(), readFrom: monotonic() };
	const seq = await lastEvent(store);
	if (before) {
		const news = seq - before.seq;
		const touched = news > 0 && (news > 1_000 || (await store.auditLog({ limit: news })).some(({ action }) => CHANGES.test(action)));
		if (!touched) return { ...before, ...began, seq };
	}
	const known = names.length ? names : await store.names('modelVersion');
	const models: ServedModel[] = [];
	for (const name of known) {
		const archived = await store.archived(name);
		const versions = (await store.list('modelVersion', { name })).filter(({ version }) => !archived.includes(version));
		models.push({
			name,
			archived,
			versions: Object.fromEntries(versions.map(({ version, body }) => [version, body.digest])),
			aliases: await store.aliases(name),
			divisions: [],
			failed: {},
		});
	}
	const newest = async <K extends 'apiKey' | 'rollout'>(kind: K) =>
		(await Promise.all((await store.names(kind)).map(async (name) => await store.find(kind, name)))).flatMap((r) => (r ? [r.body] : []));
	const running = (await newest('rollout')).filter(({ state }) => state === 'running');
	return {
		...began,
		seq,
		models: models.map((model) => ({
			...model,
			divisions: running
				.filter((r) => r.model === model.name && own(model.aliases, r.alias) === r.stable)
				.map(({ id, kind, alias, stable, candidates, key, guards }) => ({
					...{ id, kind, alias, stable, candidates, ...(key ? { key } : {}) },
					guarded: guards !== undefined,
					// Of its own for each table: what is known of a newer one says nothing of this one.
					knownAt: new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT),
				})),
		})),
		keys: await newest('apiKey'),
	};
}
