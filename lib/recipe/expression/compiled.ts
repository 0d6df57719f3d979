import type { ColumnType } from '../../domain/column.js';
import type { Node } from './parseExpression.js';

/** What an expression's part evaluates to. `missing` is the bare word, which fits everywhere. */
export type ValueType = 'number' | 'boolean' | 'datetime' | 'text' | 'missing';

export type Num<T> = (t: T) => number;
export type Text<T> = (t: T) => string | null;

/** A compiled part: a closure over the place `T` that values are read from (a row, or a row number). */
export type Compiled<T> =
	| { kind: 'number'; type: Exclude<ValueType, 'text'>; column?: ColumnType; at: Num<T> }
	| { kind: 'text'; type: 'text'; column?: ColumnType; literal?: string; at: Text<T> };

/**
 * What functions compile their arguments by. Each throws `recipe.expression_invalid`, with the place, where the types do not go together.
 */
export interface Compiler<T> {
	compile(node: Node): Compiled<T>;
	/** @param what that needs a number here, for the error */
	number(node: Node, what: string): Num<T>;
	text(node: Node, what: string): Text<T>;
	/** A moment: a date column, or text that is one fixed date. */
	moment(node: Node, what: string): Num<T>;
	fail(node: Node, message: string, remedy: string): never;
}

export const truth = (b: boolean): number => (b ? 1 : 0);

/** What to do where a number is needed. */
export const CONVERT = 'Convert the text to a number first (step "Convert type").';

/** Results that may stand for one another; the bare word `missing` takes the kind of the others. */
export function alike<T>(compiler: Compiler<T>, node: Node, parts: Array<Compiled<T>>): Array<Compiled<T>> {
	const isText = parts.some((c) => c.kind === 'text');
	if (isText && parts.some((c) => c.kind === 'number' && c.type !== 'missing'))
		compiler.fail(node, 'Numbers and text cannot be mixed here.', 'Give only numbers or only text in quotes.');
	return isText ? parts.map((c) => (c.kind === 'text' ? c : { kind: 'text', type: 'text', at: () => null })) : parts;
}

/** The column type that several results share, if they are all plain columns of it. */
export function merged<T>(parts: Array<Compiled<T>>): { column?: ColumnType } {
	const typed = parts.filter((c) => c.type !== 'missing');
	return { column: typed.length && typed.every((c) => c.column === typed[0].column) ? typed[0].column : undefined };
}

export function commonType<T>(parts: Array<Compiled<T>>): Exclude<ValueType, 'text'> {
	const types = new Set(parts.map((c) => c.type).filter((t) => t !== 'missing'));
	const [only] = types;
	return types.size === 0 ? 'missing' : types.size === 1 && only !== 'text' ? (only as Exclude<ValueType, 'text'>) : 'number';
}
