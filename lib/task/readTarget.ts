import type { ColumnSchema, TaskType } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import { isNumberVector, vectorOf, type Frame } from '../data/frame.js';
import { countsOf, lookAlike, spellingList } from '../data/spellings.js';
import { taskOf } from '../data/target.js';
import type { Target } from './contract.js';
import { taskById } from './index.js';
import { distinctValues } from './targetValues.js';

/** The target's column. @throws `learn.target_missing`, `learn.target_unknown` naming what there is */
export function targetColumn(schema: readonly ColumnSchema[], name: string): ColumnSchema {
	const there = `${schema
		.slice(0, 20)
		.map((c) => c.name)
		.join(', ')}${schema.length > 20 ? ', ...' : ''}`;
	const wanted = name || schema.find((c) => c.role === 'target')?.name;
	if (!wanted)
		throw new MlopsError('learn.target_missing', 'No target is chosen: the model does not know what to predict.', {
			expected: `one of: ${there}`,
			remedy: 'Pick the column to predict.',
		});
	const column = schema.find((c) => c.name === wanted);
	if (column) return column;
	throw new MlopsError('learn.target_unknown', `There is no column "${wanted}" to predict.`, {
		column: wanted,
		expected: `one of: ${there}`,
		remedy: 'Pick a column from the list, or make it with the step "Derive target" before Train.',
	});
}

/**
 * Reads the target: its task, and the labels that this makes of its values.
 * @param learnable rows whose classes count (test rows do not), all if absent
 * @throws `learn.target_one_class`, `learn.target_invalid`, `learn.parameter_invalid`
 */
export function readTarget(
	frame: Frame,
	name: string,
	options: { task?: TaskType; positiveClass?: string; learnable?: (row: number) => boolean } = {},
): Target {
	const column = targetColumn(frame.schema, name);
	const { values, code } = distinctValues(frame, column);
	const learnable = options.learnable ?? (() => true);
	const counts = new Float64Array(values.length);
	let missing = 0;
	for (let i = 0; i < frame.rows; i++) {
		if (code[i] < 0) missing++;
		else if (learnable(i)) counts[code[i]]++;
	}
	const present = values.map((_, k) => k).filter((k) => counts[k] > 0);
	const fitting = taskOf(column, present.length);
	const task = options.task ?? fitting;
	const vector = vectorOf(frame, column.name);
	const numbers = isNumberVector(vector) ? vector.data : undefined;
	return { name: column.name, task, missing, ...taskById(task).readLabels({ column, numbers, values, code, counts, present }, options) };
}

/** The target of a task without labels; `name`: a column that holds the truth all the same, for Evaluate, or empty. */
export const noTarget = (name: string, task: TaskType, rows: number): Target => ({
	name,
	task,
	classes: [],
	y: new Float64Array(rows),
	missing: 0,
	positiveReason: '',
});

/** What to say of classes that differ in spelling only: each would be learned as one of its own. Undefined where there are none. */
export function alikeLabels(frame: Frame, { name, classes }: Target, learnable: (row: number) => boolean): string | undefined {
	if (!classes.length) return undefined;
	const vector = vectorOf(frame, name);
	if (isNumberVector(vector)) return undefined;
	const alike = lookAlike(countsOf(vector, learnable));
	if (!alike.length) return undefined;
	const more = alike.length > 5 ? `; and ${alike.length - 5} more` : '';
	return (
		`Some classes of "${name}" differ in spelling only and were learned as different ones: ` +
		`${alike.slice(0, 5).map(spellingList).join('; ')}${more}. ` +
		'If they mean the same, put Clean before Train: Automatic proposes to unify them, the step "Unify spellings" does it.'
	);
}
