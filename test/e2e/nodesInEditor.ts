import { Editor } from './browser.js';
import { inARow, node, wire, type TestN8n } from './n8n.js';

const TYPES = ['Ingest', 'Clean', 'FeatureEngineer', 'Train', 'Evaluate', 'Deploy', 'Predict', 'MonitorDrift', 'Notify'];

/** Messages of the browser that are about n8n's own pages or the missing internet, not about our nodes. */
const FOREIGN = /Failed to load resource|ERR_|allowedTags|ResizeObserver|posthog|sentry|favicon/i;

/** Finding our nodes, their forms, and the pickers that know the columns. */
export function nodesInEditor(n8n: () => TestN8n): void {
	let editor: Editor;
	const complaints: string[] = [];
	beforeAll(async () => {
		editor = await Editor.open(n8n().host);
		editor.page.on('pageerror', (error) => complaints.push(error.message));
		editor.page.on('console', (message) => {
			if (['error', 'warning'].includes(message.type()) && !FOREIGN.test(message.text()) && message.text().trim())
				complaints.push(message.text());
		});
		const names = ['Start', ...TYPES];
		const workflow = await n8n().add({
			name: 'All forms',
			nodes: inARow([
				node('Start', 'n8n-nodes-base.manualTrigger'),
				...TYPES.map((type) =>
					node(
						type,
						type,
						{
							Ingest: { source: 'example', example: 'penguins' },
							FeatureEngineer: { steps: { step: [{ step: 'scale' }] } },
							Clean: { mode: 'manual', steps: { step: [{ step: 'impute' }] } },
						}[type] ?? {},
					),
				),
			]),
			connections: wire(...names.slice(1).map((name, i): [string, string] => [names[i], name])),
		});
		await editor.openWorkflow(workflow);
	}, 180_000);
	afterAll(async () => await editor?.close());

	it.each([
		['churn', ['MLOps Train', 'MLOps Predict']],
		['predict', ['MLOps Train', 'MLOps Predict']],
		['AI model', ['MLOps Train', 'MLOps Evaluate', 'MLOps Deploy', 'MLOps Predict']],
		['drift', ['MLOps Monitor Drift']],
		['approval', ['MLOps Notify']],
		['csv', ['MLOps Ingest']],
		['missing values', ['MLOps Clean']],
		['one-hot', ['MLOps Feature Engineer']],
	])(
		'are found by who searches for "%s"',
		async (words, wanted) => {
			const found = await editor.searchNodes(words);
			for (const name of wanted) expect(found).toContain(name);
		},
		60_000,
	);

	it.each(TYPES)(
		'%s opens its form without a complaint',
		async (type) => {
			complaints.length = 0;
			await editor.openNode(type);
			const form = editor.page.locator('[data-test-id=node-parameters]').last();
			await form.waitFor({ timeout: 20_000 });
			const text = await form.innerText();
			expect(text).not.toMatch(/Error fetching|undefined|\bnull\b|[a-z]+\.[a-z]+\.[a-z]+\.[a-z]+/);
			await editor.shot(`form-${type}`);
			await editor.closeNode();
			expect(complaints).toEqual([]);
		},
		60_000,
	);

	it('offers the columns by name once Ingest ran', async () => {
		const { page } = editor;
		await editor.openNode('Clean');
		await page.locator('[data-test-id=node-execute-button]').click();
		await page.locator('[data-test-id=output-panel] [data-test-id=node-run-status-success]').last().waitFor({ timeout: 60_000 });
		await editor.closeNode();
		await editor.openNode('FeatureEngineer');
		const picker = page.locator('[data-test-id=parameter-input-columns]').first();
		await picker.click();
		const options = page.locator('.el-select-dropdown__item:visible');
		await options.first().waitFor({ timeout: 20_000 });
		const offered = (await options.allInnerTexts()).join('\n');
		for (const column of ['Body Mass (g)', 'Flipper Length (mm)', 'Island', 'Species']) expect(offered).toContain(column);
		await editor.shot('column-picker');
		await page.keyboard.press('Escape');
		await editor.closeNode();
	}, 120_000);
}
