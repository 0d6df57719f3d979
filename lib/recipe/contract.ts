import type { z } from 'zod/v4';
import type { ColumnRole, ColumnSchema } from '../domain/column.js';
import type { Frame, Row } from '../data/frame.js';
import type { Derive } from './derive.js';

export type { Row };

export interface FitStepContext {
	/** Target values of the same rows when the step asks for them (`needsTarget`): class codes or numbers, NaN where missing. */
	target?: Float64Array;
	/** Number of classes, 0 for regression. */
	classes: number;
	seed: number;
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
	/** Batch form on column vectors. A dropping step returns fewer rows. */
	transform(frame: Frame, params: P, state: S): Frame | Promise<Frame>;
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
	/** One plain sentence on what the step did or will do, for reports. */
	explain?(params: P, state: S | undefined): string;
}

export const defineStep = <P, S = null>(step: Step<P, S>): Step<P, S> => step;
