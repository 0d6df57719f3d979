import { own } from '../domain/dictionary.js';
import { digestOf } from '../domain/json.js';
import type { DatasetRecord } from '../domain/dataset.js';
import type { RecipeStep } from '../domain/recipe.js';
import type { RunRecord } from '../domain/run.js';
import { metricById } from '../task/metrics/index.js';

/** Which of two is better by a metric; `same` where they are equal, absent where one has no value or nobody says what is better. */
export type Better = 'a' | 'b' | 'same';

export interface MetricDifference {
	metric: string;
	a?: number;
	b?: number;
	/** b minus a. */
	difference?: number;
	better?: Better;
}

/** Two sets of metrics, side by side, in the order of records. */
export function metricDifferences(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): MetricDifference[] {
	return [...new Set([...Object.keys(a), ...Object.keys(b)])].map((metric) => {
		const [ours, theirs] = [own(a, metric), own(b, metric)];
		return {
			metric,
			...(ours === undefined ? {} : { a: ours }),
			...(theirs === undefined ? {} : { b: theirs }),
			...(ours === undefined || theirs === undefined ? {} : { difference: theirs - ours, ...betterOf(metric, ours, theirs) }),
		};
	});
}

function betterOf(metric: string, a: number, b: number): { better?: Better } {
	if (a === b) return { better: 'same' };
	const direction = metricById(metric)?.better;
	return direction ? { better: b > a === (direction === 'higher') ? 'b' : 'a' } : {};
}

export interface ValueDifference {
	name: string;
	a?: unknown;
	b?: unknown;
}

/** Values that differ, by their names; a value that one does not have is absent. */
export function valueDifferences(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): ValueDifference[] {
	const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
	return names.flatMap((name) => {
		const [ours, theirs] = [own(a, name), own(b, name)];
		if (digestOf(ours ?? null) === digestOf(theirs ?? null) && (ours === undefined) === (theirs === undefined)) return [];
		return [{ name, ...(ours === undefined ? {} : { a: ours }), ...(theirs === undefined ? {} : { b: theirs }) }];
	});
}

export interface StepDifference {
	change: 'same' | 'changed' | 'added' | 'removed';
	a?: RecipeStep;
	b?: RecipeStep;
}

/** Two recipes step by step, in order: the longest run of equal steps stays, one step in place of another of its kind was changed. */
export function recipeDifferences(a: readonly RecipeStep[], b: readonly RecipeStep[]): StepDifference[] {
	const key = ({ step, version, params }: RecipeStep): string => digestOf({ step, version, params });
	const [ours, theirs] = [a.map(key), b.map(key)];
	// Lengths of the longest common subsequences of what is left of both.
	const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
	for (let i = a.length - 1; i >= 0; i--)
		for (let j = b.length - 1; j >= 0; j--)
			lengths[i][j] = ours[i] === theirs[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
	const found: StepDifference[] = [];
	let [i, j] = [0, 0];
	while (i < a.length || j < b.length) {
		if (i < a.length && j < b.length && ours[i] === theirs[j]) found.push({ change: 'same', a: a[i++], b: b[j++] });
		else if (i < a.length && j < b.length && a[i].step === b[j].step) found.push({ change: 'changed', a: a[i++], b: b[j++] });
		else if (j >= b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1])) found.push({ change: 'removed', a: a[i++] });
		else found.push({ change: 'added', b: b[j++] });
	}
	return found;
}

export interface ColumnDifference {
	name: string;
	change: 'added' | 'removed' | 'changed';
	a?: { type: string; role: string };
	b?: { type: string; role: string };
}

/** Columns that only one of two versions of a dataset has, or that are something else in the other. */
export function columnDifferences(a: DatasetRecord['columns'], b: DatasetRecord['columns']): ColumnDifference[] {
	const theirs = new Map(b.map((column) => [column.name, column]));
	const names = new Set(a.map(({ name }) => name));
	const shown = ({ type, role }: { type: string; role: string }) => ({ type, role });
	const found = a.flatMap((column): ColumnDifference[] => {
		const other = theirs.get(column.name);
		if (!other) return [{ name: column.name, change: 'removed', a: shown(column) }];
		return other.type === column.type && other.role === column.role
			? []
			: [{ name: column.name, change: 'changed', a: shown(column), b: shown(other) }];
	});
	return [...found, ...b.flatMap((c): ColumnDifference[] => (names.has(c.name) ? [] : [{ name: c.name, change: 'added', b: shown(c) }]))];
}

/** What a run was asked for besides its learner's parameters. */
export const settingsOf = ({ learner, task, target, seed, primary, split, backend, codeVersion }: RunRecord): Record<string, unknown> => ({
	learner,
	task,
	target,
	seed,
	metric: primary,
	split: split.used,
	'test share': split.testShare,
	'validation share': split.validationShare,
	backend,
	code: codeVersion,
});
