import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { parseParams } from '../../domain/params.js';
import { unwrap } from '../../domain/ui.js';

/**
 * A request checked by its schema; what it does not know is refused, since nobody should wait for the effect of a slip. @throws
 * `input.invalid` naming the field
 */
export function checkedRequest<T>(schema: z.ZodType<T>, asked: unknown, what: string): T {
	refuseUnknown(schema, asked, what);
	return parseParams(schema, asked, what);
}

/** @throws `input.invalid` for a field that the schema does not have, naming those it has */
export function refuseUnknown(schema: z.ZodType, values: unknown, what: string): void {
	const { inner } = unwrap(schema);
	if (!(inner instanceof z.ZodObject) || typeof values !== 'object' || values === null) return;
	const known = Object.keys(inner.shape as object);
	const unknown = Object.keys(values).find((key) => !known.includes(key));
	if (unknown === undefined) return;
	throw new MlopsError('input.invalid', `${what}: there is no field "${unknown}".`, {
		expected: known.length ? `one of: ${known.join(', ')}` : 'no fields',
		found: unknown,
		remedy: `Correct the name of the field "${unknown}".`,
	});
}
