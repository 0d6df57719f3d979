import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import type { ItemDeployment } from '../../domain/item.js';
import type { ModelHandle } from '../../domain/model.js';
import { deploy as putInUse, deployParams } from '../deploy.js';
import { reportChange } from '../reportChange.js';
import type { Session } from '../session.js';
import { checkedRequest } from './checkedRequest.js';
import type { Outcome } from './outcome.js';
import { modelFor, modelReference } from './references.js';

/** What MLOps Deploy asks, for scripts and the command line. */
export const deployRequest = z.object({
	model: modelReference,
	name: z.string().optional().meta({ description: "Name in the registry; else the model's own", placeholder: 'NAME' }),
	...deployParams.shape,
	preview: z.boolean().default(false).meta({ description: 'Only say what would happen' }),
});
export type DeployRequest = z.input<typeof deployRequest>;

/**
 * Registers a model and points an alias to it, if gate and approval allow it.
 * @throws `deploy.*` where they do not, `store.conflict`, `store.not_found`, `input.invalid`
 */
export async function deploy(session: Session, asked: DeployRequest): Promise<Outcome<{ model: ModelHandle; deployment: ItemDeployment }>> {
	const { store, actor } = session;
	const { model: reference, name, preview, ...params } = checkedRequest(deployRequest, asked, 'deploy');
	const { model } = await modelFor(store, reference);
	const modelName = name || model.name;
	if (!modelName) throw new MlopsError('input.invalid', 'The model has no name yet.', { remedy: 'Say under which name to register it.' });
	const deployment = await putInUse({
		store,
		actor,
		modelName,
		digest: model.digest,
		runId: model.runId,
		ownName: model.name,
		params,
		preview,
	});
	const reason = deployment.overridden ? params.override_reason : params.reason;
	const report = await reportChange(session, { deployment, model, reason });
	return {
		fields: { model: preview ? model : { ...model, name: deployment.model, version: deployment.version }, deployment },
		notes: [
			...(deployment.changes ?? []).map((text) => ({ code: 'deploy.answers_changed', text })),
			...(deployment.warning ? [{ code: 'deploy.earlier_gate', text: deployment.warning }] : []),
		],
		report,
	};
}
