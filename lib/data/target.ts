import type { ColumnSchema, TaskType } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';

const TARGET_NAMES = new Set(['target', 'label', 'class', 'y', 'churn', 'churned', 'outcome', 'response']);

/** The column that is called like a target, if exactly one is. */
export function guessTarget(names: readonly string[]): string | undefined {
	const found = names.filter((n) => TARGET_NAMES.has(n.toLowerCase()));
	return found.length === 1 ? found[0] : undefined;
}

/** Most classes that a target of whole numbers may have to count as classes. */
const MAX_NUMBER_CLASSES = 10;

/** The task that fits a target column. @throws `learn.target_one_class`, `learn.target_invalid` */
export function taskOf(column: ColumnSchema, distinct: number): TaskType {
	const { name, type } = column;
	if (distinct < 2) {
		const has = distinct === 0 ? 'no value' : 'only one value';
		throw new MlopsError('learn.target_one_class', `The target "${name}" has ${has}, so there is nothing to learn.`, {
			column: name,
			expected: 'at least two different values',
			found: String(distinct),
			remedy: 'Pick another target, or bring in rows with other outcomes.',
		});
	}
	if (type === 'datetime' || type === 'text') {
		const holds = type === 'text' ? 'free text' : 'dates';
		throw new MlopsError('learn.target_invalid', `The target "${name}" holds ${holds}, which no learner can predict.`, {
			column: name,
			expected: 'classes or numbers',
			found: type,
			remedy: 'Pick a column with classes or numbers, or derive one in Feature Engineer.',
		});
	}
	if (distinct === 2) return 'binary';
	if (type === 'category' || (type === 'integer' && distinct <= MAX_NUMBER_CLASSES)) return 'multiclass';
	return 'regression';
}
