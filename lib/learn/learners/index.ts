import type { TaskType } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { TASKS, taskById } from '../../task/index.js';
import type { Learner } from '../contract.js';
import { ensembleOf } from '../ensemble/ensembleLearner.js';
import { decisionTree } from './decisionTree.js';
import { dummy } from './dummy.js';
import { gradientBoosting } from './gradientBoosting.js';
import { isolationForest } from './isolationForest.js';
import { linearRegression } from './linearRegression.js';
import { logisticRegression } from './logisticRegression.js';
import { neuralNetwork } from './neuralNetwork.js';
import { randomForest } from './randomForest.js';
import { tabularNetwork } from './tabularNetwork.js';

/** All learners, the most promising first: the order of forms and of Automatic. A new learner is one file and one line here. */
export const LEARNERS: readonly Learner[] = [
	gradientBoosting,
	logisticRegression,
	linearRegression,
	randomForest,
	decisionTree,
	neuralNetwork,
	tabularNetwork,
	isolationForest,
	dummy,
] as unknown as readonly Learner[];

/** What Automatic may make of several: a kind of model that nobody chooses. */
export const ENSEMBLE = ensembleOf(learnerById) as unknown as Learner;

/** All kinds of models that a package may hold. */
export const MODEL_KINDS: readonly Learner[] = [...LEARNERS, ENSEMBLE];

/** @throws `learn.parameter_invalid` naming what there is */
export function learnerById(id: string): Learner {
	const learner = MODEL_KINDS.find((l) => l.id === id);
	if (learner) return learner;
	throw new MlopsError('learn.parameter_invalid', `There is no learner "${id}".`, {
		expected: `one of: automatic, ${LEARNERS.map((l) => l.id).join(', ')}`,
		found: id,
		remedy: 'Pick a learner from the list.',
	});
}

/** The learners that can do a task, the most promising first; the baseline is the last. */
export const learnersFor = (task: TaskType): Learner[] => LEARNERS.filter((l) => l.outputs.includes(taskById(task).output));

/** The task of a learner that can do no other and needs no labels: whoever picks it has picked the task. */
export function taskWithoutLabels(id: string): TaskType | undefined {
	const outputs = LEARNERS.find((l) => l.id === id)?.outputs ?? [];
	const [task, ...more] = TASKS.filter(({ output }) => outputs.includes(output));
	return task?.labels === 'none' && !more.length ? task.id : undefined;
}
