import type { FastifyInstance } from 'fastify';
import type { Guard, Serving } from '../contract.js';
import { ofModels } from '../metrics/text.js';

/** `/metrics` for Prometheus, of all listeners together; of the models that the key is good for. */
export function registerMetrics(app: FastifyInstance, serving: Serving, guard: Guard): void {
	app.get('/metrics', { ...guard('read'), config: { always: true } }, async ({ apiKey }, reply) => {
		const text = (await serving.call('metrics', {})) as string;
		const models = apiKey?.models;
		return reply.type('text/plain; version=0.0.4; charset=utf-8').send(models ? ofModels(text, models) : text);
	});
}
