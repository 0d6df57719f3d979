import { z } from 'zod/v4';
import { ROLES } from '../../../domain/role.js';
import { consoleRoute } from '../contract.js';
import { csrfOf } from '../consoleSession.js';

export const me = consoleRoute({
	method: 'GET',
	path: '/me',
	role: 'viewer',
	summary: 'Who asks, and what they may do.',
	answer: z.object({
		kind: z.enum(['person', 'key', 'local']),
		id: z.string(),
		name: z.string(),
		called: z.string().optional(),
		email: z.string().optional(),
		role: z.enum(ROLES),
		store: z.string(),
		csrf: z.string().optional().meta({ description: 'Of whoever signed in: send it as the header x-csrf with every change' }),
	}),
	does: async ({ store }, { who: { kind, id, name, called, email, role }, http: { token } }) => ({
		kind,
		id,
		name,
		called,
		email,
		role,
		store: store.id,
		...(kind === 'person' ? { csrf: csrfOf(token!) } : {}),
	}),
});
