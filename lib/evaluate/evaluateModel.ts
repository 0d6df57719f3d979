import { own } from '../domain/dictionary.js';
import { GATE_VERSION, type EvaluationRecord, type GateRule, type SidePeriod } from '../domain/evaluation.js';
import { throwIfCancelled, type Cancellable } from '../domain/cancel.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import type { Context } from '../domain/progress.js';
import type { Frame } from '../data/frame.js';
import { classWords } from '../task/classes.js';
import { taskById } from '../task/index.js';
import { checkMetric, metricsFor, scoredRows } from '../task/measure.js';
import { baselineMetrics } from './baseline.js';
import { compareModels, effectiveUnits, type Champion } from './compareModels.js';
import { chanceOf, tooFewToJudge, unjudgedClasses } from './enough.js';
import { figuresOf } from './figures.js';
import { partialDependence, type Dependence } from './dependence.js';
import { exactIntervals } from './exactIntervals.js';
import { defaultRules, gate } from './gate.js';
import { partsBy } from './partsBy.js';
import { permutationImportance } from './importance.js';
import { intervals } from './intervals.js';
import { groupUnits, LEAST_UNITS, unitsOf, withoutCopies } from './resampling.js';
import { slicesOf } from './slices.js';
import { tally } from './predictionTally.js';
import type { Costs } from '../task/contract.js';

export interface EvaluateInput {
	/** One score a row (probability of the positive class, or the value), or one a class, row-major. */
	scores: Float64Array;
	/** Class codes or values, none missing. */
	labels: Float64Array;
	/** Raw columns of the same rows. */
	frame: Frame;
	/** Labels of the rows that were learned from: what guessing would answer. */
	trainingLabels: Float64Array;
	manifest: Pick<ModelManifest, 'task' | 'target' | 'classes' | 'threshold' | 'signature'>;
	/** The model itself, for importance. */
	scoreFrame?(frame: Frame): Promise<Float64Array>;
	/** Metric that decides; empty: the task's. */
	primary?: string;
	/** Intervals resample whole groups, else whole days, else rows. */
	timeColumn?: string;
	groupColumn?: string;
	/**
	 * Whether the table that these rows are part of is known to hold more copies than chance makes; else the rows themselves are looked at.
	 */
	copied?: boolean;
	/** None: better than guessing, and not worse than the champion. */
	rules?: readonly GateRule[];
	costs?: Costs;
	importance?: boolean;
	champion?: Champion;
	/** Which rows these are, in words; the gate says it. */
	judged?: string;
	/** Column whose values (or months) stand side by side. */
	side?: { column: string; period: SidePeriod };
}

/** All of the record but what only the caller knows. */
export type Evaluated = Omit<EvaluationRecord, 'runId' | 'model' | 'datasetId' | 'predictions' | 'seconds'>;

/** What is needed of a context, which stops between stages. */
export type EvaluateContext = Pick<Context, 'progress' | 'note'> & Cancellable;

/** The classes as people wrote them in the table that these rows are of. */
const wordsFor = ({ manifest: { classes, target }, frame }: EvaluateInput): string[] =>
	classWords(
		classes,
		frame.schema.find(({ name }) => name === target),
	);

/**
 * Measures a model's predictions of rows it never saw, with intervals, curves, slices, importance, a paired comparison with the champion,
 * and the gate's judgement. Deterministic: the same input gives the same result. @throws `evaluate.no_rows`, `evaluate.not_comparable`,
 * `learn.parameter_invalid` for a rule about no metric of this task, `compute.cancelled`
 */
export async function evaluateModel(input: EvaluateInput, context: EvaluateContext): Promise<Evaluated> {
	const { scores, labels, frame } = input;
	const { task, target, threshold, signature } = input.manifest;
	const classes = wordsFor(input);
	const kind = taskById(task);
	const outputs = kind.outputs(classes.length);
	check(input, outputs);
	for (const { metric } of input.rules ?? []) checkMetric(metric, task);
	const primary = input.primary || kind.primary;
	const notes: Evaluated['notes'] = [];
	const stage = stages(context);

	stage('Measuring', 0.5);
	const exact = metricsFor(task, labels, scores, classes.length, { threshold });
	const baseline = baselineMetrics(task, classes.length, input.trainingLabels, labels);
	const units = unitsOf(frame, input, notes);
	stage('Intervals', 0.55);
	const common = { task, classes: classes.length, scores, labels, threshold };
	const metrics = intervals(exact, tally({ ...common, units }), units, {
		exactly: exactIntervals(exact, { ...common, units }),
		effective: effectiveUnits(labels, classes.length, units),
	});
	if (exact[primary] === undefined) notes.push({ code: 'primary_missing', text: noValue(primary) });

	const columns = signature.map((c) => c.name).filter((name) => name !== target);
	stage('Slices', 0.65);
	const { slices, looked } = slicesOf({
		...common,
		frame,
		columns,
		primary,
		overall: own(metrics, primary)!,
		clustered: units.by !== 'rows',
	});
	if (looked > slices.length) notes.push({ code: 'slices', text: shownSlices(looked) });

	const side = input.side && partsBy({ ...input, ...common, classes, primary }, input.side.column, input.side.period);
	if (input.champion) stage('Comparing with the champion', 0.7);
	const comparisons =
		input.champion && compareModels({ scores, labels, units, manifest: input.manifest, champion: input.champion, words: classes }, notes);
	const counted = withoutCopies(labels, units);
	const called = units.by === 'copies' ? 'different test rows' : undefined;
	const tooFew = tooFewToJudge(classes, counted, [primary], called);
	const importance = await importanceOf(input, { ...common, primary, features: columns }, tooFew, notes, stage);
	const dependence = await dependenceOf({ ...input, importance, classes, outputs }, (share) => stage('Dependence', 0.95 + 0.04 * share));

	const judged = {
		metrics,
		baseline,
		...(comparisons ? { comparisons } : {}),
		...(input.judged === undefined ? {} : { judged: input.judged }),
		tooFew: (names: readonly string[]) => tooFewToJudge(classes, counted, names, called) ?? tooFewGroups(input),
		chance: (metric: string, higherIsBetter: boolean) => chanceOf(metric, higherIsBetter, common),
	};
	const unjudged = classes.length > 2 ? unjudgedClasses(classes, counted) : undefined;
	if (unjudged) notes.push({ code: 'few_of_a_class', text: unjudged });
	const gateRules = input.rules?.length ? [...input.rules] : defaultRules(primary, judged);
	const comparison = comparisons?.get(primary);
	for (const note of notes) context.note(note.code, note.text);
	return {
		task,
		target,
		classes,
		rows: labels.length,
		resampled: units.by,
		metrics,
		baseline,
		primary,
		...(kind.threshold ? { threshold, thresholdReason: kind.threshold.words?.(labels, scores, threshold, input.costs) } : {}),
		...figuresOf(kind.panels, scoredRows(task, labels, scores, classes.length, { threshold }), classes),
		importance,
		...(dependence.length ? { panels: { dependence } } : {}),
		slices,
		...(side ? { side } : {}),
		...(comparison ? { comparison } : {}),
		...(comparisons?.size ? { comparisons: [...comparisons.values()] } : {}),
		gate: gate(gateRules, judged),
		gateRules,
		gateVersion: GATE_VERSION,
		notes,
	};
}

const noValue = (metric: string): string => `The metric ${metric} has no value on these rows, perhaps because only one class occurs.`;

const shownSlices = (looked: number): string =>
	`Of ${looked} groups of rows the worst ten and the best five are shown; their intervals are widened so that they hold ` +
	`for all of them together.`;

/** What the answers depend on; nothing where it was not asked for or the rows are too few, which a note says. */
async function importanceOf(
	{ importance, scoreFrame, frame }: EvaluateInput,
	asked: Omit<Parameters<typeof permutationImportance>[0], 'frame' | 'scoreFrame' | 'progress' | 'note'>,
	tooFew: string | undefined,
	notes: Evaluated['notes'],
	stage: (name: string, share: number) => void,
): Promise<Evaluated['importance']> {
	if (!importance) return [];
	if (tooFew) {
		notes.push({
			code: 'importance_few',
			text: `What the answers depend on was not measured: ${tooFew.charAt(0).toLowerCase()}${tooFew.slice(1)}`,
		});
		return [];
	}
	if (!scoreFrame) return [];
	stage('Importance', 0.75);
	return await permutationImportance({
		...asked,
		frame,
		scoreFrame,
		progress: (share) => stage('Importance', 0.75 + 0.2 * share),
		note: (code, text) => notes.push({ code, text }),
	});
}

/** Columns whose dependence is told, of those that matter. */
const MOST_DEPENDENCES = 4;

/** How answers depend on the columns that matter most; nothing where that was not measured. */
async function dependenceOf(
	{
		frame,
		classes,
		outputs,
		importance,
		scoreFrame,
	}: Pick<EvaluateInput, 'frame' | 'scoreFrame'> & Pick<Evaluated, 'importance' | 'classes'> & { outputs: number },
	progress: (share: number) => void,
): Promise<Dependence[]> {
	const columns = importance.filter(({ drop }) => drop > 0).slice(0, MOST_DEPENDENCES);
	if (!scoreFrame || columns.length === 0) return [];
	return await partialDependence({ frame, columns: columns.map((c) => c.feature), classes, outputs, scoreFrame, progress });
}

/**
 * Why the groups of the test rows are too few to say how a model does for other groups; undefined where they are enough or rows have none.
 */
function tooFewGroups({ frame, groupColumn }: EvaluateInput): string | undefined {
	if (!groupColumn || !frame.schema.some((c) => c.name === groupColumn)) return undefined;
	const { count } = groupUnits(frame, groupColumn);
	return count >= LEAST_UNITS
		? undefined
		: `The test rows come from only ${count} group${count === 1 ? '' : 's'} of "${groupColumn}": with fewer than ` +
				`${LEAST_UNITS} nobody can tell how the model does for others, so the gate does not judge. Bring in more groups, or ` +
				`give the test a larger share in Train.`;
}

function check({ scores, labels, frame }: EvaluateInput, outputs: number): void {
	if (labels.length === 0)
		throw new MlopsError('evaluate.no_rows', 'There are no test rows with a known answer.', {
			remedy: 'Train with a larger test share, or evaluate on data that have the target column.',
		});
	if (scores.length !== labels.length * outputs || frame.rows !== labels.length) {
		throw new MlopsError('evaluate.not_comparable', `There are ${scores.length} scores for ${labels.length} rows.`, {
			expected: `${labels.length * outputs} scores`,
		});
	}
	const bad = scores.findIndex((s) => !Number.isFinite(s));
	if (bad >= 0) throw noNumber(frame, Math.floor(bad / outputs));
}

/** A score that is no number. @param at place among the judged rows; the row is told as its dataset counts it */
export function noNumber({ rowId }: Frame, at: number): MlopsError {
	const row = rowId[at] + 1;
	return new MlopsError('evaluate.not_comparable', `The model gave no number for row ${row} of the dataset.`, {
		row,
		remedy: 'Train the model again; if that does not help, report this.',
	});
}

function stages(context: EvaluateContext): (name: string, share: number) => void {
	return (name, share) => {
		throwIfCancelled(context, 'The evaluation');
		context.progress({ stage: name, share });
	};
}
