import { isLoopback, isLoopbackHost } from '../../lib/server/loopback.js';

describe('whether an address is reached from this machine alone', () => {
	it.each([
		'127.0.0.1',
		'127.8.9.10',
		'::1',
		'[::1]',
		'localhost',
		'LOCALHOST',
		'localhost.',
		'::ffff:127.0.0.1',
		'::ffff:7f00:1',
		'0:0:0:0:0:0:0:1',
	])('%s is', (address) => expect(isLoopback(address)).toBe(true));

	// An empty address and 0.0.0.0 listen everywhere; a name may lead anywhere.
	it.each([
		'',
		'0.0.0.0',
		'::',
		'::ffff:0.0.0.0',
		'10.0.0.1',
		'128.0.0.1',
		'126.255.255.255',
		'localhost.example.com',
		'notlocalhost',
		'127.1',
		'2130706433',
		'::2',
		'fe80::1%eth0',
		'127.0.0.1.nip.io',
	])('%s is not', (address) => expect(isLoopback(address)).toBe(false));

	it.each(['localhost:8080', '127.0.0.1', '[::1]:8080', 'LocalHost'])('a request to %s means this machine', (host) =>
		expect(isLoopbackHost(host)).toBe(true),
	);

	it.each([undefined, '', 'evil.example:8080', 'localhost.evil.example', '127.0.0.1.nip.io', 'user@evil.example', 'a b'])(
		'a request to %s does not',
		(host) => expect(isLoopbackHost(host)).toBe(false),
	);
});
