import type { IncomingMessage } from 'node:http';
import { MlopsError } from '../domain/errors.js';
import { refusal } from './failures.js';

/** What all headers of a name say, in the order in which they came. */
function allOf(rawHeaders: readonly string[], name: string): string[] {
	const texts: string[] = [];
	for (let i = 0; i < rawHeaders.length; i += 2)
		if (rawHeaders[i].length === name.length && rawHeaders[i].toLowerCase() === name) texts.push(rawHeaders[i + 1]);
	return texts;
}

/**
 * Refuses a request of HTTP/1.1 that names no host, which Node would refuse without a word of why; and what Node's parser takes although it
 * can be read in two ways: a host that is told twice (RFC 9112, 3.2: 400), of which Node keeps the first and a proxy before it may have
 * looked at the other; likewise two callers, whose one the proxy may have let in and the other of whom would be answered (RFC 9110, 11.6.2:
 * credentials are no list); and a body with a transfer coding beside chunks, which Node hands on as if it had none. The last is a body that
 * is packed, whatever header says so: 415 rather than 501, which would count as our own failure.
 * @param last told before that: such a connection ends with the refusal, so that nothing behind it is read in two ways either
 */
export function assertOneMeaning(
	{ rawHeaders, headers, httpVersion }: Pick<IncomingMessage, 'rawHeaders' | 'headers' | 'httpVersion'>,
	last: () => void,
): void {
	const refuse = (message: string, name: string, times: number): never => {
		last();
		throw new MlopsError('serve.request_invalid', message, {
			expected: `one header ${name}`,
			found: `${times} of them`,
			remedy: 'Look at proxies on the way: one adds a header where it should replace it.',
		});
	};
	const hosts = allOf(rawHeaders, 'host').length;
	if (hosts === 0 && httpVersion === '1.1') {
		last();
		throw new MlopsError('serve.request_invalid', 'The request names no host.', {
			expected: 'one header Host (RFC 9112, 3.2)',
			remedy: 'Send it; its value may be empty.',
		});
	}
	if (hosts > 1) refuse('The request names its host more than once.', 'Host', hosts);
	const keys = allOf(rawHeaders, 'x-api-key').length;
	if (keys > 1) refuse('The request has more than one API key.', 'X-API-Key', keys);
	const callers = allOf(rawHeaders, 'authorization');
	// The same one twice, as some proxies make it, says one thing.
	if (callers.some((text) => text !== callers[0])) refuse('The request names two callers.', 'Authorization', callers.length);
	const coding = headers['transfer-encoding'];
	if (coding === undefined || coding.trim().toLowerCase() === 'chunked') return;
	last();
	throw refusal('packed');
}
