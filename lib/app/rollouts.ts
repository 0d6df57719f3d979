import { randomBytes } from 'node:crypto';
import { MlopsError } from '../domain/errors.js';
import type { ItemDeployment, ItemRollout } from '../domain/item.js';
import type { RolloutKind, RolloutRecord } from '../domain/rollout.js';
import type { Store, StoredRecord, Transactional } from '../store/contract.js';
import { closeUnanswered, decide, deployParams, refuseArchived, register, registered, type DeployParams } from './deploy.js';
import { permission, type Permission } from './permission.js';
import { guardsOf, oddSteps, stepsOf, type RolloutParams } from './rolloutParams.js';
import { changesText } from './changesForCallers.js';
import { changesBeside, refuseOtherAnswers } from './sameKindOfAnswers.js';
import { changeRollout, endRollout, newestRollouts, runningRollouts, tell } from './runningRollouts.js';

type Rollout = StoredRecord<'rollout'>;

const KINDS: Record<RolloutKind, string> = { canary: 'canary', shadow: 'shadow', ab: 'A/B test' };
const refused = (message: string, remedy: string): MlopsError => new MlopsError('rollout.refused', message, { remedy });

export interface StartRequest {
	kind: RolloutKind;
	actor: string;
	modelName: string;
	/** The candidate, registered or not. */
	digest: string;
	runId: string;
	ownName?: string;
	params: RolloutParams;
	preview: boolean;
	executionId?: string;
}

/**
 * Starts a rollout beneath an alias. One that gives its answers to callers (canary, A/B test) needs what Deploy needs, for each candidate;
 * a shadow, which nobody hears, needs to be registered, which this does.
 * @throws `deploy.*`, `rollout.running` where one runs for this alias, `rollout.refused` where there is nothing to compare with, or answers
 * are of another kind
 */
export async function startRollout(store: Store, request: StartRequest): Promise<ItemRollout> {
	// A refusal is no failure of the transaction, since what it wrote stays: requests for approval that are over.
	const started = request.preview
		? await start(store, request, store)
		: await store.transact(async (part) => await start(part, request, store));
	if (started instanceof MlopsError) throw started;
	return started;
}

/** Where the packages lie, of which what is another thing for callers is read. */
type Files = Pick<Store, 'artifacts'>;

async function start(store: Transactional, request: StartRequest, files: Files): Promise<ItemRollout | MlopsError> {
	const { kind, actor, modelName, params, preview } = request;
	const stable = await store.alias(modelName, params.alias);
	if (stable === null)
		throw refused(
			`"${params.alias}" of "${modelName}" points to no version yet, so there is none to compare with.`,
			'Deploy a version first.',
		);
	const [running] = (await runningRollouts(store, modelName)).filter(({ body }) => body.alias === params.alias);
	if (running)
		throw new MlopsError(
			'rollout.running',
			`The ${KINDS[running.body.kind]} "${running.name}" already runs for "${params.alias}" of "${modelName}".`,
			{
				remedy: 'Promote or abort it first.',
			},
		);
	const models = [
		{ digest: request.digest, runId: request.runId, ownName: request.ownName },
		...(await otherVersions(store, modelName, params)),
	];
	if (kind === 'ab' && stepsOf(params)[0].share >= 1)
		throw refused(
			`With 100 % nobody gets version ${stable} of "${modelName}", and the test has nothing to compare with.`,
			'Choose a smaller share.',
		);
	await refuseOtherAnswers(store, modelName, stable, models);
	const changes = await changesBeside(store, files, { model: modelName, stable }, models);
	const allowed: Allowed = kind === 'shadow' ? {} : await allowedTo(store, request, models);
	if (allowed.refusal) return allowed.refusal;
	const versions: number[] = [];
	for (const { digest, runId } of models) {
		const known = await registered(store, modelName, digest);
		if (known) await refuseArchived(store, modelName, known.version);
		const next = ((await store.find('modelVersion', modelName))?.version ?? 0) + 1;
		const version = known?.version ?? (preview ? next : (await register(store, modelName, { digest, runId })).version);
		if (version === stable) throw refused(`Version ${version} of "${modelName}" is the stable one already.`, 'Choose another version.');
		if (!versions.includes(version)) versions.push(version);
	}
	const record = recordOf(request, stable, versions);
	const odd = oddSteps(record.steps, stable);
	const warning = [odd, allowed.warning].filter(Boolean).join(' ') || undefined;
	if (preview) return rolloutItem(record, { preview: true, warning, changes });
	const { body } = await store.add('rollout', record.id, record);
	const { steps, guards } = body;
	await tell(store, body, 'started', actor, {
		steps,
		...(guards ? { guards } : {}),
		...(params.reason ? { reason: params.reason } : {}),
		...(changes.length ? { changes } : {}),
		...(odd ? { warning: odd } : {}),
	});
	for (const { message, version } of allowed.overridden?.(versions) ?? [])
		await store.audit({
			actor,
			action: 'deploy.overridden',
			subject: `${modelName}@${version}`,
			details: { reason: params.override_reason ?? '', refused: message, rollout: body.id },
		});
	return rolloutItem(body, { warning, changes });
}

interface Candidate {
	digest: string;
	runId: string;
	ownName?: string;
}

/** The other arms of a test, by number or alias. */
async function otherVersions(store: Transactional, modelName: string, params: RolloutParams): Promise<Candidate[]> {
	if (!('versions' in params)) return [];
	const found: Candidate[] = [];
	for (const which of params.versions) {
		const version = /^\d+$/.test(which) ? Number(which) : await store.alias(modelName, which);
		const record = version === null ? undefined : await store.find('modelVersion', modelName, version);
		if (!record)
			throw new MlopsError('store.not_found', `The model "${modelName}" has no version "${which}".`, {
				remedy: 'Name a registered version.',
			});
		found.push({ digest: record.body.digest, runId: record.body.runId });
	}
	return found;
}

interface Allowed extends Permission {
	/** What refused each version that starts all the same, for a person's reason. */
	overridden?: (versions: readonly number[]) => Array<{ version: number; message: string }>;
}

/** What gate and approvals say of all candidates, as for an alias. */
async function allowedTo(
	store: Transactional,
	{ modelName, params, preview, executionId }: StartRequest,
	models: readonly Candidate[],
): Promise<Allowed> {
	const policy = await store.policy(modelName);
	const refusals: Array<{ at: number; refusal: MlopsError }> = [];
	let warning: string | undefined;
	for (const [at, { digest, ownName }] of models.entries()) {
		if (!preview) await closeUnanswered(store, digest, executionId);
		const said = await permission(store, digest, [modelName, ownName], policy);
		warning ??= said.warning;
		if (said.refusal) refusals.push({ at, refusal: said.refusal });
	}
	if (refusals.length && !params.override_reason?.trim()) return { refusal: refusals[0].refusal };
	const overridden = (versions: readonly number[]) =>
		refusals.map(({ at, refusal }) => ({ version: versions[at], message: refusal.message }));
	return { warning, overridden };
}

function recordOf({ kind, actor, modelName, params }: StartRequest, stable: number, versions: readonly number[]): RolloutRecord {
	const steps = stepsOf(params);
	const now = new Date().toISOString();
	const share = steps[0].share / versions.length;
	const guards = guardsOf(params);
	return {
		id: `${modelName}-${params.alias}-${randomBytes(4).toString('hex')}`,
		kind,
		model: modelName,
		alias: params.alias,
		stable,
		candidates: versions.map((version) => ({ version, share })),
		...(params.key ? { key: params.key } : {}),
		state: 'running',
		steps,
		step: 0,
		stepSince: now,
		...(guards ? { guards } : {}),
		whenDone: params.when_done,
		startedAt: now,
		startedBy: actor,
	};
}

/** Which rollout: by its id, or the one that runs for an alias of a model. */
export interface RolloutReference {
	id?: string;
	model?: string;
	alias?: string;
}

/** @throws `rollout.not_running`, `store.not_found` */
export async function findRollout(
	store: Pick<Transactional, 'find' | 'list'>,
	{ id, model, alias = 'champion' }: RolloutReference,
): Promise<Rollout> {
	if (id) {
		const found = await store.find('rollout', id);
		if (found && (model === undefined || found.body.model === model)) return found;
		throw new MlopsError('store.not_found', `There is no rollout "${id}"${model ? ` of "${model}"` : ''}.`, {
			remedy: 'Look at "mlops rollout status".',
		});
	}
	const all = (await newestRollouts(store, model)).filter(({ body }) => body.alias === alias);
	const found = all.find(({ body }) => body.state === 'running') ?? all[0];
	if (found) return found;
	throw new MlopsError('rollout.not_running', `No rollout runs for "${alias}"${model ? ` of "${model}"` : ''}.`, {
		remedy: 'Start one first.',
	});
}

async function findRunning(store: Pick<Transactional, 'find' | 'list'>, reference: RolloutReference): Promise<Rollout> {
	const rollout = await findRollout(store, reference);
	if (rollout.body.state === 'running') return rollout;
	throw new MlopsError('rollout.not_running', `The rollout "${rollout.name}" does not run any more: it was ${rollout.body.state}.`, {
		remedy: 'Start another one.',
	});
}

interface Change extends RolloutReference {
	actor: string;
	reason?: string;
	preview?: boolean;
	numbers?: Record<string, unknown>;
	/** The version of the record that this was decided by; another one by now is `store.conflict`. */
	expect?: number;
}

const expected = (rollout: Rollout, { expect }: Change): void => {
	if (expect === undefined || expect === rollout.version) return;
	throw new MlopsError('store.conflict', `The rollout "${rollout.name}" was changed by someone else meanwhile.`);
};

const within = async <T>(store: Store, preview: boolean | undefined, work: (part: Transactional) => Promise<T>): Promise<T> =>
	preview ? await work(store) : await store.transact(work);

/**
 * Gives the candidate its next share.
 * @param answers how many answers the candidates gave so far.
 * @throws `rollout.refused` after the last one
 */
export async function stepRollout(store: Store, request: Change & { answers?: number }): Promise<ItemRollout> {
	const { actor, reason, preview, numbers, answers } = request;
	return await within(store, preview, async (part) => {
		const rollout = await findRunning(part, request);
		expected(rollout, request);
		const { steps, step, candidates } = rollout.body;
		const next = steps[step + 1];
		if (!next) throw refused(`The rollout "${rollout.name}" is in its last step.`, 'Promote or abort it.');
		const body: RolloutRecord = {
			...rollout.body,
			step: step + 1,
			stepSince: new Date().toISOString(),
			...(answers === undefined ? {} : { stepFrom: answers }),
			candidates: candidates.map(({ version }) => ({ version, share: next.share / candidates.length })),
		};
		if (preview) return rolloutItem(body, { preview });
		await changeRollout(part, rollout, body);
		await tell(part, body, 'stepped', actor, { step: body.step, ...(reason ? { reason } : {}), ...(numbers ? { numbers } : {}) });
		return rolloutItem(body);
	});
}

/** Says once that a candidate may be promoted. */
export async function rolloutReady(store: Store, request: Change & { version: number; reason: string }): Promise<void> {
	await store.transact(async (part) => {
		const rollout = await findRunning(part, request);
		expected(rollout, request);
		const { version, reason, numbers, actor } = request;
		const body: RolloutRecord = { ...rollout.body, ready: { at: new Date().toISOString(), version, reason } };
		await changeRollout(part, rollout, body);
		await tell(part, body, 'ready', actor, { version, reason, ...(numbers ? { numbers } : {}) });
	});
}

/** Ends it: everybody gets the stable version. @throws `rollout.not_running` */
export async function abortRollout(store: Store, request: Change): Promise<ItemRollout> {
	const { actor, reason = 'By hand.', preview, numbers } = request;
	return await within(store, preview, async (part) => {
		const rollout = await findRunning(part, request);
		expected(rollout, request);
		const ending = { state: 'aborted' as const, actor, reason, version: rollout.body.stable, numbers };
		if (!preview) return rolloutItem(await endRollout(part, rollout, ending));
		return rolloutItem({ ...rollout.body, state: 'aborted', ended: { at: '', by: actor, reason, version: ending.version } }, { preview });
	});
}

export interface PromoteRequest extends Change {
	/** Which candidate; needed where there are several and the test has not found the best one. */
	version?: number;
	params?: Partial<Omit<DeployParams, 'alias'>>;
	executionId?: string;
}

/**
 * Points the alias to a candidate, by the same decision as Deploy, and ends the rollout, all in one.
 * @throws `deploy.*` where gate or approval refuse, `rollout.refused` where it is not said which candidate, `rollout.not_running`
 */
export async function promoteRollout(store: Store, request: PromoteRequest): Promise<{ rollout: ItemRollout; deployment: ItemDeployment }> {
	const done = await within(store, request.preview, async (part) => await promote(part, request, store));
	if (done instanceof MlopsError) throw done;
	return done;
}

async function promote(store: Transactional, request: PromoteRequest, files: Files) {
	const { actor, reason, preview = false, numbers, executionId } = request;
	const rollout = await findRunning(store, request);
	expected(rollout, request);
	const { model, alias, candidates, ready } = rollout.body;
	const version = request.version ?? toPromote(rollout.body);
	const record = candidates.some((c) => c.version === version) ? await store.find('modelVersion', model, version) : undefined;
	if (!record)
		throw refused(
			version === undefined ? 'Several versions take part, and none was found to be better.' : `Version ${version} does not take part.`,
			`Say which version to promote: ${candidates.map((c) => c.version).join(', ')}.`,
		);
	const why = reason || ready?.reason || 'By hand.';
	const deployment = await decide(
		store,
		{
			actor,
			modelName: model,
			digest: record.body.digest,
			runId: record.body.runId,
			params: deployParams.parse({ reason: why, ...request.params, alias }),
			preview,
			executionId,
			rollout: rollout.name,
		},
		files,
	);
	if (deployment instanceof MlopsError) return deployment;
	const ending = { state: 'promoted' as const, actor, reason: why, version: record.version, numbers };
	const body: RolloutRecord = preview
		? { ...rollout.body, state: 'promoted', ended: { at: '', by: actor, reason: why, version: record.version } }
		: await endRollout(store, rollout, ending);
	return { rollout: rolloutItem(body, { preview }), deployment };
}

/** The version that would be promoted: the one that was found to be better, or the only one; none where that is not known. */
export function toPromote({ candidates, ready, stable }: RolloutRecord): number | undefined {
	const found = ready?.version === stable ? undefined : ready?.version;
	return found ?? (candidates.length === 1 ? candidates[0].version : undefined);
}

/** A rollout as it travels on the canvas, with a sentence. */
export function rolloutItem(
	body: RolloutRecord,
	{ preview = false, warning, changes = [] }: { preview?: boolean; warning?: string; changes?: string[] } = {},
): ItemRollout {
	const { id, kind, model, alias, stable, candidates, state, step, steps, ended } = body;
	const text = [`${preview ? 'In a real run: the' : 'The'} ${sentence(body)}`, changesText(changes), warning].filter(Boolean).join(' ');
	return {
		id,
		kind,
		model,
		alias,
		stable,
		candidates,
		state,
		step: step + 1,
		steps: steps.length,
		preview,
		text,
		...(ended ? { ...(ended.at ? { endedAt: ended.at, endedBy: ended.by } : {}), reason: ended.reason } : {}),
		...(warning ? { warning } : {}),
		...(changes.length ? { changes } : {}),
	};
}

function sentence({ kind, model, alias, stable, candidates, state, ended }: RolloutRecord): string {
	const versions = `version${candidates.length > 1 ? 's' : ''} ${candidates.map((c) => c.version).join(', ')}`;
	const share = `${Math.round(candidates.reduce((sum, c) => sum + c.share, 0) * 1000) / 10} %`;
	const what = `${KINDS[kind]} of ${versions} of ${model}`;
	if (state === 'promoted') return `${what} was promoted: "${alias}" points to version ${ended?.version}. ${ended?.reason ?? ''}`.trim();
	if (state === 'aborted') return `${what} was aborted: everybody gets version ${ended?.version}. ${ended?.reason ?? ''}`.trim();
	const answering = candidates.length > 1 ? 'one of them' : 'it';
	return kind === 'shadow'
		? `${what} runs: it answers ${share} of the requests to "${alias}" as well, unseen; callers get version ${stable}.`
		: `${what} runs: ${share} of the callers of "${alias}" get ${answering}, the others version ${stable}.`;
}
