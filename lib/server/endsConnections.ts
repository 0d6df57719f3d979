import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * When the server is told to end, answers to requests that are on their way say that their connection ends with them. Node and the
 * framework do so for requests whose head comes later; without this, a caller who keeps its connection would go on asking until it is cut
 * off.
 */
export function endsConnections(app: FastifyInstance): void {
	const answering = new Set<ServerResponse>();
	// Before the framework's own listener, which may answer at once.
	app.server.prependListener('request', (_request, response: ServerResponse) => {
		answering.add(response);
		response.once('close', () => answering.delete(response));
	});
	app.addHook('preClose', (done) => {
		for (const response of answering) {
			if (response.headersSent) response.once('close', () => setImmediate(() => app.server.closeIdleConnections()));
			else response.shouldKeepAlive = false;
		}
		done();
	});
}
