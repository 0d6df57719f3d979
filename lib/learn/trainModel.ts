import type { Threshold } from '../task/contract.js';
import { stopAsked, takeKeepBest } from '../domain/cancel.js';
import type { JobContext } from '../compute/contract.js';
import type { Frame } from '../data/frame.js';
import { writePackage } from '../formats/modelPackage.js';
import { RecipeCrew, recipeThreads } from '../recipe/recipeCrew.js';
import type { Fitted } from './contract.js';
import type { Calibration } from './ensemble/answerCalibration.js';
import { createBudget, type Budget } from './training/automatic/budget.js';
import { secondLook } from './training/automatic/secondLook.js';
import { TrialMemory } from './training/automatic/trialMemory.js';
import { calibrationFor } from './training/automatic/combine.js';
import { calibrationText } from './training/automatic/ensembleText.js';
import { inBudget } from './training/automatic/within.js';
import { chooseLearner, type AsTried, type Chosen, type Found } from './training/choose.js';
import { putRight } from './training/fitMembers.js';
import { fitModel, type Judged, type ModelFit } from './training/fitModel.js';
import { createLog, type TrainingLog } from './training/log.js';
import { manifestOf } from './training/manifest.js';
import { memoryNeeded, memoryText } from './training/memory.js';
import { planTraining, type Plan } from './training/plan.js';
import { thresholdOf } from './training/thresholdOf.js';
import { goodness, scoreOf, settledParams } from './training/trial.js';
import type { TrainedRun, TrainResult, TrainSpec } from './training/types.js';
import { validate } from './training/validate.js';

/**
 * Trains a model. `frame` is what `datasetPass` returned: typed raw columns. Recipe and encoder learn from training rows alone (in each
 * fold anew); validation rows serve early stopping, ranking and the threshold; test rows are not looked at.
 * With `refit` the winner is fitted once more on training and validation rows, with the number of rounds and the threshold that were found.
 * The metrics are those of the model before that, on rows it had not seen; Automatic's on few data those of the models of the folds.
 * @throws `learn.target_missing`, `learn.target_unknown`, `learn.target_one_class`, `learn.target_invalid`, `learn.no_features`,
 * `learn.too_few_rows`, `learn.weights_invalid`, `learn.parameter_invalid`, `learn.memory`, `compute.cancelled`, and what steps and
 * learners throw
 */
export async function trainModel(frame: Frame, spec: TrainSpec, context: JobContext): Promise<TrainResult> {
	const threads = recipeThreads(frame, context.threads);
	const crew = threads > 1 ? new RecipeCrew(threads) : undefined;
	try {
		return await trainBy(crew, frame, spec, context);
	} finally {
		await crew?.close();
	}
}

async function trainBy(crew: RecipeCrew | undefined, frame: Frame, spec: TrainSpec, context: JobContext): Promise<TrainResult> {
	const log = createLog(spec.seed, context);
	const budget = createBudget(spec.timeBudgetSeconds ?? 60, spec.secondsBefore);
	context.progress({ stage: 'Splitting the rows', share: 0.05 });
	const plan = await planTraining(frame, spec, log, crew);
	const { task, target, metric } = plan;
	const trials = trialsOf(spec, log);
	const chosen = await chooseLearner(plan, { budget, trials }, log, context);
	const found = 'leaderboard' in chosen ? chosen : undefined;
	// Whoever stops a search wants the best that was found, within a moment: made of all rows where that takes no more, else as it was tried.
	const cutShort = found !== undefined && takeKeepBest(context.cancelled);
	const stop = (): boolean => stopAsked(context, 'The training') || cutShort;

	// Automatic has tried by now, and says what it does itself.
	if (!found) {
		const { rows, source } = plan;
		const needed = memoryNeeded(source.frame, rows.learnable.length, chosen, context.threads);
		context.progress({ stage: `Getting ${rows.train.length.toLocaleString('en')} rows ready${memoryText(needed)}`, share: 0.08 });
	}
	const finish = async (begun: First): Promise<Finished> =>
		await finishFit(plan, begun, found && { budget, found, seconds: found.fitSeconds }, log, stop);
	const { tried } = found ?? {};
	const enough = cutShort && tried?.soonMade === false;
	let begun = tried && enough ? ofTrial(plan, tried, log) : await firstFit(plan, chosen, found && budget, log);
	if (found && !cutShort) begun = betterOf(plan, found, begun, log, stop);
	let done = await finish(begun);
	// Only what was wished for now can have cut it short: of half a fit nobody knows how it does.
	if (tried && !begun.first && !cutShort && done.final.trial.fitted.stopped === 'cancelled' && stop())
		done = await finish((begun = ofTrial(plan, tried, log)));
	const { first, judged, settled, calibration } = begun;
	if (calibration) log.note('learn.calibrated', calibrationText(calibration));
	const { final, threshold, metrics, crossValidation } = done;
	if (task.threshold) log.note('learn.threshold', task.threshold.note(target, threshold));

	const manifest = manifestOf(plan, final, settled, threshold.value);
	const bytes = await log.timed('package', () => writePackage(manifest, final.trial.fitted.state));
	context.progress({ stage: 'Done', share: 1, ...(metric in metrics ? { metric: { name: metric, value: metrics[metric] } } : {}) });
	const { computedOn } = (first ?? final).trial.fitted;
	if (computedOn) log.note('learn.backend', computedOn);
	trials?.forget();
	const keptBest = stop();
	if (keptBest) log.note('learn.kept_best', 'The training was told to stop early, and kept the best that it had by then.');
	return {
		package: bytes,
		manifest,
		keptBest,
		parts: plan.split.parts,
		validation: {
			rowId: Float64Array.from(judged.rows, (i) => frame.rowId[i]),
			y: judged.y,
			scores: judged.scores,
			outputs: judged.outputs,
		},
		run: runOf(plan, { ...chosen, ...begun.made }, { metrics, crossValidation }, (first ?? final).trial.fitted, log),
	};
}

/** Where Automatic keeps what it tried, in case its process is killed. */
function trialsOf({ learner, question }: TrainSpec, { note }: TrainingLog): TrialMemory | undefined {
	if (learner !== 'automatic' || question === undefined) return undefined;
	return new TrialMemory(question, (why) =>
		note('learn.trials_unkept', `Were this training's process killed, its trials from here on would have to be made again: ${why}.`),
	);
}

interface First {
	/** Absent where folds have answered all that is asked of it. */
	first?: ModelFit;
	judged: Judged;
	/** What a fit without validation rows takes. */
	settled: Chosen;
	/** Where it is not what was planned. */
	made?: Chosen;
	/** How its probabilities were put right by the rows that judged it. */
	calibration?: Calibration;
}

/** The best of the trials, as it is; says what it learned from, and what it stands for. */
function ofTrial({ rows }: Plan, { learner, params, settled, fit, notes }: AsTried, log: TrainingLog): First {
	for (const [code, text] of notes) log.note(code, text);
	const [learned, all] = [fit.learned.length, rows.learnable.length].map((n) => n.toLocaleString('en'));
	log.note(
		'learn.kept_as_tried',
		`The model is the best single one, ${learner.label.toLowerCase()}, as it was tried: it learned from ${learned} of the ${all} rows to ` +
			`learn from. There was no time to make a better one of all of them.`,
	);
	return { first: fit, judged: fit.judged, settled, made: { learner, params } };
}

/** What was cut short where it is better than the best of the trials; else that one. */
function betterOf(plan: Plan, { tried, rankedBy, calibrate }: Found, begun: First, log: TrainingLog, stop: () => boolean): First {
	if (!tried || !begun.first || !(stop() || begun.first.trial.fitted.stopped === 'cancelled')) return begun;
	const { task, classes } = plan.target;
	const [now, before] = [begun.judged, tried.fit.judged].map(({ y, scores }) =>
		goodness(rankedBy, scoreOf(task, y, scores, classes.length)),
	);
	if (!(before > now)) return begun;
	const kept = ofTrial(plan, tried, log);
	return (calibrate ? calibratedFirst(plan, tried, tried.fit) : undefined) ?? kept;
}

interface Finished extends Awaited<ReturnType<typeof validate>> {
	final: ModelFit;
	threshold: Threshold;
}

/** Finds the threshold, validates, and fits once more where that is wanted. */
async function finishFit(
	plan: Plan,
	{ first, judged, settled }: First,
	search: { budget: Budget; found: Found; seconds: number } | undefined,
	log: TrainingLog,
	stop: () => boolean,
): Promise<Finished> {
	const threshold = thresholdOf(plan, judged, first?.trial.fitted, settled.params);
	const validated = await validate(plan, judged, settled, threshold.value, log, stop);
	if (search) await secondLook({ plan, found: search.found, settled, judged, threshold: threshold.value }, log, search.budget, stop);
	const final = await lastFit(plan, settled, first, search, log, stop);
	return { ...validated, final, threshold: final.trial.fitted.threshold ?? threshold };
}

/** The fit on the training rows, asked about the validation rows; what was judged on folds needs none. */
async function firstFit(plan: Plan, chosen: Chosen | Found, budget: Budget | undefined, log: TrainingLog): Promise<First> {
	const { learner, params } = chosen;
	if ('judged' in chosen && chosen.judged) return { judged: chosen.judged, settled: chosen.settled ?? chosen };
	const context = inBudget(log.fitContext(budget ? 0.6 : 0.1, 0.75, true), budget, 'fitSeconds' in chosen ? chosen.fitSeconds : 0);
	const first = await fitModel(plan.source, { learner, params }, plan.rows, ['recipe', 'fit'], log, context);
	return ('calibrate' in chosen && chosen.calibrate ? calibratedFirst(plan, chosen, first) : undefined) ?? begunBy(chosen, first);
}

const begunBy = ({ learner, params }: Chosen, first: ModelFit): First => ({
	first,
	judged: first.judged,
	settled: { learner, params: first.trial.settled ?? settledParams(learner, params, first.trial.fitted) },
});

/** With its probabilities put right by the validation rows, where that shows to help. */
function calibratedFirst({ target, spec }: Plan, chosen: Chosen, first: ModelFit): First | undefined {
	const { calibration, scores } = calibrationFor(target, first.judged, spec.seed);
	if (!calibration) return undefined;
	const { trial, learner, params } = putRight(chosen, first.trial, calibration, scores);
	return {
		...begunBy({ learner, params }, { ...first, trial, judged: { ...first.judged, scores } }),
		made: { learner, params },
		calibration,
	};
}

/** The fit on all rows to learn from; that on the training rows where another is not wanted, or there is no time for it. */
async function lastFit(
	{ source, spec, rows }: Plan,
	settled: Chosen,
	first: ModelFit | undefined,
	found: { budget: Budget; seconds: number } | undefined,
	log: TrainingLog,
	stop: () => boolean,
): Promise<ModelFit> {
	const refit = (spec.refit ?? true) && rows.validation.length > 0;
	const quiet = { ...source, note: () => {} };
	const context = log.fitContext(0.85, 0.97, !first);
	if (!first) {
		const learned = refit ? rows.learnable : rows.train;
		const limited = inBudget(context, found?.budget, found?.seconds ?? 0);
		return await fitModel(source, settled, { train: learned }, ['recipe', 'fit'], log, limited);
	}
	if (!refit || stop()) return first;
	const seconds = (first.trial.seconds * rows.learnable.length) / first.learned.length;
	if (found && found.budget.left() < seconds) {
		log.note(
			'learn.no_refit',
			'No time was left to learn from the validation rows too, after they had served to choose. A longer time budget allows it.',
		);
		return first;
	}
	const again = await fitModel(quiet, settled, { train: rows.learnable }, ['recipe again', 'refit'], log, context);
	// What a wish cut short is worse than what was whole before it.
	return stop() ? first : again;
}

/** What the record says. */
function runOf(
	plan: Plan,
	{ learner, params, ...found }: Chosen & Partial<Pick<Found, 'leaderboard' | 'rankedBy'>>,
	results: Pick<TrainedRun, 'metrics' | 'crossValidation'>,
	{ backend, solver }: Fitted,
	log: TrainingLog,
): TrainedRun {
	const { spec, target, metric } = plan;
	const { curve, curveMetric, seconds, stages, notes } = log.kept();
	return {
		split: splitOf(plan),
		task: target.task,
		target: target.name,
		learner: learner.id,
		params: params as Record<string, unknown>,
		seed: spec.seed,
		metrics: results.metrics,
		primary: metric,
		curve,
		...(curveMetric === undefined ? {} : { curveMetric }),
		leaderboard: found.leaderboard,
		...(found.rankedBy === undefined || found.rankedBy === metric ? {} : { rankedBy: found.rankedBy }),
		crossValidation: results.crossValidation,
		seconds,
		stages,
		backend,
		...(solver ? { solver } : {}),
		notes,
		peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
	};
}

/** The split as the run's record has it. */
const splitOf = ({ spec, split }: Plan): TrainedRun['split'] => ({
	...spec.split,
	used: split.used,
	...(split.by === undefined ? {} : { by: split.by }),
	...(split.testStart === undefined ? {} : { testStart: split.testStart, testEnd: split.testEnd }),
	rows: split.rows,
	rule: split.rule,
	...(split.copies ? { copies: split.copies } : {}),
	...(split.leftOut.length ? { leftOut: split.leftOut } : {}),
});
