import { MlopsError } from '../domain/errors.js';
import type { FitInput, Labels, Learner, Matrix, State } from './contract.js';

/** The error for a state or package that is not what its learner wrote. */
export const modelInvalid = (found: string): MlopsError =>
	new MlopsError('learn.model_invalid', 'The model does not fit together.', {
		found,
		remedy: 'Take the model from the store once more, or train it again.',
	});

/** Lets messages of the process through between two pieces of work. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Checks what a learner without labels is given: rows, and their weights if they have some. @throws MlopsError naming the column and the
 * row
 */
export function checkUnlabelled(train: Matrix, weight: Float64Array | undefined, allow: { missing: boolean }): void {
	checkMatrix(train, allow);
	checkRows(train.rows);
	if (weight) checkWeights(weight, train.rows);
}

/** Checks what a learner is given. @throws MlopsError naming the column and the row */
export function checkInput(input: FitInput, allow: { missing: boolean }): void {
	checkMatrix(input.train, allow);
	checkLabels(input.labels, input.train.rows);
	if (input.valid) {
		checkMatrix(input.valid.x, allow);
		checkLabels(input.valid.labels, input.valid.x.rows);
		if (input.valid.x.columns.length !== input.train.columns.length) {
			throw new MlopsError('learn.columns_mismatch', 'Training and validation rows have different columns.', {
				expected: `${input.train.columns.length}`,
				found: `${input.valid.x.columns.length}`,
			});
		}
	}
}

function checkMatrix(x: Matrix, { missing }: { missing: boolean }): void {
	for (const column of x.columns) {
		const { data, name } = column;
		if (data.length < x.rows)
			throw new MlopsError('learn.columns_mismatch', `Column "${name}" has fewer values than there are rows.`, {
				column: name,
				expected: `${x.rows}`,
				found: `${data.length}`,
			});
		if (column.kind === 'category') {
			for (let i = 0; i < x.rows; i++) if (data[i] >= column.levels) throw codeOutOfRange(name, data[i], column.levels);
			continue;
		}
		for (let i = 0; i < x.rows; i++) {
			const v = data[i];
			if (Number.isFinite(v) || (missing && Number.isNaN(v))) continue;
			throw new MlopsError(
				'learn.value_infinite',
				Number.isNaN(v)
					? `Column "${name}" has a missing value where this learner needs one.`
					: `Column "${name}" holds an infinite value.`,
				{
					column: name,
					row: i + 1,
					expected: 'finite numbers',
					found: String(v),
					remedy: 'Add a step that replaces or clips such values.',
				},
			);
		}
	}
}

export const codeOutOfRange = (column: string, code: number, levels: number): MlopsError =>
	new MlopsError('learn.code_out_of_range', `Column "${column}" holds a category the model cannot know.`, {
		column,
		expected: `a code below ${levels}`,
		found: String(code),
		remedy: 'Encode the rows with the encoder that was stored with the model.',
	});

function checkRows(rows: number): void {
	if (rows === 0)
		throw new MlopsError('learn.too_few_rows', 'There are no rows to train on.', {
			expected: 'at least 1',
			found: '0',
			remedy: 'Check the split and the filters before Train.',
		});
}

function checkLabels({ y, weight, classes }: Labels, rows: number): void {
	checkRows(rows);
	for (let i = 0; i < rows; i++) {
		const ok = classes ? Number.isInteger(y[i]) && y[i] >= 0 && y[i] < classes : Number.isFinite(y[i]);
		if (!ok)
			throw new MlopsError('learn.target_invalid', 'The target holds a value that cannot be learnt.', {
				row: i + 1,
				expected: classes ? `a class code below ${classes}` : 'a finite number',
				found: String(y[i]),
			});
	}
	if (weight) checkWeights(weight, rows);
}

function checkWeights(weight: Float64Array, rows: number): void {
	let sum = 0;
	for (let i = 0; i < rows; i++) {
		if (!(weight[i] >= 0) || weight[i] === Infinity)
			throw new MlopsError('learn.weights_invalid', 'A row has a weight that is not a number from 0.', {
				row: i + 1,
				expected: '0 or more',
				found: String(weight[i]),
			});
		sum += weight[i];
	}
	if (!(sum > 0))
		throw new MlopsError('learn.weights_invalid', 'All rows have weight 0.', { remedy: 'Choose another weight column or none.' });
}

/** Checks format, version and the presence of arrays in a state read from disk. @throws `learn.model_invalid`, `store.version_newer` */
export function checkState(state: State, format: string, version: number, arrays: readonly string[]): State {
	if (state.format !== format) throw modelInvalid(`state "${String(state.format)}" where "${format}" belongs`);
	if (state.version > version)
		throw new MlopsError('store.version_newer', 'This model was trained by a newer version of this package.', {
			expected: `${format} ${version}`,
			found: `${state.version}`,
			remedy: 'Update n8n-nodes-mlops on this machine.',
		});
	for (const name of arrays) if (!Object.hasOwn(state.arrays, name)) throw modelInvalid(`no array "${name}"`);
	return state;
}

/** Column names kept in a state. @throws `learn.model_invalid` */
export function namesIn(state: State): string[] {
	const { columns } = state.meta;
	if (!Array.isArray(columns) || columns.some((c) => typeof c !== 'string')) throw modelInvalid('no column names');
	return columns as string[];
}

/** @throws `learn.columns_mismatch` when a model is asked with other columns than it was trained on */
export function checkColumns(trained: readonly string[], given: readonly string[]): void {
	if (trained.length === given.length && trained.every((c, i) => c === given[i])) return;
	const missing = trained.filter((c) => !given.includes(c)).slice(0, 5);
	throw new MlopsError('learn.columns_mismatch', 'The model was trained on other columns.', {
		expected: trained.slice(0, 20).join(', '),
		found: given.slice(0, 20).join(', '),
		remedy: missing.length ? `Provide ${missing.join(', ')}.` : 'Give the columns in the order of training.',
	});
}

/** Bytes that a fitted model's arrays take in its package. */
export const storedBytes = (state: State): number => Object.values(state.arrays).reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);

/** What a byte of a package takes in memory once it is compiled, where its learner does not say more. */
const GROWTH = 6;

/** Bytes that a model takes in memory once it answers, about. */
export const residentBytesOf = (learner: Learner, state: State): number => learner.residentBytes?.(state) ?? GROWTH * storedBytes(state);
