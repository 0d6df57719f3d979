import type { SplitParams } from '../../../domain/split.js';
import { MlopsError } from '../../../domain/errors.js';
import type { MetricValues } from '../../../domain/run.js';
import { dictionary, type Dictionary } from '../../../domain/dictionary.js';
import type { Frame } from '../../../data/frame.js';
import { folds, splitMethod, type Fold } from '../../../data/split.js';
import { evenSample } from '../../../task/statistics/sampling.js';
import type { Target } from '../../../task/contract.js';
import { taskById } from '../../../task/index.js';
import { breathe, residentBytesOf } from '../../check.js';
import type { FitContext, Fitted, Learner } from '../../contract.js';
import type { ModelFit } from '../fitModel.js';
import { Encodings, prepare, type Prepared, type Source } from '../prepare.js';
import { fitLearner, scoreOf, type Ended } from '../trial.js';
import { within } from './within.js';

/** The rows that trials learn from and are judged on. */
export interface Rows {
	source: Source;
	/** The frame with roles, for folds. */
	labelled: Frame;
	train: Uint32Array;
	valid: Uint32Array;
	method: SplitParams['method'];
	/** What the split keeps on one side. */
	units?: Uint32Array;
	seed: number;
}

/** What all trials are judged by: the same rows, each answered by models that did not learn from it. */
export interface Bench {
	/** `at`: places of the fold's validation rows among those that are judged. `notes`: what getting its rows ready has to say. */
	folds: Array<{ prepared: Prepared; encodings: Encodings; train: Uint32Array; at: Uint32Array; notes: Notes }>;
	/** The judged rows, by their index in the frame, with their answers. */
	rows: Uint32Array;
	y: Float64Array;
	/** Rows that a fold learns from, on average. */
	learned: number;
}

type Notes = Array<[code: string, text: string]>;

/** The model of a trial, of its first fold where there are several, as it would be made anew of more rows. */
export interface Made extends Pick<ModelFit, 'recipe' | 'features' | 'learned' | 'trial'> {
	notes: Notes;
}

/** A learner's answers for all judged rows, out of fold. */
export interface Judgement {
	/** Row-major; where a row was in several folds, the mean. */
	scores: Float64Array;
	outputs: number;
	/** Means over the folds. */
	metrics: MetricValues;
	/** Each metric's values, one a fold that gave it. */
	byFold: Dictionary<number[]>;
	/** Microseconds that a row takes, about. */
	microseconds: number;
	/** What one of its models takes in memory once it answers, about. */
	bytes: number;
	/** Fits that ended since the time was over. */
	cutShort: number;
	/** How the fits ended together: the mean of their best rounds, unless all of them went to their end. */
	ended: Ended;
}

/** With more rows than this one validation part tells enough. */
const FOLDS_UP_TO = 20_000;
/** Cells of the table, times repeats, that are kept in all folds at once. */
const MOST_CELLS = 1e6;
const FOLDS = 5;
/** With so few rows one division into folds ranks by luck: there are several. */
const REPEATED_UP_TO = 1000;
const REPEATS = 2;
/** Validation rows that judge, at most. */
const JUDGED = 50_000;
/** Rows of a class that a sample has, where there are so many. */
const OF_A_CLASS = 20;

/** Whether trials are judged on folds, and not on the validation rows alone. */
export const judgedOnFolds = ({ train, valid, labelled }: Rows): boolean =>
	valid.length === 0 ||
	(train.length + valid.length <= FOLDS_UP_TO && (train.length + valid.length) * labelled.schema.length <= MOST_CELLS);

/**
 * Folds over training and validation rows by the rules of the split, several divisions of few rows; as many folds as the groups or moments
 * allow. Nothing where they allow none: the validation rows judge then. @throws `learn.too_few_rows` where there are none either
 */
export async function foldBench(rows: Rows): Promise<Bench | undefined> {
	const dealt = dealFolds(rows);
	if (!dealt) return undefined;
	const judged = Uint32Array.from(new Set(dealt.flatMap((fold) => [...fold.validation]))).sort();
	const place = new Map(Array.from(judged, (row, n) => [row, n]));
	const bench: Bench['folds'] = [];
	for (const { train, validation } of dealt) {
		const notes: Notes = [];
		const prepared = await prepare(noting(rows.source, notes), train, validation);
		bench.push({
			prepared,
			encodings: new Encodings(prepared, true),
			...{ train, notes },
			at: Uint32Array.from(validation, (row) => place.get(row)!),
		});
	}
	const learned = dealt.reduce((sum, { train }) => sum + train.length, 0) / dealt.length;
	return { folds: bench, rows: judged, y: answersOf(rows.source, judged), learned };
}

function dealFolds({ source, labelled, train, valid, method, seed, units }: Rows): Fold[] | undefined {
	const { target } = source;
	const rows = Uint32Array.from([...train, ...valid]).sort();
	const repeats = rows.length <= REPEATED_UP_TO && splitMethod(labelled, method).used === 'random' ? REPEATS : 1;
	const strata = taskById(target.task).strata?.(target);
	for (let k = Math.min(FOLDS, Math.max(2, Math.floor(rows.length / 2))); k >= 2; k--) {
		try {
			const dealt = Array.from({ length: repeats }, (_, r) => folds(labelled, k, { method, seed: seed + r, rows, strata, units })).flat();
			if (target.classes.length === 0) return dealt;
			// Of one class alone nothing is learned: such a fold judges nobody, if others judge both classes. Rows of one class judge badly.
			const able = dealt.filter((fold) => bothClasses(target, fold.train));
			return bothClasses(target, ...able.map((fold) => fold.validation)) ? able : dealt;
		} catch (thrown) {
			const error = MlopsError.from(thrown);
			if (error.code !== 'learn.too_few_rows') throw error;
			if (k === 2 && valid.length === 0) throw nothingToCompareOn(error, splitMethod(labelled, method));
		}
	}
	return undefined;
}

/** People who chose Automatic chose no folds. */
function nothingToCompareOn(error: MlopsError, { used, by }: ReturnType<typeof splitMethod>): MlopsError {
	if (used === 'random') return error;
	return new MlopsError(
		error.code,
		`Automatic compares models on rows of other ${used === 'group' ? 'groups' : 'moments'} than they learned from, and beside the test ` +
			`all rows have the same value in "${by}".`,
		{
			column: by,
			cause: error,
			remedy: `Bring in rows with other values in "${by}", choose a learner by hand, or divide the rows at random (Train, Split, Method).`,
		},
	);
}

const bothClasses = ({ y }: Target, ...parts: readonly Uint32Array[]): boolean =>
	parts.some((rows) => rows.some((row) => y[row] !== y[parts[0][0]]));

/** The validation rows judge what was learned from a sample of the training rows. */
export async function sampleBench({ source, train, valid, seed }: Rows, size: number): Promise<Bench> {
	const rows = evenSample(valid, JUDGED, seed);
	const sample = sampleOf(source.target, train, size, seed);
	const notes: Notes = [];
	const prepared = await prepare(noting(source, notes), sample, rows);
	const at = Uint32Array.from(rows, (_, n) => n);
	const fold = { prepared, encodings: new Encodings(prepared), train: sample, at, notes };
	return { folds: [fold], rows, y: answersOf(source, rows), learned: prepared.train.rows };
}

/** So many of the rows, evenly, and rows of rare classes that would be missing among them. */
function sampleOf({ classes, y }: Target, rows: Uint32Array, size: number, seed: number): Uint32Array {
	const even = evenSample(rows, size, seed);
	if (even.length === rows.length || classes.length === 0) return even;
	const drawn = new Uint8Array(y.length);
	const counts = new Float64Array(classes.length);
	for (const row of even) {
		drawn[row] = 1;
		counts[y[row]]++;
	}
	const more = rows.filter((row) => !drawn[row] && counts[y[row]]++ < OF_A_CLASS);
	return more.length ? Uint32Array.from([...even, ...more]).sort() : even;
}

/** What there is to say is kept for the case that the model of a trial is what a person gets. */
const noting = (source: Source, notes: Notes): Source => ({ ...source, note: (code, text) => void notes.push([code, text]) });
const answersOf = ({ target }: Source, rows: Uint32Array): Float64Array => Float64Array.from(rows, (row) => target.y[row]);

/**
 * Fits a learner in each fold, with its share of the seconds that are left each, and answers the rows it did not see.
 * @param hopeless asked with what a fold gave, where its time or a wish ended it: if so others are spared, and there is no judgement
 */
export async function judge(
	{ folds: all, rows }: Bench,
	{ learner, params }: { learner: Learner; params: unknown },
	{ target }: Source,
	context: FitContext,
	left: () => number,
	hopeless?: (found: MetricValues, fold: number) => boolean,
): Promise<{ judgement: Judgement; made: Made } | undefined> {
	const outputs = taskById(target.task).outputs(target.classes.length);
	const scores = new Float64Array(rows.length * outputs);
	const times = new Uint8Array(rows.length);
	const byFold = dictionary<number[]>();
	const fits: Ended[] = [];
	let last!: Fitted['state'];
	let made!: Made;
	for (const [k, { prepared, encodings, train, at, notes }] of all.entries()) {
		// Later folds must not have less than earlier ones only because those were slow.
		const rest = (left() * (all.length - k - 1)) / (all.length - k);
		const trial = await fitLearner(
			learner,
			params,
			target.task,
			prepared,
			encodings,
			within({ ...context, hurried: true }, () => left() - rest),
		);
		const found = scoreOf(target.task, prepared.valid!.labels.y, trial.scores, target.classes.length);
		if (all.length > 1 && trial.fitted.stopped === 'cancelled' && hopeless?.(found, k)) return undefined;
		if (k === 0) made = { recipe: prepared.fitted, features: prepared.features, learned: train, trial, notes };
		for (const [metric, value] of Object.entries(found)) (byFold[metric] ??= []).push(value);
		for (let i = 0, n = at.length; i < n; i++) {
			times[at[i]]++;
			for (let c = 0; c < outputs; c++) scores[at[i] * outputs + c] += trial.scores[i * outputs + c];
		}
		const { stopped, bestIteration, temperature, weights } = trial.fitted;
		fits.push({ stopped, bestIteration, temperature, weights });
		last = trial.fitted.state;
		await breathe();
	}
	for (let i = 0, n = rows.length; i < n; i++) for (let c = 0; c < outputs; c++) scores[i * outputs + c] /= times[i];
	const metrics: MetricValues = dictionary();
	for (const [metric, values] of Object.entries(byFold)) metrics[metric] = mean(values);
	const microseconds = learner.rowMicroseconds?.(last) ?? 1;
	const bytes = residentBytesOf(learner, last);
	const cutShort = fits.filter(({ stopped }) => stopped === 'cancelled').length;
	return { judgement: { scores, outputs, metrics, byFold, microseconds, bytes, cutShort, ended: endOf(fits) }, made };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function endOf(fits: readonly Ended[]): Ended {
	const found = fits.map((f) => f.temperature);
	const kinds = fits.map((f) => f.weights).filter((w) => w !== undefined);
	// Weights as in most folds.
	const often: Ended['weights'] = kinds.filter((w) => w === 'mean').length * 2 > kinds.length ? 'mean' : 'last';
	const sure = {
		...(found.every((t) => t !== undefined) ? { temperature: mean(found) } : {}),
		...(kinds.length ? { weights: often } : {}),
	};
	const rounds = fits.map((f) => f.bestIteration);
	if (fits.every((f) => f.stopped === 'done') || rounds.some((r) => r === undefined)) return { stopped: 'done', ...sure };
	return { stopped: 'early', bestIteration: Math.max(1, Math.round(mean(rounds as number[]))), ...sure };
}
