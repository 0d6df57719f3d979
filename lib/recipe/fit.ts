import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import type { FittedRecipe, FittedStep, Recipe, RecipeStep } from '../domain/recipe.js';
import { isNumberVector, type Frame, type Vector } from '../data/frame.js';
import { takeRows } from '../data/takeRows.js';
import type { ColumnCrew, FitStepContext, Step } from './contract.js';
import { missingVector } from './derive.js';
import type { KeptColumns } from './keptColumns.js';
import { stepById } from './steps/index.js';
import { treatsTarget } from './touched.js';

interface Ready {
	declared: RecipeStep;
	step: Step;
	params: unknown;
	position: number;
}

/** Finds a declared step and checks its parameters. @throws `recipe.step_unknown`, `recipe.step_invalid` naming the parameter */
export function readyStep(declared: RecipeStep, position = 0): Ready {
	const step = stepById(declared.step);
	if (declared.version > step.version) {
		throw new MlopsError('recipe.step_invalid', `Step ${position + 1} (${step.label}) was saved by a newer version of this package.`, {
			expected: `version ${step.version} or older`,
			found: String(declared.version),
			remedy: 'Update the package.',
		});
	}
	const parsed = step.params.safeParse(declared.params);
	if (parsed.success) return { declared, step, params: parsed.data, position };
	const [issue] = parsed.error.issues;
	const field = issue.path.join('.');
	throw new MlopsError(
		'recipe.step_invalid',
		`Step ${position + 1} (${step.label}): ${field ? `parameter "${field}": ` : ''}${issue.message}.`,
		{ remedy: 'Correct the parameter of this step.' },
	);
}

const readySteps = (recipe: Recipe): Ready[] => recipe.steps.map(readyStep);

/** Says in which step a failure arose. */
function inStep(ready: Ready, thrown: unknown): MlopsError {
	const error = MlopsError.from(thrown);
	return new MlopsError(error.code, `Step ${ready.position + 1} (${ready.step.label}): ${error.message}`, {
		...error.details,
		cause: error.cause,
	});
}

const isStateless = ({ step }: Ready): boolean => step.stage === 'dataset';
const isDatasetDrop = ({ step }: Ready): boolean => step.stage === 'dataset' && step.rows === 'drop';

/** Runs the stateless steps up to position `until` on all rows; a step that needs a fitted step's column is refused. */
async function runStateless(
	frame: Frame,
	steps: readonly Ready[],
	until: number,
	onDrop?: (ready: Ready, before: Frame, after: Frame) => void,
): Promise<Frame> {
	let current = frame;
	const skipped: Ready[] = [];
	for (const ready of steps.slice(0, until + 1)) {
		if (!isStateless(ready)) {
			skipped.push(ready);
			continue;
		}
		try {
			const next = await ready.step.transform(current, ready.params, null);
			if (ready.step.rows === 'drop') onDrop?.(ready, current, next);
			current = next;
		} catch (thrown) {
			const error = inStep(ready, thrown);
			if (
				skipped.length &&
				(error.code === 'data.column_unknown' || error.code === 'recipe.expression_invalid' || error.code === 'data.column_type')
			) {
				throw new MlopsError(
					'recipe.step_order',
					`${error.message} It runs before the data are split, when "${skipped[skipped.length - 1].step.label}" has learned nothing yet.`,
					{
						...error.details,
						cause: error,
						remedy: `Move "${ready.step.label}" before "${skipped[0].step.label}", or use columns that no fitted step makes.`,
					},
				);
			}
			throw error;
		}
	}
	return current;
}

/** Rows of `frame` whose ids are in `kept`; both are in the same order. */
function keepRows(frame: Frame, kept: Float64Array): Uint32Array {
	const indices = new Uint32Array(kept.length);
	let next = 0;
	for (let i = 0, n = kept.length; i < frame.rows && next < n; i++) if (frame.rowId[i] === kept[next]) indices[next++] = i;
	if (next !== kept.length) throw new MlopsError('internal', 'A step changed the order or the ids of rows.');
	return indices;
}

/**
 * Before the split: finds the rows that stay. Returns those rows with the columns as they came in, since the steps that change
 * columns run again inside `fitRecipe`. @throws `recipe.step_order`
 */
export async function datasetPass(frame: Frame, recipe: Recipe): Promise<{ frame: Frame; dropped: Array<{ step: string; rows: number }> }> {
	const steps = readySteps(recipe);
	const last = steps.findLastIndex(isDatasetDrop);
	if (last < 0) return { frame, dropped: [] };
	const dropped: Array<{ step: string; rows: number }> = [];
	const after = await runStateless(frame, steps, last, (ready, before, next) =>
		dropped.push({ step: ready.declared.step, rows: before.rows - next.rows }),
	);
	return { frame: after.rows === frame.rows ? frame : takeRows(frame, keepRows(frame, after.rowId)), dropped };
}

/**
 * The frame with what the recipe says about its labels and roles (derived target, roles, one spelling for each label), for the split: all
 * stateless steps that keep rows run, up to the last one that sets a role or changes the target. Use it on the frame that `datasetPass`
 * returned.
 *
 * @param target the column that is predicted; by default the one with that role
 * @throws `recipe.step_order`
 */
export async function labelPass(
	frame: Frame,
	recipe: Recipe,
	target = frame.schema.find((c) => c.role === 'target')?.name,
): Promise<Frame> {
	const steps = readySteps(recipe);
	const last = steps.findLastIndex((ready) => ready.step.labelledOnly || ready.step.setsRoles || changes(ready, target));
	return last < 0
		? frame
		: runStateless(
				frame,
				steps.filter((s) => !isDatasetDrop(s)),
				steps.slice(0, last + 1).filter((s) => !isDatasetDrop(s)).length - 1,
			);
}

/** Whether a stateless step may change this column, the target, by the names that a person chose. */
function changes(ready: Ready, column: string | undefined): boolean {
	if (column === undefined || !isStateless(ready) || ready.step.rows === 'drop') return false;
	return treatsTarget(ready.step, ready.params as Record<string, unknown>, column);
}

export interface FitRecipeOptions {
	/**
	 * Target of the training rows (class codes or numbers, NaN missing), for steps that learn from it; without it such steps are left out.
	 */
	target?: Float64Array;
	/** Number of classes, 0 for regression. */
	classes: number;
	seed: number;
	/** Who works on single columns of large tables; what comes out is the same to the bit. */
	crew?: ColumnCrew;
}

/**
 * Fits a recipe on training rows. `frame` in the answer holds those rows as the learner sees them: cross-fitted steps give their
 * out-of-fold values, and steps that drop training rows have done so (find the rows by `rowId`).
 */
export async function fitRecipe(
	frame: Frame,
	recipe: Recipe,
	{ target, classes, seed, crew }: FitRecipeOptions,
): Promise<{ fitted: FittedRecipe; frame: Frame }> {
	const fittedSteps: FittedStep[] = [];
	let current = frame;
	let labels = target;
	for (const ready of readySteps(recipe)) {
		const { step, params, declared } = ready;
		if (isDatasetDrop(ready) || (step.needsTarget && !labels)) continue;
		const context: FitStepContext = { target: labels, classes, seed, crew };
		try {
			let state: unknown = null;
			const before = current;
			if (step.fitTransform) ({ frame: current, state } = await step.fitTransform(before, params, context));
			else {
				if (step.fit) state = await step.fit(before, params, context);
				current = await step.transform(before, params, state);
			}
			if (labels && current.rows !== before.rows) {
				const rows = keepRows(before, current.rowId);
				const from = labels;
				labels = Float64Array.from(rows, (i) => from[i]);
			}
			fittedSteps.push({
				step: declared.step,
				version: step.version,
				params: params as Record<string, unknown>,
				...(declared.reason === undefined ? {} : { reason: declared.reason }),
				state,
			});
		} catch (thrown) {
			throw inStep(ready, thrown);
		}
	}
	return { fitted: { input: frame.schema, steps: fittedSteps, output: current.schema }, frame: current };
}

/**
 * The columns that a fitted recipe expects, in its order; absent ones count as missing, further ones are left out. @throws
 * `data.schema_mismatch`
 */
function alignInput(frame: Frame, input: ColumnSchema[]): Frame {
	const at = new Map(frame.schema.map((c, i) => [c.name, i]));
	// A model of few of thousands of columns is asked without the others: they are the same nothing.
	const absent = new Map<boolean, Vector>();
	const missing = (c: ColumnSchema): Vector => {
		const there = absent.get(isNumeric(c.type)) ?? missingVector(c.type, frame.rows);
		absent.set(isNumeric(c.type), there);
		return there;
	};
	const vectors = input.map((c): Vector => {
		const i = at.get(c.name);
		if (i === undefined) return missing(c);
		const v = frame.vectors[i];
		if (isNumberVector(v) === isNumeric(c.type)) return v;
		throw new MlopsError(
			'data.schema_mismatch',
			`Column "${c.name}" holds ${isNumberVector(v) ? 'numbers' : 'text'}, ` +
				`but ${isNumeric(c.type) ? 'numbers were' : 'text was'} expected.`,
			{
				column: c.name,
				expected: c.type,
				found: frame.schema[i].type,
				remedy: 'Read the data with the same column types as the training data.',
			},
		);
	});
	return { rows: frame.rows, rowId: frame.rowId, schema: input, vectors };
}

/** Roles that a step for labelled rows gives the columns that are there, when the step itself is skipped. */
export function rolesWithout(step: Step, params: unknown, state: unknown, schema: readonly ColumnSchema[]): ColumnSchema[] {
	const after = new Map(step.outputs(schema, params, state).map((c) => [c.name, c]));
	return schema.map((c) => {
		const next = after.get(c.name);
		return next && next.type === c.type ? next : { ...c, role: 'ignore' };
	});
}

const readyBefore = new WeakMap<FittedStep, ReturnType<typeof readyStep>>();

/** `readyStep`, the same object each time for a fitted step: what a step planned for its parameters is found again. */
function readyOnce(declared: FittedStep, position: number): ReturnType<typeof readyStep> {
	const ready = readyBefore.get(declared) ?? readyStep(declared, position);
	readyBefore.set(declared, ready);
	return ready;
}

/**
 * Applies a fitted recipe to new rows; no row is dropped. With `labelled` false, steps that need the answer are skipped and the target is
 * absent. Of columns that it saw before, `kept` has what was made of them.
 */
export async function transformRecipe(
	frame: Frame,
	fitted: FittedRecipe,
	{ labelled, kept }: { labelled: boolean; kept?: KeptColumns },
): Promise<Frame> {
	let current = alignInput(frame, fitted.input);
	for (const [position, declared] of fitted.steps.entries()) {
		const ready = readyOnce(declared, position);
		const { step, params } = ready;
		if (step.rows === 'drop') continue;
		try {
			if (step.labelledOnly && !labelled) current = { ...current, schema: rolesWithout(step, params, declared.state, current.schema) };
			else current = await step.transform(current, params, declared.state, kept);
			if (kept) current = { ...current, schema: kept.schema(declared, current.schema) };
		} catch (thrown) {
			throw inStep(ready, thrown);
		}
	}
	return current;
}

/** Steps of a recipe that cannot be applied to single rows, with the reason. */
export function noRowForms(recipe: Recipe): Array<{ step: string; label: string; reason: string }> {
	return readySteps(recipe).flatMap(({ step }) =>
		step.noRowForm === undefined || step.rows === 'drop' ? [] : [{ step: step.id, label: step.label, reason: step.noRowForm }],
	);
}

/** Columns that come out of a recipe as far as that is known without data; a step that must be fitted first counts as far as it can say. */
export function resolveSchema(input: readonly ColumnSchema[], recipe: Recipe): ColumnSchema[] {
	let schema = [...input];
	for (const ready of readySteps(recipe)) {
		try {
			schema = ready.step.outputs(schema, ready.params, null);
		} catch (thrown) {
			throw inStep(ready, thrown);
		}
	}
	return schema;
}

/** Raw columns that a model with these features needs from a caller: those whose values reach a feature. The others may be left out. */
export function requiredColumns(fitted: FittedRecipe, features: readonly string[]): string[] {
	const passed: Array<{ step: Step; params: unknown; state: unknown; schema: ColumnSchema[] }> = [];
	let schema: ColumnSchema[] = fitted.input;
	for (const [position, declared] of fitted.steps.entries()) {
		const { step, params } = readyStep(declared, position);
		if (step.rows === 'drop') continue;
		if (step.labelledOnly) {
			schema = rolesWithout(step, params, declared.state, schema);
			continue;
		}
		passed.push({ step, params, state: declared.state, schema });
		schema = step.outputs(schema, params, declared.state);
	}
	let needed: readonly string[] = features;
	for (const { step, params, state, schema: from } of passed.reverse()) {
		needed = step.reads ? [...new Set(step.reads(from, params, state, needed))] : from.map((c) => c.name);
	}
	return fitted.input.filter((c) => needed.includes(c.name)).map((c) => c.name);
}
