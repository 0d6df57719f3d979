import { createHmac } from 'node:crypto';
import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { canonicalJson } from '../../domain/json.js';
import type { LinkSigner, Store } from '../contract.js';
import { sameText, type Keyring } from './keyring.js';

const linkPayload = z.object({
	approvalId: z.string().min(1),
	/** One of the approval's named approvers: what the audit log will record. */
	approver: z.string().min(1),
	/** ISO time. */
	expires: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});
export type LinkPayload = z.infer<typeof linkPayload>;

/** Signs with the store's own key (HMAC-SHA256); a signature of a later key than the first ends with a full stop and the key's id. */
export function createLinkSigner(ring: Keyring, storeId: string): LinkSigner {
	const macOf = (key: Buffer, text: string): string => createHmac('sha256', key).update(`approval ${storeId} ${text}`).digest('base64url');
	return {
		async sign(text) {
			const { id, key } = await ring.newest(true);
			return id === 1 ? macOf(key, text) : `${macOf(key, text)}.${id}`;
		},
		async fits(text, given) {
			const [mac, id, ...rest] = given.split('.');
			if (rest.length > 0 || (id !== undefined && !/^([2-9]|[1-9]\d{1,5})$/.test(id))) return false;
			const key = await ring.numbered(Number(id ?? 1));
			return key !== undefined && sameText(macOf(key, text), mac);
		},
	};
}

/** What a link speaks about: the store that signs. */
type Signer = Pick<Store, 'links'>;

/** A URL-safe token that says who may decide what until when. */
export async function signLink(store: Signer, payload: LinkPayload): Promise<string> {
	const body = Buffer.from(canonicalJson(linkPayload.parse(payload))).toString('base64url');
	return `${body}.${await store.links.sign(body)}`;
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
	const [, body, mac] = /^([^.]+)\.(.+)$/.exec(String(token)) ?? [];
	if (!body || !mac || !(await store.links.fits(body, mac))) throw invalid();
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
