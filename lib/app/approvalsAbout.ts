import type { Approval } from '../domain/approval.js';
import { wellFormed } from '../domain/text.js';
import type { Transactional } from '../store/contract.js';

/**
 * Requests about this model, the newest first: about these bytes, under one of its names. Another model may have the same bytes (two that
 * were trained alike, or twice on a constant): what was said of that one was not said of this. A request that names no model is about the
 * bytes.
 */
export async function approvalsAbout(
	store: Pick<Transactional, 'get' | 'approvalsFor'>,
	digest: string,
	names: ReadonlyArray<string | undefined>,
): Promise<Approval[]> {
	const own = new Set(names.filter((name) => name !== undefined).map(wellFormed));
	const about = async ({ subject }: Approval): Promise<boolean> => {
		if (subject.modelName === undefined || own.has(subject.modelName)) return true;
		// Asked under another name, about an evaluation that was made under this one.
		const evaluation =
			subject.evaluation === undefined ? undefined : await store.get('evaluation', subject.evaluation).catch(() => undefined);
		return evaluation !== undefined && own.has(evaluation.name);
	};
	const found: Approval[] = [];
	for (const approval of await store.approvalsFor(digest)) if (await about(approval)) found.push(approval);
	return found;
}
