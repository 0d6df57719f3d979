import type { FastifyInstance } from 'fastify';
import type { Guard, Serving } from '../contract.js';

/** `/metrics` for Prometheus, of all listeners together. */
export function registerMetrics(app: FastifyInstance, serving: Serving, guard: Guard): void {
	app.get('/metrics', { ...guard('read'), config: { always: true } }, async (_request, reply) => {
		const text = await serving.call('metrics', {});
		return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
	});
}
