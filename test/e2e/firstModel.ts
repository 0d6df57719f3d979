import { Editor } from './browser.js';
import type { TestN8n } from './n8n.js';

const NODES = ['Start', 'Ingest penguins', 'Clean', 'Train', 'Evaluate', 'Deploy', 'Ask the model'];

/** The first thing that a newcomer does: open the small template and press the button. */
export function firstModel(n8n: () => TestN8n): void {
	let editor: Editor;
	beforeAll(async () => {
		editor = await Editor.open(n8n().host);
	}, 120_000);
	afterAll(async () => await editor?.close());

	it('turns green from end to end with one click', async () => {
		await editor.openWorkflow('MlopsFirstModel1');
		await editor.execute();
		for (const name of NODES) await editor.untilGreen(name, 240_000);
		await editor.shot('first-model');
	}, 300_000);

	it('tells in words and pictures how good the model is', async () => {
		await editor.openNode('Evaluate');
		const report = await editor.report();
		expect(report).toMatch(/names the right “Species” in \d+(\.\d+)?\s%\sof cases/);
		expect(report).not.toMatch(/undefined|NaN|\[object/);
		await editor.shot('first-model-report');
		await editor.backToList();
		const chart = await editor.chart();
		expect(Math.min(chart.width, chart.height)).toBeGreaterThan(150);
		await editor.shot('first-model-chart');
		await editor.closeNode();
	}, 120_000);

	it('shows the same species for the penguin that it was asked about', async () => {
		const [id] = await n8n().executionsOf('MlopsFirstModel1');
		const { data } = await n8n().until(id, ['success']);
		expect(data.resultData.runData['Ask the model'][0].data!.main[0]![0].json.prediction).toMatchObject({
			prediction: 'Gentoo',
			model: 'penguins@1',
		});
	}, 60_000);
}
