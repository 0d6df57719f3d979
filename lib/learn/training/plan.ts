import type { Frame } from '../../data/frame.js';
import type { RecipeCrew } from '../../recipe/recipeCrew.js';
import { MlopsError } from '../../domain/errors.js';
import { noRowForms } from '../../recipe/fit.js';
import type { Task } from '../../task/contract.js';
import { taskById } from '../../task/index.js';
import { checkMetric } from '../../task/measure.js';
import { divide } from './divide.js';
import type { TrainingLog } from './log.js';
import { checkWeights, weightsOf, type Source } from './prepare.js';
import { checkSteps, withTargetRole } from './targetRole.js';
import type { TrainSpec } from './types.js';

/** All that is settled before anything is learnt. */
export interface Plan extends ReturnType<typeof divide> {
	spec: TrainSpec;
	task: Task;
	/** Metric that ranks. */
	metric: string;
	source: Source;
	/** The rows with the columns that the recipe makes of them for every row, among them the target. */
	labelled: Frame;
}

/** Checks what was chosen, finds the target and divides the rows. @throws as `trainModel` */
export async function planTraining(frame: Frame, spec: TrainSpec, log: TrainingLog, crew?: RecipeCrew): Promise<Plan> {
	const { note } = log;
	if (frame.rows === 0)
		throw new MlopsError('learn.too_few_rows', 'There are no rows to train on.', {
			expected: 'at least 2',
			found: '0',
			remedy: 'Check the steps that drop rows.',
		});
	checkSteps(spec);
	const { rolled, labelled, name } = await withTargetRole(frame, spec, note);
	const divided = await log.timed('split', () => divide(labelled, name, spec, note));
	const { target } = divided;
	const task = taskById(target.task);
	const { id: metric } = checkMetric(spec.metric ?? task.primary, target.task);
	const rowless = noRowForms(spec.recipe);
	if (rowless.length)
		note(
			'recipe.no_row_form',
			`This model can score whole datasets, but not single rows: ${rowless.map((r) => `${r.label} (${r.reason})`).join('; ')}.`,
		);
	const weight = weightsOf(labelled);
	if (weight) checkWeights(labelled, weight, target, divided.rows.train);
	const source: Source = {
		frame: rolled,
		recipe: spec.recipe,
		target,
		weight,
		classWeight: spec.classWeight ?? 'none',
		seed: spec.seed,
		note,
		crew,
	};
	return { ...divided, spec, task, metric, source, labelled };
}
