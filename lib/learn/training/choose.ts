import type { JobContext } from '../../compute/contract.js';
import { stopAsked } from '../../domain/cancel.js';
import { MlopsError } from '../../domain/errors.js';
import { metricById } from '../../task/metrics/index.js';
import { logLoss } from '../../task/metrics/logLoss.js';
import type { Learner } from '../contract.js';
import type { EnsembleParams } from '../ensemble/ensembleLearner.js';
import { ENSEMBLE, learnerById, learnersFor } from '../learners/index.js';
import type { Budget } from './automatic/budget.js';
import { combine } from './automatic/combine.js';
import { ensembleText } from './automatic/ensembleText.js';
import { repeatsOf } from './automatic/repeats.js';
import { searchBest, type Tried } from './automatic/searchBest.js';
import type { Judged } from './fitModel.js';
import type { TrainingLog } from './log.js';
import type { Plan } from './plan.js';
import { readParams, settledParams } from './trial.js';
import type { TrainedRun } from './types.js';

/** A learner with its parameters. */
export interface Chosen {
	learner: Learner;
	params: unknown;
}

/** What Automatic found. */
export interface Found extends Chosen {
	leaderboard: NonNullable<TrainedRun['leaderboard']>;
	rankedBy: string;
	/** Its answers out of fold; absent where the validation rows are still to be answered by a model of all training rows. */
	judged?: Judged;
	/** The same with the rounds that the folds found best; goes with `judged`. */
	settled?: Chosen;
	/** Seconds that one fit on all rows to learn from takes, about. */
	fitSeconds: number;
}

/** The learner that was asked for; for `automatic` the best of a search where answers can rank them, else the task's first. */
export async function chooseLearner(plan: Plan, budget: Budget, log: TrainingLog, context: JobContext): Promise<Chosen | Found> {
	const { spec, task, target } = plan;
	if (spec.learner !== 'automatic') return named(plan);
	if (task.labels === 'none') {
		const [learner] = learnersFor(target.task);
		log.note('learn.unranked', `${learner.label} was taken with its defaults: without answers to compare with, models cannot be ranked.`);
		return { learner, params: readParams(learner, {}) };
	}
	const search = {
		source: plan.source,
		labelled: plan.labelled,
		train: plan.rows.train,
		valid: plan.rows.validation,
		method: spec.split.method,
		units: plan.split.units,
		learners: learnersFor(target.task),
		metric: rankingMetric(plan, log),
		budget,
		seed: spec.seed,
	};
	return await log.timed('search', async () => {
		const tried = await searchBest(search, context);
		// Whoever stops a search waits for the best alone.
		const alone = spec.oneModelOnly || stopAsked(context, 'The training');
		return (alone ? undefined : ensembleOf(plan, tried, search.metric, budget, log)) ?? best(tried, search.metric);
	});
}

/**
 * What candidates are ranked by: the metric of the training. Where it looks at the order of the rows alone and a class has a handful of
 * rows to be put in order, luck ranks: the log loss does there, which every row says something of.
 */
function rankingMetric({ task, target, metric, rows }: Plan, log: TrainingLog): string {
	const { label, replicates } = metricById(metric)!;
	if (task.output !== 'probability' || replicates.from !== 'ranks') return metric;
	const scarce = task.scarce?.(
		target,
		Float64Array.from(rows.learnable, (row) => target.y[row]),
	);
	if (!scarce) return metric;
	log.note(
		'learn.ranked_by_loss',
		`Only ${scarce} among the ${rows.learnable.length.toLocaleString('en')} rows to learn from: which model puts them first is luck. ` +
			`Models were ranked by ${logLoss.label.toLowerCase()} instead of ${label}.`,
	);
	return logLoss.id;
}

/** The mean of several candidates, or one with calibrated probabilities; nothing where the best does not get better by that. */
function ensembleOf({ spec, target }: Plan, tried: Tried, metric: string, budget: Budget, log: TrainingLog): Found | undefined {
	const { rows, y } = tried.bench;
	const limits = { seconds: 0.8 * budget.left(), microseconds: spec.rowMicroseconds ?? 200 };
	const combined = combine(tried.candidates, y, {
		...limits,
		target,
		metric,
		members: spec.mostMembers ?? 5,
		calibrate: (spec.classWeight ?? 'none') === 'none',
		seed: spec.seed,
	});
	if (!combined) return undefined;
	const repeats = tried.onFolds ? repeatsOf(combined.members, limits) : 1;
	if (combined.members.length === 1 && !combined.calibration && repeats === 1) return undefined;
	const { members, calibration, scores, outputs } = combined;
	log.note('learn.ensemble', ensembleText(combined, metric, repeats));
	const params = (settled: boolean): EnsembleParams => ({
		members: members.map(({ candidate: { learner, params: own, judgement }, weight }) => ({
			learner: learner.id,
			params: (settled ? settledParams(learner, own, judgement!.ended, tried.growth) : own) as Record<string, unknown>,
			weight,
			...(repeats > 1 && learner.draws?.(own) ? { repeats } : {}),
		})),
		...(calibration ? { calibration } : {}),
	});
	const chosen = { learner: ENSEMBLE, params: params(false), leaderboard: tried.leaderboard, rankedBy: metric };
	const fitSeconds = members.reduce((sum, { candidate }) => sum + candidate.fitSeconds, 0);
	if (!tried.onFolds) return { ...chosen, fitSeconds };
	return { ...chosen, fitSeconds, judged: { rows, y, scores, outputs }, settled: { learner: ENSEMBLE, params: params(true) } };
}

function best({ candidates, bench, onFolds, growth, leaderboard }: Tried, rankedBy: string): Found {
	const able = candidates.filter((s) => !s.row.failed);
	const winner = able.find((s) => !s.learner.baseline) ?? able[0];
	const { learner, params, judgement, fitSeconds } = winner;
	if (!onFolds || !judgement) return { learner, params, leaderboard, rankedBy, fitSeconds };
	const { rows, y } = bench;
	const { scores, outputs, ended } = judgement;
	return {
		learner,
		params,
		leaderboard,
		rankedBy,
		fitSeconds,
		judged: { rows, y, scores, outputs },
		settled: { learner, params: settledParams(learner, params, ended, growth) },
	};
}

/** @throws `learn.parameter_invalid` */
function named({ spec, task, target }: Plan): Chosen {
	const learner = learnerById(spec.learner);
	if (learner === ENSEMBLE || !learner.outputs.includes(task.output)) {
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
