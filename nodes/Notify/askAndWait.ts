import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IExecuteFunctions, INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { addressWarnings } from '../../lib/app/addressWarnings.js';
import { askForApproval, decideApproval, decidedElsewhere, openApprovalPage, waitingItems } from '../../lib/app/approval.js';
import { consoleLink } from '../../lib/app/consoleLink.js';
import { lastingLink, serverBeside } from '../../lib/app/approvalLinks.js';
import type { ResumeAnswer } from '../../lib/app/approvalResume.js';
import { peopleOf } from '../../lib/app/modelPeople.js';
import { channelChoice } from '../../lib/app/catalogue.js';
import { assertOurs, modelIn } from '../../lib/app/itemHandles.js';
import { CONSOLE_PATHS } from '../../lib/domain/consolePaths.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { itemEvaluation } from '../../lib/domain/item.js';
import type { Approval } from '../../lib/domain/approval.js';
import { withPages } from '../shared/consolePages.js';
import { errorItem, nodeError, notYetItem } from '../shared/execute.js';
import { NotYet, orNotYet } from '../shared/notYet.js';
import { openRuntimeStore, type Store } from '../shared/runtime.js';
import { messageOf, sendBy } from './send.js';

/** While the workflow runs on, n8n answers links by itself; who decides in the same moment as another shall still see our page. */
const GRACE_MS = 1_000;

/** A decision this old whose execution still waits was cut off before the workflow could go on (n8n was stopped just then). */
const CUT_OFF_AFTER_MS = 10_000;

/** n8n answers a link of a running or failed execution with JSON, unless its address contains these words: then with a page. */
const PAGE_FOR_ERRORS = { page: 'form-waiting' };

/**
 * Files the request, sends each approver a message with their own signed link, and lets the execution wait. All items wait together for one
 * decision.
 */
export async function askAndWait(functions: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = functions.getInputData();
	try {
		await orNotYet(functions, async () => assertApprovers(functions), ['input.invalid']);
		const store = await openRuntimeStore(functions);
		const model = modelIn(items[0].json);
		if (model) assertOurs(store, model.storeId);
		const evaluation = itemEvaluation.safeParse(items[0].json.evaluation);
		const message = messageOf(functions, 0, items[0]);
		const expiresMinutes = (functions.getNodeParameter('expiresHours', 0) as number) * 60;
		const { approval, tokens } = await askForApproval(store, {
			title: message.title,
			expiresMinutes,
			items,
			executionId: functions.getExecutionId(),
			resume: functions.getSignedResumeUrl({ resume: randomBytes(16).toString('base64url') }),
			approvers: [...namedApprovers(functions), ...(await accountable(functions, store, model?.name))],
			modelName: model?.name,
			model: model?.digest,
			evaluation: evaluation.success ? evaluation.data.id : undefined,
		});
		// Where links go to n8n's log alone, whoever runs the workflow by hand could read them there: then the node shows them too. A link that
		// went to a person stays theirs.
		const mayShow = functions.getMode() === 'manual' && channelChoice(functions.getNodeParameter('channel', 0) as string).toLog === true;
		const links = tokens.map(({ approver, token }) => ({
			approver,
			token,
			url: functions.getSignedResumeUrl({ ...PAGE_FOR_ERRORS, token }),
		}));
		for (const warning of addressWarnings(links[0].url)) functions.logger.warn(warning);
		try {
			const server = (functions.getNodeParameter('serverUrl', 0, '') as string) || (await serverBeside(store, links[0].url));
			if (server) for (const link of links) link.url = await lastingLink(store, server, link.token, link.url);
			const page = await consoleLink(store, CONSOLE_PATHS.approval(approval.id));
			const inConsole = page === undefined ? [] : [{ label: 'See the request in the console', url: page }];
			// A link decides in its approver's name, so it goes to nobody else where the channel can tell people apart.
			for (const { approver, url } of links)
				await sendBy(
					functions,
					0,
					{ ...message, links: [{ label: `Approval page for ${approver}`, url }, ...inConsole, ...message.links] },
					{ person: approver },
				);
			await functions.putExecutionToWait(new Date(approval.expiresAt));
			if (mayShow) functions.setMetadata({ resumeUrl: links[0].url });
		} catch (thrown) {
			// Nobody waits for an answer now: those who have a link already are told so.
			await store.decideApproval(approval.id, 'closed', 'system');
			throw thrown;
		}
		const pending = {
			id: approval.id,
			status: approval.status,
			...(mayShow ? { links: links.map(({ approver, url }) => ({ approver, url })) } : {}),
		};
		return [await Promise.all(items.map(async (item) => ({ ...item, json: await withPages(store, { ...item.json, approval: pending }) })))];
	} catch (thrown) {
		if (thrown instanceof NotYet) return [items.map((_, i) => notYetItem(functions, thrown, i)), []];
		// Whatever goes wrong, nothing leaves by "Approved".
		if (!functions.continueOnFail()) throw nodeError(functions.getNode(), thrown, 0);
		return [items.map((_, i) => errorItem(functions, thrown, i)), []];
	}
}

const namedApprovers = (functions: IExecuteFunctions): string[] =>
	String(functions.getNodeParameter('approvers', 0, ''))
		.split(',')
		.filter((name) => name.trim());

const asksAccountable = (functions: IExecuteFunctions): boolean => functions.getNodeParameter('askAccountable', 0, false) === true;

const accountable = async (functions: IExecuteFunctions, store: Store, model: string | undefined): Promise<string[]> =>
	asksAccountable(functions) && model !== undefined ? (await peopleOf(store, model)).accountable : [];

/** The store refuses as well; asked here, so that it can be told from what else may be wrong. */
function assertApprovers(functions: IExecuteFunctions): Promise<void> {
	if (namedApprovers(functions).length > 0 || asksAccountable(functions)) return Promise.resolve();
	throw new MlopsError('input.invalid', 'Nobody is named who may decide.', {
		remedy: 'Enter a name or an e-mail address under "Approvers".',
	});
}

/** GET shows the page and changes nothing; POST decides, and only the first decision resumes the workflow. */
export async function answerApproval(functions: IWebhookFunctions): Promise<IWebhookResponseData> {
	const request = functions.getRequestObject();
	const response = functions.getResponseObject();
	const store = await openRuntimeStore(functions);
	if (request.query.resume !== undefined) return await goOn(functions, store, String(request.query.resume));
	const token = String(request.query.token ?? '');
	const body = functions.getBodyData() as { decision?: string; comment?: string };
	const decision = request.method === 'POST' && (body.decision === 'approved' || body.decision === 'rejected') ? body.decision : undefined;
	const answer = decision ? await decideApproval(store, token, decision, String(body.comment ?? '')) : await openApprovalPage(store, token);
	response.status(answer.status).set(answer.headers).send(answer.html);
	const won = 'won' in answer ? (answer.won as Approval | undefined) : undefined;
	if (won) await sleep(GRACE_MS);
	const resumes = won ?? cutOff(answer.decided);
	if (!resumes) return { noWebhookResponse: true };
	return await resumed(store, resumes);
}

async function resumed(store: Store, approval: Approval): Promise<IWebhookResponseData> {
	const items = await restored(store, (await waitingItems(store, approval)) as INodeExecutionData[], approval);
	return { noWebhookResponse: true, workflowData: approval.status === 'approved' ? [[], items] : [items, []] };
}

/** A model server says that somebody decided in its console. Whatever asks here decides nothing itself. */
async function goOn(functions: IWebhookFunctions, store: Store, nonce: string): Promise<IWebhookResponseData> {
	const { approval: id } = functions.getRequestObject().method === 'POST' ? (functions.getBodyData() as { approval?: unknown }) : {};
	const decided = typeof id === 'string' ? await decidedElsewhere(store, id, nonce) : undefined;
	const answer: ResumeAnswer = { mlops: decided ? 'goes_on' : 'undecided' };
	functions
		.getResponseObject()
		.status(decided ? 200 : 409)
		.json(answer);
	return decided ? await resumed(store, decided) : { noWebhookResponse: true };
}

/** n8n calls the webhook of waiting executions alone, and lets each go on only once. */
const cutOff = (decided: Approval | undefined): Approval | undefined =>
	decided?.decidedAt && Date.now() - Date.parse(decided.decidedAt) > CUT_OFF_AFTER_MS ? decided : undefined;

const restored = async (store: Store, items: INodeExecutionData[], approval: Approval): Promise<INodeExecutionData[]> => {
	const { id, status, decidedBy: by, comment, decidedAt: at } = approval;
	return await Promise.all(
		items.map(async (item, i) => ({
			...item,
			json: await withPages(store, { ...item.json, approval: { id, status, by, comment, at } }),
			pairedItem: { item: i },
		})),
	);
};
