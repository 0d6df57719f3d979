import { readFileSync } from 'node:fs';
import { z } from 'zod/v4';
import { reportField, type Outcome } from '../app/calls/outcome.js';
import { MlopsError } from '../domain/errors.js';
import type { Context } from '../domain/progress.js';

type Item = Record<string, unknown>;

/** Option of the commands that stand behind another one, as nodes do on the canvas. */
export const itemOption = {
	item: z.string().optional().meta({
		description: 'Go on with the item that another command printed with --json: a file, or - for standard input',
		placeholder: 'FILE',
	}),
};

/** The item that came in, empty where none did. @throws `input.invalid` */
export function readItem(from: string | undefined): Item {
	if (from === undefined) return {};
	try {
		const item: unknown = JSON.parse(readFileSync(from === '-' ? 0 : from, 'utf8'));
		if (typeof item === 'object' && item !== null && !Array.isArray(item)) return item as Item;
	} catch (cause) {
		throw new MlopsError('input.invalid', `No item could be read: ${MlopsError.from(cause).message}.`, {
			cause,
			remedy: 'Give what another command printed with --json.',
		});
	}
	throw new MlopsError('input.invalid', 'What came in is no item.', { expected: 'one JSON object' });
}

/** Options with what the item carries under the same names, where nothing was typed. */
export function withCarried<O extends object>(options: O, item: Item, keys: ReadonlyArray<keyof O & string>): O {
	const carried = Object.entries(item).filter(([key]) => keys.some((wanted) => wanted === key && options[wanted] === undefined));
	return { ...options, ...Object.fromEntries(carried) };
}

/** The item as the node hands it on: what came in, what was made, and where the report lies; says the notes. */
export function handOn(item: Item, { fields, notes, report }: Outcome<object>, context: Context): Item {
	for (const { code, text } of notes) context.note(code, text);
	const { report: _before, ...kept } = item;
	return { ...kept, ...fields, ...(report ? { report: reportField(report) } : {}) };
}
