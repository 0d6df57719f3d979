import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { n8nSetting } from '../compute/setting.js';
import { MlopsError } from '../domain/errors.js';

/**
 * The ranges that n8n blocks unless told otherwise (`N8N_SSRF_BLOCKED_IP_RANGES`, where "default" stands for them):
 * private networks, this machine, link-local (where clouds serve credentials), and what is set aside for documentation and tests.
 */
const DEFAULT_RANGES = [
	'10.0.0.0/8',
	'172.16.0.0/12',
	'192.168.0.0/16',
	'127.0.0.0/8',
	'::1/128',
	'169.254.0.0/16',
	'fe80::/10',
	'fc00::/7',
	'fd00::/8',
	'0.0.0.0/8',
	'192.0.0.0/24',
	'192.0.2.0/24',
	'198.18.0.0/15',
	'198.51.100.0/24',
	'203.0.113.0/24',
];
/** The address that belongs to no machine, in its longer form too, and every address of IPv6 that only wraps one of IPv4. */
const UNSPECIFIED = '::';

/** n8n's guard against requests to inner addresses, for requests that do not go through n8n. */
export interface Guard {
	/** Refuses an address whose host is blocked, or leads to a blocked one. @throws `data.source_refused` */
	check(address: URL): Promise<void>;
	/** Agents that connect to nothing blocked, whatever the name leads to at that moment; a proxy of the environment is let through. */
	agents(address: URL, tls?: Tls): { httpAgent: http.Agent; httpsAgent: https.Agent };
}

/** What https is to trust besides the well-known authorities, as PEM. */
export type Tls = Pick<https.AgentOptions, 'ca'>;

/** The guard as n8n's settings (`N8N_SSRF_*`) describe it; undefined where `N8N_SSRF_PROTECTION_ENABLED` is not on. */
export function outboundGuard(environment: NodeJS.ProcessEnv = process.env): Guard | undefined {
	const setting = (name: string) => n8nSetting(name, environment);
	if (!['true', '1'].includes((setting('N8N_SSRF_PROTECTION_ENABLED') ?? '').toLowerCase())) return undefined;
	const listed = (name: string) =>
		(setting(name) ?? '')
			.split(',')
			.map((entry) => entry.trim())
			.filter(Boolean);
	const blockedRanges =
		setting('N8N_SSRF_BLOCKED_IP_RANGES') === undefined
			? DEFAULT_RANGES
			: listed('N8N_SSRF_BLOCKED_IP_RANGES').flatMap((entry) => (entry.toLowerCase() === 'default' ? DEFAULT_RANGES : entry));
	const blocked = rangesOf(blockedRanges);
	const allowed = rangesOf(listed('N8N_SSRF_ALLOWED_IP_RANGES'));
	const blockedHosts = hostsOf(listed('N8N_SSRF_BLOCKED_HOSTNAMES'));
	const allowedHosts = hostsOf(listed('N8N_SSRF_ALLOWED_HOSTNAMES'));

	const checkIp = (host: string, ip: string): void => {
		const plain = unwrapped(ip);
		const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
		if (allowed.check(plain, family) || !(blocked.check(plain, family) || (plain === UNSPECIFIED && blocked.check('0.0.0.0', 'ipv4'))))
			return;
		throw inner(host);
	};
	/** What is known without asking the network; true when everything is. */
	const checkName = (host: string): boolean => {
		if (isIP(host)) {
			checkIp(host, host);
			return true;
		}
		if (allowedHosts(host)) return true;
		if (blockedHosts(host)) throw inner(host);
		return false;
	};
	return {
		async check(address) {
			const host = hostOf(address);
			if (checkName(host)) return;
			// A host that has no address cannot be reached: the request says so.
			for (const { address: ip } of await lookup(host, { all: true }).catch(() => [] as LookupAddress[])) checkIp(host, ip);
		},
		agents(address, tls) {
			const target = hostOf(address);
			const guardedLookup: LookupFunction = (host, options, done) => {
				systemLookup(host, { ...options, all: true }, (error, found) => {
					try {
						if (error) throw error;
						if (host === target && !allowedHosts(host)) for (const { address: ip } of found) checkIp(host, ip);
						if (options.all) done(null, found);
						else done(null, found[0].address, found[0].family);
					} catch (thrown) {
						done(thrown as NodeJS.ErrnoException, options.all ? [] : '');
					}
				});
			};
			return {
				httpAgent: guarded(new http.Agent({ lookup: guardedLookup }), target, checkName),
				httpsAgent: guarded(new https.Agent({ ...tls, lookup: guardedLookup }), target, checkName),
			};
		},
	};
}

/** An address that is written as a number is connected to without any lookup, so it is checked here. */
function guarded<A extends http.Agent>(agent: A, target: string, checkName: (host: string) => boolean): A {
	type Connect = (options: { host?: string | null }, done?: (error: Error | null, socket?: Duplex) => void) => Duplex | null | undefined;
	const own = agent as unknown as { createConnection: Connect };
	const connect = own.createConnection.bind(agent) as Connect;
	own.createConnection = (options, done) => {
		const host = (options.host ?? '').replace(/^\[|\]$/g, '').toLowerCase();
		if (host === target) checkName(host);
		return connect(options, done);
	};
	return agent;
}

/** The host as it is looked up: no brackets, no dot at the end. */
const hostOf = (address: URL): string =>
	address.hostname
		.replace(/^\[|\]$/g, '')
		.replace(/\.$/, '')
		.toLowerCase();

const WRAPPED = /^(?:::(?:ffff:(?:0:)?)?|64:ff9b:(?:1:)?:)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** An address of IPv4 inside one of IPv6 (mapped, compatible, translated by SIIT or NAT64, 6to4) is the one that is reached. */
function unwrapped(ip: string): string {
	if (isIP(ip) !== 6) return ip;
	const plain = new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1);
	const [, high, low] = WRAPPED.exec(plain) ?? /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/.exec(plain) ?? [];
	if (high === undefined) return plain;
	const [a, b] = [parseInt(high, 16), parseInt(low, 16)];
	return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

function rangesOf(entries: readonly string[]): BlockList {
	const list = new BlockList();
	for (const entry of entries) {
		const [network, prefix] = entry.split('/');
		const version = isIP(network);
		if (version && /^\d+$/.test(prefix ?? '') && Number(prefix) <= (version === 6 ? 128 : 32))
			list.addSubnet(network, Number(prefix), version === 6 ? 'ipv6' : 'ipv4');
	}
	return list;
}

function hostsOf(patterns: readonly string[]): (host: string) => boolean {
	const plain = patterns.map((pattern) => pattern.toLowerCase().replace(/\.$/, ''));
	return (host) => plain.some((p) => (p.startsWith('*.') ? host.endsWith(p.slice(1)) && host.length > p.length - 1 : host === p));
}

/** What the guard said, where a request failed because of it: said while connecting, it lies inside the error of the request. */
export function refusalIn(thrown: unknown): MlopsError | undefined {
	for (let at = thrown, depth = 0; at && depth < 5; at = (at as { cause?: unknown }).cause, depth++)
		if (at instanceof MlopsError) return at;
	return undefined;
}

const inner = (host: string): MlopsError =>
	new MlopsError('data.source_refused', `n8n does not allow requests to ${host}.`, {
		expected: 'an address outside the networks that this n8n keeps requests from',
		remedy: 'Use another address, or let the administrator add it to N8N_SSRF_ALLOWED_HOSTNAMES or N8N_SSRF_ALLOWED_IP_RANGES.',
	});
