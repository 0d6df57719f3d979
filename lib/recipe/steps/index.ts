import { MlopsError } from '../../domain/errors.js';
import type { Step } from '../contract.js';
import { dateParts } from './date_parts.js';
import { deriveTarget } from './derive_target.js';
import { dropColumns } from './drop_columns.js';
import { impute } from './impute.js';
import { oneHot } from './one_hot.js';
import { scale } from './scale.js';
import { selectColumns } from './select_columns.js';

/** All kinds of steps, in the order in which people are offered them. A new step is one file and one line here. */
export const STEPS: readonly Step[] = [
	impute,
	dropColumns,
	selectColumns,
	deriveTarget,
	dateParts,
	oneHot,
	scale,
];

/** @throws `recipe.step_unknown` */
export function stepById(id: string): Step {
	const step = STEPS.find((s) => s.id === id);
	if (step) return step;
	throw new MlopsError('recipe.step_unknown', `There is no step called "${id}".`, {
		expected: STEPS.map((s) => s.id).join(', '), found: id, remedy: 'Pick the step from the list again; it may come from a newer version of this package.',
	});
}
