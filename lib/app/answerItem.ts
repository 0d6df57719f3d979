import { isDeepStrictEqual } from 'node:util';
import { own } from '../domain/dictionary.js';
import { modelLabel } from './modelReference.js';
import type { ChosenModel, Reason, RowResult } from './predictRows.js';
import { MlopsError } from '../domain/errors.js';
import { featureText } from '../domain/text.js';

type Fields = Record<string, unknown>;
type Named = Partial<ChosenModel>;

/** Classes that an agent is told, of many. */
const MOST_CLASSES = 10;

/** The answer as one object: what version 1 of the node writes to its output field, and either version for an agent. */
export function answerObject(result: RowResult, model: Named, tool: boolean): Fields {
	if ('error' in result) return { error: { ...result.error } as unknown as Fields };
	const { score: _raw, reasons, probabilities, warnings, changes, own: more, ...answer } = result.answer;
	const shown = probabilities && (tool ? mostProbable(probabilities) : probabilities);
	return {
		...answer,
		...more,
		...(shown ? { probabilities: shown } : {}),
		...(reasons ? { reasons: reasons as unknown as Fields[] } : {}),
		...(warnings ? { warnings: warnings as unknown as Fields[] } : {}),
		...(changes ? { changes: changes as unknown as Fields[] } : {}),
		model: modelLabel(model),
		...idOf(result),
	};
}

/** By what the truth of an answer is told; nothing where it is not logged. */
const idOf = ({ id }: RowResult): { answerId?: string } => (id === undefined ? {} : { answerId: id });

const mostProbable = (probabilities: Record<string, number>): Record<string, number> =>
	Object.fromEntries(
		Object.entries(probabilities)
			.sort(([, a], [, b]) => b - a)
			.slice(0, MOST_CLASSES),
	);

/**
 * The answer as the first fields of an item (version 2): what a person looks for first, in words, then what programs read.
 * @param asked how many reasons were asked for
 * @param row what was asked, whose own words the reasons use
 * @throws the row's own error
 */
export function answerFields(result: RowResult, model: Named, asked: number, row: Readonly<Record<string, unknown>> = {}): Fields {
	if ('error' in result) throw MlopsError.fromJSON(result.error);
	const { prediction, probability, reasons, probabilities, score: _raw, warnings = [], own: ofTask, changes, ...more } = result.answer;
	return {
		prediction,
		...(probability === undefined ? {} : { probability }),
		...ofTask,
		...(asked > 0 ? { reasons: reasonsInWords(reasons, row) } : {}),
		...(changes ? { changes: changes as unknown as Fields[] } : {}),
		// The editor shows an empty list as "[empty array]", in red.
		...(warnings.length ? { warnings: warnings.map(({ text }) => text) } : {}),
		...more,
		...(probabilities ? { probabilities } : {}),
		...(reasons?.length ? { contributions: reasons as unknown as Fields[] } : {}),
		answeredBy: modelLabel(model),
		...idOf(result),
	} as Fields;
}

const NO_REASONS = 'This model cannot tell its reasons: it was made by an earlier version. One that is trained now can.';
const NONE_COUNTED = 'No column moved this answer.';

function reasonsInWords(reasons: readonly Reason[] | undefined, row: Readonly<Record<string, unknown>>): string[] {
	if (!reasons) return [NO_REASONS];
	return reasons.length ? reasons.map((reason) => inWords(reason, own(row, reason.feature))) : [NONE_COUNTED];
}

/**
 * `tenure = 3: +0.412`, with its standard error where it has one, and what is usual where the model knows; the sign says whether it speaks
 * for the positive class (or a larger value) or against it. A column of the row is quoted as it was asked (`yes`), not as the model counts
 * it (1).
 */
function inWords({ feature, value, contribution, error, columns, usual }: Reason, asked: unknown): string {
	// What the model could not read is no value to it, whatever stands there.
	const meant = value !== null && value !== undefined && isSaid(asked) ? asked : value;
	const spread = error ? ` ± ${Number(error.toPrecision(2))}` : '';
	const moved = `${contribution < 0 ? '' : '+'}${Number(contribution.toPrecision(3))}${spread}`;
	return `${columns ? feature : featureText(feature, meant)}: ${moved}${usual === undefined ? '' : ` (${usual})`}`;
}

const isSaid = (value: unknown): boolean =>
	typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.trim() !== '');

/** Names that an answer's fields have, or would have: a column called `warnings` beside an answer without any must not be read as one. */
export const ANSWER = [
	'prediction',
	'probability',
	'reasons',
	'warnings',
	'threshold',
	'probabilities',
	'contributions',
	'answeredBy',
	'answerId',
] as const;

/**
 * The answer's fields, then those that came in: these go on under their own names, or as `input_...` where an answer's field is called so,
 * and never away. What comes twice, in the row and in its item, is there once.
 */
export const answerInFront = (answer: Fields, ...others: Fields[]): Fields => inFront(answer, others, ANSWER);

/** The same where `first` is no answer: only its own names are taken. */
export function inFront(first: Fields, others: Fields[], names: readonly string[] = []): Fields {
	const all: Fields = { ...first };
	const taken = new Set([...Object.keys(first), ...names]);
	for (const fields of others) {
		for (const [name, value] of Object.entries(fields)) {
			let free = name;
			while (taken.has(free) || (Object.hasOwn(all, free) && !same(own(all, free), value))) free = `input_${free}`;
			if (!Object.hasOwn(all, free)) Object.defineProperty(all, free, { value, enumerable: true, configurable: true, writable: true });
		}
	}
	return all;
}

/** Two values that are nested too deep to compare are taken for two. */
function same(one: unknown, other: unknown): boolean {
	try {
		return isDeepStrictEqual(one, other);
	} catch {
		return false;
	}
}
