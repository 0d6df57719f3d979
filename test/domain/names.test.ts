import fc from 'fast-check';
import { z } from 'zod/v4';
import { castRaw } from '../../lib/data/castRaw.js';
import { uniqueNames } from '../../lib/data/columnNames.js';
import { quoteName, withDuck } from '../../lib/data/duck.js';
import { frameRows } from '../../lib/data/preview.js';
import { rowReader } from '../../lib/data/reading/index.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { dictionary, dictionaryOf, own } from '../../lib/domain/dictionary.js';
import { canonicalJson } from '../../lib/domain/json.js';
import { modelManifest } from '../../lib/domain/model.js';
import { readPackage, writePackage } from '../../lib/formats/modelPackage.js';
import { compileRecipe } from '../../lib/recipe/compileRecipe.js';
import { taskById } from '../../lib/task/index.js';
import { EVIL_NAMES } from '../evilNames.js';
import { frameOf } from '../data/frames.js';

const RUNS = { numRuns: 10_000 };
const anyName = fc.oneof(
	fc.constantFrom(...EVIL_NAMES.filter((n) => n.length < 100)),
	fc.string({ unit: 'grapheme', maxLength: 12 }),
	fc.string({ unit: 'binary-ascii', maxLength: 6 }),
	fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype)),
);
/**
 * V8's JSON.parse takes an escaped key for another one that begins with a backslash and that it saw at this place before
 * ({"\\":1}, then {"\u0000":1}), so no name begins with one here; test/data/names.test.ts has some.
 */
const name = anyName.filter((n) => !n.startsWith('\\'));
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 6 });
const columns = (list: readonly string[]): ColumnSchema[] =>
	list.map((n, i) => ({ name: n, type: i % 2 ? 'category' : 'number', role: 'feature' }));
const valueOf = (i: number) => (i % 2 ? `v${i}` : i);
/** Every name its own field, as JSON.parse makes it. */
const rowOf = (list: readonly string[]) => Object.fromEntries(list.map((n, i) => [n, valueOf(i)])) as Record<string, unknown>;

test('a dictionary holds any name and nothing else', () =>
	fc.assert(
		fc.property(names, fc.string(), (list, other) => {
			const made = dictionary(list.map((n, i) => [n, i]));
			expect(Object.keys(made).sort()).toEqual([...list].sort());
			list.forEach((n, i) => expect(made[n]).toBe(i));
			if (!list.includes(other)) expect([made[other], own(rowOf(list), other)]).toEqual([undefined, undefined]);
			const read = dictionaryOf(z.number()).parse(JSON.parse(JSON.stringify(made)));
			expect(JSON.stringify(read)).toBe(JSON.stringify(made));
		}),
		RUNS,
	));

test('a schema of dictionaries says what is wrong and where', () => {
	const schema = z.object({ a: dictionaryOf(z.number()) });
	expect(schema.safeParse({ a: JSON.parse('{"constructor":"x"}') }).error?.issues[0].path).toEqual(['a', 'constructor']);
	for (const a of [null, [1], 'x', 1]) expect(schema.safeParse({ a }).success).toBe(false);
	expect(JSON.stringify(z.object({ a: dictionaryOf(z.string()).prefault({}) }).parse({}))).toBe('{"a":{}}');
});

test('rows are read by any name, by either reader, and pass through a recipe; what is absent is missing', () =>
	fc.assert(
		fc.property(names, (list) => {
			const schema = columns(list);
			for (const read of [castRaw(schema), (raw: Record<string, unknown>) => rowReader(schema, undefined)(raw, [])]) {
				const row = read(rowOf(list));
				expect(list.map((n) => row[n])).toEqual(list.map((_, i) => valueOf(i)));
				expect(list.map((n) => read({})[n])).toEqual(list.map(() => null));
				const out = compileRecipe({ input: schema, steps: [], output: schema }).row(row);
				expect(list.map((n) => out[n])).toEqual(list.map((_, i) => valueOf(i)));
			}
		}),
		RUNS,
	));

test('frames give rows back, canonical JSON keeps every name', () =>
	fc.assert(
		fc.property(names, (list) => {
			const frame = frameOf(columns(list), Object.fromEntries(list.map((n, i) => [n, [valueOf(i), null]])));
			const [row, empty] = frameRows(frame);
			expect(list.map((n) => own(row, n))).toEqual(list.map((_, i) => valueOf(i)));
			expect(list.map((n) => own(empty, n))).toEqual(list.map(() => null));
			const text = canonicalJson(rowOf(list));
			expect(canonicalJson(JSON.parse(text))).toBe(text);
			expect(Object.keys(JSON.parse(text) as object)).toHaveLength(list.length);
		}),
		RUNS,
	));

test.each([false, true])(
	'unique names: not empty, well-formed, stable; names that differ by case alone count as the same: %s',
	(caseless) =>
		fc.assert(
			fc.property(fc.array(fc.oneof(name, fc.string({ unit: 'binary' })), { maxLength: 8 }), (raw) => {
				const made = uniqueNames(raw, { note() {}, caseless });
				expect(made).toHaveLength(raw.length);
				expect(new Set(caseless ? made.map((n) => n.toLowerCase()) : made).size).toBe(raw.length);
				for (const n of made) {
					expect(n.isWellFormed() && n.trim() === n && n !== '' && !n.includes('\0') && !(caseless && n === '__row')).toBe(true);
				}
				expect(
					uniqueNames(made, {
						caseless,
						note() {
							throw new Error('nothing to change');
						},
					}),
				).toEqual(made);
				const sound = raw.filter((n) => n.isWellFormed() && n.trim() === n && n !== '' && !n.includes('\0'));
				if (!caseless) expect(made).toEqual(expect.arrayContaining(sound));
			}),
			RUNS,
		),
);

test('a model package keeps names of columns and classes', () =>
	fc.assert(
		fc.property(names, names, (list, classes) => {
			const manifest = modelManifest.parse({
				format: 'n8n-nodes-mlops/model',
				v: 1,
				task: 'multiclass',
				target: list[0],
				classes,
				threshold: 0.5,
				signature: columns(list).map((c) => ({ ...c, required: true })),
				recipe: { input: columns(list), steps: [], output: columns(list) },
				encoder: {},
				learner: { id: 'dummy', params: rowOf(list) },
				example: rowOf(list),
				trainedAt: '2026-01-01T00:00:00Z',
				codeVersion: '1',
			});
			const back = readPackage(
				writePackage(manifest, {
					format: 'dummy',
					version: 1,
					meta: rowOf(list),
					arrays: dictionary(list.map((n, i) => [n, Float64Array.of(i)])),
				}),
			);
			expect(canonicalJson(back.manifest)).toBe(canonicalJson(manifest));
			expect(list.map((n) => back.state.arrays[n][0])).toEqual(list.map((_, i) => i));
			expect(list.map((n) => own(back.manifest.example, n))).toEqual(list.map((_, i) => valueOf(i)));
		}),
		RUNS,
	));

test('probabilities name every class', () =>
	fc.assert(
		fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 5 }), (classes) => {
			const binary = classes.length === 2;
			const answer = taskById(binary ? 'binary' : 'multiclass').answer(
				binary ? [0.75] : classes.map((_, i) => (i === 1 ? 0.6 : 0.4 / (classes.length - 1))),
				{ target: 'y', classes, threshold: 0.5 },
			);
			expect(answer.prediction).toBe(classes[1]);
			expect(Object.keys(JSON.parse(JSON.stringify(answer.probabilities)) as object).sort()).toEqual([...classes].sort());
			expect(own(answer.probabilities, classes[1])).toBe(answer.probability);
		}),
		RUNS,
	));

test('any name is quoted for SQL', async () =>
	await withDuck({}, async (duck) => {
		const all = [
			...EVIL_NAMES.filter((n) => n !== '' && !n.includes('\0')),
			...fc.sample(
				fc.string({ unit: 'grapheme', minLength: 1 }).filter((n) => !n.includes('\0')),
				1000,
			),
		];
		for (let from = 0; from < all.length; from += 50) {
			const batch = all.slice(from, from + 50);
			const described = await duck.rows<{ column_name: string }>(
				`DESCRIBE ${batch.map((n) => `SELECT 1 AS ${quoteName(n)}`).join(' UNION ALL BY NAME ')}`,
			);
			const unique = [...new Map(batch.map((n) => [n.toLowerCase(), n])).keys()];
			expect(described.length).toBeLessThanOrEqual(unique.length + 1);
		}
	}));
