import type { Approval } from '../../../domain/approval.js';
import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { ItemDeployment } from '../../../domain/item.js';
import type { AliasMove } from '../../../store/contract.js';

/** What Deploy did, and on what grounds. */
export interface DeploymentInput {
	deployment: ItemDeployment;
	evaluation?: EvaluationRecord;
	approval?: Approval;
	/** Newest first. */
	history?: readonly AliasMove[];
	reason?: string;
	actor?: string;
}

/** A version in words. */
export const versionText = (v: number | null): string => (v === null ? 'none' : `version ${v}`);
