import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { chromiumPath, Editor, shots } from './browser.js';
import { TestN8n } from './n8n.js';
import { nightlyDriftWatch, realTimeScoring } from './templates.js';

const BEFORE = ['Ingest flights', 'Target and features', 'Train', 'Evaluate'];
const AFTER = [
	'Ask for approval',
	'Deploy',
	'Predict June',
	'June against January',
	'Halves of January',
	"Drop O'Hare",
	'Miles to kilometres',
	'Broken June against January',
	'Tell what drifted',
];

/** The four templates but the small one share one n8n: the first trains on three million flights, the others use its model. */
describe('three million flights in full n8n', () => {
	let n8n: TestN8n;
	beforeAll(async () => {
		n8n = await TestN8n.start({ templates: true });
	}, 300_000);
	afterAll(async () => await n8n?.dispose(), 60_000);

	describe('template "Flight delays", as a person runs it in the browser', () => {
		const path = chromiumPath();
		let editor: Editor;
		let approver: Page;
		let link: string;

		if (!path) {
			process.stdout.write("No Chromium was found (set CHROMIUM_PATH): the browser is left out, the same steps go by n8n's interface.\n");
			it('runs, is approved and goes on', async () => {
				const id = await n8n.begin('MlopsFlightDelay');
				await n8n.until(id, ['waiting'], 600);
				const { owner } = await n8n.links(id, ['owner']);
				await fetch(owner, { method: 'POST', body: new URLSearchParams({ decision: 'approved', comment: '' }) });
				await n8n.until(id, ['success'], 600);
			}, 900_000);
			return;
		}

		beforeAll(async () => {
			editor = await Editor.open(n8n.host);
			await editor.openWorkflow('MlopsFlightDelay');
		}, 180_000);
		afterAll(async () => await editor?.close());

		it('comes to a halt at the approval, with all before it done', async () => {
			await editor.execute();
			for (const name of BEFORE) await editor.untilGreen(name, 480_000);
			await editor.untilWaiting('Ask for approval', 120_000);
			await editor.shot('flights-waiting');
		}, 900_000);

		it('shows the evaluation in the output panel: the conclusion in words, and charts', async () => {
			await editor.openNode('Evaluate');
			const report = await editor.report();
			expect(report).toMatch(/late/);
			expect(report).toMatch(/\d,\d{3}/);
			await editor.shot('flights-report');
			await editor.backToList();
			const chart = await editor.chart();
			expect(Math.min(chart.width, chart.height)).toBeGreaterThan(150);
			await editor.shot('flights-chart');
			await editor.closeNode();
		}, 120_000);

		it('gives the approver a page with the facts, and goes on once it is approved', async () => {
			const [id] = await n8n.executionsOf('MlopsFlightDelay');
			link = (await n8n.links(id, ['owner'])).owner;
			approver = await editor.browser.newPage({ viewport: { width: 1280, height: 1000 } });
			await approver.goto(link);
			expect(await approver.locator('h1').innerText()).toContain('flight-delays');
			const facts = await approver.locator('main').innerText();
			expect(facts).toMatch(/No model is in use yet/);
			expect(facts).toMatch(/guessing/i);
			expect(facts).toMatch(/AUC/i);
			expect(await approver.locator('svg:visible').count()).toBeGreaterThan(0);
			await save(approver, 'approval');
			await approver.locator('textarea').fill('Good enough for the summer.');
			await approver.getByRole('button', { name: /approve/i }).click();
			await approver.getByText('Good enough for the summer.').waitFor({ timeout: 30_000 });
			expect(await approver.locator('main').innerText()).toContain('owner');
			await save(approver, 'approved');
			for (const name of AFTER) await editor.untilGreen(name, 300_000);
			await editor.shot('flights-done');
			await editor.canvasShot('canvas');
		}, 900_000);

		it('has a deployed, approved model and the expected answers of the drift nodes', async () => {
			const [id] = await n8n.executionsOf('MlopsFlightDelay');
			const {
				data: {
					resultData: { runData },
				},
			} = await n8n.until(id, ['success']);
			const json = (name: string) => runData[name][0].data!.main.flatMap((items) => items ?? [])[0].json;
			expect(json('Deploy').approval).toMatchObject({ status: 'approved', by: 'owner', comment: 'Good enough for the summer.' });
			expect(json('Deploy').deployment).toMatchObject({ model: 'flight-delays', version: 1, alias: 'champion', moved: true });
			expect(json('Predict June').predictions).toMatchObject({ model: 'flight-delays@1', failed: 0 });
			expect(json('Halves of January').drift).toMatchObject({ drifted: false, driftedColumns: [] });
			const broken = json('Broken June against January').drift as { driftedColumns: string[] };
			expect([...broken.driftedColumns].sort()).toEqual(['distance', 'origin']);
			expect(await n8n.store(async (store) => await store.alias('flight-delays', 'champion'))).toBe(1);
		}, 60_000);

		it('answers the same link with a polite page afterwards', async () => {
			const response = await approver.goto(link);
			expect(response!.status()).toBeLessThan(500);
			expect(response!.headers()['content-type']).toContain('text/html');
			expect(await approver.locator('textarea, form[method=post]').count()).toBe(0);
			expect(await approver.locator('body').innerText()).toMatch(/no action required|decided|approved/i);
		}, 60_000);
	});

	describe('template "Nightly drift watch"', () => nightlyDriftWatch(() => n8n));
	describe('template "Real-time scoring" of the first version', () => realTimeScoring(() => n8n));
});

async function save(page: Page, name: string): Promise<void> {
	if (shots) writeFileSync(join(shots, `${name}.png`), await page.screenshot());
}
