import type { FastifyInstance } from 'fastify';
import { SCOPES } from '../../domain/apiKey.js';
import type { Guard } from '../contract.js';

/** `GET /v1/whoami`: whose key this is and what it opens, for any good key. */
export function registerWhoami(app: FastifyInstance, guard: Guard): void {
	app.get('/v1/whoami', guard(), ({ apiKey }) => {
		if (!apiKey) return { keys: false, scopes: SCOPES };
		const { id, label, scopes, models, expiresAt } = apiKey;
		return { keys: true, id, label, scopes, ...(models ? { models } : {}), ...(expiresAt ? { expiresAt } : {}) };
	});
}
