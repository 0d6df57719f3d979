import { answersOf } from '../../domain/column.js';
import type { ModelManifest } from '../../domain/model.js';
import { isMissingWord } from '../grammar/missing.js';
import { trimBlank } from '../parse.js';
import { cellReader } from '../reading/index.js';
import { levelMatcher, yesOrNo } from '../reading/spelling.js';

/** A truth as the model's task reads it: a class as the model knows it, or a number. */
export type TruthValue = string | number | boolean;
export type TruthReading =
	| { value: TruthValue /** A class that the model does not know, kept as it came. */; unknown?: true }
	/** Nothing stands there. */
	| { missing: true }
	| { unreadable: true; expected: string };

/** A class that no model knows is kept up to this length. */
const LONGEST = 1_000;
/** What a model without a target answers. */
const [USUAL, ODD] = ['normal', 'anomaly'];

/** Reads what turned out to be true as the model's labels were read: `1`, `"1"`, `true` and `yes` are the class that means yes. */
export function truthReader({
	task,
	classes,
	target,
	recipe,
}: Pick<ModelManifest, 'task' | 'classes' | 'target'> & { recipe?: Pick<ModelManifest['recipe'], 'input'> }): (
	value: unknown,
) => TruthReading {
	const kind = answersOf(task);
	if (kind === 'numbers') {
		// In the notation of the column that was learned from, where there was one.
		const learned = recipe?.input.find((c) => c.name === target && (c.type === 'number' || c.type === 'integer'));
		const { read } = cellReader(learned ?? { name: target, type: 'number', role: 'target' });
		return (value) => {
			const number = typeof value === 'object' && value !== null ? undefined : read(value);
			if (number === undefined) return { unreadable: true, expected: 'a number' };
			return number === null ? { missing: true } : { value: number as number };
		};
	}
	const known = new Map<string, TruthValue>(
		kind === 'nothing' ? [USUAL, ODD].map((word) => [word, word]) : classes.map((c) => [String(c), c]),
	);
	const match = levelMatcher([...known.keys()]);
	const expected = `one of: ${[...known.keys()].slice(0, 10).join(', ')}`;
	return (value) => {
		if (value === null || value === undefined || Number.isNaN(value)) return { missing: true };
		if (typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol' || Math.abs(value as number) === Infinity)
			return { unreadable: true, expected };
		const text = String(value);
		const level = match(text, typeof value === 'number')?.level;
		if (level !== undefined) return { value: known.get(level)! };
		if (typeof value === 'string' && (trimBlank(value) === '' || isMissingWord(trimBlank(value)))) return { missing: true };
		if (kind === 'nothing') {
			const said = yesOrNo(text);
			if (said !== undefined) return { value: said ? ODD : USUAL };
		}
		if (text.length > LONGEST) return { unreadable: true, expected };
		return { value: typeof value === 'bigint' ? text : (value as TruthValue), unknown: true };
	};
}

/** The place of a truth among a model's classes, or its number: what metrics count by. NaN for a class that the model does not know. */
export function truthCode({ task, classes }: Pick<ModelManifest, 'task' | 'classes'>, value: TruthValue): number {
	const kind = answersOf(task);
	if (kind === 'numbers') return value as number;
	const code = kind === 'nothing' ? [USUAL, ODD].indexOf(value as string) : classes.indexOf(value);
	return code < 0 ? NaN : code;
}
