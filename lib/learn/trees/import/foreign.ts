import type { Output } from '../../../task/contract.js';
import type { Ensemble } from '../ensemble.js';
import type { FinishedTree } from '../tree.js';
import { checked, refuse } from './shared.js';

/** A value that a column of categories may have, as the other program's data had it. */
export type Category = string | number | boolean;

/** A model of another program, as its file has it. */
export interface Foreign {
	program: string;
	/** The other program's own word for what was minimised. */
	objective: string;
	/** What its answers are; absent where they are neither probabilities nor values of the target, as ranks are. */
	output?: Output;
	/** All columns are numbers, categories the other program's codes. */
	model: Ensemble;
	/** Whether the file names its columns; else they have numbers. */
	named: boolean;
	/** Columns whose splits are by category. */
	categorical: boolean[];
	/** Their categories in the order of their codes, where the file says them. */
	categories: Array<readonly Category[] | undefined>;
}

/** Codes of a learner's matrix before the categories themselves: 0 missing, 1 unseen. */
const FIRST = 2;

/**
 * The model with columns of categories in the form that our encoder gives: code 0 is missing, 1 a category that the file does not list,
 * then those of the file in their order. What is not listed goes where a missing value goes, as in the other programs. `names` are what its
 * columns are called here.
 * @throws `learn.model_invalid` where a split does not fit the list of categories
 */
export function withCategories({ program, model, categories }: Foreign, names: readonly string[]): Ensemble {
	const levels = categories.map((list) => list && list.length + FIRST);
	const columns = names.map((name, f): Ensemble['columns'][number] => {
		const known = levels[f];
		if (known === undefined) return { name, kind: 'number' };
		return { name, kind: 'category', levels: known, seen: Uint32Array.from({ length: known - FIRST }, (_, k) => k + FIRST) };
	});
	const trees = model.trees.map((tree): FinishedTree => {
		const codes = [...tree.codes];
		const special = Array.from(tree.special);
		for (let n = 0; n < tree.feature.length; n++) {
			const f = tree.feature[n];
			const known = f < 0 ? undefined : levels[f];
			if (known === undefined) continue;
			const set = tree.codes[n];
			if (!set || (set.length && set[set.length - 1] + FIRST >= known))
				throw refuse(program, `it divides the column "${names[f]}" in a way that its own list of categories does not allow`);
			codes[n] = set.map((code) => code + FIRST);
			special[n] = 0;
		}
		return { ...tree, codes, special };
	});
	return checked({ ...model, columns, trees });
}
