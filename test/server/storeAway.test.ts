import { setTimeout as sleep } from 'node:timers/promises';
import { sharedRef } from '../../lib/store/location.js';
import { openStore } from '../../lib/store/openStore.js';
import { grantedRef } from '../../lib/store/storeSecrets.js';
import { describeServer, noPostgres, startPostgres } from '../data/servers.js';
import { SECRET } from '../store/contract/places.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { ask, fillWithFruit, ROW, startServe, type Loose } from './served.js';

describeServer('a model server whose store goes away', noPostgres(), () => {
	afterAll(removeFolders);

	it('goes on with what it has, and says so', async () => {
		const database = await startPostgres();
		const home = await freshFolder();
		const { port, user, password } = database;
		const url = `postgres://${user}@localhost:${port}/${database.database}?sslmode=disable`;
		const store = await openStore(grantedRef(sharedRef({ url, artifacts: home }), { password, secret: SECRET }));
		await fillWithFruit(store, 2);
		await store.close();
		const server = await startServe(home, ['--no-keys'], {
			MLOPS_STORE_URL: url.replace('@', `:${encodeURIComponent(password)}@`),
			MLOPS_STORE_ARTIFACTS: home,
			MLOPS_STORE_SECRET: SECRET,
		});
		const path = `${server.url}/v1/models/fruit`;
		expect((await ask(`${path}/predict`, { row: ROW })).body).toMatchObject({ version: 1 });
		await database.stop();
		let ready: Loose = {} as Loose;
		for (const until = Date.now() + 60_000; !ready.store && Date.now() < until; await sleep(200))
			ready = (await ask(`${server.url}/health/ready`)).body;
		expect(ready).toMatchObject({ ready: true, store: expect.stringMatching(/^not seen since \d{4}-/) });
		expect((await ask(`${server.url}/metrics`)).body).toMatch(/^mlops_store_away 1$/m);
		// Also a version that was not in memory yet: its package lies in a folder, which is still there.
		for (const way of ['predict', 'aliases/champion/predict', 'versions/2/predict'])
			expect([way, (await ask(`${path}/${way}`, { row: ROW })).status]).toEqual([way, 200]);
		expect(await server.stop()).toBe(0);
	});
});
