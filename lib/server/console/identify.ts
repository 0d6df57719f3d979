import type { FastifyRequest } from 'fastify';
import type { ApiKeyRecord } from '../../domain/apiKey.js';
import type { Who } from './contract.js';

const LOCAL: Who = { kind: 'local', id: 'local', name: 'model server', role: 'administrator' };

/** Who asks, once the guard let the request in: a key that may deploy runs and stops, every other one looks. */
export function identify({ apiKey }: Pick<FastifyRequest, 'apiKey'>): Who {
	return apiKey ? keyHolder(apiKey) : LOCAL;
}

const keyHolder = ({ id, label, scopes, models }: ApiKeyRecord): Who => ({
	kind: 'key',
	id,
	name: `API key ${id} (${label})`,
	role: scopes.includes('deploy') ? 'operator' : 'viewer',
	...(models ? { models } : {}),
});
