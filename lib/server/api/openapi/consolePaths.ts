import type { z } from 'zod/v4';
import { API_PREFIX } from '../../console/piped.js';
import type { ConsoleRoute } from '../../console/contract.js';
import { consoleRoutes } from '../../console/routes/index.js';
import { schemaOf } from './parts.js';
import type { Schema } from './row.js';
import { json, OPEN, responses } from './sharedComponents.js';

/** Who may ask: somebody who signed in, or a key. */
const SIGNED_IN = { security: [{ session: [] }, { bearer: [] }, { apiKey: [] }] };

const FAILURES = ['BadRequest', 'KeyMissing', 'NotAllowed', 'Unknown', 'TooMany', 'Failed', 'Unavailable'] as const;
const CHANGING = [...FAILURES, 'Refused', 'TooLarge', 'WrongType'] as const;
/** A route with names in its address. */
const NAMED = ['LongName'] as const;

/** `/models/:model` as OpenAPI has it: `/api/v1/models/{model}`. */
const addressOf = ({ path }: ConsoleRoute): string => API_PREFIX + path.replace(/:(\w+)/g, '{$1}');

/** `get_models_model`, from method and path: unique, as they are. */
const idOf = ({ method, path }: ConsoleRoute): string => `${method.toLowerCase()}${path.replace(/[/:]+/g, '_').replaceAll('-', '_')}`;

function parametersIn(where: 'path' | 'query', schema: z.ZodObject | undefined): Schema[] {
	if (!schema) return [];
	const { properties = {}, required = [] } = schemaOf(schema) as { properties?: Record<string, Schema>; required?: string[] };
	return Object.entries(properties).map(([name, described]) => {
		const { description, ...rest } = described as { description?: string };
		return {
			name,
			in: where,
			required: where === 'path' || required.includes(name),
			...(description ? { description } : {}),
			schema: rest as Schema,
		};
	});
}

const textTypes = ({ types, page }: ConsoleRoute): readonly string[] => types ?? [page?.['content-type'] ?? 'text/plain'];

const answerOf = (route: ConsoleRoute): Schema => ({
	description: 'What was asked for.',
	content: route.page
		? Object.fromEntries(textTypes(route).map((type) => [type.split(';')[0], { schema: { type: 'string' } }]))
		: json(schemaOf(route.answer)),
});

function operationOf(route: ConsoleRoute): Schema {
	const parameters = [...parametersIn('path', route.params), ...parametersIn('query', route.query)];
	return {
		operationId: idOf(route),
		tags: ['console'],
		summary: route.summary,
		...(route.role === 'none' ? OPEN : { ...SIGNED_IN, description: `Takes the role ${route.role}.` }),
		...(parameters.length ? { parameters } : {}),
		...(route.body ? { requestBody: { content: json(schemaOf(route.body)) } } : {}),
		responses: responses(
			answerOf(route),
			[...(route.method === 'GET' ? FAILURES : CHANGING), ...(route.params ? NAMED : [])],
			route.status ?? 200,
		),
	};
}

/** The console's API, from the same declarations as the server's. */
export function consolePaths(): Readonly<Record<string, Schema>> {
	const paths = new Map<string, Record<string, Schema>>();
	for (const route of consoleRoutes) {
		const at = addressOf(route);
		paths.set(at, { ...paths.get(at), [route.method.toLowerCase()]: operationOf(route) });
	}
	return Object.fromEntries(paths);
}
