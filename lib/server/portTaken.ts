import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import type { ServeOptions } from '../domain/serveOptions.js';
import { MlopsError } from '../domain/errors.js';
import { cutText } from '../domain/text.js';

/**
 * Servers of one store may share a port, so that a new one takes over without a gap. Anything else that answers there is another program,
 * although Linux would let both listen.
 * @throws `serve.port_taken`
 */
export async function refuseTaken({ host, port, tlsCert }: ServeOptions, storeId: string): Promise<void> {
	if (port === 0) return;
	const at = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
	const open = await new Promise<boolean>((resolve) => {
		const socket = connect({ host: at, port, timeout: 1_000 }, () => done(true));
		const done = (answer: boolean): void => {
			socket.destroy();
			resolve(answer);
		};
		socket.on('error', () => done(false)).on('timeout', () => done(false));
	});
	if (!open) return;
	if ((await storeServedAt(at, port, tlsCert !== undefined)) === storeId) return;
	throw new MlopsError('serve.port_taken', `Port ${port} is taken by another program.`, {
		remedy: 'Choose another port, or stop the other program.',
	});
}

/** The store of the model server that answers there; undefined where something else does. */
async function storeServedAt(host: string, port: number, tls: boolean): Promise<unknown> {
	return await new Promise((resolve) => {
		const done = (response: IncomingMessage): void => {
			let text = '';
			response
				.setEncoding('utf8')
				.on('data', (chunk: string) => (text = cutText(`${text}${chunk}`, 1_000)))
				.on('end', () => {
					try {
						resolve((JSON.parse(text) as { store?: unknown }).store);
					} catch {
						resolve(undefined);
					}
				});
		};
		const options = { host, port, path: '/health/live', timeout: 2_000 };
		// Whose certificate it is does not matter here: nothing is sent, and only the store's own server knows its id.
		const request = tls ? httpsGet({ ...options, rejectUnauthorized: false }, done) : httpGet(options, done);
		request.on('timeout', () => request.destroy()).on('error', () => resolve(undefined));
	});
}
