import type { Division } from '../../lib/domain/rollout.js';
import { armOf } from '../../lib/serve/rollout/arm.js';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { addRollout, ask, fruitStore, ROW, startServe, type Served } from './served.js';

/** A rollout by customers, whom the model knows nothing of. */
const DIVISION: Division = {
	id: 'customers',
	kind: 'ab',
	alias: 'champion',
	stable: 1,
	candidates: [{ version: 2, share: 0.5 }],
	key: 'customer',
};
const VERTEX = {
	AIP_HTTP_PORT: '8080',
	AIP_HEALTH_ROUTE: '/v1/endpoints/7/deployedModels/3',
	AIP_PREDICT_ROUTE: '/v1/endpoints/7/deployedModels/3:predict',
};
let store: Store;
let server: Served;
beforeAll(async () => {
	const made = await fruitStore(2);
	store = made.store;
	await addRollout(store, DIVISION);
	server = await startServe(made.home, ['--no-keys', '--host', '127.0.0.1', '--log', 'durable'], VERTEX);
});
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

it.each<[string, (customer: string) => object]>([
	['/v1/models/fruit/predict', (customer) => ({ row: { ...ROW, customer } })],
	['/invocations', (customer) => ({ dataframe_records: [{ ...ROW, customer }] })],
	[
		'/invocations',
		(customer) => ({ dataframe_split: { columns: [...Object.keys(ROW), 'customer'], data: [[...Object.values(ROW), customer]] } }),
	],
	['/v1/models/fruit:predict', (customer) => ({ instances: [{ ...ROW, customer }] })],
	[VERTEX.AIP_PREDICT_ROUTE, (customer) => ({ instances: [{ ...ROW, customer }] })],
	['/v1/models/fruit:classify', (customer) => ({ examples: [ROW], context: { customer } })],
	[
		'/v2/models/fruit/infer',
		(customer) => ({
			inputs: Object.entries({ ...ROW, customer }).map(([name, value]) => ({
				name,
				shape: [1],
				datatype: typeof value === 'boolean' ? 'BOOL' : typeof value === 'string' ? 'BYTES' : 'FP64',
				data: [value],
			})),
		}),
	],
])('stick to a column that the model does not have, at every door, and the log has it for a key: %s', async (path, body) => {
	const asked = async (customer: string) => {
		const { status, headers, body: got } = await ask(`${server.url}${path}`, body(customer));
		return [status, headers.get('x-mlops-arm') ?? (got.arm as unknown)];
	};
	for (const customer of ['ana', 'bo', 'cem', 'dana', 'eva', 'finn', 'gil', 'hana', 'ida', 'jo'])
		expect([customer, ...(await asked(customer))]).toEqual([customer, 200, armOf(DIVISION, customer).arm]);
});

/** Two customers that floating-point numbers cannot tell apart. */
const LONG = ['9007199254740993', '9007199254740992'];
const long = (body: unknown, customer: string): string => JSON.stringify(body).replaceAll('"CUSTOMER"', customer);
const values = [...Object.values(ROW), 'CUSTOMER'];
const tensors = (datatype: string) => ({
	inputs: Object.entries({ ...ROW, customer: 'CUSTOMER' }).map(([name, value]) => ({
		name,
		shape: [1],
		datatype: name === 'customer' ? datatype : typeof value === 'boolean' ? 'BOOL' : typeof value === 'string' ? 'BYTES' : 'FP64',
		data: [value],
	})),
});

it.each<[string, object]>([
	['/v1/models/fruit/predict', { row: { ...ROW, customer: 'CUSTOMER' } }],
	['/v1/models/fruit/predict', { columns: Object.fromEntries(Object.entries({ ...ROW, customer: 'CUSTOMER' }).map(([k, v]) => [k, [v]])) }],
	['/invocations', { dataframe_split: { columns: [...Object.keys(ROW), 'customer'], data: [values] } }],
	['/v1/models/fruit:predict', { instances: [{ ...ROW, customer: 'CUSTOMER' }] }],
	[VERTEX.AIP_PREDICT_ROUTE, { instances: [{ ...ROW, customer: 'CUSTOMER' }] }],
	['/v2/models/fruit/infer', tensors('INT64')],
	['/v1/models/fruit/predict', { row: ROW, key: 'CUSTOMER' }],
	['/invocations', { dataframe_records: [ROW], params: { key: 'CUSTOMER' } }],
])('keep all digits of a whole number that says who it is: %s %j', async (path, body) => {
	for (const customer of LONG) {
		const { status, headers, body: got } = await ask(`${server.url}${path}`, long(body, customer));
		const id = headers.get('x-mlops-request-id') ?? ((got.id ?? got.answers[0].id) as unknown as string);
		expect([status, headers.get('x-mlops-arm') ?? got.arm]).toEqual([200, armOf(DIVISION, customer).arm]);
		expect((await store.predictions({})).find(({ requestId }) => requestId === id)).toMatchObject({ key: customer });
	}
});

it('stick to a column whatever id SageMaker gives each request, by which the truth may come back all the same', async () => {
	const arms = [];
	for (const inference of ['sagemaker 1', 'sagemaker 2', 'sagemaker 3']) {
		const { status, headers } = await ask(
			`${server.url}/invocations`,
			{ dataframe_records: [{ ...ROW, customer: 'ana' }] },
			{ 'x-amzn-sagemaker-inference-id': inference },
		);
		const id = headers.get('x-mlops-request-id');
		arms.push([status, headers.get('x-mlops-arm')]);
		expect((await store.predictions({})).find(({ requestId }) => requestId === id)).toMatchObject({ key: 'ana', request: inference });
	}
	expect(arms).toEqual(arms.map(() => [200, armOf(DIVISION, 'ana').arm]));
});

it('call nobody in the log by a floating-point number that has lost its last digits', async () => {
	const { status, headers } = await ask(`${server.url}/v2/models/fruit/infer`, long(tensors('FP64'), '9007199254740992.0'));
	const id = headers.get('x-mlops-request-id');
	expect([status, headers.get('x-mlops-arm')]).toEqual([200, armOf(DIVISION, '9007199254740992').arm]);
	const entry = (await store.predictions({})).find(({ requestId }) => requestId === id);
	expect(entry).toMatchObject({ door: 'oip' });
	expect(entry).not.toHaveProperty('key');
});

it('know nobody called NaN, which is how binary data says that a customer is not known', async () => {
	const COUNT = 6;
	const part = (name: string, datatype: string, values: readonly Buffer[]): { input: object; bytes: Buffer } => {
		const bytes = Buffer.concat(values);
		return { input: { name, datatype, shape: [COUNT], parameters: { binary_data_size: bytes.length } }, bytes };
	};
	const each = (make: () => Buffer): Buffer[] => Array.from({ length: COUNT }, make);
	const float = (value: number) => (): Buffer => {
		const bytes = Buffer.alloc(8);
		bytes.writeDoubleLE(value);
		return bytes;
	};
	const parts = [
		part('weight', 'FP64', each(float(ROW.weight))),
		part('days', 'FP64', each(float(ROW.days))),
		part(
			'ripe',
			'BOOL',
			each(() => Buffer.from([1])),
		),
		part(
			'colour',
			'BYTES',
			each(() => Buffer.from('\u0003\0\0\0red')),
		),
		part('customer', 'FP64', [...each(float(NaN)).slice(2), float(Infinity)(), float(7)()]),
	];
	const head = Buffer.from(JSON.stringify({ inputs: parts.map(({ input }) => input), outputs: [{ name: 'request_id' }] }));
	const response = await fetch(`${server.url}/v2/models/fruit/infer`, {
		method: 'POST',
		headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(head.length) },
		body: Buffer.concat([head, ...parts.map(({ bytes }) => bytes)]),
	});
	const { outputs } = (await response.json()) as { outputs: Array<{ name: string; data: string[] }> };
	const ids = outputs.find(({ name }) => name === 'request_id')!.data;
	const entries = await store.predictions({});
	const found = ids.map((id) => entries.find(({ requestId }) => requestId === id)!);
	expect(found.map(({ key }) => key)).toEqual([undefined, undefined, undefined, undefined, undefined, '7']);
	expect(found.map(({ arm }) => arm)).toEqual(ids.map((id, i) => armOf(DIVISION, i === 5 ? '7' : id).arm));
});

it.each([
	[true, 'true'],
	[7, '7'],
	[7.5, '7.5'],
])('are the same for %j and the text of it, as tables send it', async (value, text) => {
	const keys = [];
	for (const customer of [value, text]) {
		const { body } = await ask(`${server.url}/v1/models/fruit/predict`, { row: { ...ROW, customer } });
		expect(body.arm).toBe(armOf(DIVISION, text).arm);
		keys.push((await store.predictions({})).find(({ requestId }) => requestId === String(body.id))!.key);
	}
	expect(keys).toEqual([text, text]);
});

it.each([[null], [''], [{ id: 7 }], [['ana']]])('know nobody by %j', async (customer) => {
	const { body } = await ask(`${server.url}/v1/models/fruit/predict`, { row: { ...ROW, customer } });
	expect(body.arm).toBe(armOf(DIVISION, String(body.id)).arm);
	expect((await store.predictions({})).find(({ requestId }) => requestId === String(body.id))).not.toHaveProperty('key');
});

it('that a column decided are told again by the key in the log', async () => {
	await server.stop();
	const entries = (await store.predictions({ model: 'fruit' })).filter(({ key }) => key === 'jo');
	expect(entries).toHaveLength(7);
	for (const { key, arm } of entries) expect(arm).toBe(armOf(DIVISION, key!).arm);
});
