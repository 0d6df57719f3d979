import { z } from 'zod/v4';

export const approvalStatus = z.enum(['pending', 'approved', 'rejected', 'expired', 'closed']);
export type ApprovalStatus = z.infer<typeof approvalStatus>;

/** A request for a decision, bound to the digests of what it is about. Status moves once, by compare-and-set. */
export const approvalRequest = z.object({
	subject: z.object({
		title: z.string(),
		modelName: z.string().optional(),
		/** Digest of the model package, and id of the evaluation shown. */
		model: z.string().optional(),
		evaluation: z.string().optional(),
	}),
	approvers: z.array(z.string()).min(1),
	/** ISO time. */
	expiresAt: z.string(),
	executionId: z.string().optional(),
	/** The items to give back when the workflow goes on (digest of the JSON artifact). */
	items: z.string(),
	/**
	 * Address of n8n at which the waiting execution goes on once this is decided. It decides nothing, whoever knows it. Absent on requests of
	 * earlier versions.
	 */
	resume: z.string().optional(),
});
export type ApprovalRequest = z.infer<typeof approvalRequest>;

export const approval = approvalRequest.extend({
	id: z.string(),
	status: approvalStatus,
	createdAt: z.string(),
	/** Name in the signed link of the one who decided. */
	decidedBy: z.string().optional(),
	decidedAt: z.string().optional(),
	comment: z.string().optional(),
});
export type Approval = z.infer<typeof approval>;
