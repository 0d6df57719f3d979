import { z } from 'zod/v4';
import type { Schema } from './row.js';
import { json, ref } from './sharedComponents.js';

export const text = (description?: string): Schema => ({ type: 'string', ...(description ? { description } : {}) });
export const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[], description?: string): Schema => ({
	type: 'object',
	required,
	properties,
	...(description ? { description } : {}),
});
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const VERSION: Schema = { type: 'integer', minimum: 1 };
export const NAME: Schema = { type: 'string', minLength: 1 };

/** A path's parameters by their names, each with what it is. */
export const inPath = (parameters: Readonly<Record<string, Schema>>): Schema => ({
	parameters: Object.entries(parameters).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
});

const operation =
	(method: 'get' | 'post') =>
	(operationId: string, tag: string, summary: string, rest: Schema): Schema => ({
		[method]: { operationId, tags: [tag], summary, ...rest },
	});
export const get = operation('get');
export const post = operation('post');
export const answers = (name: string, description: string): Schema => ({ description, content: json(ref('schemas', name)) });

/** What only forms need of a field. */
const FOR_FORMS = ['ui', 'labels', 'advanced', 'placeholder'];

/** JSON Schema of what a zod schema takes; what it says for forms alone is left out. */
export function schemaOf(schema: z.ZodType): Schema {
	const { $schema: _, ...made } = z.toJSONSchema(schema, {
		io: 'input',
		override: ({ jsonSchema }) => {
			for (const name of FOR_FORMS) Reflect.deleteProperty(jsonSchema, name);
			evenly(jsonSchema);
		},
	});
	return made as Schema;
}

/** So many of one kind (an interval) are said without `prefixItems`, which many programs that read OpenAPI do not know. */
function evenly(schema: { prefixItems?: unknown[]; items?: unknown; minItems?: number; maxItems?: number }): void {
	const [first, ...others] = schema.prefixItems ?? [];
	if (first === undefined || others.some((other) => JSON.stringify(other) !== JSON.stringify(first))) return;
	Object.assign(schema, { items: first, minItems: 1 + others.length, maxItems: 1 + others.length });
	delete schema.prefixItems;
}
