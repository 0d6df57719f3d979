import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import type { ItemDeployment, ItemRollout } from '../../domain/item.js';
import { ROLLOUT_KINDS } from '../../domain/rollout.js';
import { fieldMeta, unwrap } from '../../domain/ui.js';
import { reportRollout } from '../reportRollout.js';
import { abParams, canaryParams, PARAMS, shadowParams } from '../rolloutParams.js';
import { abortRollout, findRollout, promoteRollout, rolloutItem, startRollout, stepRollout } from '../rollouts.js';
import { newestRollouts } from '../runningRollouts.js';
import type { Session } from '../session.js';
import { checkedRequest } from './checkedRequest.js';
import type { Outcome } from './outcome.js';
import { modelFor, modelReference } from './references.js';

/** Fields of all kinds; which of them a kind takes, and what it takes for those that nobody gave, its own schema says. */
const anyParams = Object.fromEntries(
	Object.entries({ ...abParams.shape, ...shadowParams.shape, ...canaryParams.shape }).map(([name, field]) => {
		const { description } = fieldMeta(field);
		return [name, (unwrap(field).inner as z.ZodType).optional().meta({ description })];
	}),
);

/** What Deploy's operations that start a rollout ask, for scripts and the command line. */
export const rolloutStartRequest = z.object({
	kind: z.enum(ROLLOUT_KINDS).meta({ description: 'canary, shadow or ab' }),
	model: modelReference,
	name: z.string().optional().meta({ description: "Name in the registry; else the model's own", placeholder: 'NAME' }),
	preview: z.boolean().default(false).meta({ description: 'Only say what would happen' }),
	...anyParams,
});

/** Which rollout: that of a model (and alias), or by its id. */
export const rolloutReference = z.object({
	model: z.string().optional().meta({ description: 'Name of the model', placeholder: 'NAME' }),
	id: z.string().optional().meta({ description: 'Id of the rollout, where it is not the one that runs', placeholder: 'ID' }),
	alias: z.string().default('champion').meta({ description: 'Alias whose callers it divides' }),
});
export const rolloutChangeRequest = rolloutReference.extend({
	reason: z.string().default('').meta({ description: 'Why, for the audit log' }),
	preview: z.boolean().default(false).meta({ description: 'Only say what would happen' }),
});
export const rolloutPromoteRequest = rolloutChangeRequest.extend({
	version: z.number().int().optional().meta({ description: 'Which version, where several take part' }),
	override_reason: z.string().default('').meta({ description: 'Promotes in spite of a failed gate or a missing approval' }),
});

type Told = Outcome<{ rollout: ItemRollout; deployment?: ItemDeployment }>;

async function told(session: Session, rollout: ItemRollout, deployment?: ItemDeployment): Promise<Told> {
	const { rollout: now, report } = await reportRollout(session, rollout);
	return { fields: { rollout: now, ...(deployment ? { deployment } : {}) }, notes: [], report };
}

/** @throws `deploy.*`, `rollout.running`, `rollout.refused`, `store.not_found`, `input.invalid` */
export async function startARollout(session: Session, asked: Record<string, unknown>): Promise<Told> {
	return await told(session, await startAsked(session, asked));
}

/** The same without a report. */
export async function startAsked({ store, actor }: Pick<Session, 'store' | 'actor'>, asked: Record<string, unknown>): Promise<ItemRollout> {
	const { kind, model: reference, name, preview, ...given } = checkedRequest(rolloutStartRequest, asked as never, 'rollout start');
	const { model } = await modelFor(store, reference);
	const modelName = name || model.name;
	if (!modelName) throw new MlopsError('input.invalid', 'The model has no name yet.', { remedy: 'Say under which name to register it.' });
	const params = checkedRequest(
		PARAMS[kind],
		Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)) as never,
		`a ${kind}`,
	);
	const about = { digest: model.digest, runId: model.runId, ...(model.name ? { ownName: model.name } : {}) };
	return await startRollout(store, { kind, actor, modelName, ...about, params, preview });
}

/** @throws `rollout.not_running`, `store.not_found` */
export async function lookAtRollout(session: Session, asked: z.input<typeof rolloutReference>): Promise<Told> {
	const { body } = await findRollout(session.store, checkedRequest(rolloutReference, asked, 'rollout status'));
	return await told(session, rolloutItem(body));
}

/** All rollouts, or those of a model, the latest first. */
export const listRollouts = async ({ store }: Pick<Session, 'store'>, model?: string): Promise<ItemRollout[]> =>
	(await newestRollouts(store, model)).map(({ body }) => rolloutItem(body));

/** @throws `rollout.not_running`, `rollout.refused` after the last step */
export async function stepARollout(session: Session, asked: z.input<typeof rolloutChangeRequest>): Promise<Told> {
	const request = checkedRequest(rolloutChangeRequest, asked, 'rollout step');
	return await told(session, await stepRollout(session.store, { ...request, actor: session.actor }));
}

/** @throws `rollout.not_running` */
export async function abortARollout(session: Session, asked: z.input<typeof rolloutChangeRequest>): Promise<Told> {
	const { reason, ...request } = checkedRequest(rolloutChangeRequest, asked, 'rollout abort');
	return await told(session, await abortRollout(session.store, { ...request, ...(reason ? { reason } : {}), actor: session.actor }));
}

/** @throws `deploy.*` where gate or approval refuse, `rollout.refused`, `rollout.not_running` */
export async function promoteARollout(session: Session, asked: z.input<typeof rolloutPromoteRequest>): Promise<Told> {
	const { reason, override_reason, ...request } = checkedRequest(rolloutPromoteRequest, asked, 'rollout promote');
	const { store, actor } = session;
	const params = { override_reason };
	const { rollout, deployment } = await promoteRollout(store, { ...request, ...(reason ? { reason } : {}), params, actor });
	return await told(session, rollout, deployment);
}
