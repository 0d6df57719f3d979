import { stopAsked } from '../domain/cancel.js';
import { dictionary } from '../domain/dictionary.js';
import type { JobContext } from '../compute/contract.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest, SeenColumn } from '../domain/model.js';
import { leftOutText, PART, type LeftOut } from '../domain/split.js';
import type { Frame } from '../data/frame.js';
import { copiesText } from '../data/copies.js';
import { seenIn } from '../data/reading/index.js';
import { folds, makeSplit } from '../data/split.js';
import { writePackage } from '../formats/modelPackage.js';
import { stepById } from '../recipe/steps/index.js';
import { labelPass, noRowForms, requiredColumns } from '../recipe/fit.js';
import type { Target, Task, Threshold } from '../task/contract.js';
import { taskById } from '../task/index.js';
import { checkMetric } from '../task/measure.js';
import { alikeLabels, noTarget, readTarget, targetColumn } from '../task/readTarget.js';
import type { FitContext, Learner } from './contract.js';
import { learnerById, learnersFor } from './learners/index.js';
import { searchBest } from './training/automatic.js';
import { exampleOf } from './training/example.js';
import { Encodings, prepare, weightsOf, type Source } from './training/prepare.js';
import { answerInGaps, leaveOut, noAnswer, oneValueAfterSteps, oneValueLeft } from './training/leftOut.js';
import { fitLearner, readParams, scoreOf, settledParams } from './training/trial.js';
import type { TrainedRun, TrainResult, TrainSpec } from './training/types.js';

export type { TrainedRun, TrainResult, TrainSpec } from './training/types.js';

/** Cross-validation over training and validation rows may have at most this many folds. */
const MAX_FOLDS = 50;

/**
 * Trains a model. `frame` is what `datasetPass` returned: typed raw columns. Recipe and encoder learn from training rows alone (in each
 * fold anew); validation rows serve early stopping, ranking and the threshold; test rows are not looked at.
 * With `refit` the winner is fitted once more on training and validation rows, with the number of rounds and the threshold that were found.
 * The metrics are those of the model before that, on rows it had not seen.
 * @throws `learn.target_missing`, `learn.target_unknown`, `learn.target_one_class`, `learn.target_invalid`, `learn.no_features`, `learn.too_few_rows`,
 * `learn.weights_invalid`, `learn.parameter_invalid`, `learn.memory`, `compute.cancelled`, and what steps and learners throw
 */
export async function trainModel(frame: Frame, spec: TrainSpec, context: JobContext): Promise<TrainResult> {
	const started = performance.now();
	const notes: TrainedRun['notes'] = [];
	const stages: TrainedRun['stages'] = [];
	const note = (code: string, text: string): void => {
		if (notes.some((n) => n.code === code && n.text === text)) return;
		notes.push({ code, text });
		context.note(code, text);
	};
	const timed = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
		const from = performance.now();
		const result = await work();
		stages.push({ name, seconds: (performance.now() - from) / 1000 });
		return result;
	};

	context.report({ stage: 'Splitting the rows', share: 0.05 });
	if (frame.rows === 0)
		throw new MlopsError('learn.too_few_rows', 'There are no rows to train on.', {
			expected: 'at least 2',
			found: '0',
			remedy: 'Check the steps that drop rows.',
		});
	checkSteps(spec);
	const { rolled, labelled, name } = await withTargetRole(frame, spec, note);
	const { split, target, rows } = await timed('split', () => divide(labelled, name, spec, note));
	const task = taskById(target.task);
	const { id: metric } = checkMetric(spec.metric ?? task.primary, target.task);
	const rowless = noRowForms(spec.recipe);
	if (rowless.length)
		note(
			'recipe.no_row_form',
			`This model can score whole datasets, but not single rows: ${rowless.map((r) => `${r.label} (${r.reason})`).join('; ')}.`,
		);

	const source: Source = {
		frame: rolled,
		recipe: spec.recipe,
		target,
		weight: weightsOf(labelled),
		classWeight: spec.classWeight ?? 'none',
		seed: spec.seed,
		note,
	};
	let learner: Learner;
	let params: unknown;
	let leaderboard: TrainedRun['leaderboard'];
	if (spec.learner === 'automatic' && task.labels === 'none') {
		[learner] = learnersFor(target.task);
		params = readParams(learner, {});
		note('learn.unranked', `${learner.label} was taken with its defaults: without answers to compare with, models cannot be ranked.`);
	} else if (spec.learner === 'automatic') {
		const found = await timed('search', () =>
			searchBest(
				{
					source,
					labelled,
					train: rows.train,
					valid: rows.validation,
					method: spec.split.method,
					units: split.units,
					learners: learnersFor(target.task),
					metric,
					budgetSeconds: spec.timeBudgetSeconds ?? 60,
					seed: spec.seed,
				},
				context,
			),
		);
		({ learner, params, leaderboard } = found);
	} else {
		learner = learnerById(spec.learner);
		if (!learner.outputs.includes(task.output)) {
			throw new MlopsError('learn.parameter_invalid', `${learner.label} cannot do this task (${target.task}).`, {
				expected: `one of: ${learnersFor(target.task)
					.map((l) => l.id)
					.join(', ')}`,
				found: learner.id,
				remedy: 'Pick another learner, or "automatic".',
			});
		}
		params = readParams(learner, spec.params);
	}

	const curve: TrainedRun['curve'] = [];
	let curveMetric = 'loss';
	const fitContext = (from: number, to: number, keepCurve: boolean): FitContext => ({
		seed: spec.seed,
		threads: context.threads,
		memoryBytes: context.memoryBytes,
		cancelled: context.cancelled,
		note,
		report: ({ curve: point, ...progress }) => {
			if (point && keepCurve) {
				curve.push(point);
				curveMetric = progress.metric?.name ?? curveMetric;
			}
			context.report({ ...progress, ...(progress.share === undefined ? {} : { share: from + (to - from) * progress.share }) });
		},
	});

	const searched = leaderboard ? 0.6 : 0.1;
	let prepared = await timed('recipe', () => prepare(source, rows.train, rows.validation));
	let { fitted: fittedRecipe, features } = prepared;
	const trial = await timed('fit', () =>
		fitLearner(learner, params, target.task, prepared, new Encodings(prepared), fitContext(searched, 0.75, true)),
	);
	const validationY = prepared.valid?.labels.y ?? new Float64Array(0);
	let threshold = trial.fitted.threshold ?? thresholdOf(task, target, validationY, trial.scores, params, spec);
	const saysThreshold = (): void => {
		if (task.threshold) note('learn.threshold', task.threshold.note(target, threshold));
	};
	if (!trial.fitted.threshold) saysThreshold();

	let metrics = scoreOf(target.task, validationY, trial.scores, target.classes.length, threshold.value);
	const settled = settledParams(learner, params, trial.fitted);
	const stop = (): boolean => stopAsked(context, 'The training');
	const crossValidation =
		spec.crossValidation && spec.crossValidation > 1 && task.labels === 'required' && !stop()
			? await timed('cross-validation', () =>
					crossValidate(
						source,
						labelled,
						rows.learnable,
						split.units,
						spec,
						learner,
						settled,
						threshold.value,
						fitContext(0.75, 0.85, false),
					),
				)
			: undefined;
	const scarce = validationY.length ? task.scarce?.(target, validationY) : undefined;
	if (scarce)
		note(
			'learn.few_validation',
			`Only ${scarce} among the ${validationY.length.toLocaleString('en')} validation rows: their scores may be luck. Evaluate tells more, with its intervals.`,
		);
	const valued = crossValidation?.metrics[metric]?.length ?? 0;
	if (crossValidation && valued < crossValidation.folds)
		note(
			'learn.folds_without_class',
			`In ${crossValidation.folds - valued} of ${crossValidation.folds} folds ${metric} has no value, perhaps because a class is missing there: use fewer folds, or bring in more rows of rare classes.`,
		);
	if (!validationY.length && crossValidation) {
		metrics = dictionary(
			Object.entries(crossValidation.metrics).map(([m, values]) => [m, values.reduce((a, b) => a + b, 0) / values.length]),
		);
		note('learn.no_validation', 'There are no validation rows: the metrics are the means over the folds.');
	} else if (!validationY.length)
		note('learn.no_validation', 'There are no validation rows, so there are no metrics yet: Evaluate has the test rows.');

	let { fitted, encoder } = trial;
	let learned = rows.train;
	if ((spec.refit ?? true) && rows.validation.length > 0 && !stop()) {
		prepared = await timed('recipe again', () => prepare({ ...source, note: () => {} }, rows.learnable));
		const again = await timed('refit', () =>
			fitLearner(learner, settled, target.task, prepared, new Encodings(prepared), fitContext(0.85, 0.97, false)),
		);
		({ fitted, encoder } = again);
		({ fitted: fittedRecipe, features } = prepared);
		learned = rows.learnable;
	}
	if (fitted.threshold) {
		threshold = fitted.threshold;
		saysThreshold();
	}

	const required = new Set(requiredColumns(fittedRecipe, features));
	const signature = fittedRecipe.input.filter((c) => required.has(c.name) && c.name !== target.name).map((c) => ({ ...c, required: true }));
	for (const text of answerInGaps(rolled, target, learned, signature)) note('learn.leak', text);
	const manifest: ModelManifest = {
		format: 'n8n-nodes-mlops/model',
		v: 2,
		task: target.task,
		target: target.name,
		classes: target.classes,
		signature,
		seen: seen(rolled, learned, signature, note),
		recipe: fittedRecipe,
		encoder,
		learner: { id: learner.id, params: settled as Record<string, unknown> },
		threshold: threshold.value,
		trainedAt: spec.trainedAt ?? '',
		codeVersion: spec.codeVersion ?? '',
		example: exampleOf(rolled, rows.learnable, required, target.name),
	};
	const bytes = await timed('package', () => writePackage(manifest, fitted.state));
	context.report({ stage: 'Done', share: 1, ...(metric in metrics ? { metric: { name: metric, value: metrics[metric] } } : {}) });
	return {
		package: bytes,
		manifest,
		parts: split.parts,
		validation: {
			rowId: Float64Array.from(rows.validation, (i) => frame.rowId[i]),
			y: validationY,
			scores: trial.scores,
			outputs: trial.outputs,
		},
		run: {
			split: {
				...spec.split,
				used: split.used,
				...(split.by === undefined ? {} : { by: split.by }),
				...(split.testStart === undefined ? {} : { testStart: split.testStart, testEnd: split.testEnd }),
				rows: split.rows,
				rule: split.rule,
				...(split.copies ? { copies: split.copies } : {}),
				...(split.leftOut.length ? { leftOut: split.leftOut } : {}),
			},
			task: target.task,
			target: target.name,
			learner: learner.id,
			params: params as Record<string, unknown>,
			seed: spec.seed,
			metrics,
			primary: metric,
			curve: thin(curve),
			...(curve.length ? { curveMetric } : {}),
			leaderboard,
			crossValidation,
			seconds: (performance.now() - started) / 1000,
			stages,
			backend: trial.fitted.backend,
			notes,
			peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
		},
	};
}

/** What the rows that the model learned from held in each column that callers send. */
function seen(frame: Frame, rows: Uint32Array, signature: ModelManifest['signature'], note: Source['note']): SeenColumn[] {
	const columns = seenIn(
		frame,
		rows,
		signature.map((c) => c.name),
	);
	for (const { name, levels } of columns) {
		if (levels?.more)
			note(
				'learn.values_not_kept',
				`Column "${name}" has ${(levels.values.length + levels.more).toLocaleString('en')} different values, too many to keep with the model: Predict cannot say which are unknown.`,
			);
	}
	return columns;
}

/** A task that learns without answers has to be named; what is guessed from a target has one. */
const asksLabels = ({ task }: TrainSpec): boolean => !task || taskById(task).labels === 'required';

/** @throws `learn.target_missing` where a step of the recipe learns from answers and there are none */
function checkSteps(spec: TrainSpec): void {
	const step = asksLabels(spec) ? undefined : spec.recipe.steps.map((s) => stepById(s.step)).find((s) => s.needsTarget);
	if (step)
		throw new MlopsError('learn.target_missing', `The step "${step.label}" learns from the target, and this task has none.`, {
			remedy: 'Take the step out of the recipe, or choose a task with a target.',
		});
}

/** Gives the target its role, so that no step takes it for a feature, and finds it among the columns that the recipe makes. */
async function withTargetRole(
	frame: Frame,
	spec: TrainSpec,
	note: Source['note'],
): Promise<{ rolled: Frame; labelled: Frame; name: string }> {
	if (!asksLabels(spec) && !spec.target && !frame.schema.some((c) => c.role === 'target'))
		return { rolled: frame, labelled: frame, name: '' };
	const probe = await labelPass(frame, spec.recipe, spec.target || undefined);
	const { name } = targetColumn(probe.schema, spec.target);
	if (!asksLabels(spec))
		note(
			'learn.truth',
			`Column "${name}" was not learned from: if it says yes or no, Evaluate compares the answers with it. To learn from it, give it the role feature.`,
		);
	const former = frame.schema.find((c) => c.role === 'target' && c.name !== name);
	const own = frame.schema.some((c) => c.name === name);
	if (former && own)
		note('learn.former_target', `Column "${former.name}" was marked as the target; since "${name}" is predicted now, it is not used.`);
	const schema = frame.schema.map((c) =>
		c.name === name ? { ...c, role: 'target' as const } : c.role === 'target' && own ? { ...c, role: 'ignore' as const } : c,
	);
	const rolled = { ...frame, schema };
	return { rolled, labelled: { ...probe, schema: probe.schema.map((c) => (c.name === name ? { ...c, role: 'target' } : c)) }, name };
}

/** Splits the rows and reads the target's classes from those that may be learnt from. */
function divide(labelled: Frame, name: string, spec: TrainSpec, note: Source['note']) {
	const options = { task: spec.task, positiveClass: spec.positiveClass };
	const before = spec.leftOut ?? [];
	const unlabelled = spec.task && !asksLabels(spec) ? noTarget(name, spec.task, labelled.rows) : undefined;
	const all = unlabelled ?? readAll(labelled, name, options, before);
	const split = makeSplit(labelled, spec.split, { strata: taskById(all.task).strata?.(all) });
	const { parts } = split;
	if (split.copies) note('learn.copies', copiesText(split.copies, split.used));
	const left = leaveOut(labelled, name, split, spec.split, all.y);
	for (const out of [...before, ...left.list])
		note(out.reason === noAnswer(name) ? 'learn.target_gaps' : 'learn.rows_left_out', leftOutText(out));
	const learns = (i: number): boolean => parts[i] === PART.train || parts[i] === PART.validation;
	const target =
		unlabelled ??
		readLearnable(labelled, all, { ...options, task: all.task, learnable: learns }, () => oneValueLeft(labelled, all, split, left));
	const alike = alikeLabels(labelled, target, learns);
	if (alike) note('learn.label_spellings', alike);
	const train = rowsWhere(parts, (p) => p === PART.train);
	if (train.length < 2)
		throw new MlopsError('learn.too_few_rows', `Only ${train.length} row${train.length === 1 ? ' is' : 's are'} left to train on.`, {
			expected: 'at least 2',
			found: String(train.length),
			remedy: 'Bring in more rows, fill the gaps in the target, or make the test part smaller.',
		});
	const unlearned = parts.reduce((n, p, i) => n + Number(p === PART.test && Number.isNaN(target.y[i])), 0);
	if (unlearned) note('learn.unlearned_classes', unlearnedText(unlearned, name));
	const counts = { train: 0, validation: 0, test: 0, none: 0 };
	const names = ['train', 'validation', 'test', 'none'] as const;
	for (const p of parts) counts[names[p]]++;
	return {
		split: { ...split, rows: counts, leftOut: [...before, ...left.list] },
		target,
		rows: {
			train,
			validation: rowsWhere(parts, (p) => p === PART.validation),
			learnable: rowsWhere(parts, (p) => p === PART.train || p === PART.validation),
		},
	};
}

const unlearnedText = (n: number, target: string): string =>
	`${n.toLocaleString('en')} test row${n === 1 ? ' has a class' : 's have classes'} of "${target}" that no row to learn from has: the model cannot answer so, and Evaluate leaves ${n === 1 ? 'it' : 'them'} out.`;

type TargetOptions = Parameters<typeof readTarget>[2];

/** The target of all rows that came in; where it has one value, what was left out before belongs to the answer. */
function readAll(labelled: Frame, name: string, options: TargetOptions, before: readonly LeftOut[]): Target {
	try {
		return readTarget(labelled, name, options);
	} catch (thrown) {
		const error = MlopsError.from(thrown);
		throw error.code === 'learn.target_one_class' && before.length ? oneValueAfterSteps(error, before) : error;
	}
}

/** The target of the rows that are left to learn from. */
function readLearnable(labelled: Frame, { name, y }: Target, options: TargetOptions, oneValue: () => MlopsError): Target {
	try {
		return readTarget(labelled, name, options);
	} catch (thrown) {
		const error = MlopsError.from(thrown);
		throw error.code === 'learn.target_one_class' && y.some((v) => !Number.isNaN(v)) ? oneValue() : error;
	}
}

function rowsWhere(parts: Uint8Array, wanted: (part: number) => boolean): Uint32Array {
	let count = 0;
	for (let i = 0; i < parts.length; i++) if (wanted(parts[i])) count++;
	const out = new Uint32Array(count);
	for (let i = 0, at = 0; i < parts.length; i++) if (wanted(parts[i])) out[at++] = i;
	return out;
}

/** Where the task has none, a model's threshold is 0.5 and means nothing. */
function thresholdOf(task: Task, target: Target, y: Float64Array, scores: Float64Array, params: unknown, spec: TrainSpec): Threshold {
	const { falsePositiveCost: falsePositive = 0, falseNegativeCost: falseNegative = 0 } = spec;
	const costs = falsePositive > 0 || falseNegative > 0 ? { falsePositive, falseNegative } : undefined;
	return task.threshold?.choose({ target, y, scores, costs, params }) ?? { value: 0.5, reason: '' };
}

async function crossValidate(
	source: Source,
	labelled: Frame,
	rows: Uint32Array,
	units: Uint32Array | undefined,
	spec: TrainSpec,
	learner: Learner,
	params: unknown,
	threshold: number,
	context: FitContext,
): Promise<NonNullable<TrainedRun['crossValidation']>> {
	const { target } = source;
	const count = Math.min(spec.crossValidation ?? 0, MAX_FOLDS);
	const metrics = dictionary<number[]>();
	const quiet: Source = { ...source, note: () => {} };
	for (const [k, fold] of folds(labelled, count, {
		method: spec.split.method,
		seed: spec.seed,
		rows,
		strata: taskById(target.task).strata?.(target),
		units,
	}).entries()) {
		const prepared = await prepare(quiet, fold.train, fold.validation);
		const trial = await fitLearner(learner, params, target.task, prepared, new Encodings(prepared), {
			...context,
			report: (p) => context.report({ ...p, stage: `Cross-validation, fold ${k + 1} of ${count}`, share: (k + (p.share ?? 0)) / count }),
		});
		const values = scoreOf(target.task, prepared.valid!.labels.y, trial.scores, target.classes.length, threshold);
		for (const [metric, value] of Object.entries(values)) (metrics[metric] ??= []).push(value);
	}
	return { folds: count, metrics };
}

/** At most a few hundred points, the last one always among them. */
function thin(curve: TrainedRun['curve']): TrainedRun['curve'] {
	const step = Math.ceil(curve.length / 300);
	return curve.filter((_, i) => i % step === 0 || i === curve.length - 1);
}
