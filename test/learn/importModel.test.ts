import { gunzipSync } from 'node:zlib';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { frameFromRows } from '../../lib/data/frameFromRows.js';
import type { Frame } from '../../lib/data/frame.js';
import { exportById, writeExport } from '../../lib/export/index.js';
import { importModel, type ImportSpec } from '../../lib/learn/importModel.js';
import { createPredictor } from '../../lib/serve/predictor.js';
import expected from './trees/expected/foreign.json';
import { bytesOf, refused as damaged } from './trees/helpers/imported.js';

type Row = Record<string, string | number | boolean | null>;

const column = (name: string, type: ColumnSchema['type'], role: ColumnSchema['role'] = 'feature'): ColumnSchema => ({ name, type, role });
const SCHEMA = [
	column('weight kg', 'number'),
	column('colour', 'category'),
	column('grade', 'integer'),
	column('fresh', 'boolean'),
	column('days', 'integer'),
	column('good', 'category'),
	column('class', 'integer'),
	column('price', 'number'),
];
const typed = (rows: readonly Row[], schema: readonly ColumnSchema[] = SCHEMA): Frame =>
	frameFromRows(
		rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, typeof v === 'boolean' ? +v : v]))),
		schema,
	);
const table = expected.table as Row[];
const file = (program: string, name: string): Buffer =>
	gunzipSync(Buffer.from(expected.models.find((m) => m.program === program && m.name === name)!.file, 'base64'));
const near = (ours: number, theirs: number): boolean => Math.abs(ours - theirs) <= 1e-6 * Math.max(1, Math.abs(theirs));
const spec: ImportSpec = { target: '', classes: [], codeVersion: 'test' };
const without = (...names: string[]): ColumnSchema[] => SCHEMA.filter((c) => !names.includes(c.name));

describe.each(expected.models.map((m) => [m.program, m.name, m] as const))('%s, %s', (_program, name, m) => {
	const named = name !== 'without names';
	const schema = named
		? SCHEMA
		: SCHEMA.map((c) => (['colour', 'grade', 'good', 'class'].includes(c.name) ? { ...c, role: 'ignore' as const } : c));

	it('answers as the original does, rows and whole tables, with gaps and categories by name', async () => {
		const made = importModel(gunzipSync(Buffer.from(m.file, 'base64')), typed(table, schema), { ...spec, target: m.target });
		const predictor = await createPredictor(made.package, 'digest');
		for (const [rows, wanted] of [
			[m.program === 'XGBoost' ? expected.askedPlain : expected.asked, m.p],
			[m.unknown ? expected.unknown : [], m.unknown ?? []],
		] as Array<[Row[], number[][]]>)
			rows.forEach((row, i) => {
				const { prediction, probabilities } = predictor.answer(row, 0);
				const ours = probabilities ? predictor.manifest.classes.map((c) => probabilities[String(c)]) : [prediction as number];
				expect(ours).toHaveLength(wanted[i].length);
				ours.forEach((v, k) => {
					if (!near(v, wanted[i][k])) throw new Error(`row ${i}, answer ${k}: ${v} where the original says ${wanted[i][k]}`);
				});
			});
	});

	it('explains its answers, and goes out as ONNX', async () => {
		const made = importModel(gunzipSync(Buffer.from(m.file, 'base64')), typed(table, schema), { ...spec, target: m.target });
		const predictor = await createPredictor(made.package, 'digest');
		const { reasons = [] } = predictor.answer(expected.asked[0] as Row, 20);
		expect(reasons.map((r) => r.feature).sort()).toEqual(made.manifest.signature.map((c) => c.name).sort());
		const { files } = await writeExport(exportById('onnx'), { name: 'x', digest: 'd', bytes: made.package });
		expect(files[0].bytes.byteLength).toBeGreaterThan(1000);
	});
});

it('says what it took for what', () => {
	const two = importModel(file('LightGBM', 'two classes'), typed(table), { ...spec, target: 'good' });
	expect(two).toMatchObject({ program: 'LightGBM', objective: 'binary', trees: 12 });
	expect(two.manifest).toMatchObject({ task: 'binary', classes: ['no', 'yes'], threshold: 0.5 });
	expect(two.notes.map((n) => n.text)).toEqual([
		'Of the model\'s classes, 0 is "no", 1 is "yes": the values of "good" in rising order, as scikit-learn numbers them.',
	]);
	expect(two.manifest.signature.map(({ name, type }) => [name, type])).toEqual([
		['weight kg', 'number'],
		['colour', 'category'],
		['grade', 'category'],
		['fresh', 'boolean'],
		['days', 'integer'],
	]);
	const seen = two.manifest.seen!;
	expect(seen[1].levels!.values).toEqual(['Größe', 'blue', 'green', 'red']);
	expect(seen[1].levels!.rows.reduce((a, b) => a + b)).toBe(table.filter((r) => r.colour !== null).length);
	expect(seen.every((s) => s.range === undefined)).toBe(true);
	const unnamed = SCHEMA.map((c) => (['colour', 'grade', 'good', 'class'].includes(c.name) ? { ...c, role: 'ignore' as const } : c));
	const guessed = importModel(file('LightGBM', 'without names'), typed(table, unnamed), { ...spec, target: 'price' });
	expect(guessed.notes[0]).toMatchObject({
		code: 'import.columns_guessed',
		text: expect.stringContaining('weight kg, fresh, days') as string,
	});
});

it('takes the labels that a person gives, in the order of the classes', () => {
	const given = importModel(file('XGBoost', 'two classes'), typed(table), { ...spec, target: 'good', classes: ['bad', 'fine'] });
	expect(given.manifest.classes).toEqual(['bad', 'fine']);
	const numbers = importModel(file('LightGBM', 'three classes'), typed(table.slice(0, 3)), {
		...spec,
		target: 'class',
		classes: ['1', '2', '3'],
	});
	expect(numbers.manifest.classes).toEqual([1, 2, 3]);
});

it('reads a yes-or-no column by the categories of the file, whatever its type in the table', async () => {
	const text = file('LightGBM', 'two classes')
		.toString()
		.replace(/pandas_categorical:\[\[.*?\]/, 'pandas_categorical:[["no", "yes", "maybe", "red"]');
	const { manifest } = importModel(Buffer.from(text), typed(table), { ...spec, target: 'good' });
	expect(manifest.encoder).toMatchObject({
		parts: expect.arrayContaining([{ kind: 'codes', source: 'colour', name: 'colour', levels: ['no', 'yes', 'maybe', 'red'] }]) as object,
	});
});

const refusal = (bytes: Uint8Array, frame: Frame, more: Partial<ImportSpec>) => {
	try {
		importModel(bytes, frame, { ...spec, ...more });
	} catch (error) {
		return error as Error & { code: string; details: Record<string, string> };
	}
	throw new Error('It was taken.');
};

it('names the columns that the table lacks, and near ones', () => {
	const renamed = typed(table, [column('Colour', 'category'), ...without('colour', 'days')]);
	const e = refusal(file('LightGBM', 'two classes'), renamed, { target: 'good' });
	expect(e.code).toBe('data.schema_mismatch');
	expect(e.message).toBe('The example table lacks 2 columns of the LightGBM model: colour, days.');
	expect(e.details.remedy).toContain('Colour');
});

it.each([
	[
		'text where the model takes numbers',
		{ days: 'category' },
		'learn.columns_mismatch',
		/"days" is a column of numbers in the LightGBM model/,
		{},
	],
	['a date where the model takes numbers', { days: 'datetime' }, 'learn.columns_mismatch', /"days" is a column of numbers/, {}],
	['too few classes', {}, 'learn.target_invalid', /The target "good" does not fit the LightGBM model/, { classes: ['one'] }],
	['the same class twice', {}, 'learn.target_invalid', /does not fit/, { classes: ['a', 'a'] }],
	['a column with other classes', {}, 'learn.target_invalid', /"class" does not fit/, { target: 'class' }],
	['no target', {}, 'learn.target_missing', /No target is chosen/, { target: '' }],
	['a target that is not there', {}, 'learn.target_unknown', /no column "fine"/, { target: 'fine' }],
] as const)('refuses %s', (_what, types, code, message, more) => {
	const schema = SCHEMA.map((c) => ({ ...c, type: (types as Record<string, ColumnSchema['type']>)[c.name] ?? c.type }));
	const e = refusal(file('LightGBM', 'two classes'), typed(table, schema), { target: 'good', ...more });
	expect([e.code, e.message]).toEqual([code, expect.stringMatching(message) as string]);
});

it('refuses a model of numbers for a target of text, and one without names for a table with other columns', () => {
	expect(refusal(file('XGBoost', 'a number'), typed(table), { target: 'good' }).code).toBe('learn.target_invalid');
	expect(refusal(file('LightGBM', 'without names'), typed(table), { target: 'price' })).toMatchObject({
		code: 'data.schema_mismatch',
		details: { expected: '3 columns with the role "feature", in the model\'s order' },
	});
});

it.each(Object.entries(expected.refused))('refuses what cannot be answered from: %s', (_name, packed) => {
	const e = refusal(gunzipSync(Buffer.from(packed, 'base64')), typed(table), { target: 'price' });
	expect(e.code).toBe('learn.model_invalid');
	expect(e.message).toMatch(/with the objective "(rank:ndcg|custom)" cannot be imported|names of its categories hold letters with accents/);
});

const WRONG: Array<[string, Uint8Array, RegExp]> = [
	['a pickle', Buffer.from([0x80, 4, 0x95, 0, 0]), /looks like a Python pickle/],
	['a ZIP file', Buffer.from('PK\x03\x04....'), /looks like a compressed file/],
	['a CatBoost model', Buffer.from('CBM1....'), /looks like a CatBoost model/],
	['an empty file', Buffer.alloc(0), /no model that can be imported/],
	['a table', Buffer.from('a,b\n1,2\n'), /no model that can be imported/],
	['other JSON', Buffer.from('{"name":"tree"}'), /This XGBoost model cannot be read: "learner" is not as expected/],
	...damaged.map((m): [string, Uint8Array, RegExp] => [m.name, bytesOf(m), /cannot be read/]),
];
it.each(WRONG)('refuses %s', (_what, bytes, message) => {
	const e = refusal(bytes, typed(table), { target: 'price' });
	expect([e.code, e.message]).toEqual(['learn.model_invalid', expect.stringMatching(message) as string]);
});

it('does not guess which columns the categories of a file belong to', () => {
	const text = file('LightGBM', 'two classes').toString();
	for (const changed of [
		text.replace(/^\[categorical_feature: .*\]$/m, '[categorical_feature: 1]'),
		text
			.replace(/^\[categorical_feature: .*\]$/m, '[categorical_feature: 1,4]')
			.replace(/feature_infos=(\S+ \S+) \S+ (\S+) \S+/, 'feature_infos=$1 [1:5] $2 0:1:2:9'),
		text.replace(/^pandas_categorical:.*$/m, 'pandas_categorical:[["a"], ["b"]]'),
	])
		expect(refusal(Buffer.from(changed), typed(table), { target: 'good' }).message).toMatch(
			/does not say which of its columns the categories|does not allow/,
		);
	expect(
		refusal(Buffer.from(text.replace(/^pandas_categorical:.*$/m, 'pandas_categorical:[[')), typed(table), { target: 'good' }).message,
	).toMatch(/list of categories is damaged/);
});
