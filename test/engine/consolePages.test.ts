import { startServe, type Served } from '../server/served.js';
import { chain, createEngine, disposeEngine, type Engine } from './engine.js';
import { ANY, train } from './models.js';

let engine: Engine;
let server: Served;
beforeAll(async () => {
	engine = await createEngine();
	server = await startServe(engine.home);
}, 120_000);
afterAll(async () => {
	await server.stop();
	await disposeEngine();
});

const deploy = (items: Awaited<ReturnType<typeof train>>['items']) =>
	engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters: { modelName: 'fruit' } }), { items });

it('items lead to their pages in the console of the model server that runs, and to none once it is gone', async () => {
	const { items } = await train(engine, {}, { rules: ANY });
	const { run } = items[0].json as { run: { id: string; page: string } };
	expect(run.page).toBe(`${server.url}/console/trainings/${run.id}`);
	const deployed = (await deploy(items)).output('Deploy')[0].json.deployment;
	expect(deployed).toMatchObject({ page: `${server.url}/console/models/fruit/1` });

	await server.stop();
	// What is known of servers is taken for true for a few seconds.
	await new Promise((resolve) => setTimeout(resolve, 5_500));
	expect((await deploy(items)).output('Deploy')[0].json.deployment).not.toHaveProperty('page');
});
