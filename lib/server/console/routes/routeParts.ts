import { z } from 'zod/v4';
import { interval } from '../../../domain/evaluation.js';
import { dictionaryOf } from '../../../domain/dictionary.js';
import { MlopsError } from '../../../domain/errors.js';
import type { Who } from '../contract.js';

/** Parameters and filters that several routes have. */
export const name = z.string().min(1).max(500);
export const versionNumber = z.coerce
	.number()
	.int()
	.min(1)
	.max(2 ** 31 - 1);
/** A moment, as ISO 8601 in UTC. */
export const moment = z.iso.datetime({ offset: true }).transform((given) => {
	const at = new Date(given);
	// What is no moment was refused already, but is still handed on.
	return Number.isNaN(at.getTime()) ? given : at.toISOString();
});
export const text = z.string().max(200).optional().meta({ description: 'Only those whose name holds this text' });

/** Whether a name holds a text, whatever the case of its letters. */
export const holds = (where: string, what: string | undefined): boolean =>
	what === undefined || where.toLowerCase().includes(what.toLowerCase());

/** The same, for many names of which most come again and again. */
export function holding(what: string): (where: string) => boolean {
	const known = new Map<string, boolean>();
	return (where) => {
		let found = known.get(where);
		if (found === undefined) known.set(where, (found = holds(where, what)));
		return found;
	};
}

/** Whether who asks may see a model: a key may be good for some models alone. */
export const maySee = ({ models }: Who, model: string): boolean => models === undefined || models.includes(model);

/** @throws `store.not_found`, as for a model that is not there */
export function refuseOthers(who: Who, model: string): void {
	if (!maySee(who, model)) throw unknown(`The model "${model}"`);
}

/** For what belongs to no one model. @throws `person.role_missing` to a key that is good for some models alone */
export function refuseLimited({ models }: Who): void {
	if (models === undefined) return;
	throw new MlopsError('person.role_missing', `This key is good for these models alone: ${models.join(', ')}.`, {
		remedy: 'Use a key that is good for all models.',
	});
}

export const unknown = (what: string): MlopsError =>
	new MlopsError('store.not_found', `${what} is not in the store.`, { remedy: 'Look for it in its list.' });

/** The newest evaluation of a model, as lists show it. */
export const quality = z.object({
	evaluationId: z.string(),
	at: z.string(),
	metric: z.string(),
	value: z.number(),
	low: z.number(),
	high: z.number(),
	/** Rows that it was judged by. */
	rows: z.number(),
	/** Whether the gate passed. */
	passed: z.boolean(),
	metrics: dictionaryOf(interval),
});

export const datasetRef = z.object({ id: z.string(), name: z.string(), version: z.number().int() });
