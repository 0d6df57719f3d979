import type { Reply, Served } from './served.js';

export interface Input {
	name: string;
	shape: number[];
	datatype: string;
	data?: unknown;
	parameters?: object;
}
interface Output {
	name: string;
	shape: number[];
	datatype: string;
	data: unknown[];
	parameters?: { binary_data_size: number };
}
/** What infer answers. */
export interface Answer {
	model_name: string;
	model_version: string;
	id: string;
	parameters?: Record<string, unknown>;
	outputs: Output[];
}

/** Two rows as tensors, one a column: `FRUIT`, and one with gaps. */
export const FRUIT_INPUTS: Input[] = [
	{ name: 'weight', shape: [2], datatype: 'FP64', data: [12.5, null] },
	{ name: 'days', shape: [2, 1], datatype: 'INT32', data: [[3], [7]] },
	{ name: 'Colour', shape: [2], datatype: 'BYTES', data: ['red', 'blue'] },
	{ name: 'since', shape: [2], datatype: 'BYTES', data: ['2024-03-01T10:00:00Z', null] },
	{ name: 'ripe', shape: [2], datatype: 'BOOL', data: [true, false] },
];

export const inferAt =
	(server: () => Served) =>
	async (path: string, body: unknown, headers?: Record<string, string>): Promise<Reply> =>
		await server().post(`/v2/models/${path}/infer`, body, headers);

/** JSON and what follows it. */
export const withBinary = (question: object, ...binary: Buffer[]): [Buffer, Record<string, string>] => {
	const head = Buffer.from(JSON.stringify(question));
	return [
		Buffer.concat([head, ...binary]),
		{ 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) },
	];
};

/** Elements of BYTES. */
export const texts = (...all: string[]): Buffer =>
	Buffer.concat(
		all.flatMap((text) => {
			const bytes = Buffer.from(text);
			const length = Buffer.alloc(4);
			length.writeUInt32LE(bytes.length);
			return [length, bytes];
		}),
	);
