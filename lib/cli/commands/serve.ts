import process from 'node:process';
import { MlopsError } from '../../domain/errors.js';
import { serveOptions } from '../../domain/serveOptions.js';
import { storeRef } from '../../domain/storeRef.js';
import { cloudOptions } from '../../server/clouds.js';
import { startServer } from '../../server/start.js';
import { openStore } from '../../store/openStore.js';
import { defineCommand } from '../contract.js';

const { port, host } = serveOptions.shape;

/** What is not typed, the variables of a platform say: Vertex AI, SageMaker, Knative. */
const options = serveOptions.extend({
	port: port
		.unwrap()
		.default(() => cloudOptions(process.env).port ?? port.parse(undefined))
		.meta(port.meta()!),
	host: host
		.unwrap()
		.default(() => cloudOptions(process.env).host ?? host.parse(undefined))
		.meta(host.meta()!),
	store: storeRef.optional().meta({ description: 'Where the store is, as its reference; else as --home says' }),
});

/** The model server, until it is told to stop. */
export const serve = defineCommand({
	name: 'serve',
	does: 'Serves the registered models over HTTP until it is stopped.',
	options,
	examples: ['mlops serve --no-keys', 'mlops serve --host 0.0.0.0 --port 8080 --tls-cert cert.pem --tls-key key.pem'],
	async run({ store: ref, ...given }, desk) {
		const { promise: asked, resolve: stop } = Promise.withResolvers<void>();
		const onMessage = (message: unknown): void => {
			if ((message as { stop?: unknown } | null)?.stop === true) stop();
		};
		// It may be told to stop before it serves.
		if (desk.context.signal.aborted) stop();
		desk.context.signal.addEventListener('abort', () => stop());
		process.on('disconnect', stop).on('message', onMessage);
		// Who started it as a process of its own hears what became of it, and ends it by going away.
		const tell = (message: object): void => void process.send?.(message);
		const store = ref ? await openStore(ref) : (await desk.session()).store;
		try {
			const server = await startServer(store, given);
			process.stderr.write(`Serving at ${server.address}\n`);
			tell({ ready: { port: server.port, address: server.address } });
			await Promise.race([asked, server.ended]);
			await server.stop();
			return { json: { stopped: true }, text: 'Stopped.' };
		} catch (thrown) {
			tell({ failed: MlopsError.from(thrown).toJSON() });
			throw thrown;
		} finally {
			// As long as somebody listens to it, the channel keeps this process alive.
			process.off('disconnect', stop).off('message', onMessage);
			if (ref) await store.close();
		}
	},
});
