import { MlopsError } from '../domain/errors.js';
import type { RolloutRecord } from '../domain/rollout.js';
import type { Store, StoredRecord, Transactional } from '../store/contract.js';

type Rollout = StoredRecord<'rollout'>;

/** Records read in one go. */
const PIECE = 250;

/** The newest version of each rollout, those of this model if one is named; the latest first. */
export async function newestRollouts(store: Pick<Transactional, 'list'>, model?: string): Promise<Rollout[]> {
	const newest = new Map<string, Rollout>();
	for (const record of await store.list('rollout')) {
		if (!newest.has(record.name) && (model === undefined || record.body.model === model)) newest.set(record.name, record);
	}
	return [...newest.values()];
}

export const runningRollouts = async (store: Pick<Transactional, 'list'>, model?: string): Promise<Rollout[]> =>
	(await newestRollouts(store, model)).filter(({ body }) => body.state === 'running');

/** The running rollouts, asked again and again: records never change, so only what was added since is read. */
export function followRunning(store: Pick<Store, 'page'>): () => Promise<Rollout[]> {
	const running = new Map<string, Rollout>();
	let last = 0;
	return async () => {
		for (;;) {
			const found = await store.page('rollout', { after: last, limit: PIECE });
			for (const { seq, ...record } of found) {
				last = seq;
				if (record.body.state === 'running') running.set(record.name, record);
				else running.delete(record.name);
			}
			if (found.length < PIECE) return [...running.values()];
		}
	};
}

/** What ends a rollout, and how it is told. */
export interface Ending {
	state: 'promoted' | 'aborted';
	actor: string;
	reason: string;
	/** What the alias points to from now on. */
	version: number;
	/** What it was decided by. */
	numbers?: Record<string, unknown>;
}

/** Ends a running rollout, with its event. Whoever was first has decided: @throws `store.conflict` where it moved on meanwhile */
export async function endRollout(store: Transactional, rollout: Rollout, ending: Ending): Promise<RolloutRecord> {
	const { state, actor, reason, version, numbers } = ending;
	const ended = { at: new Date().toISOString(), by: actor, reason, version };
	const { body } = await changeRollout(store, rollout, { ...rollout.body, state, ended });
	await tell(store, body, state, actor, { reason, version, ...(numbers ? { numbers } : {}) });
	return body;
}

/** Adds the next version of a rollout. @throws `store.conflict` where another one was added since this one was read */
export async function changeRollout(store: Transactional, rollout: Rollout, body: RolloutRecord): Promise<Rollout> {
	const newest = await store.find('rollout', rollout.name);
	if (newest?.version !== rollout.version)
		throw new MlopsError('store.conflict', `The rollout "${rollout.name}" was changed by someone else meanwhile.`, {
			remedy: 'Look at it and run again.',
		});
	return await store.add('rollout', rollout.name, body);
}

export type RolloutEvent = 'started' | 'stepped' | 'ready' | 'promoted' | 'aborted';

/** The event that says what happened to a rollout, and by whom. */
export async function tell(
	store: Transactional,
	{ id, model, alias, kind, stable, candidates }: RolloutRecord,
	what: RolloutEvent,
	actor: string,
	details: Record<string, unknown>,
): Promise<void> {
	await store.audit({
		actor,
		action: `rollout.${what}`,
		subject: model,
		details: { rollout: id, kind, alias, stable, candidates, ...details },
	});
}

/** Ends the rollout beneath whose alias another version was put by hand; one that was put there is promoted by that. */
export async function endBeneath(
	store: Transactional,
	{ model, alias, version, actor, except }: { model: string; alias: string; version: number; actor: string; except?: string },
): Promise<void> {
	for (const rollout of await runningRollouts(store, model)) {
		const { id, alias: of, stable, candidates } = rollout.body;
		if (of !== alias || id === except || version === stable) continue;
		await endRollout(store, rollout, {
			state: candidates.some((c) => c.version === version) ? 'promoted' : 'aborted',
			actor,
			reason: `"${alias}" was moved to version ${version} by hand.`,
			version,
		});
	}
}

/** @throws `rollout.running` for a version that takes part in a running rollout */
export async function refuseWhileRolledOut(store: Transactional, model: string, version: number): Promise<void> {
	const rollout = (await runningRollouts(store, model)).find(({ body }) => body.candidates.some((c) => c.version === version));
	if (!rollout) return;
	throw new MlopsError('rollout.running', `Version ${version} of "${model}" takes part in the running rollout "${rollout.name}".`, {
		remedy: 'Abort the rollout first.',
	});
}
