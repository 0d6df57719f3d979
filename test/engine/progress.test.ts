import { logFile, logFolder } from './logToFile.js';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningJobs, type RunningJob } from '../../lib/app/runningJobs.js';
import { chain, createEngine, disposeEngine, openBuiltStore, testFile, type Engine } from './engine.js';

let engine: Engine;
beforeAll(async () => {
	engine = await createEngine();
});
afterAll(async () => {
	await disposeEngine();
	rmSync(logFolder, { recursive: true, force: true });
});

/** n8n's log is written a moment later. */
async function inLog(text: string): Promise<void> {
	while (!readFileSync(logFile, 'utf8').includes(text)) await sleep(50);
}

const SAID = /^Train: Training trees, \d+ %, \d+ (?:s|min) left, \w+ \d+\.\d{4}$/;

it("a real training tells stage, share, time left and metric to the browser's console, to n8n's log and to the store", async () => {
	const path = testFile('many.csv');
	const row = (i: number) =>
		`${(i * 7919) % 10_007},${(i * 104_729) % 997},${(i * 31) % 613},${((i * 7919) % 10_007) + ((i * 48_271) % 9_001) > 9_500 ? 'yes' : 'no'}`;
	writeFileSync(path, `a,b,c,answer\n${Array.from({ length: 40_000 }, (_, i) => row(i)).join('\n')}\n`);
	const said: string[] = [];
	const store = await openBuiltStore();
	const running = engine.execute(
		chain(
			{ name: 'Ingest', type: 'mlopsIngest', parameters: { source: 'file', path, name: 'many', target: 'answer' } },
			{
				name: 'Train',
				type: 'mlopsTrain',
				parameters: {
					learner: 'gradientBoosting',
					modelName: 'many',
					params_gradientBoosting: { n_estimators: 4000, early_stopping_rounds: 0 },
				},
			},
		),
		{ mode: 'manual', onMessage: (messages) => said.push(...messages.map(String)) },
	);
	const seen: RunningJob[] = [];
	const watch = setInterval(() => void runningJobs(store).then((jobs) => seen.push(...jobs)), 200);
	const run = await running.finally(() => clearInterval(watch));
	expect(run.output('Train')).toHaveLength(1);

	const told = said.filter((line) => SAID.test(line));
	expect(told.length).toBeGreaterThan(0);
	for (const line of told) await inLog(`[mlops] ${line}`);
	try {
		const trained = seen.filter(({ job, stage }) => job === 'train' && stage === 'Training trees').at(-1);
		expect(trained).toMatchObject({
			about: { model: 'many', dataset: { name: 'many', version: 1 }, learner: 'gradientBoosting', target: 'answer' },
			origin: { node: 'Train', execution: run.executionId },
			share: expect.any(Number),
			metric: { name: expect.any(String), value: expect.any(Number) },
			state: 'running',
			keepsBest: true,
		});
		expect(trained!.curve!.points.length).toBeGreaterThan(1);
		expect(await runningJobs(store)).toEqual([]);
	} finally {
		await store.close();
	}
}, 180_000);

it("a message in n8n's log is one line that acts on nothing, whatever people wrote", async () => {
	await engine.execute(
		chain({
			name: 'Tell',
			type: 'mlopsNotify',
			parameters: { channel: 'log', title: '\u001b[2JAll is \u202ewell', text: 'said \u009b1m\r\n[mlops] forged\u001b]0;x\u0007' },
		}),
	);
	const lines = (): string[] =>
		readFileSync(logFile, 'utf8')
			.split('\n')
			.filter((line) => /well|forged/.test(line));
	await inLog('forged');
	expect(lines()).toEqual([expect.stringMatching(/\[mlops\] Tell: All is well \| said +\[mlops\] forged/)]);
});
