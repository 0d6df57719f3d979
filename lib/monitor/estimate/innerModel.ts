import type { TaskType } from '../../domain/column.js';
import type { FitContext, Matrix, State } from '../../learn/contract.js';
import { gradientBoosting } from '../../learn/learners/gradientBoosting.js';

/** What the model sees of rows, and what it answered: what its errors hang on. */
export function withAnswer(matrix: Matrix, answers: Float64Array): Matrix {
	const names = new Set(matrix.columns.map((c) => c.name));
	let name = 'prediction';
	while (names.has(name)) name += '_';
	return { ...matrix, columns: [...matrix.columns, { name, kind: 'number', data: answers }] };
}

/**
 * A model of a model's errors on rows that it never saw: gradient boosting with LightGBM's defaults, as NannyML's.
 * @param x from `withAnswer`
 */
export async function fitInner(x: Matrix, errors: Float64Array, task: TaskType, context: FitContext): Promise<State> {
	const params = gradientBoosting.params.parse({});
	return (await gradientBoosting.fit({ task, train: x, labels: { y: errors, classes: 0 } }, params, context)).state;
}

/** An inner model made ready: what it expects the errors of rows to be. `x` is from `withAnswer`. */
export async function innerModel(state: State, columns: readonly string[]): Promise<(x: Matrix, threads: number) => Promise<Float64Array>> {
	const predictor = await gradientBoosting.predictor(gradientBoosting.validate(state), columns);
	return async (x, threads) => {
		const out = new Float64Array(x.rows);
		await predictor.batch(x, out, threads);
		return out;
	};
}

export const namesOf = (x: Matrix): string[] => x.columns.map((c) => c.name);
