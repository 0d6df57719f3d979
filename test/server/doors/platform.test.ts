import { createPredictor } from '../../../lib/serve/predictor.js';
import { removeFolders } from '../../store/records.js';
import { ask, fruitPackage, fruitStore, ROW, startServe } from '../served.js';

/** The program itself, as a platform starts it: what its variables say reaches the threads that answer. */
it('mlops serve listens where Vertex AI says, and lets it alone in without a key', async () => {
	const { home, store } = await fruitStore();
	const platform = { AIP_HTTP_PORT: '8080', AIP_HEALTH_ROUTE: '/v1/endpoints/7', AIP_PREDICT_ROUTE: '/v1/endpoints/7:predict' };
	Object.assign(process.env, platform);
	const server = await startServe(home, []).finally(() => {
		for (const name of Object.keys(platform)) Reflect.deleteProperty(process.env, name);
	});
	try {
		// What was typed (--port) goes before; where it listens is the platform's.
		const { hostname, port } = new URL(server.url);
		expect(hostname).toBe('0.0.0.0');
		expect(port).not.toBe('8080');
		const url = `http://127.0.0.1:${port}`;
		expect((await fetch(`${url}/v1/endpoints/7`)).status).toBe(200);
		const { prediction } = (await createPredictor(await fruitPackage(), 'x')).answer(ROW, 0);
		expect(await ask(`${url}/v1/endpoints/7:predict`, { instances: [ROW] })).toMatchObject({
			status: 200,
			body: { predictions: [{ prediction }] },
		});
		expect((await ask(`${url}/v1/models/fruit:predict`, { instances: [ROW] })).status).toBe(401);
	} finally {
		expect(await server.stop()).toBe(0);
		await store.close();
		await removeFolders();
	}
});
