/**
 * Conventions of all metrics: `y` holds class codes 0..k-1 or values, `p` a probability or a value a row (row-major, k a row, for several
 * classes), `weight` an optional non-negative weight a row. Names and meaning are scikit-learn's. What has no value for these rows (one
 * class only, no rows) is NaN.
 */
export type Numbers = ArrayLike<number>;

export const weightAt = (weight: Numbers | undefined, i: number): number => (weight ? weight[i] : 1);

/** Probabilities are kept this far from 0 and 1, and true values this far from 0 where they divide. */
export const EPSILON = 2 ** -52;

/** Weighted mean of what each row adds; NaN without rows. */
export function meanOf(rows: number, weight: Numbers | undefined, of: (row: number) => number): number {
	let sum = 0;
	let total = 0;
	for (let i = 0; i < rows; i++) {
		const w = weightAt(weight, i);
		sum += w * of(i);
		total += w;
	}
	return total > 0 ? sum / total : NaN;
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
