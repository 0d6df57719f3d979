import { cancelledError, throwIfCancelled } from '../domain/cancel.js';
import { webAddress as addressIn } from '../http/address.js';
import { outboundGuard, refusalIn } from '../http/outboundGuard.js';
import { pause, waitFor } from '../http/retry.js';
import { MlopsError } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';
import { cutText } from '../domain/text.js';

const TIMEOUT = 15_000;
const MAX_BYTES = 1_000_000;
const ATTEMPTS = 4;

export interface Post {
	/** The channel's label, for errors. */
	channel: string;
	url: string;
	body: string;
	headers?: Record<string, string>;
	/** Texts that no error may repeat. */
	secrets?: string[];
	context: Context;
	/** Says what is wrong with an answer of 2xx, if anything. */
	problem?: (answer: string) => string | undefined;
}

/**
 * A web address a person typed. Only http and https; the error shows the host at most, since the path of a webhook is its secret.
 * @throws `notify.address_invalid`
 */
export function webAddress(channel: string, url: string): URL {
	const address = addressIn(url);
	if (address) return address;
	throw new MlopsError('notify.address_invalid', `${channel}: the webhook address is no web address.`, {
		expected: 'an address that starts with https://',
		remedy: `Copy the whole webhook address from ${channel} again.`,
	});
}

/** Takes secrets and addresses out of a text that somebody else wrote, and keeps it short. */
export function redact(text: string, secrets: readonly string[]): string {
	let clean = text.replace(/\s+/g, ' ').trim();
	for (const secret of secrets) if (secret.length > 3) clean = clean.replaceAll(secret, '***');
	clean = clean
		.replace(/\bhttps?:\/\/\S+/g, '***')
		.replace(/<[^>]*>/g, ' ')
		.replace(/ +/g, ' ')
		.trim();
	return clean.length > 160 ? `${cutText(clean, 159)}…` : clean;
}

const REMEDIES: Array<[(status: number) => boolean, string]> = [
	[(s) => s === 401 || s === 403, 'Check that the webhook or token is still valid and may post there.'],
	[(s) => s === 404 || s === 410, 'The webhook no longer exists: make a new one and paste its address.'],
	[(s) => s === 413, 'The message is too large: send fewer facts, or switch off sending the item along.'],
	[(s) => s === 429, 'It is being asked too often: wait a little, or send fewer messages.'],
	[(s) => s >= 300 && s < 400, 'The address has moved: paste the address it moved to.'],
	[(s) => s >= 400 && s < 500, 'It does not accept this message: check the address and the channel it belongs to.'],
	[(s) => s >= 500, 'It has a problem of its own: run this again later, and set "Retry on fail" in the node\'s settings.'],
];
export const remedyFor = (status: number): string => REMEDIES.find(([fits]) => fits(status))?.[1] ?? 'Check the address.';

/** The one error a channel throws when a message did not arrive. */
export const channelFailed = (channel: string, what: string, remedy: string): MlopsError =>
	new MlopsError('notify.channel_failed', `The message did not reach ${channel}: ${what}`, { remedy });

/**
 * Posts a body, trying again on 429, 5xx and broken connections (4 tries in all, waiting as the server asks, else 0.5, 1, 2 s).
 * Redirects are not followed, answers over 1 MB are refused.
 * @throws `notify.channel_failed` with channel, status and remedy, and without address or secret
 */
export async function post({
	channel,
	url,
	body,
	headers = {},
	secrets = [],
	context,
	problem,
}: Post): Promise<{ status: number; answer: string; attempts: number }> {
	const address = webAddress(channel, url);
	if (Buffer.byteLength(body) > MAX_BYTES) throw channelFailed(channel, 'it is larger than 1 MB.', remedyFor(413));
	const hidden = [...secrets, url, address.pathname + address.search, ...address.pathname.split('/'), address.password].filter(
		(s) => s.length > 5,
	);
	const { default: axios, isAxiosError, isCancel } = await import('axios');
	const guard = outboundGuard();
	for (let attempt = 1; ; attempt++) {
		throwIfCancelled(context, 'Sending');
		let failure: { what: string; remedy: string; retry: boolean; after?: unknown };
		try {
			await guard?.check(address);
			const response = await axios.post<string>(address.href, body, {
				headers: { 'Content-Type': 'application/json; charset=utf-8', 'User-Agent': 'n8n-nodes-mlops', ...headers },
				timeout: TIMEOUT,
				signal: context.signal,
				maxRedirects: 0,
				maxContentLength: MAX_BYTES,
				maxBodyLength: MAX_BYTES * 2,
				responseType: 'text',
				transformResponse: (data: unknown) => data,
				validateStatus: () => true,
				...guard?.agents(address),
			});
			const answer = typeof response.data === 'string' ? response.data : '';
			const wrong = response.status >= 200 && response.status < 300 ? problem?.(answer) : '';
			if (wrong === undefined) return { status: response.status, answer, attempts: attempt };
			const said = redact(wrong || answer, hidden);
			failure = {
				what: `${address.hostname} answered ${response.status}${said ? ` (${said})` : ''}.`,
				remedy: remedyFor(wrong ? 400 : response.status),
				retry: !wrong && (response.status === 429 || response.status >= 500),
				after: response.headers['retry-after'],
			};
		} catch (error) {
			if (isCancel(error) || context.signal.aborted) throw cancelledError('Sending');
			if (refusalIn(error))
				throw channelFailed(
					channel,
					`n8n does not allow requests to ${address.hostname}.`,
					'Use another address, or let the administrator add it to N8N_SSRF_ALLOWED_HOSTNAMES or N8N_SSRF_ALLOWED_IP_RANGES.',
				);
			const code = isAxiosError(error) ? (error.code ?? '') : '';
			// The cause is left out on purpose: it holds address and headers.
			failure = {
				what:
					code === 'ECONNABORTED' || code === 'ETIMEDOUT'
						? `${address.hostname} did not answer within ${TIMEOUT / 1000} seconds.`
						: `${address.hostname} could not be reached${/^[A-Z_]+$/.test(code) ? ` (${code})` : ''}.`,
				remedy: 'Check the address, and that this n8n may reach it through firewall and proxy.',
				retry: code !== 'ENOTFOUND' && !/^ERR_(BAD|INVALID|FR)/.test(code),
			};
		}
		if (!failure.retry || attempt >= ATTEMPTS)
			throw channelFailed(channel, `${failure.what}${attempt > 1 ? ` Tried ${attempt} times.` : ''}`, failure.remedy);
		context.note('notify_retry', `${channel}: ${failure.what} Trying again.`);
		await pause(waitFor(attempt, failure.after), () => throwIfCancelled(context, 'Sending'));
	}
}

/** Cuts a text to a service's limit, at a character. */
export const cut = (text: string, length: number): string => {
	const chars = [...text];
	return chars.length <= length ? text : `${chars.slice(0, length - 1).join('')}…`;
};

/** Links with an address that a browser opens; anything else could run something. */
export const safeLinks = <T extends { url: string }>(links: readonly T[]): T[] =>
	links.filter(({ url }) => /^(https?:\/\/|mailto:)/i.test(url));

/** As many whole texts, joined, as fit a service's limit: half a link leads nowhere. */
export function joinWithin(parts: readonly string[], separator: string, limit: number): string {
	let joined = '';
	for (const part of parts) {
		const longer = joined === '' ? part : joined + separator + part;
		if (longer.length <= limit) joined = longer;
	}
	return joined;
}
