import { INPUT, integerAttribute, node, OUTPUT, tensor, type Graph, type Steps } from './graph.js';

/** ONNX's number for whole numbers of 64 bits. */
const INT64 = 7;

type Answers = 'value' | 'probability' | 'probabilities';

const MEANS: Record<Answers, string> = {
	value: 'the predicted value',
	probability: 'the probability of the second class',
	probabilities: 'one probability a class',
};

/** Part of a graph in doubles as it grows. Each step gives the name of what it makes, which the next ones take. */
export class Growing implements Steps {
	readonly nodes: Array<Steps['nodes'][number]> = [];
	readonly constants: Array<Steps['constants'][number]> = [];

	add(type: string, inputs: readonly string[], output: string, attributes?: Parameters<typeof node>[3]): string {
		this.nodes.push(node(type, inputs, output, attributes));
		return output;
	}

	/** Numbers, by default one after the other. */
	numbers(name: string, values: ArrayLike<number>, shape: readonly number[] = [values.length]): string {
		this.constants.push(tensor(name, Float64Array.from(values), shape));
		return name;
	}

	number(name: string, value: number): string {
		return this.numbers(name, [value], []);
	}

	/** Whole numbers: places and sizes. */
	whole(name: string, values: readonly number[], shape: readonly number[] = [values.length]): string {
		this.constants.push(tensor(name, BigInt64Array.from(values, BigInt), shape));
		return name;
	}

	/** These columns of the rows. */
	columns(of: string, at: readonly number[], output: string): string {
		return this.add('Gather', [of, this.whole(`${output}_at`, at)], output, [integerAttribute('axis', 1)]);
	}

	/** For column j of the input, which holds codes, the row of a table (codes x width) that the code has. */
	lookUp(j: number, table: Float64Array, width: number): string {
		this.whole(`column_${j}`, [j], []);
		this.numbers(`table_${j}`, table, [table.length / width, width]);
		this.add('Gather', [INPUT, `column_${j}`], `value_${j}`, [integerAttribute('axis', 1)]);
		this.add('Cast', [`value_${j}`], `code_${j}`, [integerAttribute('to', INT64)]);
		return this.add('Gather', [`table_${j}`, `code_${j}`], `part_${j}`, [integerAttribute('axis', 0)]);
	}

	/** `rows w + b`, layer `l` of a network; `w` is in x out. */
	layer(l: number, rows: string, w: ArrayLike<number>, b: ArrayLike<number>): string {
		this.numbers(`w_${l}`, w, [w.length / b.length, b.length]);
		return this.add('Add', [this.add('MatMul', [rows, `w_${l}`], `product_${l}`), this.numbers(`b_${l}`, b)], `sum_${l}`);
	}

	/** Side by side; of no parts rows without a column. */
	join(parts: readonly string[], output: string): string {
		if (!parts.length) return this.columns(INPUT, [], output);
		return this.add('Concat', parts, output, [integerAttribute('axis', 1)]);
	}

	/** The answers of logits, or of values as they are. */
	answer(raw: string, kind: Answers): void {
		if (kind === 'value') this.add('Identity', [raw], OUTPUT);
		else if (kind === 'probability') this.add('Sigmoid', [raw], OUTPUT);
		else this.add('Softmax', [raw], OUTPUT, [integerAttribute('axis', 1)]);
	}

	/** The whole graph, which ends with the answers of `raw`. */
	finish(raw: string, kind: Answers, about: Pick<Graph, 'name' | 'columns' | 'outputs' | 'metadata'>): Graph {
		this.answer(raw, kind);
		return { ...about, precision: 'double', means: MEANS[kind], nodes: this.nodes, constants: this.constants };
	}
}

/** The columns of a model by their names and numbers of codes, 0 for numbers. */
export const columnsOf = (names: readonly string[], levels: readonly number[]) =>
	names.map((name, j) => (levels[j] ? { name, kind: 'category' as const, levels: levels[j] } : { name, kind: 'number' as const }));
