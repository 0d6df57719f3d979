import type { Vector } from '../data/frame.js';
import type { ColumnSchema, TaskType } from '../domain/column.js';
import type { ModelManifest } from '../domain/model.js';
import type { TargetValues } from './targetValues.js';

/**
 * What a model of a task gives for a row: the probability of the positive class, one probability a class, a value in the unit of the
 * target, or a score of how unusual the row is. Learners choose their loss by it, metrics say which of these they judge.
 */
export type Output = 'probability' | 'probabilities' | 'value' | 'score';

export type ClassLabel = ModelManifest['classes'][number];

/** Answers that a model learns from. */
export interface Labels {
	/** In code order; for two classes [negative, positive]. Empty where answers are no classes. */
	classes: ClassLabel[];
	/** The same as people wrote them in the table; absent where answers are no classes. */
	words?: readonly string[];
	/** Class code or value of each row; NaN where missing. */
	y: Float64Array;
	/** Why the second class is the positive one; empty where none is. */
	positiveReason: string;
}

/**
 * The target of a training: a column, its task and its labels. Without labels (`labels: 'none'`) `y` is 0 everywhere, and `name` is empty
 * or says which column holds the truth.
 */
export interface Target extends Labels {
	name: string;
	task: TaskType;
	missing: number;
}

/** What a model must know to answer by its scores. */
export type Answering = Pick<ModelManifest, 'target' | 'classes' | 'threshold'>;

/** The answer for a row in words and numbers. */
export interface Verdict {
	/** The class label, or the value. */
	prediction: string | number | boolean;
	/** Probability of the predicted class; absent where there are no classes. */
	probability?: number;
	/** Probability of each class. */
	probabilities?: Record<string, number>;
	/** What only this task says, by the names of the fields that people get. */
	own?: Readonly<Record<string, string | number | boolean>>;
}

/** Answers to many rows. */
export interface Answers {
	rows: number;
	/** Row-major, `outputs` a row. */
	scores: Float64Array;
	outputs: number;
	/** 1 where the model gave numbers for the row. */
	answered: Uint8Array;
}

/** A column of a file of predictions. */
export interface FileColumn {
	schema: ColumnSchema;
	vector: Vector;
}

/** How answers to many rows are spread: how often each class (the most frequent first), or a histogram of the numbers. */
export interface AnswerSummary {
	counts?: Array<{ value: string; count: number }>;
	numbers?: { edges: number[]; counts: number[]; min: number; median: number; max: number };
	threshold?: { value: number; positive: string };
}

/** What errors cost a row. */
export interface Costs {
	falsePositive: number;
	falseNegative: number;
}

export interface Threshold {
	value: number;
	reason: string;
}

/** How a task comes to the score at and above which a row is called positive. */
export interface Thresholding {
	/** Chosen on rows that the model did not learn from (`scores` may be empty); `params` are the learner's. */
	choose(rows: { target: Target; y: Float64Array; scores: Float64Array; costs?: Costs; params: unknown }): Threshold;
	/** A sentence for the run's notes. */
	note(target: Target, threshold: Threshold): string;
	/** A sentence for other programs: what the threshold decides. */
	meaning(model: Answering): string;
	/**
	 * A sentence for an evaluation: what the threshold does, and what errors cost on its rows. Absent where there are no labels to count
	 * errors by.
	 */
	words?(labels: Float64Array, scores: Float64Array, threshold: number, costs: Costs | undefined): string;
}

/** What a report knows of a model when it says in one sentence how good it is. */
export interface Quality {
	target: string;
	classes: readonly string[];
	primary: string;
	metrics: Record<string, number>;
	baseline: Record<string, number>;
}

/** How reports write figures. */
export interface Figures {
	number(value: number): string;
	percent(share: number): string;
}

/**
 * One kind of question, one file under lib/task/tasks/, listed in lib/task/index.ts: all in which it differs from others. Its id is a word
 * of `taskType` (lib/domain/column.ts), since records keep it. Nothing else compares ids: whoever needs to know asks here.
 */
export interface Task {
	id: TaskType;
	/** In Train's form. */
	label: string;
	description: string;
	/** In a list: `yes or no`. */
	short: string;
	/**
	 * What an answer holds where it is no class and no value of the target: a prediction in words, and numbers of its own (names of
	 * `Verdict.own`).
	 */
	says?: { prediction: 'string'; numbers: readonly string[] };
	/** What its models find, for words of reports (`anomalies`). Absent: they predict the target. */
	finds?: string;
	/**
	 * Whether a model learns from answers. `none`: no target is asked for and nothing is read from one. A column named as the target all the
	 * same is no feature: Evaluate takes it for the truth.
	 */
	labels: 'required' | 'none';
	output: Output;
	/** Scores a row, by the number of classes. */
	outputs(classes: number): number;
	/** Id of the metric that ranks models unless a person chooses another. */
	primary: string;
	/** Ids of metrics that say something to everybody, the best first; none where the primary one does. */
	plain: readonly string[];
	/** Ids of the panels (lib/report/panels) that its evaluations have beside those of all tasks; Evaluate makes their figures. */
	panels: readonly string[];

	/** Labels from the values of the target. @throws `learn.target_invalid`, `learn.parameter_invalid` */
	readLabels(values: TargetValues, options: { positiveClass?: string }): Labels;
	/**
	 * How rows are divided alike: a number a row (NaN: none), of which each part gets its share. Absent: rows are divided without looking.
	 */
	strata?(labels: Labels): Float64Array;
	/** Why the scores of the validation rows may be luck; `undefined` where there are enough. */
	scarce?(labels: Labels, y: Float64Array): string | undefined;
	/** Where a score decides. Absent: the threshold of a model is 0.5 and means nothing. */
	threshold?: Thresholding;
	/** What one would answer who knows these labels (no gaps) and nothing of a row: `outputs` numbers. */
	baseline(labels: Float64Array, classes: number): Float64Array;

	/**
	 * The truth of rows that came later: class codes or values, NaN where missing or unknown; `undefined` where the column holds something
	 * else.
	 */
	truth(column: Vector, classes: readonly ClassLabel[]): Float64Array | undefined;
	/** Scores and threshold of a model whose class `from[k]` is our class k. */
	reordered?(scores: Float64Array, from: readonly number[], threshold: number): { scores: Float64Array; threshold: number };

	/** The answer for one row. */
	answer(score: ArrayLike<number>, model: Answering): Verdict;
	/** Columns for many rows, the answer first. */
	columns(answers: Answers, model: Answering): FileColumn[];
	/** The truth of many rows as a column of the same file. */
	truthColumn(truth: Float64Array, model: Answering): FileColumn;
	summary(answers: Answers, model: Answering): AnswerSummary;
	/** What each output of the model says, for other programs. */
	outputNames(model: Answering): string[];
	/**
	 * One sentence for a business user on how good a model is, and what guessing would give; `undefined`: the primary metric speaks for
	 * itself.
	 */
	conclusion(quality: Quality, write: Figures): string | undefined;
}

/** Identity function that gives an extension its type. */
export const defineTask = (task: Task): Task => task;
