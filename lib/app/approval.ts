import type { Approval } from '../domain/approval.js';
import { MlopsError } from '../domain/errors.js';
import type { EvaluationRecord } from '../domain/evaluation.js';
import { emailSpelling } from '../domain/person.js';
import type { Role } from '../domain/role.js';
import { cutText, personText } from '../domain/text.js';
import { APPROVAL_HEADERS, alreadyDecidedPage, approvalPage, decidedPage, expiredPage, invalidLinkPage } from '../notify/approvalPage.js';
import type { Look } from '../notify/approvalStyle.js';
import { approvalView } from '../notify/approvalView.js';
import { date } from '../report/formatting.js';
import type { Store } from '../store/contract.js';
import { signLink, verifyLink } from '../store/seal/links.js';
import { changesBetween, type Packaged } from './changesForCallers.js';
import { goingOn, noteDue } from './approvalResume.js';

export interface ApprovalAsk {
	title: string;
	approvers: string[];
	/** Minutes until the question lapses. */
	expiresMinutes: number;
	modelName?: string;
	/** Digest of the model package, and id of the evaluation that the page shows. */
	model?: string;
	evaluation?: string;
	executionId?: string;
	/** Address of n8n at which the execution goes on once this is decided. */
	resume?: string;
	/** The workflow's items, given back when it goes on. */
	items: unknown;
}

/** Files the request and signs one token for each approver. @throws `input.invalid` without an approver */
export async function askForApproval(
	store: Store,
	ask: ApprovalAsk,
): Promise<{ approval: Approval; tokens: Array<{ approver: string; token: string }> }> {
	const approvers = [...new Set(ask.approvers.map((a) => personText(a).trim()).filter(Boolean))];
	if (!approvers.length)
		throw new MlopsError('input.invalid', 'Nobody is named who may approve.', {
			remedy: 'Enter at least one name or e-mail address under "Approvers", or say in the console who is accountable for the model.',
		});
	const expiresAt = new Date(Date.now() + ask.expiresMinutes * 60_000).toISOString();
	const approval = await store.createApproval({
		subject: { title: ask.title, modelName: ask.modelName, model: ask.model, evaluation: ask.evaluation },
		approvers,
		expiresAt,
		executionId: ask.executionId,
		...(ask.resume === undefined ? {} : { resume: ask.resume }),
		items: await store.artifacts.put(JSON.stringify(ask.items)),
	});
	const tokens = [];
	for (const approver of approvers)
		tokens.push({ approver, token: await signLink(store, { approvalId: approval.id, approver, expires: expiresAt }) });
	return { approval, tokens };
}

export interface PageAnswer {
	status: number;
	headers: Readonly<Record<string, string>>;
	html: string;
	/** The approval where somebody had decided it before. */
	decided?: Approval;
}

const page = (status: number, html: string): PageAnswer => ({ status, headers: APPROVAL_HEADERS, html });

/** The page behind an approver's link. Changes nothing, whoever opens it (mail scanners do). */
export async function openApprovalPage(store: Store, token: string): Promise<PageAnswer> {
	const opened = await openLink(store, token);
	if ('html' in opened) return opened;
	const { approval, approver } = opened;
	return closedPage(approval, approver) ?? page(200, await questionPage(store, approval, { approver }));
}

/** The facts alone, for a page that has the decision beside them. @throws `store.not_found` */
export async function approvalFacts(store: Store, id: string, look: Look): Promise<string> {
	return await questionPage(store, await findApproval(store, id), { look });
}

/** @throws `store.not_found` */
export async function findApproval(store: Pick<Store, 'approval'>, id: string): Promise<Approval> {
	const approval = await store.approval(id);
	if (approval) return approval;
	throw new MlopsError('store.not_found', 'There is no such request for approval.', { found: cutText(id, 100) });
}

/**
 * Whether somebody who signed in may decide: an approver whose e-mail address the request names, or an administrator. Names that are no
 * address are nobody's: people choose their names themselves.
 */
export const mayDecide = ({ approvers }: Approval, { role, email }: { role: Role; email?: string }): boolean =>
	role === 'administrator' || (role === 'approver' && approvers.some((one) => email !== undefined && emailSpelling(one) === email));

/**
 * Decides in the name of whoever signed in. Whoever came second hears who was first. The workflow that waits goes on when n8n was told
 * (`approvalResume.ts`).
 * @throws `person.role_missing`, `approval.already_decided`, `approval.link_stale` where its time is over
 */
export async function decideAs(
	store: Store,
	who: { name: string; role: Role; email?: string },
	id: string,
	decision: 'approved' | 'rejected',
	comment: string,
): Promise<Approval> {
	const asked = await findApproval(store, id);
	if (!mayDecide(asked, who))
		throw new MlopsError('person.role_missing', 'This request was sent to others.', {
			expected: asked.approvers.join(', '),
			found: who.email ?? who.name,
			remedy: 'One of them decides, or an administrator.',
		});
	if (asked.status === 'pending' && asked.resume !== undefined) await noteDue(store, asked);
	const { approval, won } = await store.decideApproval(id, decision, who.name, cutText(comment, 2_000) || undefined);
	if (won) return approval;
	if (approval.status === 'approved' || approval.status === 'rejected')
		throw new MlopsError(
			'approval.already_decided',
			`${approval.decidedBy} ${approval.status} this on ${date(approval.decidedAt!, true)}.`,
			{
				remedy: 'That decision counts; nothing more was changed.',
			},
		);
	throw new MlopsError('approval.link_stale', 'This request ended without a decision.', {
		found: approval.expiresAt,
		remedy: 'Run the workflow again to ask for a new approval.',
	});
}

/** Whether an execution that waits may go on by its own address: somebody decided elsewhere than at a link. */
export async function decidedElsewhere(store: Store, id: string, nonce: string): Promise<Approval | undefined> {
	const approval = await store.approval(id);
	if (!approval?.resume || !nonce || new URL(approval.resume).searchParams.get('resume') !== nonce) return undefined;
	return (approval.status === 'approved' || approval.status === 'rejected') && (await goingOn(store, id)) ? approval : undefined;
}

/**
 * The page with the facts: the evaluation that the request is bound to, with its comparison on the same rows, its run, and the model in
 * use.
 */
async function questionPage(store: Store, approval: Approval, shown: { approver?: string; look?: Look }): Promise<string> {
	const { evaluation: id } = approval.subject;
	const evaluation = id ? (await store.get('evaluation', id)).body : undefined;
	const run = evaluation ? (await store.get('run', evaluation.runId)).body : undefined;
	const used = await inUse(store, approval, evaluation?.champion);
	const changes = await changesBetween(store, store, used, await askedAbout(store, approval, evaluation));
	return approvalPage(await approvalView(approval, evaluation, run, { ...shown, champion: used?.name, changes }));
}

/** The package that may be let in, and the run that made it, as far as an evaluation tells. */
async function askedAbout(store: Store, { subject }: Approval, evaluation: EvaluationRecord | undefined): Promise<Packaged | undefined> {
	const { model: digest } = subject;
	if (!digest) return undefined;
	const { runId } = evaluation ?? (await store.evaluationOf(digest))?.body ?? {};
	return { digest, runId };
}

/** The model in use that Evaluate compared with, or would have: by the alias that it was told, which need not be `champion`. */
async function inUse(
	store: Store,
	{ subject }: Approval,
	compared: EvaluationRecord['champion'],
): Promise<{ name: string; digest: string; runId: string } | undefined> {
	const { model, alias } = compared ?? { model: subject.modelName, alias: 'champion' };
	const version = model ? await store.alias(model, alias) : null;
	if (!model || version === null) return undefined;
	const record = await store.find('modelVersion', model, version);
	if (!record || record.body.digest === subject.model) return undefined;
	return { name: `${model}@${version}`, digest: record.body.digest, runId: record.body.runId };
}

/** Commits the decision; whoever came second sees who was first. `won` approvals resume the workflow. */
export async function decideApproval(
	store: Store,
	token: string,
	decision: 'approved' | 'rejected',
	comment: string,
): Promise<PageAnswer & { won?: Approval }> {
	const opened = await openLink(store, token);
	if ('html' in opened) return opened;
	const { approval, won } = await store.decideApproval(opened.approval.id, decision, opened.approver, cutText(comment, 2_000) || undefined);
	if (won) return { ...page(200, decidedPage(approval)), won: approval };
	return closedPage(approval, opened.approver) ?? page(409, alreadyDecidedPage(approval, opened.approver));
}

/** The items that were waiting, from the store (n8n resumes with what the webhook returns). */
export async function waitingItems(store: Store, approval: Approval): Promise<unknown> {
	return JSON.parse((await store.artifacts.get(approval.items)).toString('utf8'));
}

async function openLink(store: Store, token: string): Promise<PageAnswer | { approval: Approval; approver: string }> {
	try {
		const { approvalId, approver } = await verifyLink(store, token);
		const approval = await store.approval(approvalId);
		return approval ? { approval, approver } : page(404, invalidLinkPage());
	} catch (thrown) {
		const { code, details } = MlopsError.from(thrown);
		if (code === 'approval.link_stale')
			return page(410, expiredPage({ expiresAt: details.found ?? '', subject: { title: 'Request for approval' }, status: 'expired' }));
		if (code === 'approval.link_invalid') return page(401, invalidLinkPage());
		throw thrown;
	}
}

function closedPage(approval: Approval, approver: string): PageAnswer | undefined {
	if (approval.status === 'approved' || approval.status === 'rejected')
		return { ...page(409, alreadyDecidedPage(approval, approver)), decided: approval };
	const lapsed = approval.status !== 'pending' || Date.parse(approval.expiresAt) <= Date.now();
	return lapsed ? page(410, expiredPage(approval)) : undefined;
}
