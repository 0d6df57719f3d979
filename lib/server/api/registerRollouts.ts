import type { FastifyInstance } from 'fastify';
import type { Guard, Serving } from '../contract.js';

interface At {
	Params: { model: string; id: string; what: string };
}

/**
 * Rollouts of a model: `GET /v1/models/{model}/rollouts` lists them, `POST` starts one (`{ "kind": "canary", "version": 8, ... }`, fields
 * as in the form of Deploy); `GET .../rollouts/{id}` says how one stands; `POST .../rollouts/{id}/step`, `/promote` and `/abort` change it.
 */
export function registerRollouts(app: FastifyInstance, serving: Serving, guard: Guard): void {
	const url = '/v1/models/:model/rollouts';
	const by = (request: { apiKey?: { id: string; label: string } }): string =>
		request.apiKey ? `API key ${request.apiKey.id} (${request.apiKey.label})` : 'model server';
	app.get<At>(url, guard('read'), async ({ params: { model } }) => await serving.call('rolloutList', { model: serving.model(model).name }));
	app.get<At>(
		`${url}/:id`,
		guard('read'),
		async ({ params: { model, id } }) => await serving.call('rolloutStatus', { model: serving.model(model).name, id }),
	);
	app.post<At>(url, guard('deploy'), async (request, reply) => {
		const { name } = serving.model(request.params.model);
		const started = await serving.call('rolloutStart', { model: name, actor: by(request), body: request.body ?? {} });
		return reply.code(201).send(started);
	});
	app.post<At>(`${url}/:id/:what`, guard('deploy'), async (request) => {
		const { model, id, what } = request.params;
		return await serving.call('rolloutChange', {
			model: serving.model(model).name,
			id,
			what,
			actor: by(request),
			body: request.body ?? {},
		});
	});
}
