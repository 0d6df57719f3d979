import type { z } from 'zod/v4';
import { MlopsError } from './errors.js';

/**
 * Values checked by a schema, with its defaults filled in.
 * @param what whose parameters they are, for people
 * @throws `input.invalid` naming the first field that does not fit
 */
export function parseParams<T>(schema: z.ZodType<T>, values: unknown, what: string): T {
	const parsed = schema.safeParse(values);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	const field = issue.path.join(' > ') || 'value';
	throw new MlopsError('input.invalid', `${what}: "${field}" is not as it should be: ${issue.message}.`, {
		cause: parsed.error,
		remedy: `Correct the field "${field}".`,
	});
}
