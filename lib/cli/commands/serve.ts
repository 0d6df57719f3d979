import process from 'node:process';
import { serveOptions } from '../../server/options.js';
import { startServer } from '../../server/start.js';
import { defineCommand } from '../contract.js';

/** The model server, until it is told to stop. */
export const serve = defineCommand({
	name: 'serve',
	does: 'Serves the registered models over HTTP until it is stopped.',
	options: serveOptions,
	examples: ['mlops serve --no-keys', 'mlops serve --host 0.0.0.0 --port 8080 --tls-cert cert.pem --tls-key key.pem'],
	async run(options, desk) {
		const { store } = await desk.session();
		const server = await startServer(store, serveOptions.parse(options));
		process.stderr.write(`Serving at ${server.address}\n`);
		// Who started it as a process of its own hears where it is, and ends it by going away.
		process.send?.({ ready: { port: server.port, address: server.address } });
		const stop = (): void => void server.stop();
		const onMessage = (message: unknown): void => {
			if ((message as { stop?: unknown } | null)?.stop === true) stop();
		};
		desk.context.signal.addEventListener('abort', stop);
		process.on('disconnect', stop).on('message', onMessage);
		await server.ended;
		// As long as somebody listens to it, the channel keeps this process alive.
		process.off('disconnect', stop).off('message', onMessage);
		return { json: { stopped: true }, text: 'Stopped.' };
	},
});
