import { z } from 'zod/v4';
import { columnType } from '../domain/column.js';
import { dictionaryOf } from '../domain/dictionary.js';
import { unreadable, type ModelServer } from './serverAccess.js';

const list = z.object({ models: z.array(z.object({ name: z.string() })) });
const one = z.object({
	signature: z.array(z.object({ name: z.string(), type: columnType, required: z.boolean() })),
	example: dictionaryOf(z.unknown()).optional(),
});

/** Names of the models that a server serves. @throws what `ModelServer.ask` throws */
export async function servedNames(server: ModelServer): Promise<string[]> {
	const { data, error } = list.safeParse(await server.ask('v1/models'));
	if (error) throw unreadable('a list of models');
	return data.models.map(({ name }) => name);
}

/** What a row for this model must look like, and an example. @throws what `ModelServer.ask` throws */
export async function servedModel(server: ModelServer, name: string): Promise<z.infer<typeof one>> {
	const { data, error } = one.safeParse(await server.ask(`v1/models/${encodeURIComponent(name)}`));
	if (error) throw unreadable('the columns of a model');
	return data;
}
