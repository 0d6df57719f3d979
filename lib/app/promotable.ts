import type { ItemEvaluation } from '../domain/item.js';
import type { ModelHandle } from '../domain/model.js';
import type { RolloutRecord } from '../domain/rollout.js';
import type { Store } from '../store/contract.js';
import { evaluationItem } from './evaluationItem.js';
import { handleOfVersion } from './modelReference.js';
import { toPromote } from './rollouts.js';

/**
 * What Promote would put in use while a rollout runs, with its newest evaluation: who is asked for an approval behind it is asked about
 * this very model, and sees what it is worth. Nothing where it is not known which version that would be.
 */
export async function promotable(store: Store, rollout: RolloutRecord): Promise<{ model?: ModelHandle; evaluation?: ItemEvaluation }> {
	const version = rollout.state === 'running' ? toPromote(rollout) : undefined;
	const record = version === undefined ? undefined : await store.find('modelVersion', rollout.model, version);
	if (!record) return {};
	const evaluation = await store.evaluationOf(record.body.digest);
	return { model: await handleOfVersion(store, record), ...(evaluation ? { evaluation: evaluationItem(evaluation, true) } : {}) };
}
