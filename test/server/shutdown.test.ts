import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
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

it('a connection on which nothing ever came does not keep the server from ending, however long it has been there', async () => {
	const { home, store } = await fruitStore();
	const server = await startServe(home, ['--no-keys', '--listeners', '1']);
	// As browsers and proxies do that connect in advance; later than a second Node's own parser has it.
	const silent = new Wire(server.url);
	await sleep(1_700);
	const busy = new Wire(server.url);
	const text = requestText('/v1/models/fruit/predict', JSON.stringify({ row: ROW }), ['Expect: 100-continue']);
	const body = text.indexOf('\r\n\r\n') + 4;
	await busy.send(text.slice(0, body));
	expect((await busy.next())!.head).toMatch(/^HTTP\/1.1 100 /);
	const exit = once(server.child, 'exit');
	server.child.kill('SIGTERM');
	await silent.over();
	// The server is still there for who is being answered: it did not end by being cut off.
	await busy.send(text.slice(body));
	expect((await busy.next())?.head).toMatch(/^HTTP\/1.1 200 /);
	expect(await exit).toEqual([0, null]);
	await store.close();
});
