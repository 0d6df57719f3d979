import { createHmac } from 'node:crypto';
import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { canonicalJson } from '../../domain/json.js';
import type { Store } from '../contract.js';
import { readLinkKey, sameText } from './keys.js';

const linkPayload = z.object({
	approvalId: z.string().min(1),
	/** One of the approval's named approvers: what the audit log will record. */
	approver: z.string().min(1),
	/** ISO time. */
	expires: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});
export type LinkPayload = z.infer<typeof linkPayload>;

/** What a link speaks about: the store that signs. */
type Signer = Pick<Store, 'id' | 'home'>;

const macOf = (key: Buffer, store: Signer, body: string): string =>
	createHmac('sha256', key).update(`approval ${store.id} ${body}`).digest('base64url');

/** A URL-safe token that says who may decide what until when, signed with the store's own key (HMAC-SHA256). */
export async function signLink(store: Signer, payload: LinkPayload): Promise<string> {
	const body = Buffer.from(canonicalJson(linkPayload.parse(payload))).toString('base64url');
	return `${body}.${macOf(await readLinkKey(store.home), store, body)}`;
}

/**
 * Reads a token that `signLink` made.
 * @throws `approval.link_invalid` when it was altered, cut, or made by another store; `approval.link_stale` when its time is over
 */
export async function verifyLink(store: Signer, token: string): Promise<LinkPayload> {
	const invalid = (): MlopsError =>
		new MlopsError('approval.link_invalid', 'This approval link is not valid: it was cut, changed, or made by another installation.', {
			remedy: 'Open the link exactly as it was sent to you, or ask for a new one.',
		});
	const [body, mac, ...rest] = String(token).split('.');
	if (!body || !mac || rest.length > 0) throw invalid();
	if (!sameText(macOf(await readLinkKey(store.home), store, body), mac)) throw invalid();
	const payload = linkPayload.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
	if (!payload.success) throw invalid();
	if (Date.now() > Date.parse(payload.data.expires)) {
		throw new MlopsError('approval.link_stale', 'This approval link has expired.', {
			found: payload.data.expires,
			remedy: 'Run the workflow again to ask for a new approval.',
		});
	}
	return payload.data;
}
