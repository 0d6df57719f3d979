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
let store: Store;
let server: Served;
beforeAll(async () => {
	const made = await fruitStore(2);
	store = made.store;
	await addRollout(store, DIVISION);
	server = await startServe(made.home);
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

it('that a column decided are told again by the key in the log', async () => {
	await server.stop();
	const entries = (await store.predictions({ model: 'fruit' })).filter(({ key }) => key === 'jo');
	expect(entries).toHaveLength(6);
	for (const { key, arm } of entries) expect(arm).toBe(armOf(DIVISION, key!).arm);
});
