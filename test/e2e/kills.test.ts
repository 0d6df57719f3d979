import { setTimeout as sleep } from 'node:timers/promises';
import { inARow, node, TestN8n, wire } from './n8n.js';

/** `MLOPS_KILLS=50` tries it as often as anyone likes; each kill takes a restart of n8n. */
const KILLS = Number(process.env.MLOPS_KILLS ?? 5);
const PENGUIN = {
	Island: 'Biscoe',
	'Beak Length (mm)': 47,
	'Beak Depth (mm)': 15,
	'Flipper Length (mm)': 215,
	'Body Mass (g)': 5000,
	Sex: 'MALE',
};

/** n8n and all that it started, killed as by a power failure; the same store goes on in test/app/kills.test.ts much more often. */
describe('full n8n, killed while it trains and deploys', () => {
	let n8n: TestN8n;
	let deploys: string;
	let asks: string;
	beforeAll(async () => {
		n8n = await TestN8n.start();
		const chain = ['Start', 'Ingest', 'Train', 'Evaluate', 'Deploy'];
		deploys = await n8n.add({
			name: 'Deploys again and again',
			nodes: inARow([
				node('Start', 'n8n-nodes-base.manualTrigger'),
				node('Ingest', 'Ingest', { source: 'example', example: 'penguins', name: 'penguins' }),
				// A model of its own each time: the number of the execution sets its regularisation.
				node('Train', 'Train', {
					learner: 'logisticRegression',
					modelName: 'penguins',
					params_logisticRegression: { C: '={{ 1 / Number($execution.id) }}' },
				}),
				// Each of them passes, the worse ones too.
				node('Evaluate', 'Evaluate', { rules: { rule: [{ metric: 'accuracy', kind: 'min', value: 0 }] } }),
				node('Deploy', 'Deploy', { modelName: 'penguins', alsoInTestRuns: true }),
			]),
			connections: wire(...chain.slice(2).map((name, i): [string, string, number] => [chain[i + 1], name, name === 'Deploy' ? 1 : 0]), [
				'Start',
				'Ingest',
			]),
		});
		asks = await n8n.add({
			name: 'Asks the champion',
			nodes: inARow([
				node('Start', 'n8n-nodes-base.manualTrigger'),
				node('Predict', 'Predict', { modelSource: 'registry', model: 'penguins', input: 'items', row: JSON.stringify(PENGUIN) }),
			]),
			connections: wire(['Start', 'Predict']),
		});
		await n8n.until(await n8n.begin(deploys), ['success']);
	}, 600_000);
	afterAll(async () => await n8n?.dispose(), 60_000);

	const champion = async () =>
		await n8n.store(async (store) => {
			await store.verify();
			return (await store.alias('penguins', 'champion'))!;
		});

	it(
		`opens, verifies and serves the last champion after each of ${KILLS} kills`,
		async () => {
			let last = await champion();
			expect(last).toBe(1);
			for (let i = 0; i < KILLS; i++) {
				await n8n.begin(deploys);
				// Spread over all that it does.
				await sleep(((i * 0.618) % 1) * 6_000);
				await n8n.kill();
				const after = await champion();
				// What was deployed stays so; the killed run may have come as far as a version of its own.
				expect(after).toBeGreaterThanOrEqual(last);
				expect(after).toBeLessThanOrEqual(last + 1);
				await n8n.restart();
				const {
					data: {
						resultData: { runData },
					},
				} = await n8n.until(await n8n.begin(asks), ['success']);
				const [{ json }] = runData.Predict[0].data!.main[0]!;
				expect(json).toMatchObject({ prediction: { model: `penguins@${after}` } });
				last = await champion();
			}
			await n8n.until(await n8n.begin(deploys), ['success']);
			expect(await champion()).toBeGreaterThan(last);
		},
		600_000 + KILLS * 60_000,
	);
});
