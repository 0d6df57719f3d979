import type { FastifyInstance } from 'fastify';
import type { ApiKeyRecord } from '../../domain/apiKey.js';
import type { Guard, Serving } from '../contract.js';
import { versionStatus } from '../doors/tfserving.js';
import type { ServedModel } from '../serveTable.js';

/** What people and programs are told of a model. */
const shown = ({ name, versions, archived, aliases, divisions, failed }: ServedModel) => ({
	name,
	aliases,
	versions: Object.keys(versions).map(Number),
	...(archived.length ? { archived } : {}),
	...(divisions.length ? { rollouts: divisions.map(({ id, kind, alias, candidates }) => ({ id, kind, alias, candidates })) } : {}),
	...(Object.keys(failed).length ? { failed } : {}),
});

/** Models that a caller may know of: those that the key is good for. Without keys: all. */
export const modelsFor = (serving: Serving, key: ApiKeyRecord | undefined): readonly ServedModel[] =>
	key?.models ? serving.models().filter(({ name }) => key.models!.includes(name)) : serving.models();

/**
 * `GET /v1/models` and `GET /v1/models/{model}`: what is served, and what a row must look like. Whoever has a key that is good
 * for a model may read what it asks for.
 */
export function registerModels(app: FastifyInstance, serving: Serving, guard: Guard): void {
	app.get('/v1/models', guard(), ({ apiKey }) => ({ models: modelsFor(serving, apiKey).map(shown) }));
	app.get<{ Params: { model: string } }>('/v1/models/:model', guard(), async ({ params }) => {
		const model = serving.model(params.model);
		const newest = Math.max(...Object.keys(model.versions).map(Number));
		const version = model.aliases['champion'] ?? newest;
		const { manifest } = await serving.manifest({ model: model.name, version });
		return {
			...shown(model),
			...versionStatus(model),
			task: manifest.task,
			...(manifest.target ? { target: manifest.target } : {}),
			...(manifest.classes.length ? { classes: manifest.classes } : {}),
			signature: manifest.signature.map(({ name, type, required }) => ({ name, type, required })),
			...(manifest.example ? { example: manifest.example } : {}),
		};
	});
}
