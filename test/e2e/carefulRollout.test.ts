/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { abortRollout, findRollout } from '../../lib/app/rollouts.js';
import { ask, startServe, type Served } from '../server/served.js';
import { chromiumPath, Editor } from './browser.js';
import { inARow, itemsOf, node, ran, TestN8n, wire, type WorkflowFile } from './n8n.js';

const MODEL = 'penguins';
const ROWS = [
	{
		Island: 'Torgersen',
		'Beak Length (mm)': 39.1,
		'Beak Depth (mm)': 18.7,
		'Flipper Length (mm)': 181,
		'Body Mass (g)': 3750,
		Sex: 'MALE',
	},
	{ Island: 'Biscoe', 'Beak Length (mm)': 46.1, 'Beak Depth (mm)': 13.2, 'Flipper Length (mm)': 211, 'Body Mass (g)': 4500, Sex: 'FEMALE' },
	{ Island: 'Dream', 'Beak Length (mm)': 46.5, 'Beak Depth (mm)': 17.9, 'Flipper Length (mm)': 192, 'Body Mass (g)': 3500, Sex: 'FEMALE' },
];

/** The template "Careful rollout" as a whole, in full n8n, with a model server that answers callers from the same store. */
describe('the template "Careful rollout" in full n8n', () => {
	let n8n: TestN8n;
	let served: Served;
	let file: WorkflowFile;
	let id: string;
	let callers = 0;
	beforeAll(async () => {
		n8n = await TestN8n.start();
		// What template 1 does, with a learner that is quick.
		const champion = await n8n.add({
			name: 'First',
			nodes: inARow([
				node('Start', 'n8n-nodes-base.manualTrigger'),
				node('Ingest', 'Ingest', { source: 'example', example: MODEL }),
				node('Train', 'Train', { learner: 'logisticRegression', modelName: MODEL }),
				node('Evaluate', 'Evaluate'),
				node('Deploy', 'Deploy', { operation: 'deploy', modelName: MODEL, alias: 'champion', alsoInTestRuns: true }),
			]),
			connections: wire(['Start', 'Ingest'], ['Ingest', 'Train'], ['Train', 'Evaluate'], ['Evaluate', 'Deploy', 1]),
		});
		await n8n.until(await n8n.begin(champion), ['success']);
		file = JSON.parse(readFileSync('workflows/careful-rollout.json', 'utf8')) as WorkflowFile;
		id = await n8n.add(file);
		served = await startServe(n8n.home);
	}, 300_000);
	afterAll(async () => {
		await served?.stop();
		await n8n?.dispose();
	}, 60_000);

	const alias = async () => await n8n.store(async (store) => await store.alias(MODEL, 'champion'));
	const newest = async () => await n8n.store(async (store) => (await findRollout(store, { model: MODEL })).body);
	const activate = async (active: boolean): Promise<void> => {
		const { versionId } = (await n8n.call('GET', `/rest/workflows/${id}`)) as { versionId: string };
		await n8n.call('POST', `/rest/workflows/${id}/${active ? 'activate' : 'deactivate'}`, { versionId });
	};
	/** A morning, begun by the template's web address: n8n counts such a run as a real one. */
	const morning = async (states: string[]) => {
		const before = await n8n.executionsOf(id);
		const call = async () => (await fetch(`${n8n.host.url}/webhook/mlops-careful-rollout`, { method: 'POST' })).status;
		// The address answers a moment after the workflow was activated.
		while ((await call()) !== 200) await sleep(100);
		for (; ; await sleep(100)) {
			const [execution] = (await n8n.executionsOf(id)).filter((other) => !before.includes(other));
			if (execution) return { id: execution, ...(await n8n.until(execution, states)) };
		}
	};
	/** The template's button with another challenger; a step lasts as long as its answers take, and what is run by hand counts. */
	const startCanary = async (trees: number) => {
		const nodes = file.nodes.map(({ parameters, ...other }) =>
			other.name === 'Start a canary'
				? { ...other, parameters: { ...parameters, minutes: 0, alsoInTestRuns: true } }
				: other.name === 'Train challenger'
					? { ...other, parameters: { ...parameters, params_randomForest: { n_estimators: trees } } }
					: { ...other, parameters },
		);
		const execution = await n8n.until(await n8n.begin(await n8n.add({ ...file, nodes })), ['success']);
		expect(ran(execution, 'Tell that it began')).toBe(true);
		expect(ran(execution, 'Tell that it was kept')).toBe(false);
		return itemsOf(execution, 'Start a canary')[0].json.rollout;
	};
	/** New callers ask, each for one row. @returns versions that answered */
	const ask300 = async (): Promise<Set<number>> => {
		const rows = Array.from({ length: 300 }, (_, i) => ROWS[i % ROWS.length]);
		const { status, body } = await ask(`${served.url}/v1/models/${MODEL}/predict`, { rows, keys: rows.map(() => `caller ${callers++}`) });
		expect(status).toBe(200);
		return new Set((body.answers as unknown as Array<{ version?: number }>).map(({ version }) => version ?? Number(body.version)));
	};
	/** Servers follow within two seconds. */
	const untilAllGet = async (version: number): Promise<void> => {
		for (let seen = await ask300(); seen.size > 1 || !seen.has(version); seen = await ask300()) await sleep(100);
	};
	const untilReady = async (): Promise<void> => {
		for (let rollout = await newest(); !rollout.ready; rollout = await newest()) {
			expect(rollout.state).toBe('running');
			await ask300();
			await sleep(50);
		}
	};
	const decide = async (execution: string, decision: string, comment: string): Promise<string> => {
		const { owner } = await n8n.links(execution, ['owner']);
		const page = await (await fetch(owner)).text();
		expect((await fetch(owner, { method: 'POST', body: new URLSearchParams({ decision, comment }) })).status).toBe(200);
		return page;
	};
	/** Messages of a node in n8n's log. */
	const told = (name: string): string =>
		readFileSync(n8n.host.log, 'utf8')
			.split('\n')
			.filter((line) => line.includes(`[mlops] ${name}:`))
			.join('\n');

	(chromiumPath() ? it : it.skip)(
		'is easy to read on a small screen: notes show all their text, nothing covers anything, no node complains',
		async () => {
			const editor = await Editor.open(n8n.host);
			try {
				await editor.page.setViewportSize({ width: 1280, height: 900 });
				await editor.openWorkflow(id);
				await editor.page.locator('[data-test-id=zoom-to-fit]').click();
				await editor.page.waitForTimeout(1_000);
				await editor.shot('careful-rollout-1280');
				await editor.canvasShot('careful-rollout');
				expect(await editor.page.locator('[data-test-id=canvas-node], [data-test-id=sticky]').count()).toBe(file.nodes.length);
				for (const trouble of ['node-issues', 'node-not-installed', 'node-setup-required', 'canvas-node-status-warning'])
					expect(await editor.page.locator(`[data-test-id=${trouble}]`).count()).toBe(0);
				expect(await overlaps(editor)).toEqual([]);
				expect(await cutNotes(editor)).toEqual([]);
			} finally {
				await editor.close();
			}
		},
		120_000,
	);

	it('run by hand as it is shipped, only shows what it would do', async () => {
		const execution = await n8n.until(await n8n.begin(id), ['success']);
		expect(itemsOf(execution, 'Start a canary')[0].json.rollout).toMatchObject({ preview: true, stable: 1, candidates: [{ share: 0.05 }] });
		await expect(newest()).rejects.toMatchObject({ code: 'rollout.not_running' });
	}, 120_000);

	it('a canary that is not done is left alone in the morning', async () => {
		expect(await startCanary(77)).toMatchObject({ preview: false, state: 'running', stable: 1, candidates: [{ version: 2, share: 0.05 }] });
		await activate(true);
		const execution = await morning(['success']);
		expect(itemsOf(execution, 'How does it stand?')[0].json.rollout).toMatchObject({ state: 'running', next: 'continue' });
		for (const name of ['Ask for approval', 'Promote', 'Abort', 'Tell that it was taken out']) expect(ran(execution, name)).toBe(false);
		expect(await alias()).toBe(1);
	}, 120_000);

	it('one that is done is asked about, with what the version is worth; approved, all callers get it', async () => {
		await untilReady();
		const waiting = await morning(['waiting']);
		expect(await alias()).toBe(1);
		const page = await decide(waiting.id, 'approved', 'as good as hoped');
		expect(page).toContain('May the new version of penguins answer everybody?');
		expect(page).toContain('penguins@1');
		expect(page).toMatch(/log loss|accuracy/i);
		const execution = await n8n.until(waiting.id, ['success']);
		expect(itemsOf(execution, 'Promote')[0].json).toMatchObject({
			deployment: { version: 2, previousVersion: 1, moved: true },
			rollout: { state: 'promoted' },
		});
		expect(ran(execution, 'Abort')).toBe(false);
		expect(told('Tell that it was promoted')).toContain('penguins version 2 is now champion');
		expect(await alias()).toBe(2);
		await untilAllGet(2);
		const after = await morning(['success']);
		expect(ran(after, 'Ask for approval') || ran(after, 'Tell that it was taken out')).toBe(false);
	}, 120_000);

	it('rejected, the champion stays, and people hear by whom and why; the morning after says it not again', async () => {
		await startCanary(33);
		await untilReady();
		const waiting = await morning(['waiting']);
		await decide(waiting.id, 'rejected', 'not before the holidays');
		const execution = await n8n.until(waiting.id, ['success']);
		expect(ran(execution, 'Promote')).toBe(false);
		expect(await newest()).toMatchObject({ state: 'aborted', ended: { reason: 'owner rejected it: not before the holidays', version: 2 } });
		expect(told('Tell that the champion stays')).toMatch(/a rollout was aborted.*owner rejected it: not before the holidays/s);
		expect(await alias()).toBe(2);
		await untilAllGet(2);
		expect(ran(await morning(['success']), 'Tell that it was taken out')).toBe(false);
	}, 120_000);

	it('what a guard took out is told', async () => {
		const { id: rollout } = (await startCanary(34)) as { id: string };
		await n8n.store(
			async (store) => await abortRollout(store, { id: rollout, actor: 'system', reason: 'Version 4 failed in 9 % of rows.' }),
		);
		const execution = await morning(['success']);
		expect(ran(execution, 'Ask for approval')).toBe(false);
		expect(told('Tell that it was taken out')).toMatch(/a rollout was aborted.*Version 4 failed in 9 % of rows/s);
		expect(await alias()).toBe(2);
	}, 120_000);
});

/** Pairs of nodes and notes on the canvas that cover each other, all words at the nodes included. */
const overlaps = async (editor: Editor): Promise<string[]> =>
	await editor.page.evaluate(() => {
		const boxes: Array<{ name: string; at: DOMRect }> = [];
		for (const found of document.querySelectorAll('[data-test-id=canvas-node], [data-test-id=sticky]')) {
			const name = found.getAttribute('data-node-name') ?? found.textContent?.trim().slice(0, 40) ?? '';
			boxes.push({ name, at: found.getBoundingClientRect() });
			if (found.matches('[data-test-id=sticky]')) continue;
			const walker = document.createTreeWalker(found, NodeFilter.SHOW_TEXT);
			for (let text = walker.nextNode(); text; text = walker.nextNode()) {
				const range = document.createRange();
				range.selectNodeContents(text);
				boxes.push(...[...range.getClientRects()].map((at) => ({ name, at })));
			}
		}
		const covers = (a: DOMRect, b: DOMRect): boolean =>
			Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
		return boxes.flatMap((a, i) =>
			boxes
				.slice(i + 1)
				.filter((b) => a.name !== b.name && covers(a.at, b.at))
				.map((b) => `${a.name} | ${b.name}`),
		);
	});

/** Notes whose text is longer than they are. */
const cutNotes = async (editor: Editor): Promise<string[]> =>
	await editor.page.evaluate(() =>
		[...document.querySelectorAll('[data-test-id=sticky]')]
			.filter((note) => {
				const text = [...note.querySelectorAll('p, h2, h3')].at(-1)!.getBoundingClientRect();
				return text.bottom > note.getBoundingClientRect().bottom;
			})
			.map((note) => note.textContent?.trim().slice(0, 40) ?? ''),
	);
