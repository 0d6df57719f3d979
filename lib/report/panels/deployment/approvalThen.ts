import type { Approval } from '../../../domain/approval.js';
import { date } from '../../formatting.js';
import { badge, pairs } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { DeploymentInput } from './input.js';

/** What the person asked said. */
export const approvalThen = definePanel<DeploymentInput, Approval>({
	id: 'approval_then',
	data: ({ approval }) => approval,
	draw: ({ status, decidedBy, decidedAt, comment }) => ({
		title: 'The approval',
		body: pairs([
			['Decision', badge(status, status === 'approved' ? 'good' : status === 'pending' ? 'plain' : 'bad')],
			['By', decidedBy ?? '–'],
			['At', decidedAt ? date(decidedAt, true) : '–'],
			['Comment', comment || '–'],
		]),
	}),
});
