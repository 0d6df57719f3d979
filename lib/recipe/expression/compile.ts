import { isNumeric, type ColumnSchema, type ColumnType } from '../../domain/column.js';
import { compileCall } from './functions.js';
import { and, arithmetic, COMPARE, compareNumbers, compareTexts, or, type Arithmetic, type Comparison } from './operators.js';
import { expressionError, type Node } from './parseExpression.js';
import { CONVERT, truth, type Compiled, type Compiler, type Num, type Text } from './compiled.js';

/** How columns are read. Both forms of an expression are the same closures over another reader. */
export interface Reader<T> {
	number(name: string): (t: T) => number;
	text(name: string): (t: T) => string | null;
}

/** Compiles a syntax tree. @throws `recipe.expression_invalid` on unknown columns or functions and on types that do not go together */
export function compileNode<T>(tree: Node, source: string, schema: readonly ColumnSchema[], reader: Reader<T>): Compiled<T> {
	return new TreeCompiler(source, schema, reader).compile(tree);
}

class TreeCompiler<T> implements Compiler<T> {
	readonly #source: string;
	readonly #schema: readonly ColumnSchema[];
	readonly #types: ReadonlyMap<string, ColumnType>;
	readonly #reader: Reader<T>;

	constructor(source: string, schema: readonly ColumnSchema[], reader: Reader<T>) {
		this.#source = source;
		this.#schema = schema;
		this.#types = new Map(schema.map((c) => [c.name, c.type]));
		this.#reader = reader;
	}

	compile(node: Node): Compiled<T> {
		switch (node.kind) {
			case 'number': {
				const { value } = node;
				return { kind: 'number', type: 'number', at: () => value };
			}
			case 'boolean': {
				const value = truth(node.value);
				return { kind: 'number', type: 'boolean', at: () => value };
			}
			case 'text': {
				const { value } = node;
				return { kind: 'text', type: 'text', literal: value, at: () => value };
			}
			case 'missing':
				return { kind: 'number', type: 'missing', at: () => NaN };
			case 'column':
				return this.#column(node);
			case 'unary':
				return this.#unary(node);
			case 'binary':
				return this.#binary(node);
			case 'call':
				return compileCall(this, node);
		}
	}

	fail(node: Node, message: string, remedy: string): never {
		throw expressionError(this.#source, node.at, message, remedy);
	}

	number(node: Node, what: string): Num<T> {
		const c = this.compile(node);
		return c.kind === 'number' ? c.at : this.fail(node, `${what} needs a number, but this is text.`, CONVERT);
	}

	text(node: Node, what: string): Text<T> {
		const c = this.compile(node);
		if (c.kind === 'text') return c.at;
		if (c.type === 'missing') return () => null;
		return this.fail(node, `${what} needs text, but this is a ${c.type}.`, 'Put fixed text between quotes.');
	}

	moment(node: Node, what: string): Num<T> {
		const c = this.compile(node);
		if (c.kind === 'number' && (c.type === 'datetime' || c.type === 'missing')) return c.at;
		if (c.kind === 'text' && c.literal !== undefined) return this.#fixedDate(node, c.literal);
		return this.fail(
			node,
			`${what} needs a date, but this is ${c.kind === 'text' ? 'text' : `a ${c.type}`}.`,
			'Convert the column to a date first (step "Convert type").',
		);
	}

	#fixedDate(node: Node, literal: string): Num<T> {
		const ms = Date.parse(/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(literal) ? `${literal.replace(' ', 'T')}Z` : literal);
		return Number.isNaN(ms)
			? this.fail(node, `'${literal}' is not a date.`, "Write dates as '2001-05-31' or '2001-05-31T14:30:00Z'.")
			: () => ms;
	}

	#column(node: Node & { kind: 'column' }): Compiled<T> {
		const type = this.#types.get(node.name);
		if (type === undefined) {
			const names = this.#schema.slice(0, 20).map((c) => c.name);
			return this.fail(
				node,
				`There is no column "${node.name}".`,
				`Use one of: ${names.join(', ')}${this.#schema.length > 20 ? ', ...' : ''}. Text needs quotes: '${node.name}'.`,
			);
		}
		if (!isNumeric(type)) return { kind: 'text', type: 'text', column: type, at: this.#reader.text(node.name) };
		return {
			kind: 'number',
			type: type === 'boolean' || type === 'datetime' ? type : 'number',
			column: type,
			at: this.#reader.number(node.name),
		};
	}

	#unary(node: Node & { kind: 'unary' }): Compiled<T> {
		const arg = this.number(node.arg, node.op === '-' ? 'A minus sign' : '"not"');
		if (node.op === '-') return { kind: 'number', type: 'number', at: (t) => -arg(t) };
		return {
			kind: 'number',
			type: 'boolean',
			at: (t) => {
				const v = arg(t);
				return v === 0 ? 1 : Number.isNaN(v) ? NaN : 0;
			},
		};
	}

	#binary(node: Node & { kind: 'binary' }): Compiled<T> {
		const { op } = node;
		if (op === 'and' || op === 'or') {
			const a = this.number(node.left, `"${op}"`);
			const b = this.number(node.right, `"${op}"`);
			return { kind: 'number', type: 'boolean', at: op === 'and' ? and(a, b) : or(a, b) };
		}
		const left = this.compile(node.left);
		const right = this.compile(node.right);
		if (op in COMPARE) return { kind: 'number', type: 'boolean', at: this.#compare(node, op as Comparison, left, right) };
		if (left.kind === 'text' && right.kind === 'text' && op === '+') {
			const [a, b] = [left.at, right.at];
			return {
				kind: 'text',
				type: 'text',
				at: (t) => {
					const x = a(t);
					const y = b(t);
					return x === null || y === null ? null : x + y;
				},
			};
		}
		if (left.kind === 'text' || right.kind === 'text')
			return this.fail(
				left.kind === 'text' ? node.left : node.right,
				`"${op}" works on numbers, but this is text.`,
				'Convert the text to a number first (step "Convert type"), or join text with text by "+".',
			);
		const moves = (op === '+' || op === '-') && left.type === 'datetime' && right.type !== 'datetime';
		return { kind: 'number', type: moves ? 'datetime' : 'number', at: arithmetic(op as Arithmetic, left.at, right.at) };
	}

	#compare(node: Node & { kind: 'binary' }, op: Comparison, left: Compiled<T>, right: Compiled<T>): Num<T> {
		if (left.kind === 'text' && right.kind === 'text') return compareTexts(op, left.at, right.at);
		if (left.kind === 'number' && right.kind === 'number') return compareNumbers(op, left.at, right.at);
		if (left.type === 'missing' || right.type === 'missing') return () => NaN;
		if (left.kind === 'number' && left.type === 'datetime' && right.kind === 'text' && right.literal !== undefined)
			return compareNumbers(op, left.at, this.#fixedDate(node.right, right.literal));
		if (right.kind === 'number' && right.type === 'datetime' && left.kind === 'text' && left.literal !== undefined)
			return compareNumbers(op, this.#fixedDate(node.left, left.literal), right.at);
		return this.fail(
			node,
			`A ${left.type} cannot be compared with a ${right.type}.`,
			"Compare numbers with numbers, text with text in quotes, dates with dates such as '2001-05-31'.",
		);
	}
}
