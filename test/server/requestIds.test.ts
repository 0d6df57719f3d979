import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe, type Served } from './served.js';

const VERTEX = '/v1/endpoints/7/deployedModels/3:predict';
let store: Store;
let server: Served;
beforeAll(async () => {
	const made = await fruitStore();
	store = made.store;
	// What was answered is in the log when the answer is there.
	const args = ['--no-keys', '--host', '127.0.0.1', '--log', 'durable'];
	server = await startServe(made.home, args, { AIP_HTTP_PORT: '8080', AIP_HEALTH_ROUTE: '/alive', AIP_PREDICT_ROUTE: VERTEX });
});
afterAll(async () => {
	expect(await server.stop()).toBe(0);
	await store.close();
	await removeFolders();
});

const tell = async (id: string) => (await ask(`${server.url}/v1/feedback`, [{ id, truth: 'good' }])).body;
const tensors = Object.entries(ROW).map(([name, value]) => ({
	name,
	shape: [1],
	datatype: typeof value === 'boolean' ? 'BOOL' : typeof value === 'string' ? 'BYTES' : 'FP64',
	data: [value],
}));

it.each<[string, string, object, Record<string, string>?]>([
	['a field of ours', '/v1/models/fruit/predict', { row: ROW, requestId: 'ID' }],
	['a header at ours', '/v1/models/fruit/predict', { row: ROW }, { 'X-Request-Id': 'ID' }],
	['the id of the Open Inference Protocol', '/v2/models/fruit/infer', { id: 'ID', inputs: tensors }],
	['a header at the Open Inference Protocol', '/v2/models/fruit/infer', { inputs: tensors }, { 'X-Request-Id': 'ID' }],
	['a header at TensorFlow Serving', '/v1/models/fruit:predict', { instances: [ROW] }, { 'X-Request-Id': 'ID' }],
	['a header at MLflow', '/invocations', { dataframe_records: [ROW] }, { 'X-Request-Id': 'ID' }],
	["SageMaker's id", '/invocations', { instances: [ROW] }, { 'X-Amzn-SageMaker-Inference-Id': 'ID' }],
	['a header at Vertex AI', VERTEX, { instances: [ROW] }, { 'X-Request-Id': 'ID' }],
])("the truth comes back by the caller's own id: %s", async (which, path, body, headers = {}) => {
	const own = `order ${which}`;
	const sent = JSON.stringify(body).replace('ID', own);
	const asked = async () => {
		const said = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('ID', own)]));
		const { status, headers: got, body: answer } = await ask(`${server.url}${path}`, sent, said);
		expect(status).toBe(200);
		return got.get('x-mlops-request-id') ?? (answer.id as unknown as string);
	};
	const id = await asked();
	expect(await tell(own)).toMatchObject({ rows: 1, taken: 1 });
	expect(await tell(id)).toMatchObject({ rows: 1, same: 1 });
	await asked();
	expect(await tell(own)).toMatchObject({
		refused: 1,
		refusals: [{ expected: expect.stringContaining('2 were asked with this one') as string }],
	});
});

it('of many rows each has its number behind it, and UUIDs are found however they are written', async () => {
	const own = 'E7C5F2A4-1111-4222-8333-ABCDEFABCDEF';
	const { body } = await ask(`${server.url}/v1/models/fruit/predict`, { rows: [ROW, ROW], requestId: own });
	expect(body).toMatchObject({ requestId: own, answers: [{}, {}] });
	expect(await tell(`${own}-1`)).toMatchObject({ taken: 1 });
	expect(await tell(body.answers[1].id as unknown as string)).toMatchObject({ same: 1 });
	expect(await tell(`${own.toLowerCase()}-0`)).toMatchObject({ taken: 1 });
	expect(await tell(own)).toMatchObject({ unknown: 1 });
});
