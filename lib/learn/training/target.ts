import { isNumeric, type ColumnSchema, type TaskType } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { isNumberVector, vectorOf, type Frame } from '../../data/frame.js';
import { countsOf, lookAlike, spellingList } from '../../data/spellings.js';
import { taskOf } from '../../data/target.js';
import { compareText } from '../../recipe/stats.js';

export type ClassLabel = string | number | boolean;

export interface Target {
	name: string;
	task: TaskType;
	/** In code order; for two classes [negative, positive]. Empty for regression. */
	classes: ClassLabel[];
	/** Class code or value of each row; NaN where missing. */
	y: Float64Array;
	missing: number;
	/** Why the second class is the positive one; empty unless binary. */
	positiveReason: string;
}

/** Words that mean the class one asks about, in the order in which they are looked for. */
const POSITIVE_WORDS = ['true', 'yes', 'y', '1', 'positive', 'ja', 'oui', 'si', 'churn', 'churned', 'fraud', 'late', 'default'];

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
 * Reads the target: its task, its classes in sorted order and a code for each row.
 *
 * Two classes: the positive one (whose probability is predicted) is `positiveClass` if given; else the one called true, yes or 1
 * (or another word that plainly means it); else the rarer one; else the later in sorted order. It comes second.
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
	if (task === 'regression') {
		if (!isNumeric(column.type))
			throw invalid(
				column,
				'a column of numbers',
				`text such as "${String(values[present[0]])}"`,
				'Choose classification, or pick a column of numbers.',
			);
		const v = vectorOf(frame, column.name);
		return { name: column.name, task, classes: [], y: isNumberVector(v) ? v.data : new Float64Array(0), missing, positiveReason: '' };
	}
	if (task === 'binary' && present.length !== 2) {
		throw invalid(
			column,
			'two classes',
			`${present.length}: ${present
				.slice(0, 5)
				.map((k) => String(values[k]))
				.join(', ')}${present.length > 5 ? ', ...' : ''}`,
			'Choose the task for several classes, or derive a yes-or-no target.',
		);
	}
	if (present.length > 1000)
		throw invalid(
			column,
			'at most 1,000 classes',
			`${present.length} different values`,
			'Choose the task "Number (Regression)", or group the values.',
		);
	const order = [...present];
	let positiveReason = '';
	if (order.length === 2 && task === 'binary') {
		const picked = positiveOf(
			order.map((k) => values[k]),
			order.map((k) => counts[k]),
			options.positiveClass,
			column,
		);
		positiveReason = picked.reason;
		if (picked.index === 0) order.reverse();
	}
	const place = new Float64Array(values.length).fill(NaN);
	order.forEach((k, at) => {
		place[k] = at;
	});
	const y = new Float64Array(frame.rows);
	for (let i = 0; i < frame.rows; i++) y[i] = code[i] < 0 ? NaN : place[code[i]];
	return { name: column.name, task, classes: order.map((k) => values[k]), y, missing, positiveReason };
}

const invalid = (column: ColumnSchema, expected: string, found: string, remedy: string): MlopsError =>
	new MlopsError('learn.target_invalid', `The target "${column.name}" does not fit the task.`, {
		column: column.name,
		expected,
		found,
		remedy,
	});

function positiveOf(
	labels: ClassLabel[],
	counts: number[],
	chosen: string | undefined,
	column: ColumnSchema,
): { index: number; reason: string } {
	if (chosen) {
		const index = labels.findIndex((l) => String(l).toLowerCase() === chosen.trim().toLowerCase());
		if (index < 0)
			throw new MlopsError('learn.parameter_invalid', `The target "${column.name}" has no class "${chosen}".`, {
				column: column.name,
				expected: `one of: ${labels.map(String).join(', ')}`,
				found: chosen,
				remedy: 'Correct "Positive class", or leave it empty.',
			});
		return { index, reason: 'it was chosen' };
	}
	for (const word of POSITIVE_WORDS) {
		const index = labels.findIndex((l) => String(l).trim().toLowerCase() === word);
		if (index >= 0) return { index, reason: `it is called "${String(labels[index])}"` };
	}
	if (counts[0] !== counts[1]) return { index: counts[0] < counts[1] ? 0 : 1, reason: 'it is the rarer one' };
	return { index: 1, reason: 'it comes later in the alphabet' };
}

/** Sorted distinct values and the index of each row's value, -1 where missing. Numbers stop being counted one by one when they are too many for classes. */
function distinctValues(frame: Frame, column: ColumnSchema): { values: ClassLabel[]; code: Int32Array } {
	const v = vectorOf(frame, column.name);
	const code = new Int32Array(frame.rows).fill(-1);
	if (!isNumberVector(v)) {
		const used = new Uint8Array(v.dictionary.length + 1);
		for (let i = 0; i < frame.rows; i++) used[v.codes[i]] = 1;
		const entries = v.dictionary
			.map((text, k) => ({ text, k: k + 1 }))
			.filter((e) => used[e.k])
			.sort((a, b) => compareText(a.text, b.text));
		const place = new Int32Array(v.dictionary.length + 1).fill(-1);
		entries.forEach((e, at) => {
			place[e.k] = at;
		});
		for (let i = 0; i < frame.rows; i++) code[i] = place[v.codes[i]];
		return { values: entries.map((e) => e.text), code };
	}
	const index = new Map<number, number>();
	for (let i = 0; i < frame.rows; i++) {
		const x = v.data[i] + 0;
		if (Number.isNaN(x)) continue;
		let at = index.get(x);
		if (at === undefined) {
			// More than this are no classes; the rest share a place, which regression does not look at.
			if (index.size > 2000) at = 2000;
			else index.set(x, (at = index.size));
		}
		code[i] = at;
	}
	const sorted = [...index.keys()].sort((a, b) => a - b);
	const place = new Int32Array(index.size + 1);
	sorted.forEach((x, at) => {
		place[index.get(x)!] = at;
	});
	for (let i = 0; i < frame.rows; i++) if (code[i] >= 0) code[i] = place[code[i]];
	return { values: sorted.map((x) => (column.type === 'boolean' ? x === 1 : x)), code };
}

/** What to say of classes that differ in spelling only: each would be learned as one of its own. Undefined where there are none. */
export function alikeLabels(frame: Frame, { name, task }: Target, learnable: (row: number) => boolean): string | undefined {
	const vector = vectorOf(frame, name);
	if (task === 'regression' || isNumberVector(vector)) return undefined;
	const alike = lookAlike(countsOf(vector, learnable));
	if (!alike.length) return undefined;
	const more = alike.length > 5 ? `; and ${alike.length - 5} more` : '';
	return (
		`Some classes of "${name}" differ in spelling only and were learned as different ones: ${alike.slice(0, 5).map(spellingList).join('; ')}${more}. ` +
		'If they mean the same, put Clean before Train: Automatic proposes to unify them, the step "Unify spellings" does it.'
	);
}
