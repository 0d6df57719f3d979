import { startServe, type Served } from '../server/served.js';
import { chain, createEngine, disposeEngine, type Engine } from './engine.js';
import { closeServers, httpServer } from '../notify/servers.js';
import { ANY, train } from './models.js';

let engine: Engine;
let server: Served;
beforeAll(async () => {
	engine = await createEngine();
	server = await startServe(engine.home);
}, 120_000);
afterAll(async () => {
	await closeServers();
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

	// Where n8n answers a link by itself once it is decided, the request can still be seen there.
	const received = await httpServer([{ status: 200 }]);
	const parameters = { operation: 'sendAndWait', approvers: 'ana', channel: 'webhook', url: received.url, title: 'May it go live?' };
	const asked = await engine.execute(chain({ name: 'Ask', type: 'mlopsNotify', parameters }), { items: [{ json: { month: 'May' } }] });
	expect(asked.run.status).toBe('waiting');
	const { links } = JSON.parse(received.received[0].body) as { links: Array<{ label: string; url: string }> };
	expect(links.map(({ label }) => label)).toEqual(['Approval page for ana', 'See the request in the console']);
	expect(links[1].url.startsWith(`${server.url}/console/approvals/`)).toBe(true);

	await server.stop();
	// What is known of servers is taken for true for a few seconds.
	await new Promise((resolve) => setTimeout(resolve, 5_500));
	expect((await deploy(items)).output('Deploy')[0].json.deployment).not.toHaveProperty('page');
});
