import { FRUIT, served, type Served } from './served.js';

let server: Served;
beforeAll(async () => {
	server = await served();
});
afterAll(async () => await server.close());

type Input = { name: string; shape: number[]; datatype: string; data?: unknown; parameters?: object };
interface Output {
	name: string;
	shape: number[];
	datatype: string;
	data: unknown[];
	parameters?: { binary_data_size: number };
}
interface Answer {
	model_name: string;
	model_version: string;
	id: string;
	parameters?: Record<string, unknown>;
	outputs: Output[];
}

/** A row as tensors, one a column. */
const FRUIT_INPUTS: Input[] = [
	{ name: 'weight', shape: [2], datatype: 'FP64', data: [12.5, null] },
	{ name: 'days', shape: [2, 1], datatype: 'INT32', data: [[3], [7]] },
	{ name: 'Colour', shape: [2], datatype: 'BYTES', data: ['red', 'blue'] },
	{ name: 'since', shape: [2], datatype: 'BYTES', data: ['2024-03-01T10:00:00Z', null] },
	{ name: 'ripe', shape: [2], datatype: 'BOOL', data: [true, false] },
];
const SECOND = { weight: null, days: 7, Colour: 'blue', since: null, ripe: false };

const infer = async (path: string, body: unknown, headers?: Record<string, string>) =>
	await server.post(`/v2/models/${path}/infer`, body, headers);

/** JSON and what follows it. */
const withBinary = (question: object, ...binary: Buffer[]): [Buffer, Record<string, string>] => {
	const head = Buffer.from(JSON.stringify(question));
	return [
		Buffer.concat([head, ...binary]),
		{ 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) },
	];
};

const texts = (...all: string[]): Buffer =>
	Buffer.concat(
		all.flatMap((text) => {
			const bytes = Buffer.from(text);
			const length = Buffer.alloc(4);
			length.writeUInt32LE(bytes.length);
			return [length, bytes];
		}),
	);

describe('what it says of itself', () => {
	it('is live, ready, and names its extensions', async () => {
		expect(await server.get('/v2/health/live')).toMatchObject({ status: 200, json: { live: true } });
		expect(await server.get('/v2/health/ready')).toMatchObject({ status: 200, json: { ready: true } });
		for (const path of ['/v2', '/v2/'])
			expect(await server.get(path)).toMatchObject({ status: 200, json: { name: 'n8n-nodes-mlops', extensions: ['binary_tensor_data'] } });
		expect((await server.get('/v2/models')).json).toEqual({ models: ['fruit', 'grade', 'price.v2', 'odd'] });
	});

	it('describes a model by its signature: whole numbers with gaps are FP64, since INT64 has no gap', async () => {
		const { json } = await server.get('/v2/models/fruit/versions/1');
		expect(json).toEqual({
			name: 'fruit',
			versions: ['1', '2'],
			platform: 'n8n-nodes-mlops',
			inputs: [
				{ name: 'weight', datatype: 'FP64', shape: [-1] },
				{ name: 'days', datatype: 'FP64', shape: [-1] },
				{ name: 'Colour', datatype: 'BYTES', shape: [-1] },
				{ name: 'since', datatype: 'BYTES', shape: [-1] },
				{ name: 'ripe', datatype: 'BOOL', shape: [-1] },
			],
			outputs: [
				{ name: 'prediction', datatype: 'BYTES', shape: [-1] },
				{ name: 'probability no', datatype: 'FP64', shape: [-1] },
				{ name: 'probability yes', datatype: 'FP64', shape: [-1] },
			],
		});
		const inputs = ((await server.get('/v2/models/price.v2')).json as { inputs: object[] }).inputs;
		expect(inputs[2]).toEqual({ name: 'c', datatype: 'INT64', shape: [-1] });
		expect((await server.get('/v2/models/grade')).json).toMatchObject({ outputs: [{ datatype: 'INT64' }, {}, {}, {}] });
	});

	it('says of each version whether it can answer', async () => {
		expect(await server.get('/v2/models/grade/ready')).toMatchObject({ status: 200, json: { name: 'grade', ready: true } });
		expect(await server.get('/v2/models/grade/versions/1/ready')).toMatchObject({ status: 503, json: { ready: false } });
		for (const path of ['/v2/models/nobody', '/v2/models/fruit/versions/9', '/v2/models/fruit/versions/1p0', '/v2/models/nobody/ready'])
			expect(await server.get(path)).toMatchObject({ status: 404, json: { error: expect.any(String) as string } });
		expect(await server.get('/v2/models/fruit/versions/3')).toMatchObject({ status: 410 });
	});
});

describe('what it answers', () => {
	it('is what the predictor says, whole rows from tensors of all kinds, gaps as null', async () => {
		const { json, headers } = await infer('fruit', { id: 'mine', inputs: [...FRUIT_INPUTS].reverse() });
		const answer = json as Answer;
		const [one, two] = [FRUIT, SECOND].map((row) => server.models.fruit.predictor.answer(row, 0));
		expect(answer).toMatchObject({ model_name: 'fruit', model_version: '2', id: 'mine', parameters: { alias: 'champion' } });
		expect(answer.outputs).toEqual([
			{ name: 'prediction', shape: [2], datatype: 'BYTES', data: [one.prediction, two.prediction] },
			{ name: 'probability no', shape: [2], datatype: 'FP64', data: [one.probabilities!.no, two.probabilities!.no] },
			{ name: 'probability yes', shape: [2], datatype: 'FP64', data: [one.probabilities!.yes, two.probabilities!.yes] },
		]);
		expect(headers.get('x-mlops-request-id')).toMatch(/^[0-9a-f-]{36}$/);
	});

	it('comes from the version or the alias that is named', async () => {
		for (const [path, version] of [
			['fruit/versions/1', '1'],
			['fruit/versions/champion', '2'],
		])
			expect((await infer(path, { inputs: FRUIT_INPUTS })).json).toMatchObject({ model_version: version });
	});

	it('takes one tensor with all columns, nested or flat, and gives numbers', async () => {
		const { predictor } = server.models.price;
		const wanted = [predictor.answer({ a: 1, b: 2, c: 3 }, 0), predictor.answer({ a: 40.5, b: 9, c: 6 }, 0)].map((a) => a.prediction);
		for (const data of [
			[
				[1, 2, 3],
				[40.5, 9, 6],
			],
			[1, 2, 3, 40.5, 9, 6],
		]) {
			const { json } = await infer('price.v2', { inputs: [{ name: 'input-0', shape: [2, 3], datatype: 'FP64', data }] });
			expect((json as Answer).outputs).toEqual([{ name: 'prediction', shape: [2], datatype: 'FP64', data: wanted }]);
		}
	});

	it('gives classes that are numbers as numbers, and scores of anomalies', async () => {
		const grade = (await infer('grade', { inputs: FRUIT_INPUTS })).json as Answer;
		expect(grade.outputs[0]).toMatchObject({ name: 'prediction', datatype: 'INT64' });
		expect([1, 2, 3]).toContain(grade.outputs[0].data[0]);
		const odd = (await infer('odd', { inputs: [{ name: 'x', shape: [1, 3], datatype: 'INT8', data: [1, 2, 3] }] })).json as Answer;
		expect(odd.outputs.map((o) => o.name)).toEqual(['prediction', 'anomaly_score']);
	});

	it('names only outputs that are asked for, and reasons, warnings and ids where they are', async () => {
		const inputs = FRUIT_INPUTS.map((input) => (input.name === 'Colour' ? { ...input, data: ['purple', 'red'] } : input));
		const { outputs, parameters } = (
			await infer('fruit', {
				inputs,
				outputs: ['reasons', 'probability yes', 'warnings', 'request_id'].map((name) => ({ name })),
				parameters: { reasons: 2 },
			})
		).json as Answer;
		expect(outputs.map((o) => o.name)).toEqual(['reasons', 'probability yes', 'warnings', 'request_id']);
		const reasons = JSON.parse(outputs[0].data[0] as string) as object[];
		expect(reasons).toEqual(server.models.fruit.predictor.answer({ ...FRUIT, Colour: 'purple' }, 2).reasons);
		expect(JSON.parse(outputs[2].data[0] as string)).toMatchObject([{ code: 'predict.unknown_value', column: 'Colour' }]);
		expect(JSON.parse(outputs[2].data[1] as string)).toEqual([]);
		expect(outputs[3].data[1]).toMatch(/-1$/);
		expect(parameters).toMatchObject({ warnings: 1 });
		const withParameter = (await infer('fruit', { inputs: FRUIT_INPUTS, parameters: { reasons: 1 } })).json as Answer;
		expect(withParameter.outputs.at(-1)).toMatchObject({ name: 'reasons', datatype: 'BYTES' });
	});

	it('answers no rows with no rows', async () => {
		const inputs = FRUIT_INPUTS.map((input) => ({ ...input, shape: [0], data: [] }));
		expect((await infer('fruit', { inputs })).json).toMatchObject({ outputs: [{ name: 'prediction', shape: [0], data: [] }, {}, {}] });
	});
});

describe('binary data', () => {
	const row = (datatype: string, bytes: Buffer, shape = [1, 3]): [object, Buffer] => [
		{ name: 'x', shape, datatype, parameters: { binary_data_size: bytes.length } },
		bytes,
	];
	const made = (bytes: number, write: (b: Buffer, value: number, at: number) => void): Buffer => {
		const buffer = Buffer.alloc(bytes * 3);
		[1, 2, 3].forEach((value, i) => write(buffer, value, i * bytes));
		return buffer;
	};
	it.each([
		['INT8', made(1, (b, v, at) => b.writeInt8(v, at))],
		['INT16', made(2, (b, v, at) => b.writeInt16LE(v, at))],
		['INT32', made(4, (b, v, at) => b.writeInt32LE(v, at))],
		['INT64', made(8, (b, v, at) => b.writeBigInt64LE(BigInt(v), at))],
		['UINT8', made(1, (b, v, at) => b.writeUInt8(v, at))],
		['UINT16', made(2, (b, v, at) => b.writeUInt16LE(v, at))],
		['UINT32', made(4, (b, v, at) => b.writeUInt32LE(v, at))],
		['UINT64', made(8, (b, v, at) => b.writeBigUInt64LE(BigInt(v), at))],
		// 1, 2 and 3 in IEEE 754 binary16, and the upper halves of binary32.
		['FP16', made(2, (b, v, at) => b.writeUInt16LE([0x3c00, 0x4000, 0x4200][v - 1], at))],
		['BF16', made(2, (b, v, at) => b.writeUInt16LE([0x3f80, 0x4000, 0x4040][v - 1], at))],
		['FP32', made(4, (b, v, at) => b.writeFloatLE(v, at))],
		['FP64', made(8, (b, v, at) => b.writeDoubleLE(v, at))],
		['BYTES', texts('1', '2', '3')],
	])('%s is read as what it says', async (datatype, bytes) => {
		const [input, data] = row(datatype, bytes);
		const { json } = await infer('price.v2', ...withBinary({ inputs: [input] }, data));
		const { prediction } = server.models.price.predictor.answer({ a: 1, b: 2, c: 3 }, 0);
		expect((json as Answer).outputs[0].data).toEqual([prediction]);
	});

	it('goes out where it is asked for, of every type', async () => {
		const [one, two] = [FRUIT, SECOND].map((asked) => server.models.fruit.predictor.answer(asked, 0));
		const { headers, bytes } = await infer('fruit', {
			inputs: FRUIT_INPUTS,
			outputs: [
				{ name: 'probability no' },
				{ name: 'prediction', parameters: { binary_data: true } },
				{ name: 'probability yes', parameters: { binary_data: true } },
			],
		});
		const head = Number(headers.get('inference-header-content-length'));
		const { outputs } = JSON.parse(bytes.subarray(0, head).toString()) as Answer;
		expect(headers.get('content-type')).toBe('application/octet-stream');
		expect(outputs.map((o) => o.parameters?.binary_data_size)).toEqual([undefined, outputs[1].parameters!.binary_data_size, 16]);
		const rest = bytes.subarray(head);
		const size = outputs[1].parameters!.binary_data_size;
		expect(rest.subarray(0, size)).toEqual(texts(String(one.prediction), String(two.prediction)));
		expect([rest.readDoubleLE(size), rest.readDoubleLE(size + 8)]).toEqual([one.probabilities!.yes, two.probabilities!.yes]);
		const grade = await infer('grade', { inputs: FRUIT_INPUTS, parameters: { binary_data_output: true } });
		const at = Number(grade.headers.get('inference-header-content-length'));
		expect(grade.bytes.readBigInt64LE(at)).toBe(BigInt(server.models.grade.predictor.answer(FRUIT, 0).prediction as number));
	});

	it('NaN is a missing value, and a long id in a text column keeps its digits', async () => {
		const nan = Buffer.alloc(8);
		nan.writeDoubleLE(NaN);
		const id = Buffer.alloc(8);
		id.writeBigInt64LE(9_007_199_254_740_993n);
		const one = (name: string, datatype: string, bytes: Buffer): Input => ({
			name,
			shape: [1],
			datatype,
			parameters: { binary_data_size: bytes.length },
		});
		const others = FRUIT_INPUTS.filter(({ name }) => !['weight', 'Colour'].includes(name)).map((input) => ({
			...input,
			shape: [1],
			data: [(input.data as unknown[]).flat()[0]],
		}));
		const { json } = await infer(
			'fruit',
			...withBinary(
				{
					inputs: [one('weight', 'FP64', nan), one('Colour', 'INT64', id), ...others],
					outputs: [{ name: 'probability yes' }, { name: 'warnings' }],
				},
				nan,
				id,
			),
		);
		const { outputs } = json as Answer;
		const { probabilities } = server.models.fruit.predictor.answer({ ...FRUIT, weight: null, Colour: '9007199254740993' }, 0);
		expect(outputs[0].data).toEqual([probabilities!.yes]);
		expect(outputs[1].data[0]).toContain('9007199254740993');
	});
});

describe('what is wrong is refused with a sentence that names it', () => {
	const price = (input: object): object => ({ inputs: [{ name: 'x', shape: [1, 3], datatype: 'FP64', data: [1, 2, 3], ...input }] });
	const column = (change: object, name = 'weight'): object => ({
		inputs: FRUIT_INPUTS.map((input) => (input.name === name ? { ...input, ...change } : input)),
	});
	it.each<[string, string, unknown, RegExp]>([
		['no inputs', 'fruit', {}, /"inputs" should be a list/],
		['an input that is no object', 'fruit', { inputs: [3] }, /Input 1 should be an object/],
		['a negative shape', 'price.v2', price({ shape: [-1, 3] }), /shape of the input "x" should be a list of whole numbers/],
		['a fraction in a shape', 'price.v2', price({ shape: [1.5, 2] }), /shape of the input "x"/],
		['a huge shape', 'price.v2', price({ shape: [1e15, 1e15] }), /data of the input "x" is not what its shape/],
		['a shape of text', 'price.v2', price({ shape: ['1', 3] }), /shape of the input "x"/],
		['no shape', 'price.v2', price({ shape: undefined }), /shape of the input "x"/],
		['nine dimensions', 'price.v2', price({ shape: [1, 1, 1, 1, 1, 1, 1, 1, 3] }), /shape of the input "x"/],
		['a shape that lies', 'price.v2', price({ shape: [2, 3] }), /is not what its shape \[2, 3\] says/],
		['data nested otherwise', 'price.v2', price({ data: [[1], [2], [3]] }), /is not what its shape \[1, 3\] says/],
		['data deeper than the shape', 'price.v2', price({ data: [[[1], 2, 3]] }), /is not what its shape/],
		[
			'ragged data',
			'price.v2',
			price({
				shape: [2, 3],
				data: [
					[1, 2, 3],
					[4, 5],
				],
			}),
			/is not what its shape/,
		],
		['no data', 'price.v2', price({ data: undefined }), /should have a list "data"/],
		['an unknown type', 'price.v2', price({ datatype: 'fp64' }), /no datatype of the protocol.*Write one of BOOL/],
		[
			'a number as text',
			'price.v2',
			price({ data: [1, '2', 3] }),
			/Element 2 of the input "x" \(FP64\) cannot be read: it should be a number, not "2"/,
		],
		[
			'a fraction in INT32',
			'price.v2',
			price({ datatype: 'INT32', data: [1, 2.5, 3] }),
			/Element 2 .* whole number from -2147483648 to 2147483647, not 2.5/,
		],
		['300 in INT8', 'price.v2', price({ datatype: 'INT8', data: [1, 300, 3] }), /from -128 to 127, not 300/],
		['-1 in UINT8', 'price.v2', price({ datatype: 'UINT8', data: [1, 2, -1] }), /from 0 to 255, not -1/],
		[
			'a whole number that JSON cannot hold',
			'price.v2',
			'{"inputs":[{"name":"x","shape":[1,3],"datatype":"INT64","data":[1,2,9007199254740993]}]}',
			/Element 3/,
		],
		['an object as a number', 'price.v2', price({ data: [1, {}, 3] }), /not a list or an object/],
		['1 as BOOL', 'fruit', column({ data: [1, 0] }, 'ripe'), /"ripe" \(BOOL\) cannot be read: it should be true or false, not 1/],
		['a number as BYTES', 'fruit', column({ data: [1, 'x'] }, 'Colour'), /"Colour" \(BYTES\) cannot be read: it should be text, not 1/],
		['a column of another length', 'fruit', column({ shape: [1], data: [1] }, 'days'), /"days" has 1 values, and "weight" has 2/],
		[
			'a column with two values a row',
			'fruit',
			column({ shape: [1, 2], data: [1, 2] }),
			/"weight" has the shape \[1, 2\], and is one column/,
		],
		['a column twice', 'fruit', { inputs: [...FRUIT_INPUTS, FRUIT_INPUTS[0]] }, /"weight" is there twice/],
		['an unknown column', 'fruit', { inputs: [...FRUIT_INPUTS, { ...FRUIT_INPUTS[0], name: 'height' }] }, /no column "height"/],
		['another case', 'fruit', column({ name: 'colour' }, 'Colour'), /no column "colour".*"Colour" \(for "colour"\)/],
		['a column that lacks', 'fruit', { inputs: FRUIT_INPUTS.slice(1) }, /Row 1: The row lacks the column "weight"/],
		[
			'a value that is none',
			'fruit',
			column({ data: ['2024-03-01', 'tomorrow'] }, 'since'),
			/Row 2: "since" should be a date such as .*, not "tomorrow"/,
		],
		[
			'infinity',
			'price.v2',
			'{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP64","data":[1,-Infinity,3]}]}',
			/"b" should be a number, not -Infinity/,
		],
		['an unknown output', 'fruit', { inputs: FRUIT_INPUTS, outputs: [{ name: 'output0' }] }, /no output "output0"/],
		['an output twice', 'fruit', { inputs: FRUIT_INPUTS, outputs: [{ name: 'prediction' }, { name: 'prediction' }] }, /asked for twice/],
		[
			'a ranking',
			'fruit',
			{ inputs: FRUIT_INPUTS, outputs: [{ name: 'prediction', parameters: { classification: 2 } }] },
			/ranking of classes/,
		],
		['an id that is no text', 'fruit', { id: 3, inputs: FRUIT_INPUTS }, /"id" should be a text/],
		['reasons that are no number', 'fruit', { inputs: FRUIT_INPUTS, parameters: { reasons: 'many' } }, /"reasons" should be how many/],
		['a list', 'fruit', [], /should be a JSON object/],
		['no JSON', 'fruit', '{"inputs":', /The body is not JSON/],
		['nothing', 'fruit', ' ', /The body is empty/],
		['another encoding', 'fruit', Buffer.from('{"inputs":[{"name":"Größe"}]}', 'latin1'), /The body is not UTF-8/],
		[
			'binary data of which there is none',
			'price.v2',
			price({ data: undefined, parameters: { binary_data_size: 24 } }),
			/should have 24 bytes of binary data, and 0 are left/,
		],
		['data twice', 'price.v2', price({ parameters: { binary_data_size: 0 } }), /both "data" and "binary_data_size"/],
		['a size that is none', 'price.v2', price({ data: undefined, parameters: { binary_data_size: -1 } }), /should be a number of bytes/],
	])('%s', async (_name, model, body, says) => {
		const { status, json } = await infer(model, body);
		expect(json).toMatchObject({ error: expect.stringMatching(says) as string, code: expect.any(String) as string });
		expect(status).toBe(400);
	});

	it.each<[string, Input[], Buffer, RegExp]>([
		[
			'too few bytes',
			[{ name: 'x', shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: 8 } }],
			Buffer.alloc(8),
			/8 bytes of binary data, and its shape \[1, 3\] of FP32 has 12/,
		],
		[
			'bytes that are left',
			[{ name: 'x', shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: 12 } }],
			Buffer.alloc(13),
			/1 bytes of binary data belong to no input/,
		],
		[
			'a shape that lies',
			[{ name: 'x', shape: [2 ** 40, 3], datatype: 'FP32', parameters: { binary_data_size: 12 } }],
			Buffer.alloc(12),
			/its shape \[1099511627776, 3\]/,
		],
		[
			'a text that is cut',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 14 } }],
			texts('1', '2', '3').subarray(0, 14),
			/Element 3 .* longer than what came/,
		],
		[
			'a length that is cut',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 12 } }],
			texts('1', '2', '3').subarray(0, 12),
			/Element 3 .* longer than what came/,
		],
		[
			'fewer texts',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 10 } }],
			texts('1', '2'),
			/Element 3 .* is missing/,
		],
		[
			'more texts',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 20 } }],
			texts('1', '2', '3', '4'),
			/more than the 3 elements/,
		],
		[
			'text in another encoding',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 15 } }],
			Buffer.concat([texts('1', '2'), Buffer.from([1, 0, 0, 0, 0xff])]),
			/Element 3 .* no text in UTF-8/,
		],
		[
			'a byte that is no BOOL',
			[{ name: 'x', shape: [1, 3], datatype: 'BOOL', parameters: { binary_data_size: 3 } }],
			Buffer.from([1, 2, 0]),
			/Element 2 .* should be true or false/,
		],
	])('in binary data: %s', async (_name, inputs, bytes, says) => {
		const { status, json } = await infer('price.v2', ...withBinary({ inputs }, bytes));
		expect(json).toMatchObject({ error: expect.stringMatching(says) as string });
		expect(status).toBe(400);
	});

	it.each(['99999999', '-1', 'x', '1e3'])('a header length of %s', async (length) => {
		const { status, json } = await infer('fruit', { inputs: FRUIT_INPUTS }, { 'inference-header-content-length': length });
		expect(json).toMatchObject({ error: expect.stringMatching(/Inference-Header-Content-Length|not JSON/) as string });
		expect(status).toBe(400);
	});

	it('more rows than the server answers at once, before a row is made of them; compressed bodies', async () => {
		const many = 100_000;
		const { status } = await infer('price.v2', {
			inputs: [{ name: 'x', shape: [many, 3], datatype: 'INT8', data: new Array(many * 3).fill(1) }],
		});
		expect(status).toBe(413);
		const gzip = await infer('fruit', 'x', { 'content-encoding': 'gzip' });
		expect(gzip.json).toMatchObject({ error: expect.stringMatching(/compressed/) as string });
	});

	it('names the row and how many others', async () => {
		const { json } = await infer('price.v2', {
			inputs: [{ name: 'x', shape: [3, 3], datatype: 'BYTES', data: ['1', '2', '3', 'x', '2', '3', '1', 'y', '3'] }],
		});
		expect(json).toMatchObject({
			error: expect.stringMatching(/^Row 2: "a" should be a number, not "x"\. 1 more row has an error, too\./) as string,
			row: 2,
			column: 'a',
		});
	});
});
