import { MlopsError } from '../../domain/errors.js';
import type { Labels, Matrix } from '../contract.js';
import type { Loss } from './losses/index.js';

/** Refuses what cannot be learned from, naming what is wrong. @throws `MlopsError` */
export function checkLabels(train: Matrix, labels: Labels, loss?: Loss): void {
	const rows = train.rows;
	if (rows === 0)
		throw new MlopsError('learn.too_few_rows', 'There are no rows to learn from.', {
			expected: 'at least one row',
			remedy: 'Check the filters and the split before training.',
		});
	if (train.columns.length === 0)
		throw new MlopsError('learn.no_features', 'There are no feature columns to learn from.', {
			remedy: 'Give at least one column the role "feature".',
		});
	for (const c of train.columns) {
		if (!c.anew && c.data.length < rows)
			throw new MlopsError('learn.columns_mismatch', `Column "${c.name}" has ${c.data.length} values for ${rows} rows.`, {
				column: c.name,
			});
	}
	const { y, classes, weight } = labels;
	if (y.length !== rows) throw new MlopsError('learn.target_invalid', `The target has ${y.length} values for ${rows} rows.`);
	const few = rows === 1 ? 'is only 1 row' : `are only ${rows} rows`;
	if (classes > rows)
		throw new MlopsError('learn.target_invalid', `The target has ${classes} classes, but there ${few}.`, {
			remedy: 'Add rows, or choose a target with fewer values or the regression task.',
		});
	const seen = new Uint8Array(Math.max(1, classes));
	for (let i = 0; i < rows; i++) {
		const v = y[i];
		if (v - v !== 0)
			throw new MlopsError(
				'learn.target_invalid',
				v === v ? 'The target holds an infinite value.' : 'The target is missing in a training row.',
				{ row: i + 1, remedy: 'Drop rows without a usable target before training.' },
			);
		if (classes > 0) {
			if (!Number.isInteger(v) || v < 0 || v >= classes)
				throw new MlopsError('learn.target_invalid', `The target holds class code ${v}, but there are ${classes} classes.`, { row: i + 1 });
			if (!weight || weight[i] > 0) seen[v] = 1;
		}
	}
	if (weight) {
		if (weight.length !== rows) throw new MlopsError('learn.weights_invalid', `There are ${weight.length} weights for ${rows} rows.`);
		let total = 0;
		for (let i = 0; i < rows; i++) {
			if (!(weight[i] >= 0) || weight[i] === Infinity)
				throw new MlopsError('learn.weights_invalid', 'A weight is negative, missing or infinite.', {
					row: i + 1,
					found: String(weight[i]),
					expected: 'a finite number of at least 0',
				});
			total += weight[i];
		}
		if (!(total > 0))
			throw new MlopsError('learn.weights_invalid', 'All weights are zero.', {
				expected: 'at least one positive weight',
				remedy: 'Choose another weight column, or none.',
			});
	}
	if (classes > 0 && seen.reduce((a, b) => a + b, 0) < 2) {
		throw new MlopsError('learn.target_one_class', 'The target has only one class in the training rows.', {
			expected: 'at least two classes',
			remedy: 'Check the filters and the split, or choose another target.',
		});
	}
	loss?.check?.(y, rows);
}
