import { FRUIT, served, type Reply, type Served } from './served.js';

let server: Served;
beforeAll(async () => {
	server = await served();
});
afterAll(async () => await server.close());

const SECOND = { weight: null, days: 7, Colour: 'Größe, "gelb"', since: null, ripe: false };
const NAMES = Object.keys(FRUIT);
const listOf = (row: object): unknown[] => NAMES.map((name) => (row as Record<string, unknown>)[name]);
const invoke = async (body: unknown, type = 'application/json', headers: Record<string, string> = {}): Promise<Reply> =>
	await server.post('/invocations', body, { 'content-type': type, ...headers });
const fields = (row: object): object => {
	const { prediction, probabilities } = server.models.fruit.predictor.answer(row as Record<string, unknown>, 0);
	return { prediction, 'probability no': probabilities!.no, 'probability yes': probabilities!.yes };
};

it('is there for who looks: MLflow, and SageMaker', async () => {
	for (const path of ['/ping', '/health']) expect((await server.get(path)).status).toBe(200);
	expect((await server.get('/version')).bytes.toString()).toMatch(/^\d+\.\d+\.\d+$/);
});

it.each<[string, unknown]>([
	['dataframe_split', { columns: [...NAMES].reverse(), index: ['x', 'y'], data: [FRUIT, SECOND].map((row) => listOf(row).reverse()) }],
	['dataframe_split without names', { data: [FRUIT, SECOND].map(listOf) }],
	['dataframe_records', [FRUIT, Object.fromEntries(Object.entries(SECOND).reverse())]],
	['instances', [FRUIT, SECOND]],
	['instances as lists', [FRUIT, SECOND].map(listOf)],
	['inputs', Object.fromEntries(NAMES.map((name, k) => [name, [FRUIT, SECOND].map((row) => listOf(row)[k])]))],
	['inputs as objects', [FRUIT, SECOND]],
	['inputs as lists', [FRUIT, SECOND].map(listOf)],
])('takes %s', async (form, value) => {
	const { json, status } = await invoke({ [form.split(' ')[0]]: value });
	expect(json).toEqual({
		predictions: [fields(FRUIT), fields({ ...SECOND })].map((wanted, i) => (i ? (expect.objectContaining(wanted) as object) : wanted)),
	});
	expect(status).toBe(200);
});

it('takes CSV with the names of the columns, and without where its type says so', async () => {
	const line = (cells: unknown[]): string =>
		cells.map((v) => (v === null ? '' : /[",]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v))).join(',');
	const lines = [FRUIT, SECOND].map((row) => line(listOf(row)));
	for (const [type, text] of [
		['text/csv', [NAMES.join(','), ...lines].join('\n')],
		['text/csv; charset=utf-8', `\ufeff${[NAMES.join(','), ...lines, ''].join('\r\n')}`],
		['text/csv; header=absent', lines.join('\n')],
	]) {
		const { json } = await invoke(text, type);
		expect(json).toMatchObject({ predictions: [fields(FRUIT), fields(SECOND)] });
	}
	// Text of ten million characters in quotes is one cell.
	const long = await invoke(`weight,days,Colour,since,ripe\n1,2,"${'x""'.repeat(3_000_000)}",2024-01-01,true\n`, 'text/csv');
	expect(long.status).toBe(200);
});

it('gives reasons and keys where they are asked for, and says what to know', async () => {
	const { json } = await invoke({ instances: [{ ...FRUIT, Colour: 'purple' }], params: { reasons: 1, key: 'customer 7' } });
	expect(json).toMatchObject({
		predictions: [
			{ reasons: [{ contribution: expect.any(Number) as number }], warnings: ['"Colour" is "purple", a value that no training row had.'] },
		],
	});
});

it('leaves columns out that the model does not have, and says which', async () => {
	const { headers, status } = await invoke({ dataframe_records: [{ ...FRUIT, Größe: 1, id: 7 }] });
	expect(status).toBe(200);
	expect(headers.get('x-mlops-ignored-columns')).toBe('Gr%C3%B6%C3%9Fe,id');
});

it('names as many of them as a header has room for, so that the answer reaches its caller', async () => {
	const long = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i} ${'ö'.repeat(5_000)}`, i]));
	const { headers, status, json } = await invoke({ dataframe_records: [{ ...FRUIT, ...long }] });
	expect([status, json]).toEqual([200, { predictions: [expect.anything()] }]);
	const names = headers.get('x-mlops-ignored-columns')!;
	expect(names.length).toBeGreaterThan(500);
	expect(names.length).toBeLessThanOrEqual(2_000);
	for (const name of names.split(',')) expect(decodeURIComponent(name)).toMatch(/^\d+ ö{90,99}$/);
	// Of one line of CSV, too.
	const csv = `${[...NAMES, 'x'.repeat(100_000)].join(',')}\n${[...NAMES, ''].map(() => '').join(',')}\n`;
	expect((await invoke(csv, 'text/csv')).headers.get('x-mlops-ignored-columns')).toHaveLength(100);
});

it('answers no rows with no rows', async () => {
	for (const body of [{ dataframe_split: { columns: NAMES, data: [] } }, { inputs: [] }, { instances: [] }])
		expect((await invoke(body)).json).toEqual({ predictions: [] });
	expect((await invoke(`${NAMES.join(',')}\n`, 'text/csv')).json).toEqual({ predictions: [] });
});

it.each<[string, unknown, string, RegExp]>([
	['no form', { data: [] }, 'application/json', /exactly one of "dataframe_split", .*/],
	['two forms', { instances: [], inputs: [] }, 'application/json', /exactly one of/],
	['a list', [FRUIT], 'application/json', /should be a JSON object/],
	['no JSON', '{"instances": [', 'application/json', /not JSON/],
	['a split without data', { dataframe_split: { columns: NAMES } }, 'application/json', /list "data" of lists/],
	['a split that is a list', { dataframe_split: [] }, 'application/json', /list "data" of lists/],
	[
		'a split whose names are numbers',
		{ dataframe_split: { columns: [1], data: [[1]] } },
		'application/json',
		/"columns" should be a list of names/,
	],
	[
		'a split with a name twice',
		{ dataframe_split: { columns: ['weight', 'weight'], data: [[1, 2]] } },
		'application/json',
		/"weight" is there twice/,
	],
	[
		'a ragged split',
		{ dataframe_split: { columns: ['weight', 'days'], data: [[1, 2], [3]] } },
		'application/json',
		/Row 2 has 1 values, and there are 2 columns/,
	],
	['records that are an object', { dataframe_records: FRUIT }, 'application/json', /"dataframe_records" should be a list/],
	['records of lists', { dataframe_records: [listOf(FRUIT)] }, 'application/json', /Row 1 of "dataframe_records" should be an object/],
	['a value as inputs', { inputs: 3 }, 'application/json', /"inputs" should be a list of rows or an object of columns, not a number/],
	[
		'parameters that mean nothing',
		{ instances: [FRUIT], params: { threshold: 0.3 } },
		'application/json',
		/"threshold", which means nothing here/,
	],
	['parameters that are no object', { instances: [FRUIT], params: 3 }, 'application/json', /"params" should be an object/],
	[
		'a bad row',
		{ instances: [FRUIT, { ...FRUIT, ripe: 'perhaps' }] },
		'application/json',
		/Row 2: "ripe" should be true or false, not "perhaps"/,
	],
	[
		'infinity',
		`{"instances":[{"weight":Infinity,"days":1,"Colour":"red","since":null,"ripe":null}]}`,
		'application/json',
		/"weight" should be a number, not Infinity/,
	],
	['Parquet', 'PAR1', 'application/vnd.apache.parquet', /are not read here/],
	['another charset', '{}', 'application/json; charset=latin1', /should be UTF-8/],
	['CSV of nothing', '\n', 'text/csv', /body is empty/],
	['CSV without names', '1,2,red,2024-01-01,true\n', 'text/csv', /names no column of the model.*text\/csv; header=absent/],
	['CSV with a name twice', 'weight,weight\n1,2\n', 'text/csv', /"weight" is there twice/],
	['ragged CSV', 'weight,days\n1\n', 'text/csv', /Row 1 has 1 values/],
	['CSV with a quote that is not closed', 'weight,days\n"1,2\n', 'text/csv', /quote that is not closed/],
])('%s is refused', async (_name, body, type, says) => {
	const { json, status } = await invoke(body, type);
	expect(json).toMatchObject({ error_code: 'BAD_REQUEST', message: expect.stringMatching(says) as string });
	expect(status).toBe(400);
});

it('answers for each model by its name, as clients of deployments and Databricks ask', async () => {
	for (const path of ['/endpoints/fruit/invocations', '/serving-endpoints/fruit/invocations']) {
		const { json, status, headers } = await server.post(path, { dataframe_records: [FRUIT] });
		expect([status, json]).toEqual([200, { predictions: [fields(FRUIT)] }]);
		expect(headers.get('x-mlops-model')).toBe('fruit');
	}
	const { json } = await server.post('/endpoints/price.v2/invocations', 'a,b,c\n1,2,3\n', { 'content-type': 'text/csv' });
	expect(json).toEqual({ predictions: [{ prediction: server.models.price.predictor.answer({ a: 1, b: 2, c: 3 }, 0).prediction }] });
	const nobody = await server.post('/endpoints/nobody/invocations', { inputs: [] });
	expect([nobody.status, nobody.json]).toEqual([404, expect.objectContaining({ error_code: 'RESOURCE_DOES_NOT_EXIST' })]);
	expect((await server.get('/api/2.0/endpoints/nobody')).status).toBe(404);
	expect((await server.get('/endpoints/fruit/invocations')).status).toBe(405);
	for (const path of ['/api/2.0/endpoints', '/api/2.0/endpoints/'])
		expect((await server.get(path)).json).toMatchObject({ endpoints: [{ name: 'fruit' }, {}, {}, {}] });
});

it('of several models one must be meant', async () => {
	const other = await served({ model: undefined });
	const { json, status } = await other.post('/invocations', { instances: [FRUIT] });
	expect(json).toMatchObject({
		error_code: 'RESOURCE_DOES_NOT_EXIST',
		message: expect.stringMatching(/names no model.*--model NAME/) as string,
	});
	expect(status).toBe(404);
	expect((await other.get('/ping')).status).toBe(200);
	await other.close();
	const damaged = await served({ model: 'grade@1' });
	expect((await damaged.get('/ping')).status).toBe(503);
	await damaged.close();
});
