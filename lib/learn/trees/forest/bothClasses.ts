import { taskById } from '../../../task/index.js';
import type { FitInput } from '../../contract.js';
import type { Ensemble } from '../ensemble.js';
import type { FinishedTree } from '../tree.js';

/**
 * A forest tells the share of the second of two classes. Where a task of several classes has two, each of them is to be told: then each
 * tree stands for both, once turned round.
 */
export function bothClasses(model: Ensemble, { task, labels }: Pick<FitInput, 'task' | 'labels'>): Ensemble {
	if (labels.classes !== 2 || taskById(task).outputs(2) !== 2) return model;
	const other = (tree: FinishedTree): FinishedTree => ({ ...tree, value: Array.from(tree.value, (share) => 1 - share) });
	return { ...model, outputs: 2, initial: [0, 0], trees: model.trees.flatMap((tree) => [other(tree), tree]) };
}
