import { z } from 'zod/v4';
import { MlopsError } from '../domain/errors.js';
import type { ItemDeployment } from '../domain/item.js';
import type { ModelPolicy } from '../domain/model.js';
import type { AliasMove, Store, StoredRecord, Transactional } from '../store/contract.js';
import { endBeneath, refuseWhileRolledOut } from './runningRollouts.js';
import { changesBetween, changesText, type Packaged } from './changesForCallers.js';
import { parseReference, resolveVersion } from './modelReference.js';
import { permission } from './permission.js';

/** What Deploy's form asks; see `deploy` for what each operation does. */
export const deployParams = z.object({
	alias: z
		.string()
		.min(1)
		.default('champion')
		.meta({ title: 'Alias', description: 'Name that will point to this version; Predict and others ask for it by this name' }),
	approval: z
		.enum(['keep', 'required', 'not_required'])
		.default('keep')
		.meta({
			title: 'Approval',
			advanced: true,
			description:
				"Whether this registered model needs a person's approval before an alias moves; the choice is kept with the model and " +
				'audited; no longer to require it takes a reason',
			labels: { keep: 'As It Is Set for the Model', required: 'Required From Now On', not_required: 'Not Required From Now On' },
		}),
	gate: z
		.enum(['keep', 'required', 'not_required'])
		.default('keep')
		.meta({
			title: 'Gate',
			advanced: true,
			description: "Whether the evaluation's gate must have passed before an alias moves (new models: required)",
			labels: { keep: 'As It Is Set for the Model', required: 'Required From Now On', not_required: 'Not Required From Now On' },
		}),
	override_reason: z.string().default('').meta({
		title: 'Override Reason',
		advanced: true,
		description: 'Deploys in spite of a failed gate or a missing approval; the reason is kept in the audit log for good',
	}),
	reason: z
		.string()
		.default('')
		.meta({ title: 'Reason', advanced: true, description: 'Why the alias moves, or why a guard is lifted, for the audit log' }),
	description: z
		.string()
		.default('')
		.meta({ title: 'Description', advanced: true, description: 'What this version is, for those who read the registry' }),
});
export type DeployParams = z.infer<typeof deployParams>;

export interface DeployRequest {
	store: Store;
	actor: string;
	modelName: string;
	digest: string;
	runId: string;
	params: DeployParams;
	preview: boolean;
	/** What the model is called where it comes from, if that is another name: requests for approval were filed under it. */
	ownName?: string;
	/** The execution that deploys: a request of its own that is still open can no longer be answered. */
	executionId?: string;
	/** The rollout that this promotes, which is not ended by the move. */
	rollout?: string;
}

/**
 * Registers the model under `modelName` and points the alias to it. No wire is trusted: gate and approval are read from the store by
 * the model's digest. A failed gate refuses; a request for approval that is open, has run out or was rejected refuses, whether or not
 * an approval is required; where it is required, so does a missing one.
 * @throws `deploy.*`, `store.conflict` for an archived version, `input.invalid` where a guard is lifted without a reason
 */
export async function deploy(request: DeployRequest): Promise<ItemDeployment> {
	const { store, preview } = request;
	// One transaction: what gate and approvals say, the registration and the move. A refusal is no failure of it, since what it wrote stays.
	const decided = preview ? await decide(store, request, store) : await store.transact(async (part) => await decide(part, request, store));
	if (decided instanceof MlopsError) throw decided;
	return decided;
}

/**
 * What became of it, or why it is refused, as a part of a larger transaction. What it wrote where it refuses is to stay: a wish for more
 * care, requests that are over.
 * @param files where the packages lie, of which what changes for callers is read
 */
export async function decide(
	store: Transactional,
	request: Omit<DeployRequest, 'store'>,
	files: Pick<Store, 'artifacts'>,
): Promise<ItemDeployment | MlopsError> {
	const { actor, modelName, digest, runId, params, preview } = request;
	const known = await registered(store, modelName, digest);
	if (known) await refuseArchived(store, modelName, known.version);
	const policy = await policyAfter(store, modelName, params);
	if (!preview) {
		await closeUnanswered(store, digest, request.executionId);
		// A wish for more care holds from now on, even where it stops this deployment; a guard is lifted only along with one that happens.
		await keepPolicy(store, modelName, stricter(policy, await store.policy(modelName)), params, actor);
	}
	const { refusal, warning } = await permission(store, digest, [modelName, request.ownName], policy);
	const overridden = refusal !== undefined && params.override_reason.trim() !== '';
	if (refusal && !overridden) return refusal;
	const before = await store.alias(modelName, params.alias);
	const changes = await changesBetween(store, files, await packageOf(store, modelName, before), { digest, runId });
	if (preview) {
		const next = known?.version ?? ((await store.find('modelVersion', modelName))?.version ?? 0) + 1;
		return summary({
			model: modelName,
			version: next,
			alias: params.alias,
			before,
			moved: false,
			preview: true,
			overridden,
			warning,
			changes,
		});
	}
	await keepPolicy(store, modelName, policy, params, actor);
	const record = await register(store, modelName, { digest, runId, description: params.description });
	if (overridden) {
		await store.audit({
			actor,
			action: 'deploy.overridden',
			subject: `${modelName}@${record.version}`,
			details: { reason: params.override_reason, refused: refusal!.message },
		});
	}
	if (before !== record.version) {
		await store.moveAlias(modelName, params.alias, record.version, {
			actor,
			expect: before,
			kind: overridden ? 'override' : 'deploy',
			reason: overridden ? `override: ${params.override_reason}` : params.reason || undefined,
		});
		await noteChanges(store, { model: modelName, alias: params.alias, from: before, to: record.version, actor, changes });
		await endBeneath(store, { model: modelName, alias: params.alias, version: record.version, actor, except: request.rollout });
	}
	return summary({
		model: modelName,
		version: record.version,
		alias: params.alias,
		before,
		moved: before !== record.version,
		preview: false,
		overridden,
		warning,
		changes,
	});
}

const packageOf = async (store: Transactional, model: string, version: number | null): Promise<Packaged | undefined> =>
	version === null ? undefined : (await store.find('modelVersion', model, version))?.body;

/** Files what a move means for those who call the alias, beside the move. */
async function noteChanges(
	store: Transactional,
	move: { model: string; alias: string; from: number | null; to: number; actor: string; changes: readonly string[] },
): Promise<void> {
	const { model, alias, from, to, actor, changes } = move;
	if (!changes.length) return;
	await store.audit({
		actor,
		action: 'deploy.answers_changed',
		subject: `${model}@${to}`,
		details: { alias, from, to, changes: [...changes] },
	});
}

export async function refuseArchived(store: Transactional, name: string, version: number): Promise<void> {
	if (!(await store.archived(name)).includes(version)) return;
	throw new MlopsError('store.conflict', `Version ${version} of the model "${name}" is archived, so no alias can point to it.`, {
		remedy: 'Deploy another version, or this model under another name.',
	});
}

/**
 * Requests about this model that nobody can answer any more: their time is over, or their execution has gone on to Deploy without a
 * decision.
 */
export async function closeUnanswered(store: Transactional, digest: string, executionId: string | undefined): Promise<void> {
	for (const { id, status, expiresAt, executionId: asking } of await store.approvalsFor(digest)) {
		if (status !== 'pending') continue;
		const late = Date.parse(expiresAt) <= Date.now();
		if (late || (executionId !== undefined && asking === executionId))
			await store.decideApproval(id, late ? 'expired' : 'closed', 'system');
	}
}

/** Registers without moving any alias. The same package under the same name is the same version. */
export async function register(
	store: Transactional,
	name: string,
	model: { digest: string; runId: string; description?: string },
): Promise<StoredRecord<'modelVersion'>> {
	const known = await registered(store, name, model.digest);
	if (known) return known;
	return await store.add(
		'modelVersion',
		name,
		{
			name,
			version: 0,
			runId: model.runId,
			digest: model.digest,
			tags: {},
			...(model.description ? { description: model.description } : {}),
		},
		{ parents: [model.runId] },
	);
}

const ROLL_BACK = 'roll back';

/**
 * A move made before moves had a kind tells by the reason that Roll Back wrote: these words alone, or a colon, a space and the person's own
 * behind them.
 */
const isRollBack = ({ kind, reason }: AliasMove): boolean =>
	kind === undefined ? reason === ROLL_BACK || reason?.startsWith(`${ROLL_BACK}: `) === true : kind === 'roll_back';

/**
 * What an alias pointed to before, the latest first. A roll back takes away what it undid, so that the next one goes further back, not to
 * and fro.
 */
function versionsBefore(history: readonly AliasMove[]): number[] {
	const line: number[] = [];
	for (const move of [...history].reverse()) {
		const { to } = move;
		if (to === null) continue;
		// A roll back only ever goes to a version of the line.
		if (isRollBack(move) && line.includes(to)) while (line.at(-1) !== to) line.pop();
		else line.push(to);
	}
	return line.reverse();
}

export interface RollBackRequest {
	modelName: string;
	alias: string;
	actor: string;
	reason?: string /** Checks everything and changes nothing. */;
	preview: boolean;
}

/** Points the alias back to the version it pointed to before. @throws `deploy.nothing_to_roll_back` */
export async function rollBack(store: Store, { modelName, alias, actor, reason, preview }: RollBackRequest): Promise<ItemDeployment> {
	const now = await store.alias(modelName, alias);
	const archived = new Set(await store.archived(modelName));
	const earlier = versionsBefore(await store.aliasHistory(modelName, alias)).find((v) => v !== now && !archived.has(v));
	if (now === null || earlier === undefined) {
		throw new MlopsError('deploy.nothing_to_roll_back', `The alias "${alias}" of "${modelName}" has no earlier version to go back to.`, {
			remedy: 'Deploy a version by its number instead: in MLOps Deploy, choose the model "From the Registry by Name".',
		});
	}
	const [from, to] = [await packageOf(store, modelName, now), await packageOf(store, modelName, earlier)];
	const changes = await changesBetween(store, store, from, to);
	if (!preview)
		await store.transact(async (part) => {
			await part.moveAlias(modelName, alias, earlier, {
				actor,
				expect: now,
				kind: 'roll_back',
				reason: reason ? `${ROLL_BACK}: ${reason}` : ROLL_BACK,
			});
			await noteChanges(part, { model: modelName, alias, from: now, to: earlier, actor, changes });
			await endBeneath(part, { model: modelName, alias, version: earlier, actor });
		});
	return summary({ model: modelName, version: earlier, alias, before: now, moved: !preview, preview, overridden: false, changes });
}

export interface ArchiveRequest {
	modelName: string /** Number of the version, or an alias. */;
	which: string;
	actor: string;
	reason?: string /** Checks everything and changes nothing. */;
	preview: boolean;
}

/** Marks a version as not to be used again. @throws `input.invalid` while an alias points to it */
export async function archiveVersion(store: Store, { modelName, which, actor, reason, preview }: ArchiveRequest): Promise<ItemDeployment> {
	const record = await resolveVersion(store, parseReference(`${modelName}@${which}`));
	const holders = Object.entries(await store.aliases(modelName))
		.filter(([, v]) => v === record.version)
		.map(([a]) => a);
	if (holders.length) {
		throw new MlopsError('input.invalid', `Version ${record.version} of "${modelName}" is in use as ${holders.join(', ')}.`, {
			remedy: 'Move these aliases to another version first.',
		});
	}
	if (preview) await refuseWhileRolledOut(store, modelName, record.version);
	else
		await store.transact(async (part) => {
			await refuseWhileRolledOut(part, modelName, record.version);
			await part.archive(modelName, record.version, actor, reason);
		});
	const text = preview
		? `In a real run, version ${record.version} of ${modelName} would be archived.`
		: `Version ${record.version} of ${modelName} is archived.`;
	return { model: modelName, version: record.version, previousVersion: null, moved: false, preview, overridden: false, text };
}

/** The version under this name that is this package. */
export async function registered(store: Transactional, name: string, digest: string): Promise<StoredRecord<'modelVersion'> | undefined> {
	return (await store.list('modelVersion', { name })).find((r) => r.body.digest === digest);
}

/** The policy as this deployment wants it. @throws `input.invalid` where it lifts a guard and no reason says why */
async function policyAfter(store: Transactional, name: string, params: DeployParams): Promise<ModelPolicy> {
	const now = await store.policy(name);
	const choose = (choice: DeployParams['gate'], kept: boolean) => (choice === 'keep' ? kept : choice === 'required');
	const next = { approvalRequired: choose(params.approval, now.approvalRequired), gateRequired: choose(params.gate, now.gateRequired) };
	if (reasonFor(params)) return next;
	// A name that is new has nothing in use that its gate would guard.
	const lifted =
		now.approvalRequired && !next.approvalRequired
			? 'approval'
			: now.gateRequired && !next.gateRequired && (await store.find('modelVersion', name))
				? 'gate'
				: undefined;
	if (!lifted) return next;
	throw new MlopsError('input.invalid', `The ${lifted} that "${name}" requires cannot be lifted without a reason.`, {
		remedy: 'Enter one under "Reason"; the audit log keeps it.',
	});
}

const stricter = (a: ModelPolicy, b: ModelPolicy): ModelPolicy => ({
	approvalRequired: a.approvalRequired || b.approvalRequired,
	gateRequired: a.gateRequired || b.gateRequired,
});

/** Why a person wants what the rules alone would not give. */
const reasonFor = (params: DeployParams): string => params.reason.trim() || params.override_reason.trim();

async function keepPolicy(store: Transactional, name: string, next: ModelPolicy, params: DeployParams, actor: string): Promise<void> {
	const now = await store.policy(name);
	if (next.approvalRequired !== now.approvalRequired || next.gateRequired !== now.gateRequired)
		await store.setPolicy(name, next, actor, reasonFor(params) || undefined);
}

function summary(d: {
	model: string;
	version: number;
	alias: string;
	before: number | null;
	moved: boolean;
	preview: boolean;
	overridden: boolean;
	warning?: string;
	changes: string[];
}): ItemDeployment {
	const from = d.before === null ? '' : ` (was version ${d.before})`;
	const text = d.preview
		? `In a real run, "${d.alias}" of ${d.model} would point to version ${d.version}${from}.`
		: d.moved
			? `"${d.alias}" of ${d.model} now points to version ${d.version}${from}.`
			: `"${d.alias}" of ${d.model} already pointed to version ${d.version}.`;
	return {
		model: d.model,
		version: d.version,
		alias: d.alias,
		previousVersion: d.before,
		moved: d.moved,
		preview: d.preview,
		overridden: d.overridden,
		text: [text, changesText(d.changes), d.warning].filter(Boolean).join(' '),
		...(d.warning ? { warning: d.warning } : {}),
		...(d.changes.length ? { changes: d.changes } : {}),
	};
}
