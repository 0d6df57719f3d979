/// <reference lib="dom" />
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ingest } from '../../lib/app/calls/ingestCall.js';
import { closeEngines } from '../../lib/app/jobEngine.js';
import { shadowParams } from '../../lib/app/rolloutParams.js';
import { startRollout } from '../../lib/app/rollouts.js';
import { sessionOn } from '../../lib/app/session.js';
import type { Store } from '../../lib/store/contract.js';
import { program } from '../cli/program.js';
import { ask, fruitStore, ROW, startServe, type Served } from '../server/served.js';
import { removeFolders, runBody } from '../store/records.js';
import { axeFindings, describeBrowser, LOOKS, onPage, settled, shoot, startBrowser, tooWide } from './browser.js';

/** Markup in a name is a name. */
const ODD = '<img src=x onerror=alert(1)> 100 %/2';

describeBrowser('trainings and serving in the console', () => {
	let browser: Browser;
	let home: string;
	let store: Store;
	let server: Served;
	let rollout: string;
	let runs: string[];
	beforeAll(async () => {
		({ home, store } = await fruitStore(2));
		const file = join(home, 'many.csv');
		const row = (i: number) =>
			`${(i * 7919) % 10_007},${(i * 104_729) % 997},${(i * 7919) % 10_007 > 5_000 + ((i * 31) % 900) ? 'yes' : 'no'}`;
		writeFileSync(file, `a,b,answer\n${Array.from({ length: 20_000 }, (_, i) => row(i)).join('\n')}\n`);
		await ingest(sessionOn(store, { actor: 'ann' }), { file, name: 'many', target: 'answer' });
		const [dataset] = await store.list('dataset', { limit: 1 });
		runs = [];
		for (const trees of [10, 20]) {
			const body = {
				...(await runBody(store, dataset.id, String(trees))),
				learner: 'forest',
				params: { trees },
				metrics: { auc: 0.7 + trees / 100 },
			};
			const curve = Array.from({ length: 30 }, (_, step) => ({ step, train: 1 / (step + 1), validation: 1.2 / (step + 1) }));
			const leaderboard = [
				{ learner: 'boosting', params: { trees }, metrics: { auc: 0.91 }, seconds: 1, cutShort: 2 },
				{ learner: 'forest', params: { trees }, metrics: { auc: 0.9 }, seconds: 1 },
			];
			runs.push((await store.add('run', ODD, { ...body, curve, leaderboard }, { parents: [dataset.id] })).id);
		}
		server = await startServe(home, ['--no-keys', '--listeners', '1']);
		const { body } = (await store.find('modelVersion', 'fruit', 2))!;
		const shadow = { kind: 'shadow' as const, actor: 'ann', modelName: 'fruit', digest: body.digest, runId: body.runId, preview: false };
		rollout = (
			await startRollout(store, {
				...shadow,
				params: shadowParams.parse({ guards: ['errorRate', 'agreement'], min_answers: 10, min_agreement: 1 }),
			})
		).id;
		for (let i = 0; i < 40; i++) await ask(`${server.url}/v1/models/fruit/predict`, { row: { ...ROW, weight: 30 + i } });
		browser = await startBrowser();
	}, 180_000);
	afterAll(async () => {
		await browser?.close();
		await server.stop();
		await closeEngines();
		await store.close();
		await removeFolders();
	});

	const train = (): ChildProcess => {
		const params = JSON.stringify({ n_estimators: 100_000, early_stopping_rounds: 0 });
		const args = ['train', '--dataset', 'many', '--learner', 'gradientBoosting', '--params', params, '--model-name', 'live'];
		return spawn(process.execPath, [program, ...args], { env: { ...process.env, MLOPS_HOME: home, NODE_OPTIONS: '' }, stdio: 'ignore' });
	};
	/** Readable for all, no wider than its window; with a picture for whoever asked for pictures. */
	async function looksGood(page: Page, name: string): Promise<void> {
		await settled(page);
		await shoot(page, name);
		expect(await axeFindings(page)).toEqual([]);
		expect(await tooWide(page)).toEqual([]);
		expect(await page.locator('main').innerText()).not.toMatch(/undefined|NaN|\[object|Invalid Date/);
	}

	it('a running training is seen as it goes, and ended with the best it has; then it stands among the finished ones', async () => {
		const child = train();
		const exited = once(child, 'exit');
		await onPage(browser, `${server.url}/console/trainings`, async (page) => {
			const running = page.getByRole('article', { name: 'Training live' });
			await running.getByText('Training trees').waitFor();
			await running.locator('.chart-box canvas').first().waitFor();
			await looksGood(page, 'trainings, one running');
			await running.getByRole('button', { name: /^Stop and keep the best/ }).click();
			await page.getByLabel(/^Reason/).fill('Good enough.');
			await page.getByRole('button', { name: 'End it with the best' }).click();
			expect(await exited).toEqual([0, null]);
			await page.getByText('Nothing runs at the moment.').waitFor();
			await page.getByRole('link', { name: 'live' }).first().waitFor();
		});
		expect((await store.auditLog({ action: 'job.' }))[0]).toMatchObject({ action: 'job.kept_best', details: { reason: 'Good enough.' } });
	}, 150_000);

	it('the finished ones are filtered by the server, and two of them compared', async () => {
		await onPage(browser, `${server.url}/console/trainings`, async (page) => {
			await page.getByLabel('Model', { exact: true }).selectOption(ODD);
			const boxes = page.getByRole('checkbox', { name: /^Compare/ });
			await page.waitForFunction(() => document.querySelectorAll('input[type="checkbox"]').length === 2);
			for (const i of [0, 1]) await boxes.nth(i).check();
			await page.getByRole('button', { name: 'Compare the two chosen' }).click();
			await page.getByRole('heading', { name: 'Two trainings compared' }).waitFor();
			await page.getByText('trees').first().waitFor();
			await looksGood(page, 'two trainings');
		});
	}, 60_000);

	it('a training, a rollout and the traffic are pages that anybody can read', async () => {
		for (const [look, options] of Object.entries(LOOKS)) {
			await onPage(
				browser,
				`${server.url}/console/trainings/${runs[1]}`,
				async (page) => {
					await page.getByText('Learning curve').first().waitFor();
					const tried = page.getByRole('table', { name: 'What was tried' }).locator('tbody tr');
					// What was made need not rank first; what had too little time says so.
					expect(await tried.nth(0).innerText()).toMatch(/boosting.*cut short/s);
					expect(await tried.nth(1).innerText()).toMatch(/forest\s+chosen/);
					expect(await page.locator('tr.marked').count()).toBe(1);
					await looksGood(page, `training, ${look}`);
				},
				options,
			);
			await onPage(
				browser,
				`${server.url}/console/serving/${rollout}`,
				async (page) => {
					await page.getByText('What each was asked').waitFor();
					await looksGood(page, `rollout, ${look}`);
				},
				options,
			);
			await onPage(
				browser,
				`${server.url}/console/serving?span=hour`,
				async (page) => {
					await page.getByText('Time to answer (99 % within)').waitFor();
					await looksGood(page, `serving, ${look}`);
				},
				options,
			);
		}
	}, 120_000);

	it('a rollout is aborted with a reason', async () => {
		await onPage(browser, `${server.url}/console/serving/${rollout}`, async (page) => {
			await page.getByRole('button', { name: 'Abort' }).click();
			const dialog = page.getByRole('dialog');
			const abort = dialog.getByRole('button', { name: 'Abort' });
			expect(await abort.getAttribute('aria-disabled')).toBe('true');
			await dialog.getByLabel(/^Reason/).fill('Seen enough.');
			await abort.click();
			await page.getByText('aborted').first().waitFor();
		});
		expect((await store.find('rollout', rollout))!.body).toMatchObject({ state: 'aborted', ended: { reason: 'Seen enough.' } });
	}, 60_000);
});
