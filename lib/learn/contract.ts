import type { z } from 'zod/v4';
import type { TaskType } from '../domain/column.js';
import type { Progress } from '../domain/progress.js';
import type { SolverReport } from '../domain/run.js';
import type { State } from '../formats/state.js';
import type { Matrix, Needs } from '../recipe/matrix.js';
import type { Output } from '../task/contract.js';
import type { Graph } from './onnx/graph.js';

export type { State, Typed } from '../formats/state.js';
export type { Column, Matrix, Needs } from '../recipe/matrix.js';

/**
 * `y`: class code 0..classes-1, or the value for regression (`classes` 0); empty for tasks that learn from no labels, whose rows may have a
 * weight all the same.
 */
export interface Labels {
	y: Float64Array;
	classes: number;
	weight?: Float64Array;
	offset?: Float64Array;
	group?: Uint32Array;
}

/** `valid` is the validation part, never test. `init` continues an earlier training. */
export interface FitInput {
	task: TaskType;
	train: Matrix;
	labels: Labels;
	valid?: { x: Matrix; labels: Labels };
	init?: State;
}

export interface FitContext {
	seed: number;
	/** Ceiling; the model is the same, bit for bit, whatever it is (learners that cannot promise it say so in `deterministic`). */
	threads: number;
	memoryBytes: number;
	/** Shared; looked at (`domain/cancel.ts`) at least every 50 ms of work. */
	cancelled: Int32Array;
	/** Its time may be over within a second, and is looked at whenever it tells its progress: it tells more often. */
	hurried?: true;
	/** `curve`: one more point of it. */
	progress(progress: Omit<Progress, 'curve'> & { curve?: { step: number; train?: number; validation?: number } }): void;
	note(code: string, text: string): void;
}

export interface Fitted {
	state: State;
	stopped: 'done' | 'early' | 'cancelled';
	bestIteration?: number;
	/** By how much raw outputs were divided so that probabilities are no surer than the validation rows bear out. */
	temperature?: number;
	backend: string;
	/** What it was computed on, why there and how fast, for people; where there was a choice. */
	computedOn?: string;
	/** Whether a network's weights are those of its last step, or a mean over many. */
	weights?: 'last' | 'mean';
	/** How close to the minimum a solver came, for learners that have one. */
	solver?: SolverReport;
	/** Where an answer turns, for learners that find it themselves, and why there. */
	threshold?: { value: number; reason: string };
}

/**
 * What the rows learned from hold in one column: the middle nine tenths of its numbers, and the share of the rows that have this value (or
 * none).
 */
export interface Usual {
	low?: number;
	high?: number;
	share?: number;
}

export interface ExplainOptions {
	/**
	 * Compare with these rows (interventional SHAP: what the model answers if a column's value were theirs), instead of with the shares of
	 * training rows on each branch.
	 */
	background?: Matrix;
	/**
	 * A square of `columns + 1` for each row and output instead: what columns do alone on the diagonal, half of what two do together at each
	 * of their cells, the expected value in the last cell.
	 */
	interactions?: boolean;
}

/** `outputs`: 1 for binary (probability of class 1) and regression (value), else one probability a class. */
export interface Predictor {
	outputs: number;
	/** Fills `out` row-major (`rows * outputs`). */
	batch(x: Matrix, out: Float64Array, threads: number): void | Promise<void>;
	/**
	 * Says that so many rows are to be answered: from now on `batch` may answer them in another way that is faster here, within 1e-5 of its
	 * own, and the text tells people which way, why, and what was measured. Nothing where nobody had a choice. `backend`: the one to take,
	 * however fast it is. `failed` hears of a way that failed amid the rows: those that it had not answered are answered as without it.
	 * Absent where there is one way alone.
	 */
	prepare?(rows: number, threads: number, backend?: string, failed?: (text: string) => void): Promise<string | undefined>;
	/** One row: `values[j]` is the number or the code of column j. No allocation. */
	row(values: Float64Array, out: Float64Array): void;
	/**
	 * Contributions to the raw score (log-odds or value) of each column, then the expected value last: length columns + 1
	 * (for class `output`). Absent where the learner has no exact form.
	 */
	contributions?(values: Float64Array, output: number): Float64Array;
	/**
	 * The same for many rows, much faster: for each row and output the contributions of the columns, then the expected value
	 * (`rows * outputs * (columns + 1)`). Every row is checked to add up to its raw score.
	 */
	explain?(x: Matrix, options?: ExplainOptions): Float64Array;
	/**
	 * What the rows learned from hold in column j, for words about a row that has `value` there. Absent where the learner keeps nothing of
	 * it.
	 */
	usual?(column: number, value: number): Usual;
	/** Two models of the same kind that learned apart from each other: how alike their answers are tells how much of an answer is chance. */
	halves?(): readonly [Predictor, Predictor];
	dispose?(): void;
}

/** One learner, one file under lib/learn/learners/, listed in its index.ts. `params` is the only description of its parameters. */
export interface Learner<P = unknown> {
	id: string;
	label: string;
	description: string;
	/** What it can give: it does the tasks that ask for one of these, with a loss for each. */
	outputs: readonly Output[];
	/** Learns nothing: what others are measured against, and never chosen while another could be trained. */
	baseline?: boolean;
	/** Every field has a default, a `.describe()` text for people, and scikit-learn's or LightGBM's name. */
	params: z.ZodType<P>;
	/** Values AutoML may try, by parameter name, most promising first. */
	searchSpace: Partial<Record<string, readonly unknown[]>>;
	needs(params: P): Needs;
	/** Bytes at peak, for a refusal before anything is allocated. */
	estimate(rows: number, columns: number, params: P, threads: number): { bytes: number };
	fit(input: FitInput, params: P, context: FitContext): Promise<Fitted>;
	/** Checks a state read from disk; throws `learn.model_invalid`, never hangs. */
	validate(state: State): State;
	predictor(state: State, columns: readonly string[]): Predictor | Promise<Predictor>;
	/**
	 * A model that `validate` accepted, in ONNX: doubles (rows x columns, categories as codes) in, rows x outputs out. Absent where the
	 * learner has none. @throws `learn.no_onnx` where this one model has none, `learn.parameter_invalid` where it is too large
	 */
	onnx?(state: State): Graph;
	/** Microseconds that a row takes on a usual core, about: counted, not measured, so that the same data give the same model. */
	rowMicroseconds?(state: State): number;
	/** Bytes that a model takes in memory once it answers, about; six times its package where absent. */
	residentBytes?(state: State): number;
	/** Whether another seed makes another model of the same rows, so that a mean of several is surer than one. */
	draws?(params: P): boolean;
	/** Version of the manifest that its packages need, where an install that knows earlier ones alone is to refuse them; default 2. */
	manifestVersion?: 3 | 4 | 6;
}

/** Identity function that gives an extension its type. */
export const defineLearner = <P>(learner: Learner<P>): Learner<P> => learner;
