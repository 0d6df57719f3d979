import { z } from 'zod/v4';

/**
 * Values by names that people chose: columns, classes, categories. Its objects inherit nothing, so `constructor`, `toString` and
 * `__proto__` are names like any other; made by `dictionary`, or read by a schema of `dictionaryOf`.
 */
export interface Dictionary<T> {
	[name: string]: T;
}

/** A prototype with nothing in it. Unlike Object.create(null) this keeps V8's fast objects: rows at prediction are made of it. */
const Bare = function () {} as unknown as new () => Dictionary<never>;
Bare.prototype = Object.freeze(Object.create(null)) as Dictionary<never>;

/** A dictionary with these entries; of two with one name the later one counts. */
export function dictionary<T>(entries: Iterable<readonly [string, T]> = []): Dictionary<T> {
	const made: Dictionary<T> = new Bare();
	for (const [name, value] of entries) made[name] = value;
	return made;
}

/** What an object itself holds under a name, whatever the name is. */
export const own = <T>(object: { readonly [name: string]: T } | undefined, name: string): T | undefined =>
	// eslint-disable-next-line mlops/no-plain-dictionary -- this is the place that asks first
	object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;

/** Like zod's `record`, which refuses an object with a field called "constructor" and drops one called "__proto__". */
export function dictionaryOf<V extends z.ZodType>(value: V): z.ZodType<Dictionary<z.output<V>>, Dictionary<z.input<V>>> {
	const schema = z.record(z.string(), value);
	const check: typeof schema._zod.parse = (payload, context) => {
		const given: unknown = payload.value;
		if (typeof given !== 'object' || given === null || Array.isArray(given)) {
			payload.issues.push({ code: 'invalid_type', expected: 'record', input: given, inst: schema });
			return payload;
		}
		const made = dictionary<z.output<V>>();
		for (const [name, entry] of Object.entries(given)) {
			const result = value._zod.run({ value: entry, issues: [] }, context);
			if (result instanceof Promise) throw new TypeError('dictionaryOf: values cannot be checked asynchronously');
			payload.issues.push(...z.core.util.prefixIssues(name, result.issues));
			made[name] = result.value as z.output<V>;
		}
		payload.value = made as typeof payload.value;
		return payload;
	};
	schema._zod.parse = check;
	schema._zod.run = check;
	return schema as unknown as z.ZodType<Dictionary<z.output<V>>, Dictionary<z.input<V>>>;
}
