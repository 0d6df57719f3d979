import { MlopsError } from '../../domain/errors.js';
import { bytes, integer, integers, message, string, type Field } from './protobuf.js';

/**
 * An ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): one input of rows (`INPUT`), one output of answers (`OUTPUT`),
 * operations in the order they run. `writeModel` makes a file of it, `within` a part of a larger one. There is no maintained package that
 * writes ONNX without a runtime or a protobuf compiler, and this much of the format is small.
 */
export interface Graph extends Steps {
	name: string;
	precision: Precision;
	/** Columns of the input, and how many numbers an answer has. */
	columns: readonly GraphColumn[];
	outputs: number;
	/** Whether a number may be missing. */
	gaps?: boolean;
	/** What the answers are. */
	means: string;
	/** Facts for programs, as text. */
	metadata: Record<string, string>;
}

/** `levels`: codes of a category. */
export type GraphColumn = { name: string; kind: 'number' } | { name: string; kind: 'category'; levels: number };

/** Operations, and the constants that they take. */
export interface Steps {
	nodes: readonly Operation[];
	constants: readonly Constant[];
}

interface Operation {
	type: string;
	inputs: readonly string[];
	output: string;
	attributes: readonly Field[];
	domain: string;
}

interface Constant {
	name: string;
	values: Float64Array | Float32Array | BigInt64Array;
	shape: readonly number[];
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

/** An ONNX file ends before so many bytes. */
export const MOST_BYTES = 2 ** 31;

export const tooLarge = (expected: string): MlopsError =>
	new MlopsError('learn.parameter_invalid', 'The model is too large for an ONNX file, which ends at 2 GB.', {
		expected,
		remedy: 'Train fewer or smaller models or trees.',
	});

/** @throws `learn.parameter_invalid` when the file would be larger than ONNX allows */
export function writeModel(graph: Graph): Uint8Array {
	const sizes = [
		...graph.constants.map(({ values }) => values.byteLength),
		...graph.nodes.flatMap((o) => o.attributes.map((a) => a.length)),
	];
	if (sizes.reduce((a, b) => a + b, 0) >= MOST_BYTES) throw tooLarge(`less than ${MOST_BYTES} bytes`);
	return message([
		integer(1, IR_VERSION),
		string(2, 'n8n-nodes-mlops'),
		bytes(
			7,
			message([
				...graph.nodes.map((o) => bytes(1, operation(o))),
				string(2, graph.name),
				...graph.constants.map((c) => bytes(5, constant(c))),
				string(10, docOf(graph)),
				bytes(11, value(INPUT, graph.precision, graph.columns.length)),
				bytes(12, value(OUTPUT, graph.precision, graph.outputs)),
			]),
		),
		...OPSETS.map(([domain, version]) => bytes(8, message([string(1, domain), integer(2, version)]))),
		...Object.entries({ columns: JSON.stringify(graph.columns), ...graph.metadata }).map(([key, text]) =>
			bytes(14, message([string(1, key), string(2, text)])),
		),
	]);
}

/** What a person should know about inputs and outputs. */
const docOf = ({ columns, gaps, means }: Graph): string =>
	`Input: one row a line, columns ${columns.map((c) => `"${c.name}"`).join(', ')}. Categories are the codes of the model package ` +
	`(0 missing, 1 unseen)${gaps ? '; a missing number is NaN' : ''}. Output: ${means}.`;

/** A graph's operations as a part of a larger graph: its input is `input` there, its output `output`, all else has the prefix. */
export function within({ nodes, constants }: Graph, prefix: string, input: string, output: string): Steps {
	const renamed = (name: string): string => (name === INPUT ? input : name === OUTPUT ? output : `${prefix}${name}`);
	return {
		nodes: nodes.map((o) => ({ ...o, inputs: o.inputs.map(renamed), output: renamed(o.output) })),
		constants: constants.map((c) => ({ ...c, name: renamed(c.name) })),
	};
}

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
export const node = (
	type: string,
	inputs: readonly string[],
	output: string,
	attributes: readonly Field[] = [],
	domain = '',
): Operation => ({
	type,
	inputs,
	output,
	attributes,
	domain,
});

const operation = ({ type, inputs, output, attributes, domain }: Operation): Uint8Array =>
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
	message([string(1, name), bytes(5, constant(tensor(name, v, [v.length]))), integer(20, 4)]);

/** Constants: doubles, floats, or whole numbers. */
export const tensor = (name: string, values: Constant['values'], shape: readonly number[]): Constant => ({ name, values, shape });

function constant({ name, values, shape }: Constant): Uint8Array {
	const type = values instanceof Float64Array ? DOUBLE : values instanceof Float32Array ? FLOAT : INT64;
	return message([integers(1, shape), integer(2, type), string(8, name), bytes(9, raw(values))]);
}

/** ONNX is little-endian, and so is every machine that this runs on. */
const raw = (values: Float64Array | Float32Array | BigInt64Array): Uint8Array =>
	new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
