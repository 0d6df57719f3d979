import { MlopsError } from '../domain/errors.js';
import { invalidLinkPage, APPROVAL_HEADERS } from '../notify/approvalPage.js';
import type { Store } from '../store/contract.js';
import { opensHereAlone } from './addressWarnings.js';
import { openApprovalPage, type PageAnswer } from './approval.js';
import { runningServers } from './runningServers.js';
import { cutText } from '../domain/text.js';

/** What is signed: neither half can be used with another. */
const signed = (token: string, to: string): string => `lasting ${token} ${to}`;

/**
 * An approver's link that goes on answering when the workflow has gone on, which n8n's own does not: it leads to a model server of the same
 * store (`GET /approvals`). That sends whoever may still decide on to n8n, and tells others who decided what, and when.
 * @param server the model server's address as approvers reach it
 * @param n8n the link to n8n's page
 * @throws `input.invalid` where `server` is no web address
 */
export async function lastingLink(store: Pick<Store, 'links'>, server: string, token: string, n8n: string): Promise<string> {
	const base = URL.parse(server.trim());
	if (!base || !/^https?:$/.test(base.protocol))
		throw new MlopsError('input.invalid', 'The address of the model server is no web address.', {
			found: cutText(server, 200),
			expected: 'such as https://models.example.com',
			remedy: 'Correct "Address of the Model Server", or leave it empty.',
		});
	const to = Buffer.from(n8n).toString('base64url');
	const url = new URL('approvals', base.href.endsWith('/') ? base : `${base.href}/`);
	url.search = new URLSearchParams({ token, to, sig: await store.links.sign(signed(token, to)) }).toString();
	return url.href;
}

/**
 * The model server that such links lead through where none is named: one of this store that opens on this machine alone, as n8n's own link
 * does, so whoever can open one can open the other. Undefined where none runs, and where n8n is reached from elsewhere.
 */
export async function serverBeside(store: Pick<Store, 'progressUnder'>, n8n: string): Promise<string | undefined> {
	if (!opensHereAlone(n8n)) return undefined;
	// A store that cannot say so now: n8n's own link does.
	const servers = await runningServers(store).catch(() => []);
	return servers.find(({ url }) => opensHereAlone(url))?.url;
}

/** What such a link shows: a page, or where to go on. Changes nothing, whoever opens it. */
export async function openLastingLink(
	store: Store,
	{ token, to, sig }: { token: string; to: string; sig: string },
): Promise<PageAnswer | { redirect: string }> {
	// Signed as well, so that nobody can make this address lead elsewhere.
	if (!(await store.links.fits(signed(token, to), sig))) return { status: 401, headers: APPROVAL_HEADERS, html: invalidLinkPage() };
	const page = await openApprovalPage(store, token);
	return page.status === 200 ? { redirect: Buffer.from(to, 'base64url').toString('utf8') } : page;
}
