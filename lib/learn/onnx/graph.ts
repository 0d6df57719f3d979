import { bytes, integer, integers, message, string, type Field } from './protobuf.js';

/**
 * An ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): one input of rows, one output of answers, nodes in the order they
 * run. There is no maintained package that writes ONNX without a runtime or a protobuf compiler, and this much of the format is small.
 */
export interface Graph {
	name: string;
	/** What a person should know about inputs and outputs. */
	doc: string;
	precision: Precision;
	/** Columns of the input, an answer's numbers. */
	columns: number;
	outputs: number;
	nodes: readonly Uint8Array[];
	/** Constants, by `tensor`. */
	constants?: readonly Uint8Array[];
	/** Facts for programs, as text. */
	metadata: Record<string, string>;
}

/** What rows and answers are: doubles keep every threshold and value exactly; floats are what most callers send. */
export type Precision = 'double' | 'float';

export const INPUT = 'input';
export const OUTPUT = 'prediction';

/** IR 8 with operator sets 13 and 3 (ml): read by ONNX Runtime from 1.10 on. */
const IR_VERSION = 8;
const OPSETS = [
	['', 13],
	['ai.onnx.ml', 3],
] as const;

const FLOAT = 1;
const INT64 = 7;
const DOUBLE = 11;
export const typeOf = (precision: Precision): number => (precision === 'double' ? DOUBLE : FLOAT);
export const numbersOf = (precision: Precision, values: ArrayLike<number>): Float32Array | Float64Array =>
	precision === 'double' ? Float64Array.from(values) : Float32Array.from(values);

export const writeModel = (graph: Graph): Uint8Array =>
	message([
		integer(1, IR_VERSION),
		string(2, 'n8n-nodes-mlops'),
		bytes(
			7,
			message([
				...graph.nodes.map((node) => bytes(1, node)),
				string(2, graph.name),
				...(graph.constants ?? []).map((c) => bytes(5, c)),
				string(10, graph.doc),
				bytes(11, value(INPUT, graph.precision, graph.columns)),
				bytes(12, value(OUTPUT, graph.precision, graph.outputs)),
			]),
		),
		...OPSETS.map(([domain, version]) => bytes(8, message([string(1, domain), integer(2, version)]))),
		...Object.entries(graph.metadata).map(([key, text]) => bytes(14, message([string(1, key), string(2, text)]))),
	]);

/** A matrix of any number of rows. */
const value = (name: string, precision: Precision, columns: number): Uint8Array =>
	message([
		string(1, name),
		bytes(
			2,
			message([
				bytes(
					1,
					message([
						integer(1, typeOf(precision)),
						bytes(2, message([bytes(1, message([string(2, 'rows')])), bytes(1, message([integer(1, columns)]))])),
					]),
				),
			]),
		),
	]);

/** One operation; `attributes` by the functions below. */
export const node = (type: string, inputs: readonly string[], output: string, attributes: readonly Field[] = [], domain = ''): Uint8Array =>
	message([
		...inputs.map((i) => string(1, i)),
		string(2, output),
		string(3, `${type}_${output}`),
		string(4, type),
		...attributes.map((a) => bytes(5, a)),
		...(domain ? [string(7, domain)] : []),
	]);

export const integerAttribute = (name: string, v: number): Field => message([string(1, name), integer(3, v), integer(20, 2)]);
export const textAttribute = (name: string, v: string): Field => message([string(1, name), string(4, v), integer(20, 3)]);
export const integersAttribute = (name: string, v: ArrayLike<number>): Field => message([string(1, name), integers(8, v), integer(20, 7)]);
export const textsAttribute = (name: string, v: readonly string[]): Field =>
	message([string(1, name), ...v.map((s) => string(9, s)), integer(20, 8)]);
export const floatsAttribute = (name: string, v: Float32Array): Field => message([string(1, name), bytes(7, raw(v)), integer(20, 6)]);
export const tensorAttribute = (name: string, v: Float64Array): Field =>
	message([string(1, name), bytes(5, tensor(name, v, [v.length])), integer(20, 4)]);

/** Constants: doubles, floats, or whole numbers. */
export function tensor(name: string, values: Float64Array | Float32Array | BigInt64Array, shape: readonly number[]): Uint8Array {
	const type = values instanceof Float64Array ? DOUBLE : values instanceof Float32Array ? FLOAT : INT64;
	return message([integers(1, shape), integer(2, type), string(8, name), bytes(9, raw(values))]);
}

/** ONNX is little-endian, and so is every machine that this runs on. */
const raw = (values: Float64Array | Float32Array | BigInt64Array): Uint8Array =>
	new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
