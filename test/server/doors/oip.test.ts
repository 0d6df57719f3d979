import { FRUIT_INPUTS, inferAt, texts, withBinary, type Answer, type Input } from './oip.js';
import { FRUIT, served, type Served } from './served.js';

let server: Served;
beforeAll(async () => {
	server = await served();
});
afterAll(async () => await server.close());

const infer = inferAt(() => server);
const SECOND = { weight: null, days: 7, Colour: 'blue', since: null, ripe: false };

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
