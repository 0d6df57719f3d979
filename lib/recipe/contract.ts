import type { z } from 'zod/v4';
import type { ColumnRole, ColumnSchema } from '../domain/column.js';
import type { Frame, Row, Vector } from '../data/frame.js';
import type { SharedNumbers } from '../data/sharedNumbers.js';
import type { Derive } from './derive.js';
import type { KeptColumns } from './keptColumns.js';

export type { Row };

export interface FitStepContext {
	/** Target values of the same rows when the step asks for them (`needsTarget`): class codes or numbers, NaN where missing. */
	target?: Float64Array;
	/** Number of classes, 0 for regression. */
	classes: number;
	seed: number;
	/** Who works out figures of single columns, in several threads; absent where the calling thread does all. */
	crew?: ColumnCrew;
}

/** Works on columns of numbers, one task a column, in the calling thread and others. */
export interface ColumnCrew {
	/**
	 * The answers to all tasks, in their order; the first of them that fails is what is thrown.
	 * @param tasks a task without a description is done by the calling thread
	 * @param own does a task in the calling thread
	 */
	run<T>(tasks: ReadonlyArray<ColumnTask | undefined>, own: (index: number) => T): Promise<T[]>;
}

/** A task as it travels to a thread; `kind` says the rest (crewTasks.ts). */
export interface ColumnTask {
	kind: string;
	vector: SharedNumbers;
}

/** What a step that treats each column by itself does with one of them. */
export interface OfColumn<P = unknown, C = unknown> {
	/** Estimates from one training column; absent where more than the column is needed. */
	fit?(column: { schema: ColumnSchema; vector: Vector }, params: P): C | undefined;
	/** What is made of a column, the first, second, ... of it. */
	derives(column: ColumnSchema, params: P, state: C | undefined): Derive[];
}

/**
 * One kind of step: one file under lib/recipe/steps/, listed in its index.ts.
 *
 * `stage: 'dataset'` needs no fitting and may drop rows before the split; `stage: 'fold'` is fitted on training rows only.
 * `rows: 'drop'` never runs at prediction and never drops test rows when `stage` is 'fold'.
 */
export interface Step<P = unknown, S = unknown> {
	id: string;
	version: number;
	label: string;
	/** One sentence for a newcomer. */
	description: string;
	group: 'clean' | 'feature';
	stage: 'dataset' | 'fold';
	rows: 'keep' | 'drop';
	/** Uses the target when it is fitted. */
	needsTarget?: boolean;
	/** Runs on labelled rows only and is skipped at prediction (for example: derive the target). */
	labelledOnly?: boolean;
	/** Says what columns are for, so that it counts before rows are divided. */
	setsRoles?: boolean;
	/** Roles of the columns that it treats when none are named (default: features). */
	byRole?: readonly ColumnRole[];
	/** The column that it makes, or makes anew, where a person names it; called with the parameters as they were entered. */
	makes?(params: Readonly<Record<string, unknown>>): unknown;
	/** Why single rows cannot be predicted with it, if so. */
	noRowForm?: string;
	/** The only description of its parameters: form, validation, record and docs come from it. */
	params: z.ZodType<P>;
	/** Columns that come out, given those that come in and what was fitted. @throws MlopsError on an unknown or unfit column */
	outputs(input: readonly ColumnSchema[], params: P, state: S): ColumnSchema[];
	/**
	 * Incoming columns that the outputs `needed` come from, those that pass through included (default: all). So a model's signature leaves
	 * out what nothing uses.
	 */
	reads?(input: readonly ColumnSchema[], params: P, state: S, needed: readonly string[]): readonly string[];
	/** Estimates on training rows; must give JSON, and the same JSON for the same rows in the same order. */
	fit?(frame: Frame, params: P, context: FitStepContext): S | Promise<S>;
	/** Batch form on column vectors. A dropping step returns fewer rows. @param kept what it made of the same vectors before */
	transform(frame: Frame, params: P, state: S, kept?: KeptColumns): Frame | Promise<Frame>;
	/** For cross-fitted steps: the training rows' own values (out of fold), unlike `transform`. */
	fitTransform?(frame: Frame, params: P, context: FitStepContext): Promise<{ frame: Frame; state: S }>;
	/**
	 * Row form: returns a function that changes the row in place. Same answers as `transform`. Absent when `noRowForm` is set or `rows` is
	 * 'drop'.
	 */
	row?(input: readonly ColumnSchema[], params: P, state: S): (row: Row) => void;
	/**
	 * Where each value is made of one value: the columns that come out by that, each from the source as it came in. What is compiled for
	 * single rows goes by it in the place of `row`.
	 */
	derived?(input: readonly ColumnSchema[], params: P, state: S): Array<{ source: string; name: string; derive: Derive }>;
	/** For steps that treat each column by itself: what threads do with one. */
	ofColumn?: OfColumn<P>;
	/** One plain sentence on what the step did or will do, for reports. */
	explain?(params: P, state: S | undefined): string;
}

export const defineStep = <P, S = null>(step: Step<P, S>): Step<P, S> => step;
