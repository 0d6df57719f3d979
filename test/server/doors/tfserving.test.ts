import { FRUIT, served, type Reply, type Served } from './served.js';

let server: Served;
beforeAll(async () => {
	server = await served();
});
afterAll(async () => await server.close());

const ask = async (path: string, body: unknown): Promise<Reply> => await server.post(`/v1/models/${path}`, body);
const SECOND = { weight: null, days: 7, Colour: 'blue', since: null, ripe: false };
const NAMES = Object.keys(FRUIT);
const listOf = (row: object): unknown[] => NAMES.map((name) => (row as Record<string, unknown>)[name]);

/** The fields of an answer, by its names. */
const fields = (row: object): object => {
	const { prediction, probabilities } = server.models.fruit.predictor.answer(row as Record<string, unknown>, 0);
	return { prediction, 'probability no': probabilities!.no, 'probability yes': probabilities!.yes };
};

describe('status and metadata', () => {
	it('tells of each version; of the whole model beside our own answer', async () => {
		const available = (version: string): object => ({ version, state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } });
		expect((await server.get('/v1/models/fruit')).json).toMatchObject({
			name: 'fruit',
			model_version_status: [available('2'), available('1')],
		});
		expect((await server.get('/v1/models/fruit/versions/1')).json).toEqual({ model_version_status: [available('1')] });
		expect((await server.get('/v1/models/fruit/labels/champion')).json).toEqual({ model_version_status: [available('2')] });
		expect((await server.get('/v1/models/grade/versions/1')).json).toEqual({
			model_version_status: [{ version: '1', state: 'END', status: { error_code: 'INTERNAL', error_message: 'Its package is damaged.' } }],
		});
	});

	it('describes inputs and outputs as a signature', async () => {
		const tensor = (name: string, dtype: string): object => ({
			name,
			dtype,
			tensor_shape: { dim: [{ size: '-1', name: '' }], unknown_rank: false },
		});
		for (const [path, version] of [
			['', '2'],
			['/versions/1', '1'],
		])
			expect((await server.get(`/v1/models/price.v2${path}/metadata`)).json).toEqual({
				model_spec: { name: 'price.v2', signature_name: '', version },
				metadata: {
					signature_def: {
						signature_def: {
							serving_default: {
								inputs: { a: tensor('a', 'DT_DOUBLE'), b: tensor('b', 'DT_DOUBLE'), c: tensor('c', 'DT_INT64') },
								outputs: { prediction: tensor('prediction', 'DT_DOUBLE') },
								method_name: 'tensorflow/serving/predict',
							},
						},
					},
				},
			});
	});
});

describe('predict', () => {
	it.each<[string, (rows: object[]) => unknown]>([
		['objects', (rows) => rows],
		['lists in the order of the signature', (rows) => rows.map(listOf)],
		[
			'objects of lists with one value, as tensors of the shape [n, 1]',
			(rows) => rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, [v as unknown]]))),
		],
		['lists in lists, as tensors of the shape [1, n]', (rows) => rows.map((row) => [listOf(row)])],
		[
			'values in base64',
			(rows) => rows.map((row) => ({ ...row, Colour: { b64: Buffer.from((row as typeof FRUIT).Colour).toString('base64') } })),
		],
	])('takes instances as %s', async (_name, form) => {
		const { json, headers } = await ask('fruit:predict', { signature_name: 'serving_default', instances: form([FRUIT, SECOND]) });
		expect(json).toEqual({ predictions: [fields(FRUIT), fields(SECOND)] });
		expect(headers.get('x-mlops-version')).toBe('2');
		expect(headers.get('x-mlops-request-id')).toMatch(/^[0-9a-f-]{36}$/);
	});

	it('takes inputs as columns and answers in columns', async () => {
		const inputs = Object.fromEntries(NAMES.map((name) => [name, [FRUIT, SECOND].map((row) => listOf(row)[NAMES.indexOf(name)])]));
		const { json } = await ask('fruit/versions/1:predict', { inputs });
		const [one, two] = [fields(FRUIT), fields(SECOND)] as Array<Record<string, unknown>>;
		expect(json).toEqual({ outputs: Object.fromEntries(Object.keys(one).map((name) => [name, [one[name], two[name]]])) });
		expect(await ask('fruit/labels/champion:predict', { inputs: FRUIT })).toMatchObject({
			status: 200,
			json: { outputs: { prediction: [one.prediction] } },
		});
	});

	it('gives bare numbers where an answer is one', async () => {
		const { prediction } = server.models.price.predictor.answer({ a: 1, b: 2, c: 3 }, 0);
		expect((await ask('price.v2:predict', { instances: [[1, 2, 3]] })).json).toEqual({ predictions: [prediction] });
		expect((await ask('price.v2:predict', { inputs: [[1, 2, 3]] })).json).toEqual({ outputs: [prediction] });
	});

	it('reads NaN, which Python writes and JSON does not know, as no value; not within text', async () => {
		const body = JSON.stringify({ instances: [{ ...SECOND, Colour: 'NaN, "Infinity" \\' }] }).replace('"weight":null', '"weight":NaN');
		const { predictor } = server.models.fruit;
		const wanted = predictor.answer({ ...SECOND, Colour: 'NaN, "Infinity" \\' }, 0);
		expect((await ask('fruit:predict', body)).json).toMatchObject({ predictions: [{ prediction: wanted.prediction }] });
	});

	it('answers no rows with no rows', async () => {
		expect((await ask('fruit:predict', { instances: [] })).json).toEqual({ predictions: [] });
	});
});

describe('classify and regress', () => {
	it('rank classes, with what the examples have in common', async () => {
		const { weight, ...rest } = FRUIT;
		const { json } = await ask('fruit:classify', { context: { weight }, examples: [rest] });
		const { no, yes } = server.models.fruit.predictor.answer(FRUIT, 0).probabilities!;
		expect(json).toEqual({
			results: [
				[
					['no', no],
					['yes', yes],
				],
			],
		});
	});

	it('give numbers', async () => {
		const row = { a: 1, b: 2, c: 3 };
		const { prediction } = server.models.price.predictor.answer(row, 0);
		expect((await ask('price.v2:regress', { examples: [row] })).json).toEqual({ results: [prediction] });
		const { own } = server.models.odd.predictor.answer(row, 0);
		expect((await ask('odd:regress', { examples: [row] })).json).toEqual({ results: [own!.anomaly_score] });
	});
});

it.each<[string, string, unknown, number, RegExp]>([
	['an unknown model', 'nobody:predict', { instances: [] }, 404, /No model called "nobody"/],
	['an unknown version', 'fruit/versions/9:predict', { instances: [FRUIT] }, 404, /has no version 9/],
	['an alias as a version', 'fruit/versions/champion:predict', { instances: [FRUIT] }, 400, /A version is a number/],
	['an unknown label', 'fruit/labels/best:predict', { instances: [FRUIT] }, 404, /no alias "best"/],
	['an archived version', 'fruit/versions/3:predict', { instances: [FRUIT] }, 410, /archived/],
	['an unknown signature', 'fruit:predict', { signature_name: 'x', instances: [FRUIT] }, 400, /no signature "x"/],
	['neither form', 'fruit:predict', { data: [] }, 400, /either "instances" \(rows\) or "inputs"/],
	['both forms', 'fruit:predict', { instances: [], inputs: {} }, 400, /either "instances"/],
	['an object of instances', 'fruit:predict', { instances: FRUIT }, 400, /"instances" should be a list of rows/],
	['a value instead of a row', 'fruit:predict', { instances: [FRUIT, 3] }, 400, /Row 2 of "instances" should be an object/],
	['null instead of a row', 'fruit:predict', { instances: [null] }, 400, /Row 1 of "instances" .* not null/],
	['lists and objects', 'fruit:predict', { instances: [listOf(FRUIT), FRUIT] }, 400, /Row 1 of "instances"/],
	['a short list', 'fruit:predict', { instances: [[1, 2]] }, 400, /Row 1 has 2 values, and there are 5 columns/],
	[
		'a list as a value',
		'fruit:predict',
		{ instances: [{ ...FRUIT, days: [1, 2] }] },
		400,
		/Row 1: "days" should be one value, not a list of 2/,
	],
	['an unknown column', 'fruit:predict', { instances: [{ ...FRUIT, Days: 1 }] }, 400, /no column "Days"\. .*"days" \(for "Days"\)/],
	['a column that lacks', 'fruit:predict', { instances: [{ weight: 1 }] }, 400, /lacks the columns/],
	['a column that is no list', 'fruit:predict', { inputs: { weight: [1], days: 1 } }, 400, /The column "days" should be a list/],
	['columns of other lengths', 'fruit:predict', { inputs: { weight: [1, 2], days: [1] } }, 400, /"days" has 1 values, and "weight" has 2/],
	['base64 that is none', 'fruit:predict', { instances: [{ ...FRUIT, Colour: { b64: '***' } }] }, 400, /"Colour" is no text in base64/],
	['text as a number', 'fruit:predict', { instances: [{ ...FRUIT, days: 'many' }] }, 400, /"days" should be a number, not "many"/],
	['classes as a number', 'fruit:regress', { examples: [FRUIT] }, 400, /gives classes/],
	['a number as classes', 'price.v2:classify', { examples: [] }, 400, /gives no classes/],
	[
		'a common column that is there twice',
		'fruit:classify',
		{ context: { days: 3 }, examples: [FRUIT] },
		400,
		/"days" stands in "context", too/,
	],
	['no examples', 'fruit:classify', { instances: [] }, 400, /"examples" should be a list/],
])('%s is refused', async (_name, path, body, status, says) => {
	const reply = await ask(path, body);
	expect(reply.json).toMatchObject({ error: expect.stringMatching(says) as string });
	expect(reply.status).toBe(status);
});

it('names of objects in JSON are columns like any other, and no way into the server', async () => {
	const { status, json } = await ask('fruit:predict', '{"instances":[{"__proto__":{"weight":1},"constructor":2}]}');
	expect(json).toMatchObject({ error: expect.stringMatching(/no column "__proto__", "constructor"/) as string });
	expect(status).toBe(400);
});
