import fc from 'fast-check';
import type { ColumnSchema } from '../../lib/domain/column';
import { valueAt } from '../../lib/data/frame';
import { compileExpression, quoteName } from '../../lib/recipe/expression';
import { EXPRESSION_FUNCTIONS } from '../../lib/recipe/expression/functions';
import { frameOf } from '../data/frames';

const schema: ColumnSchema[] = [
	{ name: 'x', type: 'number', role: 'feature' },
	{ name: 'y', type: 'number', role: 'feature' },
	{ name: 'n', type: 'number', role: 'feature' },
	{ name: 'flag', type: 'boolean', role: 'feature' },
	{ name: 'when', type: 'datetime', role: 'time' },
	{ name: 'word', type: 'category', role: 'feature' },
	{ name: 'none', type: 'category', role: 'feature' },
	{ name: 'Größe (cm)', type: 'integer', role: 'feature' },
	{ name: 'if', type: 'number', role: 'feature' },
];
const row = { x: 7, y: 2, n: null, flag: 1, when: Date.UTC(2001, 4, 31, 14, 30), word: 'Hello', none: null, 'Größe (cm)': 180, if: 3 };
const frame = frameOf(schema, Object.fromEntries(schema.map((c) => [c.name, [row[c.name as keyof typeof row]]])));

/** The value of an expression; both forms must agree. */
const value = (source: string) => {
	const compiled = compileExpression(source, schema);
	const single = compiled.row(row);
	expect(valueAt(compiled.vector(frame), 0)).toBe(single);
	return single;
};

test.each([
	['1 + 2 * 3', 7],
	['(1 + 2) * 3', 9],
	['2 ** 3 ** 2', 512],
	['-2 ** 2', -4],
	['2 ** -1', 0.5],
	['7 % 4', 3],
	['-x + 1', -6],
	['+x', 7],
	['x / y', 3.5],
	['10 - 3 - 2', 5],
	['1e3 + .5', 1000.5],
	['x > 5', 1],
	['x > 5 and y > 5', 0],
	['x > 5 or y > 5', 1],
	['not x > 5', 0],
	['x = 7', 1],
	['x <> 7', 0],
	['x != 7 || y == 2', 1],
	['!(x > 5) && true', 0],
	['not flag', 0],
	['false or flag', 1],
	['3 - not flag', 3],
	['abs(-3)', 3],
	['sqrt(49)', 7],
	['log(exp(2))', 2],
	['floor(2.7)', 2],
	['ceil(2.1)', 3],
	['round(2.5)', 3],
	['round(3.14159, 2)', 3.14],
	['min(x, y, 5)', 2],
	['max(x, y)', 7],
	["if(x > 1, 'hi', 'lo')", 'hi'],
	['IF(y > x, 1, 0)', 0],
	['if(x > 1, missing, 5)', null],
	['coalesce(n, 0)', 0],
	['coalesce(none, "unknown")', 'unknown'],
	['coalesce(missing, word)', 'Hello'],
	['coalesce(n, missing)', null],
	['is_missing(n)', 1],
	['is_missing(word)', 0],
	['is_missing(n + x)', 1],
	['lower(word)', 'hello'],
	['upper(word)', 'HELLO'],
	["contains(word, 'ell')", 1],
	["contains(none, 'ell')", null],
	['length(word)', 5],
	["word + '!'", 'Hello!'],
	["word == 'Hello'", 1],
	["word < 'World'", 1],
	["'it''s'", "it's"],
	['"a\\"b"', 'a"b'],
	['year(when)', 2001],
	['month(when)', 5],
	['day(when)', 31],
	['hour(when)', 14],
	['weekday(when)', 3],
	["when > '2001-05-31'", 1],
	["when < '2001-05-31 14:00'", 0],
	["'2001-06-01' > when", 1],
	["when - '2001-05-31' > 0", undefined],
	['`Größe (cm)` / 100', 1.8],
	['`if` + 1', 4],
	['x+y', 9],
	['n + 1', null],
	['n > 1', null],
	['n > 1 and false', 0],
	['n > 1 or true', 1],
	['n > 1 or false', null],
	['not n', null],
	['if(n > 1, 1, 2)', null],
	['n ** 0', null],
	['max(n, 1)', null],
	['x / 0', null],
	['log(0)', null],
	['sqrt(-1)', null],
	['0 / 0', null],
])('%s', (source, expected) => {
	if (expected === undefined) expect(() => value(source)).toThrow(expect.objectContaining({ code: 'recipe.expression_invalid' }));
	else expect(value(source)).toBe(expected);
});

test('says what type comes out and which columns are read', () => {
	const of = (source: string) => {
		const e = compileExpression(source, schema);
		return [e.type, e.columns];
	};
	expect(of('x > y')).toEqual(['boolean', ['x', 'y']]);
	expect(of('x + flag')).toEqual(['number', ['x', 'flag']]);
	expect(of('`Größe (cm)`')).toEqual(['integer', ['Größe (cm)']]);
	expect(of('if(flag, word, none)')).toEqual(['category', ['flag', 'word', 'none']]);
	expect(of('when + 1000')).toEqual(['datetime', ['when']]);
	expect(of('when - when')).toEqual(['number', ['when']]);
	expect(of('coalesce(when, missing)')).toEqual(['datetime', ['when']]);
});

test.each([
	['', 'empty', 1],
	['x +', 'too early', 4],
	['x > 1 2', '"2" is not expected', 7],
	['(x', 'A ")" is missing', 3],
	['foo(1)', 'no function foo()', 1],
	['distance > 3', 'no column "distance"', 1],
	['x # y', '"#" means nothing', 3],
	["'open", 'never closed', 1],
	['1 < x < 5', 'cannot be chained', 7],
	['abs(1, 2)', 'takes 1 value', 1],
	['if(x)', 'takes 3 values', 1],
	['word * 2', 'this is text', 1],
	['x == word', 'cannot be compared', 3],
	["x == '7'", 'cannot be compared', 3],
	['if(x, 1, word)', 'cannot be mixed', 1],
	['lower(x)', 'needs text', 7],
	['hour(x)', 'needs a date', 6],
	["when > 'soon'", 'is not a date', 8],
	['x; y', '";" means nothing', 2],
	['x.constructor', 'no column "x.constructor"', 1],
	['constructor(1)', 'no function constructor()', 1],
	['__proto__', 'no column', 1],
	['toString()', 'no function tostring()', 1],
	['x = > 5', 'is not expected', 5],
])('refuses %s and shows where', (source, text, at) => {
	expect(() => compileExpression(source, schema)).toThrow(
		expect.objectContaining({
			code: 'recipe.expression_invalid',
			message: expect.stringContaining(text),
			details: expect.objectContaining({ remedy: expect.any(String) }),
		}),
	);
	expect(() => compileExpression(source, schema)).toThrow(`at character ${at}:`);
});

test('a monster is refused, not run into the ground', () => {
	for (const source of [
		'('.repeat(5000),
		'-'.repeat(5000) + 'x',
		'not '.repeat(2000) + 'x',
		'x+'.repeat(4000) + 'x',
		'x'.repeat(20_000),
		`${'abs('.repeat(1000)}x`,
		`x${'**x'.repeat(1000)}`,
	]) {
		expect(() => compileExpression(source, schema)).toThrow(expect.objectContaining({ code: 'recipe.expression_invalid' }));
	}
});

test('any text either compiles or is refused with the typed error, and any name can be quoted', () => {
	const pieces = fc.constantFrom(
		'x',
		'word',
		'1',
		'(',
		')',
		'+',
		'-',
		'*',
		'and',
		'not',
		'if(',
		',',
		"'a'",
		'`',
		'>',
		'==',
		'missing',
		'n',
		'**',
		'!',
		'"',
		'\\',
		'é',
		'.',
		'is_missing(',
	);
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string(),
				fc.array(pieces, { maxLength: 12 }).map((a) => a.join(' ')),
			),
			(source) => {
				try {
					compileExpression(source, schema).row(row);
				} catch (e) {
					expect(e).toMatchObject({ code: 'recipe.expression_invalid' });
				}
			},
		),
		{ numRuns: 2000, seed: 3 },
	);
	fc.assert(
		fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
			expect(compileExpression(quoteName(name), [{ name, type: 'number', role: 'feature' }]).columns).toEqual([name]);
		}),
		{ numRuns: 500, seed: 4 },
	);
});

test('lists its functions', () => {
	expect(EXPRESSION_FUNCTIONS).toEqual(
		expect.arrayContaining([
			'abs',
			'sqrt',
			'log',
			'exp',
			'floor',
			'ceil',
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
			'year',
			'month',
			'day',
			'hour',
			'weekday',
		]),
	);
});
