import { own } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import { cutText } from '../../domain/text.js';

/** Operators by binding strength; `=` and `<>` are accepted spellings of `==` and `!=`. */
export type BinaryOp = 'or' | 'and' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '**';

/** Syntax tree of an expression; `at` is the 0-based position in the text. */
export type Node =
	| { kind: 'number'; at: number; value: number }
	| { kind: 'text'; at: number; value: string }
	| { kind: 'boolean'; at: number; value: boolean }
	| { kind: 'missing'; at: number }
	| { kind: 'column'; at: number; name: string }
	| { kind: 'call'; at: number; name: string; args: Node[] }
	| { kind: 'unary'; at: number; op: '-' | 'not'; arg: Node }
	| { kind: 'binary'; at: number; op: BinaryOp; left: Node; right: Node };

type Token = { at: number } & (
	| { kind: 'number'; value: number }
	| { kind: 'text'; value: string }
	| { kind: 'name'; value: string; quoted: boolean }
	| { kind: 'symbol'; value: string }
	| { kind: 'end' }
);

/** Limits that keep a pasted monster from exhausting the stack. */
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 200;
const MAX_NODES = 2_000;

const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[\p{L}_][\p{L}\p{N}_.]*/uy;
const SPACE = /\s+/y;
const SYMBOLS = ['**', '==', '!=', '<>', '<=', '>=', '&&', '||', '+', '-', '*', '/', '%', '<', '>', '=', '!', '(', ')', ','];
const SPELLINGS: Record<string, string> = { '=': '==', '<>': '!=', '&&': 'and', '||': 'or', '!': 'not' };

/** A refusal that shows where the expression went wrong. */
export function expressionError(source: string, at: number, message: string, remedy: string): MlopsError {
	const from = Math.max(0, at - 20);
	const excerpt = `${from > 0 ? '…' : ''}${source.slice(from, at)}⟨here⟩${source.slice(at, at + 20)}${at + 20 < source.length ? '…' : ''}`;
	return new MlopsError('recipe.expression_invalid', `${message} (at character ${at + 1}: ${excerpt})`, {
		expected: "an expression such as `delay > 15` or `if(x > 1, 'hi', 'lo')`",
		found: cutText(source, 200),
		remedy,
	});
}

function tokenize(source: string): Token[] {
	if (source.length > MAX_LENGTH)
		throw expressionError(source, MAX_LENGTH, `The expression is longer than ${MAX_LENGTH} characters.`, 'Split it over several steps.');
	const tokens: Token[] = [];
	let at = 0;
	const match = (pattern: RegExp): string | undefined => {
		pattern.lastIndex = at;
		return pattern.exec(source)?.[0];
	};
	while (at < source.length) {
		const space = match(SPACE);
		if (space) {
			at += space.length;
			continue;
		}
		const char = source[at];
		if (char === "'" || char === '"' || char === '`') {
			const { value, end } = quoted(source, at, char);
			tokens.push(char === '`' ? { kind: 'name', at, value, quoted: true } : { kind: 'text', at, value });
			at = end;
			continue;
		}
		const number = match(NUMBER);
		if (number) {
			tokens.push({ kind: 'number', at, value: Number(number) });
			at += number.length;
			continue;
		}
		const name = match(NAME);
		if (name) {
			tokens.push({ kind: 'name', at, value: name, quoted: false });
			at += name.length;
			continue;
		}
		const symbol = SYMBOLS.find((s) => source.startsWith(s, at));
		if (!symbol)
			throw expressionError(source, at, `"${char}" means nothing here.`, 'Write column names with odd characters between `backticks`.');
		tokens.push({ kind: 'symbol', at, value: own(SPELLINGS, symbol) ?? symbol });
		at += symbol.length;
	}
	tokens.push({ kind: 'end', at: source.length });
	return tokens;
}

/** Text between quotes; a backslash or a doubled quote stands for the quote itself. */
function quoted(source: string, start: number, quote: string): { value: string; end: number } {
	let value = '';
	for (let i = start + 1; i < source.length; i++) {
		if (source[i] === '\\' && (source[i + 1] === quote || source[i + 1] === '\\')) value += source[++i];
		else if (source[i] === quote && source[i + 1] === quote) {
			value += quote;
			i++;
		} else if (source[i] === quote) return { value, end: i + 1 };
		else value += source[i];
	}
	throw expressionError(source, start, `The quote ${quote} is never closed.`, `Add the closing ${quote}.`);
}

const LEVELS: ReadonlyArray<readonly BinaryOp[]> = [['or'], ['and'], ['==', '!=', '<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']];

/** Parses an expression. @throws `recipe.expression_invalid` with the position */
export function parseExpression(source: string): Node {
	return new Parser(source).parse();
}

const wordOf = (t: Token): string | undefined =>
	t.kind === 'symbol' ? t.value : t.kind === 'name' && !t.quoted ? t.value.toLowerCase() : undefined;
const unexpected = (t: Token): string => (t.kind === 'end' ? 'The expression ends too early.' : `"${t.value}" is not expected here.`);

/** By recursive descent, a method a level. */
class Parser {
	readonly #source: string;
	readonly #tokens: Token[];
	#next = 0;
	#depth = 0;
	#nodes = 0;

	constructor(source: string) {
		this.#source = source;
		this.#tokens = tokenize(source);
	}

	parse(): Node {
		const first = this.#peek();
		if (first.kind === 'end') this.#fail(first, 'The expression is empty.', 'Write an expression, for example delay > 15.');
		const tree = this.#binary(0);
		const rest = this.#peek();
		if (rest.kind !== 'end') this.#fail(rest, unexpected(rest));
		return tree;
	}

	#peek(): Token {
		return this.#tokens[this.#next];
	}

	#take(): Token {
		return this.#tokens[this.#next++];
	}

	/** What the next token says, if it is a symbol or a bare word. */
	#word(): string | undefined {
		return wordOf(this.#peek());
	}

	#fail(t: Token, message: string, remedy = 'Check the expression: brackets, commas, and operators between values.'): never {
		throw expressionError(this.#source, t.at, message, remedy);
	}

	#expect(symbol: string): void {
		const t = this.#take();
		if (wordOf(t) !== symbol) this.#fail(t, `${unexpected(t)} A "${symbol}" is missing.`);
	}

	#count<T extends Node>(node: T): T {
		if (++this.#nodes > MAX_NODES)
			throw expressionError(this.#source, node.at, 'The expression has too many parts.', 'Split it over several steps.');
		return node;
	}

	#nested<T>(t: Token, read: () => T): T {
		if (++this.#depth > MAX_DEPTH) this.#fail(t, 'The expression is nested too deeply.', 'Split it over several steps.');
		const value = read();
		this.#depth--;
		return value;
	}

	#binary(level: number): Node {
		if (level === LEVELS.length) return this.#unary();
		if (level === 2 && this.#word() === 'not') return this.#not();
		let left = this.#binary(level + 1);
		for (;;) {
			const op = LEVELS[level].find((o) => o === this.#word());
			if (!op) return left;
			const { at } = this.#take();
			left = this.#count({ kind: 'binary', at, op, left, right: this.#binary(level + 1) });
			if (level === 2 && LEVELS[2].some((o) => o === this.#word()))
				this.#fail(this.#peek(), 'Comparisons cannot be chained.', 'Join them with "and": a < b and b < c.');
		}
	}

	#not(): Node {
		const t = this.#take();
		return this.#nested(t, () => this.#count({ kind: 'unary', at: t.at, op: 'not', arg: this.#binary(2) }));
	}

	#unary(): Node {
		const t = this.#peek();
		const word = wordOf(t);
		if (word === '-') {
			this.#next++;
			return this.#nested(t, () => this.#count({ kind: 'unary', at: t.at, op: '-', arg: this.#unary() }));
		}
		if (word === '+') {
			this.#next++;
			return this.#nested(t, () => this.#unary());
		}
		if (word === 'not') return this.#not();
		const base = this.#primary();
		if (this.#word() !== '**') return base;
		const { at } = this.#take();
		return this.#nested(t, () => this.#count({ kind: 'binary', at, op: '**', left: base, right: this.#unary() }));
	}

	#primary(): Node {
		const t = this.#take();
		if (t.kind === 'number' || t.kind === 'text') return this.#count({ kind: t.kind, at: t.at, value: t.value } as Node);
		if (t.kind === 'symbol' && t.value === '(') {
			const inner = this.#nested(t, () => this.#binary(0));
			this.#expect(')');
			return inner;
		}
		if (t.kind !== 'name') return this.#fail(t, unexpected(t));
		if (t.quoted) return this.#count({ kind: 'column', at: t.at, name: t.value });
		if (this.#word() === '(' && this.#peek().kind === 'symbol') return this.#call(t, t.value.toLowerCase());
		const lower = t.value.toLowerCase();
		if (lower === 'true' || lower === 'false') return this.#count({ kind: 'boolean', at: t.at, value: lower === 'true' });
		if (lower === 'missing' || lower === 'null') return this.#count({ kind: 'missing', at: t.at });
		if (lower === 'and' || lower === 'or') return this.#fail(t, unexpected(t));
		return this.#count({ kind: 'column', at: t.at, name: t.value });
	}

	#call(t: Token, name: string): Node {
		this.#next++;
		const args: Node[] = [];
		if (this.#word() !== ')') {
			do args.push(this.#nested(t, () => this.#binary(0)));
			while (this.#word() === ',' && this.#next++ >= 0);
		}
		this.#expect(')');
		return this.#count({ kind: 'call', at: t.at, name, args });
	}
}

/** Names of the columns that an expression reads, each once. */
export function columnsOf(node: Node, found = new Set<string>()): Set<string> {
	if (node.kind === 'column') found.add(node.name);
	else if (node.kind === 'call') node.args.forEach((a) => columnsOf(a, found));
	else if (node.kind === 'unary') columnsOf(node.arg, found);
	else if (node.kind === 'binary') {
		columnsOf(node.left, found);
		columnsOf(node.right, found);
	}
	return found;
}
