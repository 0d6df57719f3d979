import type { State } from '../contract.js';
import { INPUT, type Graph } from '../onnx/graph.js';
import { columnsOf, Growing } from '../onnx/growing.js';
import { metaOf, validateLinear } from './model.js';

const ANSWERS = { squared: 'value', logistic: 'probability', softmax: 'probabilities' } as const;

/**
 * A linear model in ONNX, in doubles: one matrix product for the numbers, a table of coefficients looked up by code for each
 * category, and the link. Plain operators, since
 * `LinearRegressor` and `LinearClassifier` calculate in single precision and know no codes. Input `input`: rows x columns in the order of
 * the model, categories as codes. Output `prediction`: rows x outputs as the predictor gives them. A code that the column does not have
 * fails in the runtime.
 * @throws `learn.model_invalid`
 */
export function linearToOnnx(state: State): Graph {
	const { columns, levels, loss, outputs } = metaOf(validateLinear(state));
	const { coef, intercept } = state.arrays;
	const width = levels.reduce((n, l) => n + (l || 1), 0);
	const weights = new Float64Array(columns.length * outputs);
	const graph = new Growing();
	const parts = [graph.add('MatMul', [INPUT, 'weights'], 'numbers'), graph.numbers('intercept', intercept, [1, outputs])];
	let first = 0;
	levels.forEach((size, j) => {
		const at = first;
		first += size || 1;
		if (size === 0) {
			for (let k = 0; k < outputs; k++) weights[j * outputs + k] = coef[k * width + at];
			return;
		}
		const table = Float64Array.from({ length: size * outputs }, (_, i) => coef[(i % outputs) * width + at + Math.floor(i / outputs)]);
		parts.push(graph.lookUp(j, table, outputs));
	});
	graph.numbers('weights', weights, [columns.length, outputs]);
	return graph.finish(graph.add('Sum', parts, 'raw'), ANSWERS[loss], {
		name: 'linear',
		columns: columnsOf(columns, levels),
		outputs,
		metadata: { loss },
	});
}
