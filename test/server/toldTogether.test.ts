import { silentContext } from '../../lib/domain/progress.js';
import { tellTruth } from '../../lib/app/truth.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe, type Served } from './served.js';

const ROWS = 12;

let made: Awaited<ReturnType<typeof fruitStore>>;
const servers: Served[] = [];
beforeAll(async () => {
	made = await fruitStore();
});
afterAll(async () => {
	for (const server of servers) await server.stop();
	await made.store.close();
	await removeFolders();
});

it('what two servers and a workflow are told at the same moment is written once', async () => {
	const { home, store } = made;
	for (let i = 0; i < 2; i++) servers.push(await startServe(home));
	const { digest } = (await store.find('modelVersion', 'fruit'))!.body;
	const ids = Array.from({ length: ROWS }, (_, i) => `answer ${i}`);
	await store.logPredictions(
		ids.map((requestId) => ({
			...{ at: new Date().toISOString(), model: 'fruit@1', digest, requestId },
			...{ input: ROW, prediction: 'good', score: [0.8] },
		})),
	);
	const told = await Promise.all(
		ids.flatMap((id) => [
			...servers.map(async ({ url }) => (await ask(`${url}/v1/feedback`, { id, truth: 'good' })).body as unknown as Record<string, number>),
			tellTruth({ store, context: silentContext() }, { truths: [{ id, truth: 'good' }], by: 'a workflow' }),
		]),
	);
	const sum = (name: 'taken' | 'same'): number => told.reduce((n, one) => n + one[name], 0);
	expect([sum('taken'), sum('same')]).toEqual([ROWS, 2 * ROWS]);
	const lines = await store.log.query((from) => `SELECT id FROM ${from}`, 'truth');
	expect(lines.map(([id]) => id).sort()).toEqual([...ids].sort());
}, 120_000);
