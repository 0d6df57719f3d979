import type { State } from '../contract.js';
import { INPUT, type Graph } from '../onnx/graph.js';
import { columnsOf, Growing } from '../onnx/growing.js';
import { readMeta, validateNetwork, widthsOf, type Activation } from './network.js';

const OPERATORS: Record<Activation, string> = { relu: 'Relu', tanh: 'Tanh', sigmoid: 'Sigmoid' };

/**
 * The plain network in ONNX, in doubles as our own predictor: numbers and the embeddings of categories side by side, then layer by layer a
 * product, a sum and the activation. A code that the column does not have fails in the runtime.
 * @throws `learn.model_invalid`, `store.version_newer`
 */
export function networkToOnnx(state: State): Graph {
	const { columns, shape, output, center, scale } = readMeta(validateNetwork(state));
	const { levels, embedding, outputs } = shape;
	const { arrays } = state;
	const graph = new Growing();
	const places = Array.from(levels.keys());
	const numbers = places.filter((j) => levels[j] === 0);
	const parts = [
		...(numbers.length ? [graph.columns(INPUT, numbers, 'numbers')] : []),
		...places.filter((j) => levels[j]).map((j) => graph.lookUp(j, Float64Array.from(arrays[`e${j}`]), embedding[j])),
	];
	const layers = widthsOf(shape).length - 1;
	let last = graph.join(parts, 'inputs');
	for (let l = 0; l < layers; l++) {
		last = graph.layer(l, last, arrays[`w${l}`], arrays[`b${l}`]);
		if (l < layers - 1) last = graph.add(OPERATORS[shape.activation], [last], `units_${l}`);
	}
	if (output === 'value') {
		last = graph.add('Mul', [last, graph.number('scale', scale)], 'scaled');
		last = graph.add('Add', [last, graph.number('center', center)], 'value');
	}
	const about = { name: 'network', columns: columnsOf(columns, levels), outputs, metadata: { activation: shape.activation } };
	return graph.finish(last, output, about);
}
