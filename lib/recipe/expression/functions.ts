import { own } from '../../domain/dictionary.js';
import { CALENDAR } from '../calendar.js';
import type { Node } from './parseExpression.js';
import { alike, commonType, CONVERT, merged, truth, type Compiled, type Compiler, type Num, type Text } from './compiled.js';

type Call = Node & { kind: 'call' };

/** A function of expressions: how many values it takes, and what a call of it becomes. */
interface ExpressionFunction {
	least: number;
	most: number;
	compile<T>(compiler: Compiler<T>, node: Call): Compiled<T>;
}

const ofNumber = (f: (x: number) => number): ExpressionFunction => ({
	least: 1,
	most: 1,
	compile(compiler, { name, args }) {
		const a = compiler.number(args[0], `${name}()`);
		return { kind: 'number', type: 'number', at: (t) => f(a(t)) };
	},
});

const ofMoment = (f: (ms: number) => number): ExpressionFunction => ({
	least: 1,
	most: 1,
	compile(compiler, { name, args }) {
		const a = compiler.moment(args[0], `${name}()`);
		return { kind: 'number', type: 'number', at: (t) => f(a(t)) };
	},
});

const round: ExpressionFunction = {
	least: 1,
	most: 2,
	compile(compiler, { args }) {
		const a = compiler.number(args[0], 'round()');
		const digits = args[1] ? compiler.number(args[1], 'round()') : () => 0;
		return {
			kind: 'number',
			type: 'number',
			at: (t) => {
				const f = 10 ** digits(t);
				return Math.round(a(t) * f) / f;
			},
		};
	},
};

/** The least or the greatest of several values. */
const extreme = (f: (a: number, b: number) => number): ExpressionFunction => ({
	least: 1,
	most: Infinity,
	compile(compiler, { name, args }) {
		const all = args.map((a) => compiler.compile(a));
		const numbers = all.map((c, i) =>
			c.kind === 'number' ? c.at : compiler.fail(args[i], `${name}() needs numbers, but this is text.`, CONVERT),
		);
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
	},
});

const choice: ExpressionFunction = {
	least: 3,
	most: 3,
	compile(compiler, node) {
		const condition = compiler.number(node.args[0], 'The condition of if()');
		const [yes, no] = alike(compiler, node, [compiler.compile(node.args[1]), compiler.compile(node.args[2])]);
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
		return compiler.fail(node, 'The two results of if() are of different kinds.', 'Give two numbers or two texts.');
	},
};

/** The first value that is not missing. */
const coalesce: ExpressionFunction = {
	least: 1,
	most: Infinity,
	compile<T>(compiler: Compiler<T>, node: Call): Compiled<T> {
		const all = alike(
			compiler,
			node,
			node.args.map((a) => compiler.compile(a)),
		);
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
	},
};

const isMissing: ExpressionFunction = {
	least: 1,
	most: 1,
	compile(compiler, { args }) {
		const a = compiler.compile(args[0]);
		return {
			kind: 'number',
			type: 'boolean',
			at: a.kind === 'text' ? (t) => truth(a.at(t) === null) : (t) => truth(Number.isNaN(a.at(t))),
		};
	},
};

const inCase = (f: (text: string) => string): ExpressionFunction => ({
	least: 1,
	most: 1,
	compile(compiler, { name, args }) {
		const a = compiler.text(args[0], `${name}()`);
		return {
			kind: 'text',
			type: 'text',
			at: (t) => {
				const x = a(t);
				return x === null ? null : f(x);
			},
		};
	},
});

const length: ExpressionFunction = {
	least: 1,
	most: 1,
	compile(compiler, { args }) {
		const a = compiler.text(args[0], 'length()');
		return { kind: 'number', type: 'number', at: (t) => a(t)?.length ?? NaN };
	},
};

const contains: ExpressionFunction = {
	least: 2,
	most: 2,
	compile(compiler, { args }) {
		const [a, b] = [compiler.text(args[0], 'contains()'), compiler.text(args[1], 'contains()')];
		return {
			kind: 'number',
			type: 'boolean',
			at: (t) => {
				const x = a(t);
				const y = b(t);
				return x === null || y === null ? NaN : truth(x.includes(y));
			},
		};
	},
};

const FUNCTIONS: Record<string, ExpressionFunction> = {
	abs: ofNumber(Math.abs),
	sqrt: ofNumber(Math.sqrt),
	log: ofNumber(Math.log),
	exp: ofNumber(Math.exp),
	floor: ofNumber(Math.floor),
	ceil: ofNumber(Math.ceil),
	round,
	min: extreme(Math.min),
	max: extreme(Math.max),
	if: choice,
	coalesce,
	is_missing: isMissing,
	lower: inCase((text) => text.toLowerCase()),
	upper: inCase((text) => text.toUpperCase()),
	contains,
	length,
	hour: ofMoment(CALENDAR.hour),
	minute: ofMoment(CALENDAR.minute),
	day: ofMoment(CALENDAR.day),
	month: ofMoment(CALENDAR.month),
	year: ofMoment(CALENDAR.year),
	weekday: ofMoment(CALENDAR.weekday),
};

/** All functions an expression may call. */
export const EXPRESSION_FUNCTIONS: readonly string[] = Object.keys(FUNCTIONS);

/** A call of one of the functions. @throws `recipe.expression_invalid` for an unknown one, a wrong number of values or wrong types */
export function compileCall<T>(compiler: Compiler<T>, node: Call): Compiled<T> {
	const { name, args } = node;
	const called = own(FUNCTIONS, name);
	if (!called)
		return compiler.fail(
			node,
			`There is no function ${name}().`,
			`Use one of: ${EXPRESSION_FUNCTIONS.join(', ')}. A column of this name needs \`backticks\`.`,
		);
	const { least, most } = called;
	if (args.length < least || args.length > most)
		compiler.fail(
			node,
			`${name}() takes ${least === most ? least : most === Infinity ? `at least ${least}` : `${least} to ${most}`} ` +
				`value${least === 1 && most === 1 ? '' : 's'}, not ${args.length}.`,
			'Separate values by commas.',
		);
	return called.compile(compiler, node);
}
