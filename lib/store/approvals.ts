import { randomBytes } from 'node:crypto';
import { approvalRequest, approvalStatus, type Approval, type ApprovalRequest } from '../domain/approval.js';
import { MlopsError } from '../domain/errors.js';
import { canonicalJson, sha256 } from '../domain/json.js';
import type { OwnArtifacts } from './artifacts/contract.js';
import type { Ledger, View } from './audit.js';
import type { Store } from './contract.js';
import type { Tables } from './sql/migrations.js';
import { notFound } from './records.js';

type ApprovalRow = Tables['approval'];

const approvalOf = (row: ApprovalRow): Approval => ({
	...(JSON.parse(row.request) as ApprovalRequest),
	id: row.id,
	status: approvalStatus.parse(row.status),
	createdAt: row.created_at,
	...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
	...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
	...(row.comment === null ? {} : { comment: row.comment }),
});

/** Audit events of an approval are filed under the model's name, or under the approval's id where there is no name. */
const subjectOf = (id: string, request: ApprovalRequest): string => request.subject.modelName ?? id;

/** What the audit chain says about a request and a decision; `verify` compares them with the row. */
export const requestFacts = (row: Pick<ApprovalRow, 'id' | 'request'>): Record<string, unknown> => ({
	approval: row.id,
	request: sha256(row.request),
});
export const decisionFacts = (row: Pick<ApprovalRow, 'id' | 'status' | 'comment'>): Record<string, unknown> => ({
	approval: row.id,
	status: row.status,
	...(row.comment === null ? {} : { comment: row.comment }),
});

/** What a row says until somebody decides. */
const PENDING = { status: 'pending', decided_by: null, decided_at: null, comment: null } as const;

export function createApprovals(
	view: View,
	ledger: Ledger,
	artifacts: OwnArtifacts,
): Pick<Store, 'createApproval' | 'approval' | 'decideApproval' | 'approvalsFor' | 'approvals'> {
	return {
		async createApproval(given) {
			const request = approvalRequest.parse(given);
			const expires = new Date(request.expiresAt);
			if (Number.isNaN(expires.getTime()))
				throw new MlopsError('input.invalid', `"${request.expiresAt}" is no moment that an approval could expire at.`);
			request.expiresAt = expires.toISOString();
			const id = `ap_${randomBytes(16).toString('hex')}`;
			const text = canonicalJson(request);
			return await ledger.change(async (db, append) => {
				await artifacts.require([request.items]);
				const event = await append({
					actor: request.executionId === undefined ? 'system' : `execution ${request.executionId}`,
					action: 'approval.created',
					subject: subjectOf(id, request),
					details: {
						...requestFacts({ id, request: text }),
						title: request.subject.title,
						approvers: request.approvers,
						...(request.subject.model === undefined ? {} : { model: request.subject.model }),
					},
				});
				const row: ApprovalRow = {
					id,
					seq: event.seq,
					request: text,
					model: request.subject.model ?? null,
					created_at: event.at,
					...PENDING,
				};
				await db.insertInto('approval').values(row).execute();
				return approvalOf(row);
			});
		},
		async approval(id) {
			const row = await view.read.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst();
			return row && approvalOf(row);
		},
		async decideApproval(id, decision, by, comment) {
			return await ledger.change(async (db, append) => {
				const row = await db.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst();
				if (!row) throw notFound(`The approval ${id}`);
				if (row.status !== 'pending') return { approval: approvalOf(row), won: false };
				const request = JSON.parse(row.request) as ApprovalRequest;
				const late = decision !== 'expired' && new Date().toISOString() > request.expiresAt;
				const decided: ApprovalRow = late
					? { ...row, status: 'expired', decided_by: null, comment: null }
					: { ...row, status: decision, decided_by: by, comment: comment ?? null };
				const event = await append({
					actor: late ? 'system' : by,
					action: 'approval.decided',
					subject: subjectOf(id, request),
					details: decisionFacts(decided),
				});
				decided.decided_at = event.at;
				await db.updateTable('approval').set(decided).where('id', '=', id).where('status', '=', 'pending').execute();
				return { approval: approvalOf(decided), won: !late };
			});
		},
		async approvalsFor(modelDigest) {
			return (await view.read.selectFrom('approval').selectAll().where('model', '=', modelDigest).orderBy('seq', 'desc').execute()).map(
				approvalOf,
			);
		},
		async approvals({ statuses, limit, before } = {}) {
			let query = view.read.selectFrom('approval').selectAll().orderBy('seq', 'desc');
			if (statuses !== undefined) query = query.where('status', 'in', [...statuses]);
			if (before !== undefined)
				query = query.where('seq', '<', (db) => db.selectFrom('approval as last').select('last.seq').where('last.id', '=', before));
			if (limit !== undefined) query = query.limit(limit);
			return (await query.execute()).map(approvalOf);
		},
	};
}
