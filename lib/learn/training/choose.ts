import type { JobContext } from '../../compute/contract.js';
import { stopAsked } from '../../domain/cancel.js';
import { MlopsError } from '../../domain/errors.js';
import { metricById } from '../../task/metrics/index.js';
import { logLoss } from '../../task/metrics/logLoss.js';
import { metricsFor } from '../../task/measure.js';
import type { Target } from '../../task/contract.js';
import type { Learner } from '../contract.js';
import type { EnsembleParams } from '../ensemble/ensembleLearner.js';
import { ENSEMBLE, learnerById, learnersFor } from '../learners/index.js';
import type { Budget } from './automatic/budget.js';
import type { Search } from './automatic/contest.js';
import type { Scored } from './automatic/candidates.js';
import { combine } from './automatic/combine.js';
import { ensembleText, type First } from './automatic/ensembleText.js';
import { repeatsOf } from './automatic/repeats.js';
import { searchBest, type Tried } from './automatic/searchBest.js';
import type { Made } from './automatic/judgeTrials.js';
import type { Judged, ModelFit } from './fitModel.js';
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
	/** Whether its probabilities are to be put right by the validation rows: those of the trials were another model's. */
	calibrate?: boolean;
	/** The best single one as its trial made it, for whoever does not wait until it is made of all rows. */
	tried?: AsTried;
}

/** A model that is there already, with the rows that judged it. */
export interface AsTried extends Chosen {
	settled: Chosen;
	fit: ModelFit;
	notes: Made['notes'];
	/** Whether making it of all rows to learn from would take no more than a moment. */
	soonMade: boolean;
}

/** The learner that was asked for; for `automatic` the best of a search where answers can rank them, else the task's first. */
export async function chooseLearner(
	plan: Plan,
	{ budget, trials }: Pick<Search, 'budget' | 'trials'>,
	log: TrainingLog,
	context: JobContext,
): Promise<Chosen | Found> {
	const { spec, task, target } = plan;
	if (spec.learner !== 'automatic') return named(plan);
	if (task.labels === 'none') {
		const [learner] = learnersFor(target.task);
		log.note('learn.unranked', `${learner.label} was taken with its defaults: without answers to compare with, models cannot be ranked.`);
		return { learner, params: readParams(learner, {}) };
	}
	checkSize(plan);
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
		trials,
		seed: spec.seed,
	};
	return await log.timed('search', async (): Promise<Found> => {
		const tried = await searchBest(search, context);
		if (trials?.taken)
			log.note('learn.trials_taken_over', `${trials.taken} trials were taken over from a training of the same that ended before its time.`);
		// Whoever stops a search waits for the best alone.
		const alone = spec.oneModelOnly || stopAsked(context, 'The training');
		const found = (alone ? undefined : ensembleOf(plan, tried, search.metric, budget, log)) ?? best(tried, search.metric);
		return { ...found, tried: asTried(tried) };
	});
}

/** @throws `learn.target_invalid` where squares of errors would leave what a number holds: no candidate could be told from another then */
function checkSize({ task, target, rows }: Plan): void {
	if (task.output !== 'value' || task.labels === 'none') return;
	const largest = rows.learnable.reduce((most, row) => (Math.abs(target.y[row]) > Math.abs(most) ? target.y[row] : most), 0);
	if (Number.isFinite((2 * largest) ** 2 * rows.learnable.length)) return;
	throw new MlopsError('learn.target_invalid', `The target "${target.name}" holds ${largest}, whose errors cannot be squared any more.`, {
		column: target.name,
		expected: 'numbers up to about 1e150 in size',
		found: String(largest),
		remedy: 'Leave rows with such numbers out ("Filter rows" in Clean), or divide the target by a number in Feature Engineer.',
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

/**
 * Bytes of memory that the members of an ensemble may take together once they answer: servers hold many models. 300 whole trees on 11,000
 * rows of numbers take 430 MB, and 38 MB of package. Packages take a sixth of that or less.
 */
const ENSEMBLE_BYTES = 6e8;
/** Share of what is left that fits of all members, again and again, may take: they grow more trees than trials foretell. */
const REPEATING = 0.6;

/** The mean of several candidates, or one, with calibrated probabilities where that helps; nothing where none can be combined. */
function ensembleOf({ spec, target }: Plan, tried: Tried, metric: string, budget: Budget, log: TrainingLog): Found | undefined {
	const { rows, y } = tried.bench;
	const limits = {
		seconds: 0.8 * budget.left(),
		microseconds: spec.rowMicroseconds ?? 200,
		bytes: ENSEMBLE_BYTES,
		growth: tried.growth,
	};
	const calibrate = (spec.classWeight ?? 'none') === 'none';
	const combined = combine(tried.candidates, y, {
		...limits,
		target,
		metric,
		members: spec.mostMembers ?? 5,
		calibrate,
		seed: spec.seed,
	});
	if (!combined) return undefined;
	const { members, calibration, scores, outputs } = combined;
	const repeats = tried.onFolds ? repeatsOf(members, { ...limits, seconds: REPEATING * budget.left() }) : 1;
	// By the same rows and measure as the mean, which is not always the first of the leaderboard.
	const alone = members.length === 1 && repeats === 1;
	if (!tried.onFolds && alone) return { ...single(members[0].candidate, tried, metric), calibrate };
	if (alone && !calibration) return single(members[0].candidate, tried, metric);
	log.note(
		'learn.ensemble',
		ensembleText(tried.onFolds ? combined : { ...combined, calibration: undefined }, metric, repeats, firstOf(tried, target, metric)),
	);
	const params = (settled: boolean): EnsembleParams => ({
		members: members.map(({ candidate: { learner, params: own, judgement }, weight }) => ({
			learner: learner.id,
			params: (settled ? settledParams(learner, own, judgement!.ended, tried.growth) : own) as Record<string, unknown>,
			weight,
			...(repeats > 1 && learner.draws?.(own) ? { repeats } : {}),
		})),
		...(calibration && tried.onFolds ? { calibration } : {}),
	});
	const chosen = { learner: ENSEMBLE, params: params(false), leaderboard: tried.leaderboard, rankedBy: metric };
	const fitSeconds = members.reduce((sum, { candidate }) => sum + candidate.fitSeconds, 0);
	if (!tried.onFolds) return { ...chosen, fitSeconds, calibrate };
	return { ...chosen, fitSeconds, judged: { rows, y, scores, outputs }, settled: { learner: ENSEMBLE, params: params(true) } };
}

const best = (tried: Tried, rankedBy: string): Found => single(bestOf(tried), tried, rankedBy);

/** The best alone, with what a training of it alone would tell of it. */
function firstOf(tried: Tried, { task, classes }: Target, metric: string): First {
	const { learner, judgement } = bestOf(tried);
	return judgement
		? { learner, value: metricsFor(task, tried.bench.y, judgement.scores, classes.length, { only: [metric] })[metric] }
		: { learner };
}

function bestOf({ candidates }: Tried): Scored {
	const able = candidates.filter((s) => !s.row.failed);
	return able.find((s) => !s.learner.baseline) ?? able[0];
}

/** Seconds that somebody who wants the best so far waits for it to be made of all rows. */
const A_MOMENT = 1;

function asTried(tried: Tried): AsTried | undefined {
	const { learner, params, judgement, made, fitSeconds } = bestOf(tried);
	if (!judgement || !made) return undefined;
	const { rows, y } = tried.bench;
	const { scores, outputs, cutShort } = judgement;
	const { notes, ...fit } = made;
	return {
		learner,
		params,
		settled: { learner, params: settledParams(learner, params, made.trial.fitted) },
		fit: { ...fit, judged: { rows, y, scores, outputs } },
		notes,
		// How many rounds a sample bears is known of folds alone; one that was cut short does not say how long it would take.
		soonMade: fitSeconds <= A_MOMENT && (tried.onFolds || cutShort === 0),
	};
}

function single(
	{ learner, params, judgement, fitSeconds }: Scored,
	{ bench, onFolds, growth, leaderboard }: Tried,
	rankedBy: string,
): Found {
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
