import type { JobContext } from '../../compute/contract.js';
import { MlopsError } from '../../domain/errors.js';
import type { Learner } from '../contract.js';
import { learnerById, learnersFor } from '../learners/index.js';
import { searchBest } from './automatic.js';
import type { TrainingLog } from './log.js';
import type { Plan } from './plan.js';
import { readParams } from './trial.js';
import type { TrainedRun } from './types.js';

/** A learner with its parameters. */
export interface Chosen {
	learner: Learner;
	params: unknown;
}

/** The learner that was asked for; for `automatic` the best of a search where answers can rank them, else the task's first. */
export async function chooseLearner(
	plan: Plan,
	log: TrainingLog,
	context: JobContext,
): Promise<Chosen & { leaderboard?: TrainedRun['leaderboard'] }> {
	const { spec, task, target } = plan;
	if (spec.learner !== 'automatic') return named(plan);
	if (task.labels === 'none') {
		const [learner] = learnersFor(target.task);
		log.note('learn.unranked', `${learner.label} was taken with its defaults: without answers to compare with, models cannot be ranked.`);
		return { learner, params: readParams(learner, {}) };
	}
	return await log.timed('search', () =>
		searchBest(
			{
				source: plan.source,
				labelled: plan.labelled,
				train: plan.rows.train,
				valid: plan.rows.validation,
				method: spec.split.method,
				units: plan.split.units,
				learners: learnersFor(target.task),
				metric: plan.metric,
				budgetSeconds: spec.timeBudgetSeconds ?? 60,
				seed: spec.seed,
			},
			context,
		),
	);
}

/** @throws `learn.parameter_invalid` */
function named({ spec, task, target }: Plan): Chosen {
	const learner = learnerById(spec.learner);
	if (!learner.outputs.includes(task.output)) {
		throw new MlopsError('learn.parameter_invalid', `${learner.label} cannot do this task (${target.task}).`, {
			expected: `one of: ${learnersFor(target.task)
				.map((l) => l.id)
				.join(', ')}`,
			found: learner.id,
			remedy: 'Pick another learner, or "automatic".',
		});
	}
	return { learner, params: readParams(learner, spec.params) };
}
