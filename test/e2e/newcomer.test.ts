import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { Store } from '../../lib/store/contract.js';
import { churnFiles } from '../engine/messyChurn.js';
import { chromiumPath, Editor } from './browser.js';
import { TestN8n } from './n8n.js';

/**
 * The newcomer's hour: from the empty canvas to an answer, in full n8n, with nothing typed but where the file lies; what is said of the
 * repairs, and what the model is worth beside that of a clean copy of the file. test/engine/newcomer.test.ts has more of both.
 */
const browser = chromiumPath() ? describe : describe.skip;

browser('a newcomer with a messy file', () => {
	const folder = mkdtempSync(join(tmpdir(), 'mlops-newcomer-'));
	const path = join(folder, 'churn.csv');
	const cleanPath = join(folder, 'churn-clean.csv');
	const [first, later] = [churnFiles(11), churnFiles(12)];
	let n8n: TestN8n;
	let editor: Editor;

	beforeAll(async () => {
		writeFileSync(path, first.messy);
		writeFileSync(cleanPath, first.clean);
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

	const run = async () => {
		await editor.execute();
		for (const name of ['Ingest', 'Train', 'Evaluate', 'Deploy', 'Predict', 'Monitor Drift', 'Notify'])
			await editor.untilGreen(`MLOps ${name}`, 240_000);
	};

	it('presses the button once, and everything runs to the end', async () => {
		await run();
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

	it('reads in the reports what was repaired and left out', async () => {
		const words: string[] = [];
		for (const name of ['MLOps Ingest', 'MLOps Clean', 'MLOps Train']) {
			await editor.openNode(name);
			words.push(await editor.report());
			await editor.shot(`newcomer-report-${name.split(' ')[1]}`);
			await editor.closeNode();
		}
		const said = words.join('\n').split(/\n+/);
		for (const wanted of [
			/signup_date.*5 spellings/,
			/monthly_fee.*currenc/,
			/paperless.*(yes and no|spelling)/,
			/churned.*spelling only/,
			/cancel_reason.*known only when/,
			/email.*e-mail addresses/,
			/customer_id.*names rows/,
			/copies of one another/,
		])
			expect([String(wanted), said.some((line) => wanted.test(line))]).toEqual([String(wanted), true]);
	}, 120_000);

	it('has a model as good as that of a clean copy of the file', async () => {
		await editor.openNode('MLOps Ingest');
		await editor.type('path', cleanPath);
		await editor.backToCanvas();
		await run();
		const [ours, wished] = [await aucOf('churn', later.messy), await aucOf('churn-clean', later.clean)];
		process.stdout.write(`AUC on new rows: messy file ${ours.toFixed(4)}, clean copy ${wished.toFixed(4)}\n`);
		expect(wished).toBeGreaterThan(0.7);
		expect(Math.abs(ours - wished)).toBeLessThan(0.01);
	}, 600_000);

	/** Area under the curve of the champion's answers to rows that it never saw, by ranks; ties count half. */
	async function aucOf(name: string, text: string): Promise<number> {
		const { predictorOf } = createRequire(resolve('package.json'))('./dist/lib/serve/predictor.js') as {
			predictorOf(store: Store, digest: string): Promise<{ answer(row: object, reasons: number): { score: number[] } }>;
		};
		return await n8n.store(async (store) => {
			const version = await store.find('modelVersion', name, (await store.alias(name, 'champion'))!);
			const model = await predictorOf(store, version!.body.digest);
			const [names, ...lines] = rowsOf(text);
			const answered = lines.map((cells) => {
				const row = new Map(names.map((column, i) => [column, cells[i]]));
				const yes = /^y/i.test(row.get('churned')!);
				row.delete('churned');
				return { yes, score: model.answer(Object.fromEntries(row), 0).score[0] };
			});
			const [positive, negative] = [true, false].map((yes) => answered.filter((a) => a.yes === yes));
			let wins = 0;
			for (const a of positive) for (const b of negative) wins += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
			return wins / (positive.length * negative.length);
		});
	}
});

/** Cells of a file whose quoted ones hold no quotation marks. */
const rowsOf = (text: string): string[][] =>
	text
		.trim()
		.split('\n')
		.map((line) => [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain));
