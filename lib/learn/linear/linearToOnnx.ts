import type { State } from '../contract.js';
import { INPUT, integerAttribute, node, OUTPUT, tensor, writeModel } from '../onnx/graph.js';
import { metaOf, validateLinear } from './model.js';

/**
 * A linear model as an ONNX file, in doubles: one matrix product for the numbers, a table of coefficients looked up by code for each
 * category, and the link. Plain operators, since
 * `LinearRegressor` and `LinearClassifier` calculate in single precision and know no codes. Input `input`: rows x columns in the order of
 * the model, categories as codes. Output `prediction`: rows x outputs as the predictor gives them. A code that the column does not have
 * fails in the runtime.
 * @throws `learn.model_invalid`
 */
export function linearToOnnx(state: State): Uint8Array {
	const { columns, levels, loss, outputs } = metaOf(validateLinear(state));
	const { coef, intercept } = state.arrays;
	const width = levels.reduce((n, l) => n + (l || 1), 0);
	const weights = new Float64Array(columns.length * outputs);
	const nodes = [node('MatMul', [INPUT, 'weights'], 'numbers')];
	const parts = ['numbers', 'intercept'];
	const constants = [tensor('intercept', Float64Array.from(intercept), [1, outputs])];
	let first = 0;
	levels.forEach((size, j) => {
		const at = first;
		first += size || 1;
		if (size === 0) {
			for (let k = 0; k < outputs; k++) weights[j * outputs + k] = coef[k * width + at];
			return;
		}
		constants.push(
			tensor(`column_${j}`, BigInt64Array.of(BigInt(j)), []),
			tensor(
				`table_${j}`,
				Float64Array.from({ length: size * outputs }, (_, i) => coef[(i % outputs) * width + at + Math.floor(i / outputs)]),
				[size, outputs],
			),
		);
		nodes.push(
			node('Gather', [INPUT, `column_${j}`], `value_${j}`, [integerAttribute('axis', 1)]),
			node('Cast', [`value_${j}`], `code_${j}`, [integerAttribute('to', 7)]),
			node('Gather', [`table_${j}`, `code_${j}`], `part_${j}`, [integerAttribute('axis', 0)]),
		);
		parts.push(`part_${j}`);
	});
	constants.push(tensor('weights', weights, [columns.length, outputs]));
	nodes.push(node('Sum', parts, 'raw'));
	nodes.push(
		loss === 'squared'
			? node('Identity', ['raw'], OUTPUT)
			: loss === 'logistic'
				? node('Sigmoid', ['raw'], OUTPUT)
				: node('Softmax', ['raw'], OUTPUT, [integerAttribute('axis', 1)]),
	);
	return writeModel({
		name: 'linear',
		precision: 'double',
		columns: columns.length,
		outputs,
		nodes,
		constants,
		doc:
			`Input: one row a line, columns ${columns.map((c) => `"${c}"`).join(', ')}. Categories are the codes of the model ` +
			`package (0 missing, 1 unseen). Output: ` +
			`${{ squared: 'the predicted value', logistic: 'the probability of the second class', softmax: 'one probability a class' }[loss]}.`,
		metadata: {
			columns: JSON.stringify(
				columns.map((name, j) => (levels[j] ? { name, kind: 'category', levels: levels[j] } : { name, kind: 'number' })),
			),
			loss,
		},
	});
}
