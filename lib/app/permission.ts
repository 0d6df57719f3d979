import type { Approval } from '../domain/approval.js';
import { MlopsError } from '../domain/errors.js';
import { GATE_VERSION, gateVersionOf, type EvaluationRecord } from '../domain/evaluation.js';
import type { ModelPolicy } from '../domain/model.js';
import type { StoredRecord, Transactional } from '../store/contract.js';
import { approvalsAbout } from './approvalsAbout.js';

/** Whether a model may answer callers. */
export interface Permission {
	/** Why it may not: gate or approval. */
	refusal?: MlopsError;
	/** What a person should know all the same. */
	warning?: string;
}

/**
 * What gate and approvals say of a model package under this policy, for an alias as for a rollout that gives its answers to callers. No
 * wire is trusted: both are read from the store by the digest.
 * @param names what the model is called: requests for approval were filed under one of these
 */
export async function permission(
	store: Transactional,
	digest: string,
	names: ReadonlyArray<string | undefined>,
	policy: ModelPolicy,
): Promise<Permission> {
	const evaluation = await store.evaluationOf(digest);
	return {
		refusal: await refusalOf(store, digest, names, policy, evaluation),
		warning: evaluation && policy.gateRequired ? earlierGate(evaluation.body) : undefined,
	};
}

/** Why this model may not be deployed, or undefined. */
async function refusalOf(
	store: Transactional,
	digest: string,
	names: ReadonlyArray<string | undefined>,
	policy: ModelPolicy,
	evaluation: StoredRecord<'evaluation'> | undefined,
): Promise<MlopsError | undefined> {
	if (policy.gateRequired) {
		if (!evaluation)
			return new MlopsError('deploy.gate_failed', 'This model has not been evaluated, so its gate has not been passed.', {
				remedy: 'Connect MLOps Evaluate before Deploy.',
			});
		if (!evaluation.body.gate.passed) {
			const failed = evaluation.body.gate.reasons
				.filter((r) => !r.passed)
				.map((r) => r.text)
				.join(' ');
			return new MlopsError('deploy.gate_failed', `The gate did not pass: ${failed}`, {
				remedy: "Improve the model, change the gate's rules in Evaluate, or give an override reason.",
			});
		}
	}
	return approvalRefusal(await approvalsAbout(store, digest, names), policy.approvalRequired, evaluation?.id);
}

/**
 * What to say of a model whose newest evaluation passed an earlier gate. It may still be deployed, as the workflows that people have do
 * from the registry; but its gate promises less than today's, so nobody shall take it for that.
 */
function earlierGate(evaluation: EvaluationRecord): string | undefined {
	if (!evaluation.gate.passed || gateVersionOf(evaluation) >= GATE_VERSION) return undefined;
	return (
		'Its gate was passed under the rules of an earlier version, which were less strict about luck: let MLOps Evaluate ' + 'judge it again.'
	);
}

/**
 * Whoever was asked last must have agreed, required or not. Where it is required, somebody must also have agreed to what the newest
 * evaluation says: an approval that was given to an older one, or to none, does not count for it.
 */
function approvalRefusal(approvals: Approval[], required: boolean, evaluationId: string | undefined): MlopsError | undefined {
	const [newest] = approvals;
	const bound = required ? approvals.find((a) => a.subject.evaluation === evaluationId) : undefined;
	const refusal = (newest && notApproved(newest)) ?? (bound && notApproved(bound));
	if (refusal || !required || bound) return refusal;
	return new MlopsError(
		'deploy.approval_missing',
		`This model needs an approval and nobody has been asked for one${newest ? ' since it was evaluated last' : ''}.`,
		{ remedy: 'Connect MLOps Notify (Ask for Approval) before Deploy and wait for the decision.' },
	);
}

function notApproved(asked: Approval): MlopsError | undefined {
	if (asked.status === 'approved') return undefined;
	if (asked.status === 'rejected')
		return new MlopsError(
			'deploy.approval_rejected',
			`${asked.decidedBy} rejected this model${asked.comment ? `: "${asked.comment}"` : '.'}`,
			{ remedy: 'Train another model, or ask again.' },
		);
	const late = asked.status !== 'pending' || Date.parse(asked.expiresAt) <= Date.now();
	if (late)
		return new MlopsError('deploy.approval_expired', 'The request for approval ended without a decision.', {
			remedy: 'Run the workflow again to ask anew.',
		});
	return new MlopsError('deploy.approval_pending', `The approval by ${asked.approvers.join(', ')} is still open.`, {
		remedy: 'Wait until one of them has decided.',
	});
}
