import { shown } from '../../../data/reading/index.js';
import { invalid } from '../shared/jsonBody.js';
import { fromBase64, fromColumns, fromLists, listed, refuseUnknown, type Expected, type ReadRows } from '../shared/readRows.js';
import { DATATYPES, readElements, readTexts, type Datatype } from './datatypes.js';
import { cutText } from '../../../domain/text.js';

/** A tensor of a request, its values in one list, row by row. */
export interface Tensor {
	name: string;
	shape: readonly number[];
	values: readonly unknown[];
}

type Fields = Record<string, unknown>;

const MOST_DIMENSIONS = 8;

const fieldsOf = (value: unknown): Fields | undefined =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/**
 * The tensors of a request, checked: type, shape and data agree, and nothing was made of a shape's numbers before.
 * @param binary what follows the JSON object in the body
 * @throws `serve.request_invalid` naming the input
 */
export function readTensors({ inputs }: Fields, binary: Buffer): Tensor[] {
	if (!Array.isArray(inputs) || inputs.length === 0)
		throw invalid('"inputs" should be a list with at least one tensor.', {
			expected: '"inputs": [{ "name", "shape", "datatype", "data" }]',
		});
	let at = 0;
	const names = new Set<string>();
	const tensors = inputs.map((given: unknown, i) => {
		const input = fieldsOf(given);
		if (!input || typeof input.name !== 'string' || input.name === '') throw invalid(`Input ${i + 1} should be an object with a "name".`);
		const { name } = input;
		if (names.has(name)) throw invalid(`The input "${name}" is there twice.`, { column: name, remedy: 'Send each input once.' });
		names.add(name);
		const datatype = datatypeOf(input, name);
		const shape = shapeOf(input, name);
		const size = binarySize(input, name);
		if (size === undefined) return { name, shape, values: jsonValues(input, name, shape, datatype) };
		if (size > binary.length - at)
			throw invalid(`The input "${name}" should have ${size} bytes of binary data, and ${binary.length - at} are left.`, {
				column: name,
				expected: `${size} bytes behind the JSON object`,
				remedy: 'Send the header Inference-Header-Content-Length with the length of the JSON object in bytes, and the data behind it.',
			});
		const values = binaryValues(binary.subarray(at, at + size), name, shape, datatype);
		at += size;
		return { name, shape, values };
	});
	if (at < binary.length)
		throw invalid(`${binary.length - at} bytes of binary data belong to no input.`, {
			remedy: 'Give each binary input its binary_data_size.',
		});
	return tensors;
}

function datatypeOf({ datatype }: Fields, name: string): Datatype & { name: string } {
	const known = typeof datatype === 'string' ? DATATYPES.get(datatype) : undefined;
	if (known) return { ...known, name: datatype as string };
	throw invalid(`The input "${name}" has no datatype of the protocol.`, {
		column: name,
		expected: `one of: ${[...DATATYPES.keys()].join(', ')}`,
		found: shown(datatype),
		remedy: `Write one of ${[...DATATYPES.keys()].join(', ')}.`,
	});
}

function shapeOf({ shape }: Fields, name: string): number[] {
	const fits =
		Array.isArray(shape) &&
		shape.length > 0 &&
		shape.length <= MOST_DIMENSIONS &&
		shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
	if (fits) return shape as number[];
	throw invalid(`The shape of the input "${name}" should be a list of whole numbers from 0 on.`, {
		column: name,
		expected: '[rows] or [rows, 1]',
		found: cutText(JSON.stringify(shape) ?? 'none', 60),
	});
}

/** A product beyond all that can be sent is as wrong as any other: numbers of a shape are never more than compared. */
const countOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

function binarySize({ parameters, data }: Fields, name: string): number | undefined {
	const size = fieldsOf(parameters)?.binary_data_size;
	if (size === undefined) return undefined;
	if (!Number.isSafeInteger(size) || (size as number) < 0)
		throw invalid(`"binary_data_size" of the input "${name}" should be a number of bytes.`, {
			column: name,
			found: shown(size),
		});
	if (data !== undefined)
		throw invalid(`The input "${name}" has both "data" and "binary_data_size".`, { column: name, remedy: 'Send one of them.' });
	return size as number;
}

function binaryValues(bytes: Buffer, name: string, shape: readonly number[], datatype: Datatype & { name: string }): readonly unknown[] {
	const count = countOf(shape);
	const { size } = datatype;
	if (size !== undefined && bytes.length !== count * size)
		throw invalid(
			`The input "${name}" has ${bytes.length} bytes of binary data, and its shape [${shape.join(', ')}] of ${datatype.name} ` +
				`has ${count * size}.`,
			{
				column: name,
				expected: `${count * size} bytes`,
				found: `${bytes.length} bytes`,
			},
		);
	const values = size === undefined ? readTexts(bytes, count) : readElements(bytes, datatype);
	if (Array.isArray(values)) return values;
	throw wrongElement(name, values.at, values.problem, datatype);
}

const wrongElement = (column: string, at: number, problem: string, { name, expected }: Datatype & { name: string }) =>
	invalid(`Element ${at + 1} of the input "${column}" (${name}) cannot be read: ${problem}.`, { column, row: at + 1, expected });

function jsonValues(
	{ data, parameters }: Fields,
	name: string,
	shape: readonly number[],
	datatype: Datatype & { name: string },
): readonly unknown[] {
	if (!Array.isArray(data) && fieldsOf(parameters)?.shared_memory_region !== undefined)
		throw invalid(`The values of the input "${name}" are said to be in shared memory, which this server does not read.`, {
			column: name,
			expected: 'values in the request',
			remedy: 'Send them as "data", or as binary data behind the JSON.',
		});
	if (!Array.isArray(data)) throw invalid(`The input "${name}" should have a list "data".`, { column: name, expected: 'a list of values' });
	const values = flat(data, shape);
	if (values === undefined)
		throw invalid(`The data of the input "${name}" is not what its shape [${shape.join(', ')}] says.`, {
			column: name,
			expected: `${countOf(shape)} values, in one list or nested as the shape`,
			found: `a list of ${data.length}`,
		});
	const base64 = datatype.name === 'BYTES' && fieldsOf(parameters)?.content_type === 'base64';
	return values.map((value, i) => {
		if (value === null) return null;
		if (!datatype.fits(value))
			throw wrongElement(
				name,
				i,
				`it should be ${datatype.expected}, not ${typeof value === 'object' ? 'a list or an object' : shown(value)}`,
				datatype,
			);
		return base64 ? fromBase64(value as string, i + 1, name) : value;
	});
}

/** The data in one list; undefined where it is another number of values, or nested otherwise than the shape. */
function flat(data: readonly unknown[], shape: readonly number[]): readonly unknown[] | undefined {
	if (data.length === countOf(shape) && !data.some(Array.isArray)) return data;
	let level = data;
	for (const [depth, n] of shape.entries()) {
		if (depth === 0) {
			if (data.length !== n) return undefined;
			continue;
		}
		if (!level.every((part) => Array.isArray(part) && part.length === n)) return undefined;
		level = level.flat();
	}
	return level.some(Array.isArray) ? undefined : level;
}

/**
 * Rows from tensors: one tensor a column, or one with all columns in the order of the signature.
 * @throws `serve.request_invalid` naming the input
 */
export function rowsOf(tensors: readonly Tensor[], expected: Expected): ReadRows {
	const { signature } = expected;
	const [only] = tensors;
	const width = signature.length;
	const names = signature.map(({ name }) => name);
	const whole = tensors.length === 1 && only.shape.length === 2 && only.shape[1] === width && (width > 1 || only.name !== names[0]);
	if (whole)
		return fromLists(
			Array.from({ length: only.shape[0] }, (_, i) => only.values.slice(i * width, (i + 1) * width)),
			names,
			expected,
		);
	refuseUnknown(
		tensors.map(({ name }) => name).filter((name) => !names.includes(name) && name !== expected.key),
		signature,
	);
	for (const { name, shape } of tensors)
		if (countOf(shape.slice(1)) !== 1)
			throw invalid(`The input "${name}" has the shape [${shape.join(', ')}], and is one column.`, {
				column: name,
				expected: `[rows] or [rows, 1]; or one tensor [rows, ${width}] of ${listed(names)}`,
				found: `[${shape.join(', ')}]`,
			});
	return fromColumns(new Map(tensors.map(({ name, values }) => [name, values])), expected);
}
