import type { z } from 'zod/v4';
import { own } from '../domain/dictionary.js';
import { fieldMeta, unwrap } from '../domain/ui.js';
import type { Step } from './contract.js';

/** The lists of columns among a step's parameters, found by what its schema says of each (`columnsParam`). */
function columnLists(step: Step, params: Readonly<Record<string, unknown>>): ReadonlyArray<readonly unknown[]> {
	const { shape = {} } = unwrap(step.params).inner as { shape?: Record<string, z.ZodType> };
	return Object.entries(shape)
		.filter(([, field]) => fieldMeta(field).ui === 'columns')
		.map(([key]) => own(params, key))
		.filter((value) => Array.isArray(value));
}

/** Whether a person named this column in a step: as one to treat, or as the one that it makes. */
export const namesColumn = (step: Step, params: Readonly<Record<string, unknown>>, column: string): boolean =>
	step.makes?.(params) === column || columnLists(step, params).some((list) => list.includes(column));

/** The same, or the step treats all columns of a role where none is named, and this one, the target, is among them. */
export const treatsTarget = (step: Step, params: Readonly<Record<string, unknown>>, column: string): boolean =>
	namesColumn(step, params, column) ||
	(step.byRole?.includes('target') === true && columnLists(step, params).some((list) => list.length === 0));
