import { webAddress } from '../../lib/http/address.js';
import { pause, waitFor } from '../../lib/http/retry.js';

it('waits as Retry-After says, in seconds or until a date, never too long; else longer each time', () => {
	expect(waitFor(1)).toBe(500);
	expect(waitFor(3)).toBe(2000);
	expect(waitFor(1, '2')).toBe(2000);
	expect(waitFor(1, 'Mon, 01 Jan 2001 00:00:05 GMT', Date.UTC(2001, 0, 1))).toBe(5000);
	expect(waitFor(1, '86400')).toBe(30_000);
	expect(waitFor(2, 'nonsense')).toBe(1000);
});

it('a pause ends as soon as the work is to end', async () => {
	let looked = 0;
	const stop = () => {
		if (++looked === 2) throw new Error('stopped');
	};
	await expect(pause(60_000, stop)).rejects.toThrow('stopped');
});

it.each([
	[' https://example.com/a?b#c ', 'https://example.com/a?b#c'],
	['http://127.0.0.1:1', 'http://127.0.0.1:1/'],
	['ftp://example.com', undefined],
	['file:///etc/passwd', undefined],
	['example.com', undefined],
	['', undefined],
])('%j is the web address %j', (text, address) => {
	expect(webAddress(text)?.href).toBe(address);
});
