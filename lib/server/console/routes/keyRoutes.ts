import { z } from 'zod/v4';
import { listKeys, makeKey, withdrawKey } from '../../../app/apiKeys.js';
import { apiKeyRecord, SCOPES } from '../../../domain/apiKey.js';
import { consoleRoute } from '../contract.js';

/** Without the hash. */
const key = apiKeyRecord.omit({ hash: true }).extend({ state: z.enum(['good', 'expired', 'withdrawn']) });

export const keys = consoleRoute({
	method: 'GET',
	path: '/keys',
	role: 'administrator',
	summary: 'The API keys of the model server, without the keys themselves.',
	answer: z.object({ entries: z.array(key) }),
	does: async ({ store }) => ({ entries: await listKeys(store) }),
});

export const makeKeyRoute = consoleRoute({
	method: 'POST',
	path: '/keys',
	role: 'administrator',
	summary: 'Makes an API key. It is in this answer and nowhere else.',
	body: z.object({
		label: z.string().max(1_000),
		scopes: z.array(z.enum(SCOPES)),
		models: z.array(z.string().max(500)).max(1_000).optional(),
		expiresAt: z.string().max(50).optional().meta({ description: 'A date and time, or never; else 90 days from now' }),
	}),
	answer: z.object({ key: z.string(), made: key }),
	status: 201,
	does: async ({ store }, { body, who }) => await makeKey({ store, actor: who.name }, body),
});

const withdraw = consoleRoute({
	method: 'POST',
	path: '/keys/:id/withdraw',
	role: 'administrator',
	summary: 'Withdraws an API key: within seconds it opens nothing any more.',
	params: z.object({ id: z.string().max(200) }),
	body: z.object({ reason: z.string().max(2_000).optional() }),
	answer: key,
	does: async ({ store }, { params: { id }, body, who }) => await withdrawKey({ store, actor: who.name }, id, body.reason),
});

export const keyRoutes = [keys, makeKeyRoute, withdraw];
