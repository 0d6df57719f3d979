import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest, SeenColumn } from '../domain/model.js';
import { isNumberVector, vectorOf, type Frame } from '../data/frame.js';
import { nearNames, nearText } from '../data/nearNames.js';
import { readFrame } from '../data/reading/index.js';
import { writePackage } from '../formats/modelPackage.js';
import type { EncoderState } from '../recipe/encode.js';
import { compareText } from '../recipe/stats.js';
import type { ClassLabel, Task } from '../task/contract.js';
import { TASKS } from '../task/index.js';
import { targetColumn } from '../task/readTarget.js';
import { distinctValues } from '../task/targetValues.js';
import { gradientBoosting } from './learners/gradientBoosting.js';
import { exampleOf } from './training/example.js';
import { withCategories, type Foreign } from './trees/import/foreign.js';
import { readForeign } from './trees/import/index.js';
import { toState } from './trees/ensemble.js';

export interface ImportSpec {
	/** Column of the example table that the model predicts; empty: the one that has that role. */
	target: string;
	/** Class labels in the order of the model's classes; empty: the values of the target in rising order, as scikit-learn numbers them. */
	classes: readonly string[];
	codeVersion: string;
}

export interface ImportedModel {
	package: Uint8Array;
	manifest: ModelManifest;
	task: Task;
	program: string;
	objective: string;
	trees: number;
	/** What was guessed, and what nobody knows. */
	notes: Array<{ code: string; text: string }>;
}

/**
 * A model of LightGBM or XGBoost as a package of ours. The file has the trees and the names of their columns; what rows look like comes
 * from an example table: types, notations, class labels. The package reads, answers and explains rows as any other does.
 *
 * @param example a table as Ingest typed it, with what its typed values have lost (`storedRows`)
 * @throws `learn.model_invalid` for a file that is no such model or whose answers mean something else, `data.schema_mismatch` where the
 * table lacks columns, `learn.columns_mismatch` where a column cannot be what the model takes, `learn.target_missing`,
 * `learn.target_unknown`, `learn.target_invalid`
 */
export function importModel(file: Uint8Array, example: Frame, spec: ImportSpec): ImportedModel {
	const foreign = readForeign(file);
	const task = taskOf(foreign);
	const notes: ImportedModel['notes'] = [];
	const target = targetColumn(example.schema, spec.target);
	const classes = classesOf(foreign, task, example, target, spec.classes, notes);
	const columns = signatureOf(foreign, example.schema, target.name, notes);
	const model = withCategories(
		foreign,
		columns.map((c) => c.name),
	);
	const levels = foreign.categories.map((list, f) => list && levelsOf(list, columns[f], foreign));
	const schema = [...columns, { ...target, role: 'target' as const }];
	const reading = {
		v: 6 as const,
		task: task.id,
		target: target.name,
		classes,
		signature: columns.map((c) => ({ ...c, required: true })),
		recipe: { input: schema, steps: [], output: schema },
	};
	const bare = columns.map(
		({ name }, f): SeenColumn => ({
			name,
			missing: 0,
			...(levels[f] ? { levels: { values: [...levels[f]].sort(compareText), rows: [], more: 0 } } : {}),
		}),
	);
	const { frame } = readFrame(example, { ...reading, seen: bare });
	const manifest: ModelManifest = {
		...reading,
		format: 'n8n-nodes-mlops/model',
		seen: bare.map((column) => seenOf(frame, column)),
		encoder: encoderOf(columns, levels),
		learner: { id: gradientBoosting.id, params: {} },
		threshold: 0.5,
		trainedAt: '',
		codeVersion: spec.codeVersion,
		example: exampleOf(
			frame,
			Uint32Array.from({ length: frame.rows }, (_, i) => i),
			new Set(columns.map((c) => c.name)),
			target.name,
		),
	};
	return {
		package: writePackage(manifest, toState(model)),
		manifest,
		task,
		program: foreign.program,
		objective: foreign.objective,
		trees: model.trees.length,
		notes,
	};
}

/** The task whose answers the model's are. @throws `learn.model_invalid` */
function taskOf({ program, objective, output, model }: Foreign): Task {
	const task = TASKS.find((t) => output !== undefined && t.labels === 'required' && t.output === output);
	if (task && (model.outputs === 1 || task.output === 'probabilities')) return task;
	throw new MlopsError('learn.model_invalid', `This ${program} model with the objective "${objective}" cannot be imported.`, {
		expected: 'an objective whose answers are probabilities of classes, or values of the target',
		found: task
			? `${model.outputs} answers a row`
			: `"${objective}", whose answers are scores that say so only beside each other, or that its file does not explain`,
		remedy:
			'Train with an objective such as binary (binary:logistic), multiclass (multi:softprob) or regression (reg:squarederror), ' +
			'and save the model again.',
	});
}

/** @throws `learn.target_invalid` where the table has not as many classes as the model, or no numbers for a model of numbers */
function classesOf(
	{ program, model, output }: Foreign,
	task: Task,
	example: Frame,
	target: ColumnSchema,
	given: readonly string[],
	notes: ImportedModel['notes'],
): ClassLabel[] {
	const refuse = (expected: string, found: string, remedy: string) =>
		new MlopsError('learn.target_invalid', `The target "${target.name}" does not fit the ${program} model.`, {
			column: target.name,
			expected,
			found,
			remedy,
		});
	if (output === 'value') {
		if (isNumeric(target.type)) return [];
		throw refuse(
			'a column of numbers, which the model predicts',
			`a column of the type ${target.type}`,
			'Choose the column that the model predicts.',
		);
	}
	const wanted = task.outputs(model.outputs) === 1 ? 2 : model.outputs;
	const { values } = distinctValues(example, target);
	const classes = given.length ? given.map((label) => labelOf(label, target, values)) : values;
	if (classes.length === wanted && new Set(classes.map(String)).size === wanted) {
		const order = classes.map((label, k) => `${k} is "${String(label)}"`).join(', ');
		notes.push({
			code: 'import.classes',
			text:
				`Of the model's classes, ` +
				`${order}${given.length ? ', as given' : `: the values of "${target.name}" in rising order, as scikit-learn numbers them`}.`,
		});
		return classes;
	}
	const some = classes.slice(0, 8).map(String).join(', ');
	throw refuse(
		`${wanted} different classes`,
		`${classes.length}: ${some}${classes.length > 8 ? ', ...' : ''}`,
		'Enter the labels under "Class Labels", in the order of the model\'s classes (0, 1, ...), or take an example table that has them all.',
	);
}

/** A label as a person wrote it, as the table has it. */
function labelOf(text: string, { type }: ColumnSchema, values: readonly ClassLabel[]): ClassLabel {
	const known = values.find((value) => String(value) === text);
	if (known !== undefined) return known;
	if (type === 'boolean') return text === 'true' || text === '1';
	return isNumeric(type) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * A column of the table for each of the model, in the model's order, as it is to be read. @throws `data.schema_mismatch`,
 * `learn.columns_mismatch`
 */
function signatureOf(foreign: Foreign, schema: readonly ColumnSchema[], target: string, notes: ImportedModel['notes']): ColumnSchema[] {
	const { program, model, named } = foreign;
	const names = model.columns.map((c) => c.name);
	if (!named) {
		const features = schema.filter((c) => c.role === 'feature' && c.name !== target);
		if (features.length !== names.length)
			throw new MlopsError(
				'data.schema_mismatch',
				`The ${program} file does not name its columns, and the example table has not as many.`,
				{
					expected: `${names.length} columns with the role "feature", in the model's order`,
					found: `${features.length}: ${shown(features.map((c) => c.name))}`,
					remedy: 'Take a table with just these columns and the target, or train on a table whose columns have names.',
				},
			);
		notes.push({
			code: 'import.columns_guessed',
			text:
				`The file does not name its columns: they were taken to be those of the example table, in its order ` +
				`(${shown(features.map((c) => c.name))}).`,
		});
		return features.map((own, f) => readAs(own, f, foreign));
	}
	// LightGBM writes a blank in a name as an underscore.
	const written = new Map(schema.map((c) => [c.name.replaceAll(' ', '_'), c]));
	const found = names.map((name) => schema.find((c) => c.name === name) ?? written.get(name));
	const absent = names.filter((_, f) => found[f] === undefined);
	if (absent.length) {
		const there = schema.map((c) => c.name);
		throw new MlopsError(
			'data.schema_mismatch',
			`The example table lacks ${absent.length === 1 ? 'a column' : `${absent.length} columns`} of the ${program} model: ${shown(absent)}.`,
			{
				column: absent[0],
				expected: shown(names),
				found: shown(there),
				remedy: nearText(nearNames(absent, there)) || 'Take a table with the columns that the model was trained on, under the same names.',
			},
		);
	}
	return found.map((own, f) => readAs(own!, f, foreign));
}

const shown = (names: readonly string[]): string => `${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}`;

function readAs({ name, type, format }: ColumnSchema, f: number, { program, categories, categorical }: Foreign): ColumnSchema {
	if (categories[f]) return { name, type: 'category', role: 'feature', ...(isNumeric(type) || !format ? {} : { format }) };
	if (isNumeric(type) && type !== 'datetime') return { name, type, role: 'feature', ...(format ? { format } : {}) };
	throw new MlopsError(
		'learn.columns_mismatch',
		`"${name}" is a column of numbers in the ${program} model, but not in the example table.`,
		{
			column: name,
			expected: categorical[f] ? 'the numbers by which the model knows the categories, since its file does not list them' : 'numbers',
			found: type,
			remedy:
				type === 'datetime'
					? 'Give it the type number in MLOps Ingest (Column Settings), if that is what the model was trained on.'
					: 'Give it the type number in MLOps Ingest (Column Settings), or train on a pandas table in which it has the type ' +
						'"category", so that the file lists its categories.',
		},
	);
}

/** @throws `learn.columns_mismatch` where two categories are one text */
function levelsOf(list: ReadonlyArray<string | number | boolean>, { name }: ColumnSchema, { program }: Foreign): string[] {
	const levels = list.map(String);
	if (new Set(levels).size === levels.length) return levels;
	throw new MlopsError('learn.columns_mismatch', `Two categories of "${name}" in the ${program} model are the same text.`, {
		column: name,
		remedy: 'Turn the column into texts before training.',
	});
}

const encoderOf = (columns: readonly ColumnSchema[], levels: ReadonlyArray<string[] | undefined>): EncoderState => ({
	v: 1,
	features: columns.map(({ name, type }) => ({ name, type })),
	parts: columns.map(({ name }, f) =>
		levels[f]
			? { kind: 'codes', source: name, name, levels: levels[f] }
			: { kind: 'number', source: name, name, fill: null, mean: 0, std: 1 },
	),
});

/**
 * What the example's rows hold: gaps, and how often each category. No range: that of the rows which the model learned from is not known.
 */
function seenOf(frame: Frame, { name, levels }: SeenColumn): SeenColumn {
	const vector = vectorOf(frame, name);
	const gaps = isNumberVector(vector)
		? vector.data.reduce((n, x) => n + Number(Number.isNaN(x)), 0)
		: vector.codes.reduce((n, code) => n + Number(code === 0), 0);
	const missing = frame.rows ? gaps / frame.rows : 0;
	if (!levels || isNumberVector(vector)) return { name, missing };
	const counts = new Map<string, number>();
	for (const code of vector.codes)
		if (code > 0) counts.set(vector.dictionary[code - 1], (counts.get(vector.dictionary[code - 1]) ?? 0) + 1);
	return { name, missing, levels: { ...levels, rows: levels.values.map((value) => counts.get(value) ?? 0) } };
}
