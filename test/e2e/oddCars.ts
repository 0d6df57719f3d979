import { Editor } from './browser.js';
import { inARow, node, wire, type TestN8n } from './n8n.js';

const NODES = ['Start', 'Ingest', 'Train', 'Evaluate', 'Deploy', 'Predict'];

/** Anomalies from training to an answer, where nobody says what is odd. */
export function oddCars(n8n: () => TestN8n): void {
	let editor: Editor;
	let workflow: string;
	beforeAll(async () => {
		editor = await Editor.open(n8n().host);
		workflow = await n8n().add({
			name: 'Odd cars',
			nodes: inARow([
				node('Start', 'n8n-nodes-base.manualTrigger'),
				node('Ingest', 'Ingest', { source: 'example', example: 'cars' }),
				node('Train', 'Train', {
					task: 'anomaly',
					learner: 'isolationForest',
					params_isolationForest: { contamination: 0.03 },
					modelName: 'odd_cars',
				}),
				node('Evaluate', 'Evaluate'),
				node('Deploy', 'Deploy', { operation: 'deploy', modelName: 'odd_cars', alias: 'champion', alsoInTestRuns: true }),
				// The form is filled with an example row.
				node('Predict', 'Predict@2', { modelSource: 'registry', model: 'odd_cars', alias: 'champion', input: 'items' }),
			]),
			connections: wire(['Start', 'Ingest'], ['Ingest', 'Train'], ['Train', 'Evaluate'], ['Evaluate', 'Deploy', 1], ['Deploy', 'Predict']),
		});
	}, 120_000);
	afterAll(async () => await editor?.close());

	it('are found, judged, deployed and asked about with one click', async () => {
		await editor.openWorkflow(workflow);
		await editor.execute();
		for (const name of NODES) await editor.untilGreen(name, 120_000);
		await editor.openNode('Evaluate');
		const report = await editor.report();
		await editor.shot('odd-cars-evaluate');
		expect(report).toMatch(/calls \d+(\.\d+)?\s%\sof the rows anomalies/);
		expect(report).toContain('The oddest rows');
		expect(report).not.toMatch(/undefined|NaN|\[object|“”/);
		await editor.closeNode();
		const [id] = await n8n().executionsOf(workflow);
		const { data } = await n8n().until(id, ['success']);
		expect(data.resultData.runData.Predict[0].data!.main[0]![0].json).toMatchObject({
			prediction: 'normal',
			anomaly: false,
			anomaly_score: expect.any(Number),
			answeredBy: 'odd_cars@1',
		});
	}, 300_000);
}
