import { truth, type Num, type Text } from './compiled.js';

export const COMPARE = { '==': true, '!=': true, '<': true, '<=': true, '>': true, '>=': true };
export type Comparison = keyof typeof COMPARE;
export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '**';

/** Kleene's logic: false and missing is false, true or missing is true. */
export function and<T>(a: Num<T>, b: Num<T>): Num<T> {
	return (t) => {
		const x = a(t);
		if (x === 0) return 0;
		const y = b(t);
		return y === 0 ? 0 : Number.isNaN(x) || Number.isNaN(y) ? NaN : 1;
	};
}

export function or<T>(a: Num<T>, b: Num<T>): Num<T> {
	return (t) => {
		const x = a(t);
		if (x !== 0 && !Number.isNaN(x)) return 1;
		const y = b(t);
		return y !== 0 && !Number.isNaN(y) ? 1 : Number.isNaN(x) || Number.isNaN(y) ? NaN : 0;
	};
}

export function arithmetic<T>(op: Arithmetic, a: Num<T>, b: Num<T>): Num<T> {
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

export function compareNumbers<T>(op: Comparison, a: Num<T>, b: Num<T>): Num<T> {
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

export function compareTexts<T>(op: Comparison, a: Text<T>, b: Text<T>): Num<T> {
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
