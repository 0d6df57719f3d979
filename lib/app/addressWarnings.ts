import { cutText } from '../domain/text.js';

const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|f[cd][0-9a-f]{2}:|fe80:)/i;

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').toLowerCase();

const isLocal = (host: string): boolean =>
	host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '::1' || host === '0.0.0.0' || host === '::';

/** Whether an address opens on this machine alone. */
export function opensHereAlone(url: string): boolean {
	const address = URL.parse(url);
	return address !== null && isLocal(hostOf(address));
}

/**
 * What will keep people from opening links to this n8n, one sentence each with the remedy; empty if nothing is known.
 * @param url n8n's public address (`WEBHOOK_URL`) or a link made from it
 */
export function addressWarnings(url: string): string[] {
	let address: URL;
	try {
		address = new URL(url);
	} catch {
		return [
			`“${cutText(url, 80)}” is no web address, so links would not work. Set WEBHOOK_URL to n8n's public address, for ` +
				`example https://n8n.example.com/.`,
		];
	}
	if (address.protocol !== 'http:' && address.protocol !== 'https:')
		return [
			`The address starts with ${address.protocol}// and browsers will not open it. Set WEBHOOK_URL to an address that starts with ` +
				'https://.',
		];
	const host = hostOf(address);
	const warnings: string[] = [];
	const local = isLocal(host);
	if (local)
		warnings.push(
			`Links will point to ${address.host}, which only works on the machine that runs n8n. Set WEBHOOK_URL to the address ` +
				`under which others reach n8n.`,
		);
	else if (PRIVATE.test(host) || host.endsWith('.local') || !/[.:]/.test(host))
		warnings.push(
			`Links will point to ${address.host}, which only works inside your own network. If an approver is outside it, set ` +
				`WEBHOOK_URL to a public address.`,
		);
	if (address.protocol === 'http:' && !local)
		warnings.push(
			'Links go over http without encryption, so whoever reads along could use them. Put n8n behind https and set WEBHOOK_URL ' +
				'to that address.',
		);
	// n8n's own part of a waiting link; what stands before it is a prefix.
	const prefix = address.pathname.replace(/\/(webhook|form)[^/]*\/.*$/, '').replace(/\/+$/, '');
	if (prefix)
		warnings.push(
			`n8n's address lies under the path ${prefix}/. Where a proxy strips that path, n8n refuses signed links with 401. ` +
				`Serve n8n from the root of a host name of its own.`,
		);
	return warnings;
}
