import type { State } from '../../contract.js';
import { INPUT, integersAttribute, type Graph } from '../../onnx/graph.js';
import { columnsOf, Growing } from '../../onnx/growing.js';
import { angleOf } from './compileNetwork.js';
import { CLIP, EMBEDDED, FREQUENCIES, formOf, numbersOf, validateTabular, WIDTH, type Form, type Input } from './networkForm.js';
import { FAR } from './networkInputs.js';
import { MISH_FROM, SELU } from './units.js';

type Arrays = State['arrays'];

/**
 * The tabular network in ONNX, in doubles (what it was trained in, 32 bits, is what our own predictor answers in: the two differ by that,
 * some 1e-6): the scaled numbers, their waves, and for each category the row of a table by its code, side by side; then layer by layer a
 * product, a sum and the activation. A code that the column does not have fails in the runtime.
 * @throws `learn.model_invalid`, `store.version_newer`
 */
export function tabularToOnnx(state: State): Graph {
	const form = formOf(validateTabular(state));
	const { inputs, hidden, output, outputs, target } = form;
	const { arrays } = state;
	const graph = new Growing();
	let last = graph.join(inputsOf(graph, form, arrays), 'inputs');
	for (let l = 0; l <= hidden.length; l++) {
		const width = l < hidden.length ? hidden[l] : outputs;
		const w = arrays[`w${l}`];
		const scaled = l === 0 ? Float64Array.from(w, (v, i) => v * arrays.scale[Math.floor(i / width)]) : w;
		last = graph.layer(l, last, scaled, arrays[`b${l}`]);
		if (l === hidden.length) break;
		// z + a (f(z) - z)
		const moved = graph.add('Sub', [ACTIVATE[form.activation](graph, last, l), last], `moved_${l}`);
		const taken = graph.add('Mul', [moved, graph.numbers(`a_${l}`, arrays[`a${l}`])], `taken_${l}`);
		last = graph.add('Add', [last, taken], `units_${l}`);
	}
	if (output === 'value') {
		last = graph.add('Mul', [last, graph.number('target_scale', target.scale)], 'scaled');
		last = graph.add('Add', [last, graph.number('target_center', target.center)], 'value');
		last = graph.add('Clip', [last, graph.number('low', target.low), graph.number('high', target.high)], 'kept');
	}
	const levels = inputs.map((input) => (input.kind === 'number' ? 0 : input.levels));
	return graph.finish(last, output, {
		name: 'tabular_network',
		columns: columnsOf(form.columns, levels),
		outputs,
		metadata: { activation: form.activation },
	});
}

/** What goes into the first layer, in its order: numbers, their waves, categories of few levels, those of many. */
function inputsOf(graph: Growing, form: Form, arrays: Arrays): string[] {
	const { inputs, periodic } = form;
	const numbers = numbersOf(form) ? scaledNumbers(graph, inputs) : undefined;
	const tables = (kind: Input['kind']): string[] =>
		inputs.flatMap((input, j) => {
			// A category without any level that rows had feeds nothing.
			if (input.kind === 'number' || input.kind !== kind || input.slots === 0) return [];
			const width = kind === 'onehot' ? input.slots : WIDTH;
			const table = new Float64Array(input.levels * width);
			for (const [code, slot] of arrays[`m${j}`].entries()) {
				if (kind === 'embedding') table.set(arrays[`e${j}`].subarray(slot * WIDTH, (slot + 1) * WIDTH), code * WIDTH);
				else if (slot >= 0) table[code * width + slot] = 1;
			}
			return [graph.lookUp(j, table, width)];
		});
	return [
		...(numbers ? [numbers] : []),
		...(numbers && periodic ? [waves(graph, numbers, numbersOf(form), arrays)] : []),
		...tables('onehot'),
		...tables('embedding'),
	];
}

/** As `scaled` does it. */
function scaledNumbers(graph: Growing, inputs: readonly Input[]): string {
	const at = Array.from(inputs.keys()).filter((j) => inputs[j].kind === 'number');
	const numbers = inputs.flatMap((input) => (input.kind === 'number' ? [input] : []));
	const centers = graph.numbers(
		'centers',
		numbers.map((n) => n.center),
	);
	const factors = graph.numbers(
		'factors',
		numbers.map((n) => n.factor),
	);
	const from = graph.add('Sub', [graph.columns(INPUT, at, 'numbers'), centers], 'centered');
	// What is farther is at the edge, as far as numbers tell, and its square might be none.
	const x = graph.add('Clip', [graph.add('Mul', [from, factors], 'unit'), graph.number('far_below', -FAR), graph.number('far', FAR)], 'x');
	const q = graph.add('Div', [x, graph.number('clip', CLIP)], 'q');
	const sum = graph.add('Add', [graph.add('Mul', [q, q], 'square'), graph.number('one', 1)], 'square_and_one');
	return graph.add('Div', [x, graph.add('Sqrt', [sum], 'root')], 'smooth');
}

/** Numbers as waves, columns first since each has a product of its own. ONNX Runtime has a sine of doubles and no cosine. */
function waves(graph: Growing, numbers: string, count: number, { pw, pb, lw, lb }: Arrays): string {
	const first = graph.add('Transpose', [numbers], 'by_column', [integersAttribute('perm', [1, 0])]);
	const each = graph.add('Unsqueeze', [first, graph.whole('last_axis', [2])], 'each');
	const turned = graph.add('Mul', [each, graph.numbers('frequencies', Float64Array.from(pw, angleOf), [count, 1, FREQUENCIES])], 'turned');
	const phases = graph.numbers(
		'phases',
		Float64Array.from(pb, (b) => angleOf(b) + Math.PI / 2),
		[count, 1, FREQUENCIES],
	);
	const sine = graph.add('Sin', [graph.add('Add', [turned, phases], 'angles')], 'waves');
	const product = graph.add('MatMul', [sine, graph.numbers('wave_weights', lw, [count, FREQUENCIES, EMBEDDED])], 'wave_products');
	const sums = graph.add('Add', [product, graph.numbers('wave_bias', lb, [count, 1, EMBEDDED])], 'wave_sums');
	const rows = graph.add('Transpose', [sums], 'wave_rows', [integersAttribute('perm', [1, 0, 2])]);
	// 0: as many rows as there are.
	return graph.add('Reshape', [rows, graph.whole('wave_shape', [0, count * EMBEDDED])], 'embedded');
}

/** f(z) in plain operators: ONNX Runtime's own SELU takes no doubles, and Mish is newer than the operators used here. */
const ACTIVATE: Record<Form['activation'], (graph: Growing, z: string, l: number) => string> = {
	selu(graph, z, l) {
		const above = graph.add('Relu', [z], `above_${l}`);
		const power = graph.add('Exp', [graph.add('Sub', [z, above], `below_${l}`)], `power_${l}`);
		const low = graph.number(`low_${l}`, SELU.lambda * SELU.alpha);
		const bent = graph.add('Sub', [graph.add('Mul', [power, low], `bent_${l}`), low], `bow_${l}`);
		return graph.add('Add', [graph.add('Mul', [above, graph.number(`lambda_${l}`, SELU.lambda)], `line_${l}`), bent], `f_${l}`);
	},
	/** With e = exp(z), n = e (e + 2): z n / (n + 2). */
	mish(graph, z, l) {
		const e = graph.add('Exp', [graph.add('Min', [z, graph.number(`most_${l}`, MISH_FROM)], `kept_${l}`)], `e_${l}`);
		const two = graph.number(`two_${l}`, 2);
		const n = graph.add('Mul', [e, graph.add('Add', [e, two], `e_2_${l}`)], `n_${l}`);
		const share = graph.add('Div', [n, graph.add('Add', [n, two], `n_2_${l}`)], `share_${l}`);
		return graph.add('Mul', [z, share], `f_${l}`);
	},
};
