import { MlopsError } from '../../domain/errors.js';
import type { Column, Matrix } from '../contract.js';
import type { Ensemble } from './ensemble.js';

const absent = (column: string) =>
	new MlopsError('learn.columns_mismatch', `The model needs the column "${column}", which is not there.`, {
		column,
		remedy: 'Predict on data with the same columns as in training.',
	});

/** Where each of the model's columns is among `names`. @throws `learn.columns_mismatch` */
export function placesIn(model: Ensemble, names: readonly string[]): number[] {
	return model.columns.map((c, i) => {
		const at = names[i] === c.name ? i : names.indexOf(c.name);
		if (at < 0) throw absent(c.name);
		return at;
	});
}

/** The model's columns in a matrix, in the model's order. @throws `learn.columns_mismatch` */
export function matchColumns(model: Ensemble, x: Matrix): Column[] {
	return model.columns.map((wanted, i) => {
		const found = x.columns[i]?.name === wanted.name ? x.columns[i] : x.columns.find((c) => c.name === wanted.name);
		if (!found) throw absent(wanted.name);
		if (found.kind !== wanted.kind)
			throw new MlopsError(
				'learn.columns_mismatch',
				`Column "${wanted.name}" was ${wanted.kind === 'number' ? 'numeric' : 'categorical'} in training and is not now.`,
				{ column: wanted.name },
			);
		return found;
	});
}

/** Copies rows of a column, as doubles, to every `step`th place of a block. @throws `learn.code_out_of_range` */
export function copyColumn(column: Column, from: number, rows: number, block: Float64Array, at: number, step: number): void {
	const { data } = column;
	if (step === 1) block.set(data.subarray(from, from + rows), at);
	else for (let i = 0; i < rows; i++, at += step) block[at] = data[from + i];
	checkCodes(column, from, rows);
}

/** @throws `learn.code_out_of_range` */
export function checkCodes(column: Column, from: number, rows: number): void {
	if (column.kind === 'number') return;
	const { data } = column;
	for (let i = 0; i < rows; i++) {
		if (data[from + i] < column.levels) continue;
		throw new MlopsError(
			'learn.code_out_of_range',
			`Column "${column.name}" holds category code ${data[from + i]}, but has ${column.levels} levels.`,
			{ column: column.name, row: from + i + 1, expected: `codes below ${column.levels}` },
		);
	}
}
