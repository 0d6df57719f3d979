import { z } from 'zod/v4';
import { approvalFacts, decideAs, findApproval, mayDecide } from '../../../app/approval.js';
import { goingOn } from '../../../app/approvalResume.js';
import { approvalStatus, type Approval, type ApprovalStatus } from '../../../domain/approval.js';
import { FACTS_HEADERS } from '../../../notify/approvalPage.js';
import type { Store } from '../../../store/contract.js';
import { consoleRoute, type Who } from '../contract.js';
import { pageOf, pageQuery } from '../paging.js';
import { refuseLimited } from './routeParts.js';

const approval = z.object({
	id: z.string(),
	title: z.string(),
	model: z.string().optional().meta({ description: 'Name of the registered model, where it is about one' }),
	evaluation: z.string().optional(),
	status: approvalStatus.meta({ description: 'A request whose time is over reads as expired' }),
	approvers: z.array(z.string()),
	createdAt: z.string(),
	expiresAt: z.string(),
	decidedBy: z.string().optional(),
	decidedAt: z.string().optional(),
	comment: z.string().optional(),
	/** Whether whoever asks may decide now. */
	mayDecide: z.boolean(),
});

const detail = approval.extend({
	goesOn: z
		.object({
			state: z.enum(['calling', 'went_on', 'given_up']),
			tries: z.number().int(),
			at: z.string().optional(),
			said: z.string().optional(),
		})
		.optional()
		.meta({ description: 'Of a decision in the console: how the workflow that waited goes on' }),
	reachable: z.boolean().meta({ description: 'Whether a decision here lets the workflow go on; not so for requests of earlier versions' }),
});

function shown(
	{ id, subject, status, approvers, createdAt, expiresAt, decidedBy, decidedAt, comment, ...rest }: Approval,
	who: Who,
): z.input<typeof approval> {
	const over = status === 'pending' && Date.parse(expiresAt) <= Date.now();
	return {
		id,
		title: subject.title,
		model: subject.modelName,
		evaluation: subject.evaluation,
		status: over ? 'expired' : status,
		approvers,
		createdAt,
		expiresAt,
		decidedBy,
		decidedAt,
		comment,
		mayDecide: status === 'pending' && !over && mayDecide({ id, subject, status, approvers, createdAt, expiresAt, ...rest }, who),
	};
}

async function detailed(store: Store, found: Approval, who: Who): Promise<z.input<typeof detail>> {
	const goes = await goingOn(store, found.id);
	return { ...shown(found, who), goesOn: goes, reachable: found.resume !== undefined };
}

const WHICH = { open: ['pending'], decided: ['approved', 'rejected', 'expired', 'closed'], all: undefined } as const satisfies Record<
	string,
	readonly ApprovalStatus[] | undefined
>;

export const approvals = consoleRoute({
	method: 'GET',
	path: '/approvals',
	role: 'viewer',
	summary: 'Requests for approval, the newest first.',
	query: pageQuery.extend({
		which: z.enum(['mine', 'open', 'decided', 'all']).default('all').meta({ description: 'mine: what waits for whoever asks' }),
	}),
	answer: pageOf(approval),
	async does({ store }, { query: { which, limit, cursor }, who }) {
		refuseLimited(who);
		// What waits is little: whom each is for stands within.
		if (which === 'mine') {
			const entries = (await store.approvals({ statuses: ['pending'] })).map((one) => shown(one, who));
			return { entries: entries.filter((one) => one.mayDecide) };
		}
		const found = await store.approvals({
			limit: limit + 1,
			...(WHICH[which] ? { statuses: WHICH[which] } : {}),
			...(cursor === undefined ? {} : { before: cursor }),
		});
		const entries = found.slice(0, limit);
		return { entries: entries.map((one) => shown(one, who)), ...(found.length > limit ? { next: entries.at(-1)!.id } : {}) };
	},
});

const params = z.object({ id: z.string().max(100) });

export const approvalOf = consoleRoute({
	method: 'GET',
	path: '/approvals/:id',
	role: 'viewer',
	summary: 'One request for approval: whom it asks, who decided, and whether the workflow went on.',
	params,
	answer: detail,
	async does({ store }, { params: { id }, who }) {
		refuseLimited(who);
		return await detailed(store, await findApproval(store, id), who);
	},
});

const facts = consoleRoute({
	method: 'GET',
	path: '/approvals/:id/page',
	role: 'viewer',
	summary: 'The page of the facts, as approvers see it behind their links: champion against challenger, rules, charts.',
	params,
	query: z.object({ look: z.enum(['light', 'dark']).default('light') }),
	answer: z.string(),
	page: FACTS_HEADERS,
	async does({ store }, { params: { id }, query: { look }, who }) {
		refuseLimited(who);
		return await approvalFacts(store, id, look);
	},
});

const decide = consoleRoute({
	method: 'POST',
	path: '/approvals/:id/decision',
	role: 'approver',
	summary: 'Decides in the name of whoever signed in; the first decision counts, and the workflow that waits goes on.',
	params,
	body: z.object({ decision: z.enum(['approved', 'rejected']), comment: z.string().max(10_000).default('') }),
	answer: detail,
	does: async ({ store }, { params: { id }, body, who }) =>
		await detailed(store, await decideAs(store, who, id, body.decision, body.comment), who),
});

export const approvalRoutes = [approvals, approvalOf, facts, decide];
