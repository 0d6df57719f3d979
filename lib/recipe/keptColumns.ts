import { isDeepStrictEqual } from 'node:util';
import type { ColumnSchema } from '../domain/column.js';
import type { Frame, Vector } from '../data/frame.js';

/** What a step or an encoder made of the columns of a table. */
interface Made<T> {
	/** How it was to be made; what is made otherwise is made anew. */
	plan: unknown;
	from: readonly Vector[];
	made: readonly T[];
}

/**
 * What was made of the columns of a table before. Who asks a model again and again about the same rows, each time with a few other columns
 * and the very same vectors besides, keeps one of these: then only what depends on the others is worked out. The first table of some rows
 * is what the next ones are held against; of other rows nothing is kept any more.
 */
export class KeptColumns {
	#rows: Float64Array | undefined;
	#made = new Map<object, Made<unknown>>();
	#schemas = new Map<object, ColumnSchema[]>();

	/**
	 * `make(i)` for each of the columns `from`, but for those of which the first table of these rows has the same vector: what was made of
	 * that one.
	 * @param by who makes it, the same object each time
	 * @param plan how: the same object as long as it is the same
	 */
	each<T>({ rowId }: Pick<Frame, 'rowId'>, by: object, plan: unknown, from: readonly Vector[], make: (i: number) => T): T[] {
		if (this.#rows !== rowId) {
			this.#rows = rowId;
			this.#made.clear();
		}
		const before = this.#made.get(by) as Made<T> | undefined;
		const same = before?.plan === plan ? before : undefined;
		const made = from.map((vector, i) => (same?.from[i] === vector ? same.made[i] : make(i)));
		if (!same) this.#made.set(by, { plan, from, made });
		return made;
	}

	/** The schema that came out of a step before, where this one says the same: what the next step planned for it is found again. */
	schema(step: object, schema: ColumnSchema[]): ColumnSchema[] {
		const before = this.#schemas.get(step);
		if (before?.length === schema.length && before.every((c, i) => c === schema[i] || isDeepStrictEqual(c, schema[i]))) return before;
		this.#schemas.set(step, schema);
		return schema;
	}
}
