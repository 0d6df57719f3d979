import { own } from '../../domain/dictionary.js';
import { isNumeric, type ColumnSchema, type ColumnType } from '../../domain/column.js';
import { CALENDAR } from '../calendar.js';
import { expressionError, type BinaryOp, type Node } from './parseExpression.js';

/** What an expression's part evaluates to. `missing` is the bare word, which fits everywhere. */
export type ValueType = 'number' | 'boolean' | 'datetime' | 'text' | 'missing';

/** A compiled part: a closure over the place `T` that values are read from (a row, or a row number). */
export type Compiled<T> =
	| { kind: 'number'; type: Exclude<ValueType, 'text'>; column?: ColumnType; at: (t: T) => number }
	| { kind: 'text'; type: 'text'; column?: ColumnType; literal?: string; at: (t: T) => string | null };

/** How columns are read. Both forms of an expression are the same closures over another reader. */
export interface Reader<T> {
	number(name: string): (t: T) => number;
	text(name: string): (t: T) => string | null;
}

type Num<T> = (t: T) => number;
type Text<T> = (t: T) => string | null;

const truth = (b: boolean): number => (b ? 1 : 0);

/** Compiles a syntax tree. @throws `recipe.expression_invalid` on unknown columns or functions and on types that do not go together */
export function compileNode<T>(tree: Node, source: string, schema: readonly ColumnSchema[], reader: Reader<T>): Compiled<T> {
	const types = new Map(schema.map((c) => [c.name, c.type]));
	const fail = (node: Node, message: string, remedy: string): never => {
		throw expressionError(source, node.at, message, remedy);
	};

	const compile = (node: Node): Compiled<T> => {
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
				return column(node);
			case 'unary':
				return unary(node);
			case 'binary':
				return binary(node);
			case 'call':
				return call(node);
		}
	};

	const column = (node: Node & { kind: 'column' }): Compiled<T> => {
		const type = types.get(node.name);
		if (type === undefined) {
			const names = schema
				.slice(0, 20)
				.map((c) => c.name)
				.join(', ');
			return fail(
				node,
				`There is no column "${node.name}".`,
				`Use one of: ${names}${schema.length > 20 ? ', ...' : ''}. Text needs quotes: '${node.name}'.`,
			);
		}
		if (!isNumeric(type)) return { kind: 'text', type: 'text', column: type, at: reader.text(node.name) };
		return {
			kind: 'number',
			type: type === 'boolean' || type === 'datetime' ? type : 'number',
			column: type,
			at: reader.number(node.name),
		};
	};

	const number = (node: Node, what: string): Num<T> => {
		const c = compile(node);
		return c.kind === 'number'
			? c.at
			: fail(node, `${what} needs a number, but this is text.`, 'Convert the text to a number first (step "Convert type").');
	};
	const text = (node: Node, what: string): Text<T> => {
		const c = compile(node);
		if (c.kind === 'text') return c.at;
		return c.type === 'missing' ? () => null : fail(node, `${what} needs text, but this is a ${c.type}.`, 'Put fixed text between quotes.');
	};
	/** A moment: a date column, or text that is one fixed date. */
	const moment = (node: Node, what: string): Num<T> => {
		const c = compile(node);
		if (c.kind === 'number' && (c.type === 'datetime' || c.type === 'missing')) return c.at;
		if (c.kind === 'text' && c.literal !== undefined) return fixedDate(node, c.literal);
		return fail(
			node,
			`${what} needs a date, but this is ${c.kind === 'text' ? 'text' : `a ${c.type}`}.`,
			'Convert the column to a date first (step "Convert type").',
		);
	};
	const fixedDate = (node: Node, literal: string): Num<T> => {
		const ms = Date.parse(/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(literal) ? `${literal.replace(' ', 'T')}Z` : literal);
		return Number.isNaN(ms)
			? fail(node, `'${literal}' is not a date.`, "Write dates as '2001-05-31' or '2001-05-31T14:30:00Z'.")
			: () => ms;
	};

	const unary = (node: Node & { kind: 'unary' }): Compiled<T> => {
		const arg = number(node.arg, node.op === '-' ? 'A minus sign' : '"not"');
		if (node.op === '-') return { kind: 'number', type: 'number', at: (t) => -arg(t) };
		return {
			kind: 'number',
			type: 'boolean',
			at: (t) => {
				const v = arg(t);
				return v === 0 ? 1 : Number.isNaN(v) ? NaN : 0;
			},
		};
	};

	const binary = (node: Node & { kind: 'binary' }): Compiled<T> => {
		const { op } = node;
		if (op === 'and' || op === 'or') {
			const a = number(node.left, `"${op}"`);
			const b = number(node.right, `"${op}"`);
			return { kind: 'number', type: 'boolean', at: op === 'and' ? and(a, b) : or(a, b) };
		}
		const left = compile(node.left);
		const right = compile(node.right);
		if (op in COMPARE) return { kind: 'number', type: 'boolean', at: compare(node, op as keyof typeof COMPARE, left, right) };
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
			return fail(
				left.kind === 'text' ? node.left : node.right,
				`"${op}" works on numbers, but this is text.`,
				'Convert the text to a number first (step "Convert type"), or join text with text by "+".',
			);
		const moves = (op === '+' || op === '-') && left.type === 'datetime' && right.type !== 'datetime';
		return { kind: 'number', type: moves ? 'datetime' : 'number', at: arithmetic(op as Arithmetic, left.at, right.at) };
	};

	const compare = (node: Node & { kind: 'binary' }, op: keyof typeof COMPARE, left: Compiled<T>, right: Compiled<T>): Num<T> => {
		if (left.kind === 'text' && right.kind === 'text') return compareTexts(op, left.at, right.at);
		if (left.kind === 'number' && right.kind === 'number') return compareNumbers(op, left.at, right.at);
		if (left.type === 'missing' || right.type === 'missing') return () => NaN;
		if (left.kind === 'number' && left.type === 'datetime' && right.kind === 'text' && right.literal !== undefined)
			return compareNumbers(op, left.at, fixedDate(node.right, right.literal));
		if (right.kind === 'number' && right.type === 'datetime' && left.kind === 'text' && left.literal !== undefined)
			return compareNumbers(op, fixedDate(node.left, left.literal), right.at);
		return fail(
			node,
			`A ${left.type} cannot be compared with a ${right.type}.`,
			"Compare numbers with numbers, text with text in quotes, dates with dates such as '2001-05-31'.",
		);
	};

	const call = (node: Node & { kind: 'call' }): Compiled<T> => {
		const { name, args } = node;
		const arity = (low: number, high = low): void => {
			if (args.length >= low && args.length <= high) return;
			fail(
				node,
				`${name}() takes ${low === high ? low : high === Infinity ? `at least ${low}` : `${low} to ${high}`} ` +
					`value${low === 1 && high === 1 ? '' : 's'}, not ${args.length}.`,
				'Separate values by commas.',
			);
		};
		const what = `${name}()`;
		const maths = own(MATHS, name);
		if (maths) {
			arity(1);
			const a = number(args[0], what);
			return { kind: 'number', type: 'number', at: (t) => maths(a(t)) };
		}
		const calendar = own(DATE_FUNCTIONS, name);
		if (calendar) {
			arity(1);
			const a = moment(args[0], what);
			return { kind: 'number', type: 'number', at: (t) => calendar(a(t)) };
		}
		switch (name) {
			case 'round': {
				arity(1, 2);
				const a = number(args[0], what);
				const digits = args[1] ? number(args[1], what) : () => 0;
				return {
					kind: 'number',
					type: 'number',
					at: (t) => {
						const f = 10 ** digits(t);
						return Math.round(a(t) * f) / f;
					},
				};
			}
			case 'min':
			case 'max': {
				arity(1, Infinity);
				const all = args.map((a) => compile(a));
				const numbers = all.map((c, i) =>
					c.kind === 'number'
						? c.at
						: fail(args[i], `${what} needs numbers, but this is text.`, 'Convert the text to a number first (step "Convert type").'),
				);
				const f = name === 'min' ? Math.min : Math.max;
				const dates = all.every((c) => c.type === 'datetime');
				return {
					kind: 'number',
					type: dates ? 'datetime' : 'number',
					at: (t) => {
						let v = numbers[0](t);
						for (let i = 1; i < numbers.length; i++) v = f(v, numbers[i](t));
						return v;
					},
				};
			}
			case 'if': {
				arity(3);
				const condition = number(args[0], 'The condition of if()');
				const [yes, no] = alike(node, [compile(args[1]), compile(args[2])]);
				if (yes.kind === 'text' && no.kind === 'text')
					return {
						...merged([yes, no]),
						kind: 'text',
						type: 'text',
						literal: undefined,
						at: (t) => {
							const c = condition(t);
							return Number.isNaN(c) ? null : c !== 0 ? yes.at(t) : no.at(t);
						},
					};
				if (yes.kind === 'number' && no.kind === 'number')
					return {
						...merged([yes, no]),
						kind: 'number',
						type: commonType([yes, no]),
						at: (t) => {
							const c = condition(t);
							return Number.isNaN(c) ? NaN : c !== 0 ? yes.at(t) : no.at(t);
						},
					};
				return fail(node, 'The two results of if() are of different kinds.', 'Give two numbers or two texts.');
			}
			case 'coalesce': {
				arity(1, Infinity);
				const all = alike(node, args.map(compile));
				if (all[0].kind === 'text') {
					const parts = all.map((c) => c.at as Text<T>);
					return {
						...merged(all),
						kind: 'text',
						type: 'text',
						at: (t) => {
							for (const p of parts) {
								const v = p(t);
								if (v !== null) return v;
							}
							return null;
						},
					};
				}
				const parts = all.map((c) => c.at as Num<T>);
				return {
					...merged(all),
					kind: 'number',
					type: commonType(all),
					at: (t) => {
						for (const p of parts) {
							const v = p(t);
							if (!Number.isNaN(v)) return v;
						}
						return NaN;
					},
				};
			}
			case 'is_missing': {
				arity(1);
				const a = compile(args[0]);
				return {
					kind: 'number',
					type: 'boolean',
					at: a.kind === 'text' ? (t) => truth(a.at(t) === null) : (t) => truth(Number.isNaN(a.at(t))),
				};
			}
			case 'lower':
			case 'upper': {
				arity(1);
				const a = text(args[0], what);
				return {
					kind: 'text',
					type: 'text',
					at: name === 'lower' ? (t) => a(t)?.toLowerCase() ?? null : (t) => a(t)?.toUpperCase() ?? null,
				};
			}
			case 'length': {
				arity(1);
				const a = text(args[0], what);
				return { kind: 'number', type: 'number', at: (t) => a(t)?.length ?? NaN };
			}
			case 'contains': {
				arity(2);
				const [a, b] = [text(args[0], what), text(args[1], what)];
				return {
					kind: 'number',
					type: 'boolean',
					at: (t) => {
						const x = a(t);
						const y = b(t);
						return x === null || y === null ? NaN : truth(x.includes(y));
					},
				};
			}
			default:
				return fail(
					node,
					`There is no function ${name}().`,
					`Use one of: ${EXPRESSION_FUNCTIONS.join(', ')}. A column of this name needs \`backticks\`.`,
				);
		}
	};

	/** Results that may stand for one another; the bare word `missing` takes the kind of the others. */
	const alike = (node: Node, parts: Array<Compiled<T>>): Array<Compiled<T>> => {
		const isText = parts.some((c) => c.kind === 'text');
		if (isText && parts.some((c) => c.kind === 'number' && c.type !== 'missing'))
			fail(node, 'Numbers and text cannot be mixed here.', 'Give only numbers or only text in quotes.');
		return isText ? parts.map((c) => (c.kind === 'text' ? c : { kind: 'text', type: 'text', at: () => null })) : parts;
	};

	return compile(tree);
}

/** The column type that several results share, if they are all plain columns of it. */
function merged<T>(parts: Array<Compiled<T>>): { column?: ColumnType } {
	const typed = parts.filter((c) => c.type !== 'missing');
	return { column: typed.length && typed.every((c) => c.column === typed[0].column) ? typed[0].column : undefined };
}

function commonType<T>(parts: Array<Compiled<T>>): Exclude<ValueType, 'text'> {
	const types = new Set(parts.map((c) => c.type).filter((t) => t !== 'missing'));
	const [only] = types;
	return types.size === 0 ? 'missing' : types.size === 1 && only !== 'text' ? (only as Exclude<ValueType, 'text'>) : 'number';
}

const MATHS: Record<string, (x: number) => number> = {
	abs: Math.abs,
	sqrt: Math.sqrt,
	log: Math.log,
	exp: Math.exp,
	floor: Math.floor,
	ceil: Math.ceil,
};
const { hour, minute, day, month, year, weekday } = CALENDAR;
const DATE_FUNCTIONS: Record<string, (ms: number) => number> = { hour, minute, day, month, year, weekday };

/** All functions an expression may call. */
export const EXPRESSION_FUNCTIONS: readonly string[] = [
	...Object.keys(MATHS),
	'round',
	'min',
	'max',
	'if',
	'coalesce',
	'is_missing',
	'lower',
	'upper',
	'contains',
	'length',
	...Object.keys(DATE_FUNCTIONS),
];

const COMPARE = { '==': true, '!=': true, '<': true, '<=': true, '>': true, '>=': true };
type Arithmetic = '+' | '-' | '*' | '/' | '%' | '**';

/** Kleene's logic: false and missing is false, true or missing is true. */
function and<T>(a: Num<T>, b: Num<T>): Num<T> {
	return (t) => {
		const x = a(t);
		if (x === 0) return 0;
		const y = b(t);
		return y === 0 ? 0 : Number.isNaN(x) || Number.isNaN(y) ? NaN : 1;
	};
}

function or<T>(a: Num<T>, b: Num<T>): Num<T> {
	return (t) => {
		const x = a(t);
		if (x !== 0 && !Number.isNaN(x)) return 1;
		const y = b(t);
		return y !== 0 && !Number.isNaN(y) ? 1 : Number.isNaN(x) || Number.isNaN(y) ? NaN : 0;
	};
}

function arithmetic<T>(op: Exclude<BinaryOp, 'and' | 'or' | keyof typeof COMPARE>, a: Num<T>, b: Num<T>): Num<T> {
	switch (op) {
		case '+':
			return (t) => a(t) + b(t);
		case '-':
			return (t) => a(t) - b(t);
		case '*':
			return (t) => a(t) * b(t);
		case '/':
			return (t) => a(t) / b(t);
		case '%':
			return (t) => a(t) % b(t);
		// A missing exponent base must stay missing, though JavaScript says NaN ** 0 is 1.
		case '**':
			return (t) => {
				const x = a(t);
				return Number.isNaN(x) ? NaN : x ** b(t);
			};
	}
}

function compareNumbers<T>(op: keyof typeof COMPARE, a: Num<T>, b: Num<T>): Num<T> {
	const holds = {
		'==': (x: number, y: number) => x === y,
		'!=': (x: number, y: number) => x !== y,
		'<': (x: number, y: number) => x < y,
		'<=': (x: number, y: number) => x <= y,
		'>': (x: number, y: number) => x > y,
		'>=': (x: number, y: number) => x >= y,
	}[op];
	return (t) => {
		const x = a(t);
		const y = b(t);
		return Number.isNaN(x) || Number.isNaN(y) ? NaN : holds(x, y) ? 1 : 0;
	};
}

function compareTexts<T>(op: keyof typeof COMPARE, a: Text<T>, b: Text<T>): Num<T> {
	const holds = {
		'==': (x: string, y: string) => x === y,
		'!=': (x: string, y: string) => x !== y,
		'<': (x: string, y: string) => x < y,
		'<=': (x: string, y: string) => x <= y,
		'>': (x: string, y: string) => x > y,
		'>=': (x: string, y: string) => x >= y,
	}[op];
	return (t) => {
		const x = a(t);
		const y = b(t);
		return x === null || y === null ? NaN : truth(holds(x, y));
	};
}
