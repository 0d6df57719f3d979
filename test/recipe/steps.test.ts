import fc from 'fast-check';
import { isNumberVector, valueAt, vectorOf, type Frame } from '../../lib/data/frame';
import type { FitStepContext, Step } from '../../lib/recipe/contract';
import { CALENDAR, CALENDAR_OF_MANY } from '../../lib/recipe/calendar';
import { compileRecipe } from '../../lib/recipe/compileRecipe';
import { STEPS, stepById } from '../../lib/recipe/steps';
import { checkFrame, COLUMNS, frames, half, rebuilt, rowAt } from './frames';

/** Parameters to try for each step; a step without an entry here fails the first test. */
const EXAMPLES: Record<string, Array<Record<string, unknown>>> = {
	drop_duplicates: [{}, { columns: ['flag', 'cat'], keep: 'last' }, { columns: ['flag'], keep: 'none' }],
	impute: [
		{},
		{ strategy: 'mean', add_indicator: true },
		{ strategy: 'median' },
		{ strategy: 'most_frequent' },
		{ strategy: 'constant', fill_value: '7', columns: ['num', 'cat', 'date'] },
	],
	drop_missing: [{}, { columns: ['num', '__proto__'], how: 'all' }],
	convert_type: [
		{ columns: ['cat', '__proto__', 'int'] },
		{ columns: ['note'], to: 'integer', decimal: ',' },
		{ columns: ['cat', 'num'], to: 'datetime', day_first: true, unit: 'days_1900' },
		{ columns: ['int', 'num'], to: 'datetime', unit: 'us' },
		{ columns: ['int', 'num'], to: 'datetime', unit: 'ns' },
		{ columns: ['cat', 'flag', 'num'], to: 'boolean' },
		{ columns: ['num', 'date', 'flag', 'note'], to: 'category' },
	],
	trim_text: [{}, { case: 'title', collapse_spaces: false }, { case: 'upper', trim: false, columns: ['cat'], missing_words: [] }],
	unify_spelling: [
		{ columns: ['cat', '__proto__'], spellings: ['a', 'B c'], yes_no: 'digits' },
		{ spellings: ['yes'] },
		{ columns: ['note'], spellings: ['x y', 'No'], yes_no: 'words' },
	],
	replace_values: [{ map: { a: 'b', 9999: '', 1: '2.5' } }, { columns: ['cat'], map: { A: '', b: 'c' }, ignore_case: true }],
	clip_outliers: [{}, { method: 'zscore', threshold: 1, columns: ['num', 'int'] }],
	drop_outliers: [{}, { method: 'zscore', threshold: 1 }],
	filter_rows: [{ expression: "num > 0 or cat == 'a'" }, { expression: 'is_missing(y)', keep: 'others' }],
	drop_columns: [{ columns: ['num', '__proto__'] }],
	select_columns: [{}, { columns: ['cat', 'constructor'] }],
	derive_target: [
		{ expression: 'num > 1', name: 'late' },
		{ from: 'column', column: ' `größe` \\', name: 'goal' },
		{ expression: 'num * 2', name: 'num' },
	],
	date_parts: [
		{ parts: ['hour', 'minute', 'weekday', 'day', 'month', 'quarter', 'year', 'day_of_year', 'is_weekend'] },
		{ cyclical: true, columns: ['born'], drop_original: false },
	],
	age: [
		{ column: 'born', reference_column: 'date' },
		{ column: 'date', reference: 'date', reference_date: '2001-05-31', unit: 'months', drop_original: true },
		{ column: 'born', reference_column: 'born', unit: 'days', name: 'born' },
	],
	expression: [
		{ name: 'new', expression: 'if(num > int, lower(cat), note)' },
		{ name: 'num', expression: 'num / int' },
		{ name: 'x', expression: '`select "x"; --` + constructor % 3 - coalesce(num, 1)' },
		{ name: '__proto__', expression: "born > '2000-01-01' and not flag" },
	],
	one_hot: [{}, { max_categories: 3 }, { columns: ['cat', 'note'], min_frequency: 0.2, handle_unknown: 'ignore' }, { min_frequency: 3 }],
	ordinal: [{}, { columns: ['cat'], order: ['c', 'zz', 'a'], unknown_value: -9 }],
	frequency: [{}, { normalize: false, columns: ['note'] }],
	target_encode: [{}, { smooth: 3, cv: 2, columns: ['cat'] }, { smooth: 0 }],
	rare_group: [{ min_frequency: 0.2 }, { columns: ['note'], replacement: 'a' }],
	scale: [{}, { method: 'minmax' }, { method: 'robust', columns: ['num'] }],
	bin: [{}, { strategy: 'uniform', n_bins: 3, encode: 'label' }, { columns: ['num'], n_bins: 50, encode: 'label' }],
	log: [{}, { method: 'signed', columns: ['num', 'int'] }],
	custom_code: [
		{
			data_as: 'columns',
			code: 'columns.twice = columns.num.map((x) => x && 2 * x); columns.word = columns.cat.map((c) => c + "!"); delete columns.int;',
		},
	],
	set_role: [
		{ columns: ['num', 'cat'], role: 'ignore' },
		{ columns: ['int'], role: 'target' },
	],
};

const cases = STEPS.flatMap((step) =>
	(EXAMPLES[step.id] ?? []).map((example, i): [string, Step, unknown] => [`${step.id} ${i + 1}`, step, step.params.parse(example)]),
);

/** The target that steps learn from: two classes, three classes, or numbers. */
const context = (frame: Frame, classes: number): FitStepContext => {
	const y = vectorOf(frame, 'y');
	const data = isNumberVector(y) ? y.data : new Float64Array(frame.rows);
	return { target: classes ? data.map((v) => Math.abs(v) % classes) : data, classes, seed: 5 };
};

const fitted = async (step: Step, params: unknown, train: Frame, classes: number): Promise<unknown> =>
	step.fit ? step.fit(train, params, context(train, classes)) : null;

const contents = (frame: Frame): string =>
	JSON.stringify(Array.from({ length: frame.rows }, (_, i) => frame.vectors.map((v) => valueAt(v, i))));

const sameFrame = (a: Frame, b: Frame): void => {
	expect(b.schema).toEqual(a.schema);
	expect(b.rowId).toEqual(a.rowId);
	expect(contents(b)).toBe(contents(a));
};

beforeAll(() => {
	process.env.MLOPS_ALLOW_CUSTOM_CODE = 'true';
});
afterAll(() => {
	delete process.env.MLOPS_ALLOW_CUSTOM_CODE;
});

test('every step has examples, a title and described parameters with defaults where possible', () => {
	expect(Object.keys(EXAMPLES).sort()).toEqual(STEPS.map((s) => s.id).sort());
	for (const step of STEPS) {
		expect(step.id).toMatch(/^[a-z][a-z0-9_]*$/);
		expect(step.label && step.description).toBeTruthy();
		const shape = (step.params as unknown as { shape: Record<string, { meta(): { title?: string; description?: string } | undefined }> })
			.shape;
		for (const [name, field] of Object.entries(shape))
			expect({ step: step.id, name, ...field.meta() }).toMatchObject({ title: expect.any(String), description: expect.any(String) });
	}
	expect(() => stepById('no_such')).toThrow(expect.objectContaining({ code: 'recipe.step_unknown' }));
});

describe.each(cases)('%s', (_, step, params) => {
	// Custom code starts a process for each table.
	const few = step.noRowForm !== undefined;

	test('keeps its promises on random data', async () => {
		await fc.assert(
			fc.asyncProperty(frames(), frames(), fc.constantFrom(0, 2, 3), async (train, other, classes) => {
				const before = JSON.stringify([...other.vectors.map((v) => (isNumberVector(v) ? [...v.data] : [...v.codes]))]);
				const state = await fitted(step, params, train, classes);
				const stored: unknown = JSON.parse(JSON.stringify(state));
				expect(stored).toEqual(state);
				const out = await step.transform(other, params, state);
				checkFrame(out);
				expect(out.schema).toEqual(step.outputs(COLUMNS, params, state));
				expect(JSON.stringify([...other.vectors.map((v) => (isNumberVector(v) ? [...v.data] : [...v.codes]))])).toBe(before);
				sameFrame(out, await step.transform(other, params, stored));
				step.outputs(COLUMNS, params, null);
				expect(typeof (step.explain?.(params, state) ?? '')).toBe('string');

				if (step.rows === 'drop') {
					const at = new Map([...other.rowId].map((id, i) => [id, i]));
					let last = -1;
					for (let i = 0; i < out.rows; i++) {
						const from = at.get(out.rowId[i]) ?? -1;
						expect(from).toBeGreaterThan(last);
						last = from;
						expect(out.vectors.map((v) => valueAt(v, i))).toEqual(other.vectors.map((v) => valueAt(v, from)));
					}
					expect(step.row).toBeUndefined();
					return;
				}
				expect(out.rowId).toEqual(other.rowId);
				if (step.noRowForm) return;
				const run = step.row?.(COLUMNS, params, stored);
				const own = { step: step.id, version: step.version, params: params as Record<string, unknown>, state: stored };
				const compiled = step.row && !step.labelledOnly ? compileRecipe({ input: COLUMNS, steps: [own], output: out.schema }) : undefined;
				// Plain loops and one expectation: a call for each cell would take minutes.
				const wrong: unknown[] = [];
				const names = out.schema
					.map((c) => c.name)
					.sort()
					.join('\0');
				for (let i = 0; i < other.rows; i++) {
					const row = rowAt(other, i);
					run?.(row);
					if (Object.keys(row).sort().join('\0') !== names) wrong.push(Object.keys(row));
					out.schema.forEach((c, j) => {
						const value = valueAt(out.vectors[j], i);
						if (row[c.name] !== value) wrong.push({ column: c.name, batch: value, row: row[c.name] });
					});
					const again = compiled?.row(rowAt(other, i));
					if (again && Object.keys(again).sort().join('\0') !== names) wrong.push(Object.keys(again));
					for (const [name, value] of Object.entries(again ?? {}))
						if (!Object.is(value, row[name])) wrong.push({ column: name, compiled: value, row: row[name] });
				}
				expect(wrong).toEqual([]);
			}),
			{ numRuns: few ? 2 : 30, seed: 11 },
		);
	});

	if (step.fit)
		test('learns from the rows given and from nothing else', async () => {
			await fc.assert(
				fc.asyncProperty(frames(), fc.constantFrom(0, 2, 3), async (frame, classes) => {
					const part = half(frame);
					expect(JSON.stringify(await fitted(step, params, part, classes))).toBe(
						JSON.stringify(await fitted(step, params, rebuilt(part), classes)),
					);
					if (!step.fitTransform) return;
					const own = await step.fitTransform(part, params, context(part, classes));
					checkFrame(own.frame);
					expect(JSON.stringify(own.state)).toBe(JSON.stringify(await fitted(step, params, part, classes)));
					expect(own.frame.schema).toEqual(step.outputs(COLUMNS, params, own.state));
					expect(own.frame.rowId).toEqual(part.rowId);
					sameFrame(own.frame, (await step.fitTransform(rebuilt(part), params, context(part, classes))).frame);
				}),
				{ numRuns: few ? 2 : 30, seed: 12 },
			);
		});
});

test('parts of many dates are those of each one, in every century', () => {
	const moments = Float64Array.from({ length: 30_000 }, (_, i) => (i % 50 ? (i - 15_000) * 7.3e9 : NaN));
	for (const [part, all] of Object.entries(CALENDAR_OF_MANY)) {
		const of = CALENDAR[part as keyof typeof CALENDAR];
		const values = moments.slice();
		all(values);
		expect(values).toEqual(moments.map(of));
	}
	// Against the calendar of the language; plain comparisons, since a call for each would take long.
	const wrong = [...moments].filter((ms) => {
		if (Number.isNaN(ms)) return false;
		const date = new Date(ms);
		const dayOfYear = (ms - new Date(ms).setUTCMonth(0, 1)) / 86_400_000 + 1;
		const own = [CALENDAR.year(ms), CALENDAR.month(ms), CALENDAR.day(ms), CALENDAR.day_of_year(ms)];
		return own.join() !== [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), dayOfYear].join();
	});
	expect(wrong).toEqual([]);
});
