import { once } from 'node:events';
import { removeFolders } from '../store/records.js';
import { requestText, Wire } from './direct/wire.js';
import { fruitStore, ROW, startServe } from './served.js';

afterAll(removeFolders);

const QUESTIONS: Array<[path: string, body: object]> = [
	['/v1/models/fruit/predict', { row: ROW }],
	['/v1/models/fruit:predict', { instances: [ROW] }],
	['/invocations', { dataframe_records: [ROW] }],
	['/v2/models/fruit/infer', { inputs: [{ name: 'all', shape: [0, 4], datatype: 'FP64', data: [] }] }],
];

it('callers whose request is on its way when the server is told to end get its answer, and hear that the connection ends with it', async () => {
	const { home, store } = await fruitStore();
	const server = await startServe(home, ['--no-keys', '--listeners', '1']);
	const idle = new Wire(server.url);
	const asked = QUESTIONS.map(([path, body]) => {
		const text = requestText(path, JSON.stringify(body), ['Expect: 100-continue']);
		return { wire: new Wire(server.url), head: text.slice(0, text.indexOf('\r\n\r\n') + 4), body: JSON.stringify(body) };
	});
	for (const { wire, head } of asked) {
		await wire.send(head);
		// It has the head, and waits for the body.
		expect((await wire.next())!.head).toMatch(/^HTTP\/1.1 100 /);
	}
	const exit = once(server.child, 'exit');
	server.child.kill('SIGTERM');
	// From now on it ends.
	await idle.over();
	for (const { wire, body } of asked) {
		await wire.send(body);
		const { head } = (await wire.next())!;
		expect(head).toMatch(/^HTTP\/1.1 200 /);
		expect(head).toMatch(/^connection: close$/im);
		await wire.over();
		wire.end();
	}
	idle.end();
	expect(await exit).toEqual([0, null]);
	expect((await store.predictions({ model: 'fruit' })).map(({ door }) => door).sort()).toEqual(['mlflow', 'own', 'tfserving']);
	await store.close();
});
