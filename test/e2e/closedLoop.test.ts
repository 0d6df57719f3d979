/// <reference lib="dom" />
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import { listIncidents } from '../../lib/app/incidents.js';
import { makeMonitor } from '../../lib/app/monitors.js';
import { findRollout } from '../../lib/app/rollouts.js';
import { verdictsOf } from '../../lib/app/verdicts.js';
import { freePort } from '../../scripts/n8nHost.mts';
import { ask } from '../server/served.js';
import { chromiumPath, shots } from './browser.js';
import { inARow, itemsOf, node, TestN8n, wire, type WorkflowFile } from './n8n.js';

const MODEL = 'deliveries';
const KM_A_MILE = 1.609344;
const WINDOW = 400;

/** Numbers in [0, 1), the same in each run. */
function chances(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}

interface Delivery {
	row: { distance: number; stops: number; vehicle: string };
	late: string;
}

/**
 * Short ways are in time, those of 10 to 20 miles through the town are late, and long ones, of which there are few, are a lottery. `unit` is
 * what a mile is written as: in kilometres, many ways look long to a model that learned from miles, so that it is less sure of them.
 */
function deliveries(n: number, seed: number, unit = 1): Delivery[] {
	const chance = chances(seed);
	return Array.from({ length: n }, () => {
		const miles = chance() < 0.95 ? 2 + 18 * chance() : 20 + 20 * chance();
		const stops = Math.floor(12 * chance());
		const vehicle = ['van', 'bike', 'truck'][Math.floor(3 * chance())];
		const likely = miles < 10 ? 0.03 : miles < 20 ? 0.97 : 0.5;
		const late = chance() < likely ? 'late' : 'in time';
		return { row: { distance: Math.round(miles * unit * 10) / 10, stops, vehicle }, late };
	});
}

/**
 * The whole of it in full n8n: a server answers, somebody begins to send kilometres for miles, the estimated quality falls, one incident
 * opens and starts the template "Watch and retrain", a person approves in the console, a canary is promoted, the incident closes.
 */
(chromiumPath() ? describe : describe.skip)('a model that is looked after, in full n8n', () => {
	let n8n: TestN8n;
	let folder: string;
	let workflow: string;
	let url: string;
	let browser: Browser;
	let page: Page;
	let seed = 100;
	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), 'mlops-loop-'));
		const rows = deliveries(6_000, 1).map(({ row, late }) => [row.distance, row.stops, row.vehicle, late].join(','));
		writeFileSync(join(folder, 'deliveries.csv'), `distance,stops,vehicle,arrived\n${rows.join('\n')}\n`);
		n8n = await TestN8n.start({ env: { N8N_RESTRICT_FILE_ACCESS_TO: folder } });
		const first = await n8n.add({
			name: 'First',
			nodes: inARow([
				node('Start', 'n8n-nodes-base.manualTrigger'),
				node('Ingest', 'Ingest', { source: 'file', path: join(folder, 'deliveries.csv'), target: 'arrived' }),
				node('Train', 'Train', { learner: 'gradientBoosting', modelName: MODEL }),
				node('Evaluate', 'Evaluate'),
				node('Deploy', 'Deploy', { operation: 'deploy', modelName: MODEL, alias: 'champion', alsoInTestRuns: true }),
			]),
			connections: wire(['Start', 'Ingest'], ['Ingest', 'Train'], ['Train', 'Evaluate'], ['Evaluate', 'Deploy', 1]),
		});
		await n8n.until(await n8n.begin(first), ['success']);
		const port = await freePort();
		const file = JSON.parse(readFileSync('workflows/watch-and-retrain.json', 'utf8')) as WorkflowFile;
		for (const { name, parameters } of file.nodes) {
			if (name === 'Model server') Object.assign(parameters, { port, models: [MODEL], options: { listeners: 1, maxDelay: 60_000 } });
			// A step lasts as long as its answers take.
			if (name === 'Start a canary') Object.assign(parameters, { minutes: 0 });
		}
		workflow = await n8n.add(file);
		const { versionId } = (await n8n.call('GET', `/rest/workflows/${workflow}`)) as { versionId: string };
		await n8n.call('POST', `/rest/workflows/${workflow}/activate`, { versionId });
		url = `http://127.0.0.1:${port}`;
		while (
			!(await fetch(`${url}/health/ready`).then(
				({ ok }) => ok,
				() => false,
			))
		)
			await sleep(100);
		browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
		page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
	}, 300_000);
	afterAll(async () => {
		await browser?.close();
		await n8n?.dispose();
		rmSync(folder, { recursive: true, force: true });
	}, 60_000);

	/** A window full of callers; what turned out to be true is told at once. */
	const callers = async (unit: number): Promise<number[]> => {
		const asked = deliveries(WINDOW, seed++, unit);
		const { status, body } = await ask(`${url}/v1/models/${MODEL}/predict`, {
			rows: asked.map(({ row }) => row),
			keys: asked.map((_, i) => `delivery ${seed}-${i}`),
		});
		expect(status).toBe(200);
		const answers = body.answers as unknown as Array<{ id: string; version?: number }>;
		const told = answers.map(({ id }, i) => ({ id, truth: asked[i].late }));
		expect((await ask(`${url}/v1/feedback`, told)).status).toBe(200);
		return answers.map(({ version }) => version ?? Number(body.version));
	};
	const shot = async (name: string): Promise<void> =>
		void (shots && (await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })));
	const incidents = async () => await n8n.store(async (store) => await listIncidents(store, { model: MODEL, state: 'all' }));
	const execution = async () => (await n8n.executionsOf(workflow)).at(-1);

	it('goes from a changed world to a better model by itself, but for the decision', async () => {
		const since = new Date().toISOString();
		for (let i = 0; i < 3; i++) await callers(1);
		// Somebody's new program sends kilometres, for long enough that there is something to learn from.
		const changed = Date.now();
		for (let i = 0; i < 6; i++) await callers(KM_A_MILE);
		const made = await n8n.store(
			async (store) =>
				await makeMonitor(
					store,
					{ model: MODEL, watch: 'estimate', window: { by: 'rows', rows: WINDOW }, every: 0.02, false_alarms: 20, since },
					{ actor: 'ann@example.com' },
				),
		);
		let opened = await incidents();
		for (let i = 0; opened.length === 0; i++) {
			expect(i).toBeLessThan(120);
			await callers(KM_A_MILE);
			await sleep(1_500);
			opened = await incidents();
		}
		const alarms = await n8n.store(async (store) => (await verdictsOf(store, made.name)).filter(({ body }) => body.incident));
		expect(Date.parse(alarms.at(-1)!.body.until)).toBeGreaterThan(changed);
		expect(opened).toHaveLength(1);
		await page.goto(`${url}/console/incidents/${opened[0].name}`);
		await page.getByRole('heading', { level: 1 }).waitFor();
		await shot('loop-incident');

		let waiting = await execution();
		while (!waiting) {
			await sleep(200);
			waiting = await execution();
		}
		await n8n.until(waiting, ['waiting']);

		await page.goto(`${url}/console/approvals`);
		await page
			.getByRole('link', { name: new RegExp(MODEL) })
			.first()
			.click();
		await page
			.getByRole('button', { name: /approve/i })
			.first()
			.waitFor();
		await shot('loop-approval');
		await page
			.getByRole('button', { name: /approve/i })
			.first()
			.click();
		await n8n.until(waiting, ['success']);

		const newest = async () => await n8n.store(async (store) => (await findRollout(store, { model: MODEL })).body);
		while ((await newest()).state === 'running') await callers(KM_A_MILE);
		expect(await newest()).toMatchObject({ state: 'promoted', ended: { version: 2 } });
		while ((await callers(KM_A_MILE)).some((version) => version !== 2)) await sleep(200);

		for (let i = 0; (await incidents())[0].body.state !== 'closed'; i++) {
			expect(i).toBeLessThan(120);
			await callers(KM_A_MILE);
			await sleep(1_500);
		}
		expect(await incidents()).toHaveLength(1);
		await page.goto(`${url}/console/audit`);
		await page.getByRole('heading', { level: 1 }).waitFor();
		await shot('loop-audit');
		const story = await n8n.store(async (store) => {
			await store.verify();
			return (await store.auditLog()).reverse().map(({ action, actor }) => ({ action, actor }));
		});
		const order = [
			'monitor.made',
			'incident.opened',
			'run.added',
			'approval.created',
			'approval.decided',
			'rollout.started',
			'rollout.promoted',
			'incident.closed',
		];
		let at = 0;
		for (const { action } of story.slice(story.findIndex((e) => e.action === order[0]))) if (action === order[at]) at++;
		expect(order.slice(at)).toEqual([]);
		const [{ json }] = itemsOf(await n8n.until(waiting, ['success']), 'Start a canary');
		expect(json.rollout).toMatchObject({ kind: 'canary', stable: 1 });
		expect((json.approval as { page?: string }).page).toContain(`${url}/console/approvals/`);
	}, 600_000);
});
