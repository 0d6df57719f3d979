import { z } from 'zod/v4';
import type { TaskType } from '../../domain/column.js';
import { taskById } from '../../task/index.js';
import { checkColumns, checkInput, checkState, modelInvalid, namesIn } from '../check.js';
import { defineLearner } from '../contract.js';
import { rowPredictor } from '../predict.js';

const params = z.object({});

/**
 * Predicts the share of each class, or the mean, whatever the row: scikit-learn's `DummyClassifier(strategy='prior')` and
 * `DummyRegressor()`.
 */
export const dummy = defineLearner<z.infer<typeof params>>({
	id: 'dummy',
	label: 'Baseline (no learning)',
	description: 'Always answers with the average: what any real model has to beat.',
	outputs: ['probability', 'probabilities', 'value'],
	baseline: true,
	params,
	searchSpace: {},
	needs: () => ({ categories: 'codes', missing: 'native', scaled: false }),
	estimate: () => ({ bytes: 0 }),
	async fit(input) {
		checkInput(input, { missing: true });
		const {
			labels: { y, weight, classes },
			train,
			task,
		} = input;
		const { output, outputs } = taskById(task);
		const sums = new Float64Array(outputs(classes));
		let total = 0;
		for (let i = 0; i < train.rows; i++) {
			const w = weight ? weight[i] : 1;
			total += w;
			if (output === 'probabilities') sums[y[i]] += w;
			else sums[0] += w * y[i];
		}
		return {
			state: {
				format: 'dummy',
				version: 1,
				meta: { columns: train.columns.map((c) => c.name), task },
				arrays: { answer: sums.map((s) => s / total) },
			},
			stopped: 'done',
			backend: 'js',
		};
	},
	validate(state) {
		checkState(state, 'dummy', 1, ['answer']);
		const { answer } = state.arrays;
		if (!(answer instanceof Float64Array) || answer.length === 0 || !answer.every(Number.isFinite)) throw modelInvalid('no answer');
		return state;
	},
	predictor(state, given) {
		checkColumns(namesIn(state), given);
		const { answer } = state.arrays as { answer: Float64Array };
		const { output: kind } = taskById(state.meta.task as TaskType) ?? {};
		return rowPredictor({
			columns: given.length,
			outputs: answer.length,
			rowAt(_values, _at, out, to) {
				for (let k = 0, n = answer.length; k < n; k++) out[to + k] = answer[k];
			},
			contributions(_values, output) {
				const phi = new Float64Array(given.length + 1);
				phi[given.length] =
					kind === 'probability' ? Math.log(answer[0] / (1 - answer[0])) : kind === 'probabilities' ? Math.log(answer[output]) : answer[0];
				return phi;
			},
		});
	},
});
