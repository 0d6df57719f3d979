import { z } from 'zod/v4';
import type { ColumnType } from './column.js';
import { own } from './dictionary.js';

/**
 * What a parameter's schema tells a form besides its type: put it last in the chain, since zod ties it to the instance.
 * `title` and `description` are shown to people; parameters marked `advanced` go under "Options".
 */
export interface FieldMeta extends Record<string, unknown> {
	title?: string;
	description?: string;
	/** How the value is picked, where the type alone does not say. */
	ui?: 'column' | 'columns' | 'model' | 'expression' | 'code' | 'text' | 'password' | 'date';
	/** Column types that make sense here; the picker lists these first and the step refuses others. */
	accepts?: readonly ColumnType[];
	advanced?: boolean;
	placeholder?: string;
	/** Shown only when another parameter of the same object has one of these values. */
	when?: Record<string, ReadonlyArray<string | number | boolean>>;
	/** Labels for the values of an enum. */
	labels?: Record<string, string>;
}

/** The name of one column, picked from a list. */
export const columnParam = (meta: FieldMeta) =>
	z
		.string()
		.min(1)
		.meta({ ui: 'column', ...meta });

/** Names of columns, picked from a list; empty means "all that fit". */
export const columnsParam = (meta: FieldMeta) =>
	z
		.array(z.string())
		.default([])
		.meta({ ui: 'columns', ...meta });

/** Whether values fulfil a condition like a field's `when`. */
export const isMet = (when: FieldMeta['when'], values: Readonly<Record<string, unknown>>): boolean =>
	Object.entries(when ?? {}).every(([name, wanted]) => wanted.includes(own(values, name) as string));

/** Strips defaults, optionals and the like; the first default met is the field's default. */
export function unwrap(schema: z.ZodType): { inner: z.ZodType; fallback: unknown } {
	let inner = schema;
	let fallback: unknown;
	for (;;) {
		const def = inner.def as { type: string; innerType?: z.ZodType; defaultValue?: unknown; in?: z.ZodType };
		if (def.type === 'default' || def.type === 'prefault') {
			if (fallback === undefined) fallback = def.defaultValue;
			inner = def.innerType!;
			continue;
		}
		if (def.type === 'optional' || def.type === 'nullable' || def.type === 'readonly' || def.type === 'catch') {
			inner = def.innerType!;
			continue;
		}
		if (def.type === 'pipe') {
			inner = def.in!;
			continue;
		}
		return { inner, fallback };
	}
}

/** How a parameter is typed on the command line, without the dashes: `maxBody` is `max-body`. */
export const optionFlag = (key: string): string => key.replace(/_/g, '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** What a schema tells a form. Metadata may sit on the wrapper or on what it wraps; the wrapper's wins. */
export function fieldMeta(schema: z.ZodType): FieldMeta {
	return { ...unwrap(schema).inner.meta(), ...schema.meta() } as FieldMeta;
}
