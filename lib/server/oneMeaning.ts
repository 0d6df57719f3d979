import type { IncomingMessage } from 'node:http';
import { MlopsError } from '../domain/errors.js';
import { refusal } from './failures.js';

/**
 * Refuses what Node's parser takes although it can be read in two ways: a host that is told twice (RFC 9112, 3.2: 400), of which Node keeps
 * the first and a proxy before it may have looked at the other; and a body with a transfer coding beside chunks, which Node hands on as if
 * it had none. The latter is a body that is packed, whatever header says so: 415 rather than 501, which would count as our own failure.
 * @param last told before that: such a connection ends with the refusal, so that nothing behind it is read in two ways either
 */
export function assertOneMeaning({ rawHeaders, headers }: Pick<IncomingMessage, 'rawHeaders' | 'headers'>, last: () => void): void {
	let hosts = 0;
	for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i].length === 4 && rawHeaders[i].toLowerCase() === 'host') hosts++;
	if (hosts > 1) {
		last();
		throw new MlopsError('serve.request_invalid', 'The request names its host more than once.', {
			expected: 'one header Host',
			found: `${hosts} of them`,
			remedy: 'Look at proxies on the way: one adds a header where it should replace it.',
		});
	}
	const coding = headers['transfer-encoding'];
	if (coding === undefined || coding.trim().toLowerCase() === 'chunked') return;
	last();
	throw refusal('packed');
}
