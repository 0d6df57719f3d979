import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Whether what listens at this address is reached from this machine alone: 127.0.0.0/8 (also inside an address of IPv6), ::1, localhost.
 * Only there may a server run without keys.
 */
export function isLoopback(address: string): boolean {
	const host = address
		.trim()
		.toLowerCase()
		.replace(/^\[(.*)\]$/, '$1')
		.replace(/\.$/, '');
	if (host === 'localhost' || host.endsWith('.localhost')) return true;
	const family = isIP(host);
	return family !== 0 && LOOPBACK.check(host.replace(/%.*$/, ''), family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Whether a request's `Host` names this machine. Without keys, a web page whose own name leads to 127.0.0.1 must not reach the server
 * through the browser of whoever looks at it (DNS rebinding).
 */
export const isLoopbackHost = (host: string | undefined): boolean =>
	host !== undefined && isLoopback(URL.parse(`http://${host}`)?.hostname ?? '');
