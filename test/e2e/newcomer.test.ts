import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { churnFiles } from '../engine/messyChurn.js';
import { chromiumPath, Editor } from './browser.js';
import { TestN8n } from './n8n.js';

/**
 * The newcomer's hour: from the empty canvas to an answer, in full n8n, with nothing typed but where the file lies. What the model is worth
 * and what is said of the repairs is checked in test/engine/newcomer.test.ts, on the same file.
 */
const browser = chromiumPath() ? describe : describe.skip;

browser('a newcomer with a messy file', () => {
	const folder = mkdtempSync(join(tmpdir(), 'mlops-newcomer-'));
	const path = join(folder, 'churn.csv');
	let n8n: TestN8n;
	let editor: Editor;

	beforeAll(async () => {
		writeFileSync(path, churnFiles(11).messy);
		n8n = await TestN8n.start({ env: { N8N_RESTRICT_FILE_ACCESS_TO: folder } });
		editor = await Editor.open(n8n.host);
	}, 300_000);
	afterAll(async () => {
		await editor?.close();
		await n8n?.dispose();
		rmSync(folder, { recursive: true, force: true });
	}, 60_000);

	it('puts nodes in a row and types the path', async () => {
		await editor.newWorkflow();
		await editor.addNode('MLOps Ingest');
		await editor.choose('source', 'File');
		await editor.type('path', path);
		await editor.shot('newcomer-ingest');
		await editor.backToCanvas();
		for (const name of ['MLOps Clean', 'MLOps Feature Engineer', 'MLOps Train', 'MLOps Evaluate']) {
			await editor.addNode(name);
			await editor.backToCanvas();
		}
		await editor.addNode('MLOps Deploy', 'Passed');
		await editor.shot('newcomer-deploy');
		await editor.backToCanvas();
		for (const [name, output] of [['MLOps Predict'], ['MLOps Monitor Drift'], ['MLOps Notify', 'Stable']]) {
			await editor.addNode(name, output);
			await editor.backToCanvas();
		}
		await editor.shot('newcomer-canvas');
	}, 180_000);

	it('presses the button once, and everything runs to the end', async () => {
		await editor.execute();
		for (const name of [
			'MLOps Ingest',
			'MLOps Train',
			'MLOps Evaluate',
			'MLOps Deploy',
			'MLOps Predict',
			'MLOps Monitor Drift',
			'MLOps Notify',
		])
			await editor.untilGreen(name, 240_000);
		await editor.shot('newcomer-done');
		expect(await n8n.store(async (store) => await store.alias('churn', 'champion'))).toBe(1);
	}, 600_000);

	it('sees the answer first, and a form with one field a column, filled with an example', async () => {
		await editor.openNode('MLOps Predict');
		const { page } = editor;
		const table = page.locator('[data-test-id=output-panel]').last().locator('table').first();
		if (!(await table.isVisible())) await page.locator('[data-test-id=output-panel]').last().getByText('Table', { exact: true }).click();
		await table.waitFor({ timeout: 20_000 });
		const heads = (await table.locator('th').allInnerTexts()).map((t) => t.trim()).filter(Boolean);
		expect(heads.slice(0, 2)).toEqual(['prediction', 'probability']);
		expect(heads).toContain('reasons');
		const form = page.locator('[data-test-id=node-parameters]').last();
		const words = await form.innerText();
		for (const column of ['plan', 'support_calls', 'months', 'monthly_fee']) expect(words).toContain(column);
		expect(words).not.toContain('cancel_reason');
		await editor.shot('newcomer-predict');
		await editor.closeNode();
	}, 60_000);

	it('tries a row of their own', async () => {
		await editor.openNode('MLOps Predict');
		const { page } = editor;
		const field = page
			.locator('[data-test-id="parameter-input-value[\\"support_calls\\"]"] input, [data-test-id*="support_calls"] input')
			.first();
		await field.fill('8');
		await page.keyboard.press('Tab');
		await page.locator('[data-test-id=node-execute-button]').click();
		await page.waitForTimeout(6_000);
		await editor.shot('newcomer-own-row');
		expect(await page.locator('[data-test-id=output-panel]').last().innerText()).not.toMatch(/example row/);
		await editor.closeNode();
	}, 90_000);
});
