/*
 * npm run bench:console -- [--json] [--runs 100000] [--answers 10000000] [--times 200] [--page trainings,models]
 * Asks a model server for the data of each page of the console, on a store with that many trainings and answers (made once a day, in
 * .tmp/bench-console), over HTTP, and prints the 99th percentile of the milliseconds that all the questions of a page took together.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/paths.mts';
import { runToEnd } from '../../../scripts/processes.mts';

const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		runs: { type: 'string', default: '100000' },
		answers: { type: 'string', default: '10000000' },
		times: { type: 'string', default: '200' },
		page: { type: 'string' },
	},
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const times = Number(options.times);
/** What a page may take (ms). */
const GOAL = 100;

type Get = (path: string) => Promise<Record<string, unknown>>;
type Page = (i: number, get: Get) => string[];

const minute = (): number => Math.ceil(Date.now() / 60_000) * 60_000;
/** What the page Serving asks for: the last so many minutes. */
const traffic = (model: number, minutes: number, step: number): string => {
	const [since, until] = [minute() - minutes * 60_000, minute()].map((t) => encodeURIComponent(new Date(t).toISOString()));
	return `/models/model%20${model}/traffic?since=${since}&until=${until}&step=${step}&by=version`;
};
const cursors = new Map<string, string>();
let runIds: string[] = [];

/** What each page asks the server for; the i-th time it is opened on something else. */
const PAGES: Record<string, Page> = {
	overview: () => ['/models?limit=50', '/trainings', '/rollouts?state=running'],
	models: (i) => [`/models?limit=50&sort=${['name', 'newest', 'versions'][i % 3]}&order=${i % 2 ? 'asc' : 'desc'}`],
	'models, the next page': () => [`/models?limit=50&cursor=${cursors.get('models')}`],
	model: (i) => [`/models/model%20${i % 200}`, `/models/model%20${i % 200}/versions`, `/models/model%20${i % 200}/aliases`],
	'model version': (i) => [`/models/model%20${i % 200}/versions/${1 + (i % 10)}`],
	'two versions': (i) => [`/models/model%20${i % 200}/versions/${1 + (i % 10)}/differences/${1 + ((i + 1) % 10)}`],
	lineage: (i) => [`/models/model%20${i % 200}/versions/10/lineage`],
	'what answered then': (i) => [`/models/model%20${i % 200}/answered?at=${encodeURIComponent(new Date().toISOString())}`],
	trainings: () => ['/trainings', '/runs?limit=50', '/runs/facets'],
	'trainings, sorted and filtered': (i) => [
		`/runs?limit=50&sort=metric:${['auc', 'logLoss', 'accuracy'][i % 3]}&order=${i % 2 ? 'asc' : 'desc'}&learner=randomForest` +
			`&metric=auc&min=0.${60 + (i % 30)}`,
	],
	'trainings, searched': (i) => [`/runs?limit=50&text=model%20${i % 200}&sort=seconds&dataset=data%20${i % 500}`],
	'trainings, the next page': () => [`/runs?limit=50&sort=metric:auc&cursor=${cursors.get('runs')}`],
	training: (i) => [`/runs/${runIds[i % runIds.length]}`],
	'two trainings': (i) => [`/runs/${runIds[i % runIds.length]}/differences/${runIds[(i + 7) % runIds.length]}`],
	datasets: (i) => [`/datasets?limit=50&sort=${['name', 'newest', 'rows'][i % 3]}`],
	dataset: (i) => [`/datasets/data%20${i % 500}/versions`, `/datasets/data%20${i % 500}/versions/${1 + (i % 4)}`],
	'two versions of a dataset': (i) => [`/datasets/data%20${i % 500}/versions/1/differences/${2 + (i % 3)}`],
	'serving, an hour': (i) => [traffic(i % 10, 60, 1), '/rollouts?limit=20', '/models?limit=200'],
	'serving, a day': (i) => [traffic(i % 10, 1_440, 15), '/rollouts?limit=20', '/models?limit=200'],
	'serving, a month': (i) => [traffic(i % 10, 43_200, 180), '/rollouts?limit=20', '/models?limit=200'],
	rollout: (i) => [`/rollouts/rollout-${i % 300}`],
	reports: () => ['/reports?limit=50'],
	audit: () => ['/audit?limit=50', '/audit/verification'],
	'audit, filtered': (i) => [`/audit?limit=50&actor=person%20${i % 7}%40example.com&action=alias.`],
	search: (i) => [`/search?q=model%20${i % 200}`],
};

process.exitCode = await main().catch((error: unknown) => {
	say(error instanceof Error ? (error.stack ?? error.message) : String(error));
	return 1;
});

async function main(): Promise<number> {
	const names = options.page ? options.page.split(',') : Object.keys(PAGES);
	const unknown = names.find((name) => !Object.hasOwn(PAGES, name));
	if (unknown !== undefined) throw new Error(`There is no page "${unknown}": ${Object.keys(PAGES).join(', ')}`);
	const home = await seeded();
	const server = await serve(home);
	try {
		const get: Get = async (asked) => {
			const response = await fetch(`${server.url}/api/v1${asked}`);
			const text = await response.text();
			if (!response.ok) throw new Error(`${asked}: ${response.status} ${text.slice(0, 300)}`);
			return JSON.parse(text) as Record<string, unknown>;
		};
		const began = performance.now();
		cursors.set('models', String((await get('/models?limit=50')).next));
		const first = await get('/runs?limit=50&sort=metric:auc');
		say(`the first question, which reads all trainings into memory: ${Math.round(performance.now() - began)} ms`);
		cursors.set('runs', String(first.next));
		runIds = ((await get('/runs?limit=200')).entries as Array<{ id: string }>).map(({ id }) => id);
		const results: Array<{ case: string; value: number; unit: 'ms' }> = [];
		for (const name of names) {
			const took: number[] = [];
			// The first looks at a page make what it needs; people look again and again.
			for (let i = -5; i < times; i++) {
				const from = performance.now();
				await Promise.all(PAGES[name](i + 5, get).map(get));
				if (i >= 0) took.push(performance.now() - from);
			}
			took.sort((a, b) => a - b);
			const p99 = took[Math.min(took.length - 1, Math.ceil(0.99 * took.length) - 1)];
			results.push({ case: name, value: Math.round(p99 * 10) / 10, unit: 'ms' });
			say(`${name.padEnd(34)} p50 ${took[Math.floor(took.length / 2)].toFixed(1).padStart(7)} ms   p99 ${p99.toFixed(1).padStart(7)} ms`);
		}
		if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
		const slow = results.filter(({ value }) => value > GOAL);
		say(slow.length ? `over ${GOAL} ms: ${slow.map((r) => r.case).join(', ')}` : `every page within ${GOAL} ms`);
		return 0;
	} finally {
		await server.stop();
	}
}

/** The store of today, made where it is not there yet; its answers end with the day. */
async function seeded(): Promise<string> {
	const all = path.join(root, '.tmp', 'bench-console');
	const home = path.join(all, `${new Date().toISOString().slice(0, 10)}-${options.runs}-${options.answers}`);
	if (fs.existsSync(`${home}.done`)) return home;
	fs.rmSync(all, { recursive: true, force: true });
	fs.mkdirSync(home, { recursive: true });
	const began = performance.now();
	const code = await runToEnd(process.execPath, [path.join(import.meta.dirname, 'seed.mts'), home, options.runs, options.answers], {
		cwd: root,
	});
	if (code !== 0) throw new Error('The store could not be made.');
	fs.writeFileSync(`${home}.done`, '');
	say(`the store was made in ${Math.round((performance.now() - began) / 1000)} s`);
	return home;
}

async function serve(home: string): Promise<{ url: string; stop(): Promise<void> }> {
	const program = path.join(root, 'dist/lib/cli/mlops.js');
	// One listener is enough for pages; the models are no real ones, and none is loaded.
	const args = [program, 'serve', '--port', '0', '--no-keys', '--listeners', '1', '--models', 'none'];
	const child = spawn(process.execPath, args, {
		env: { ...process.env, MLOPS_HOME: home },
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
	});
	const exited = once(child, 'exit');
	const url = await new Promise<string>((resolve, reject) => {
		child.on('message', (message: { ready?: { address: string } }) => message.ready && resolve(message.ready.address));
		child.once('exit', (code) => reject(new Error(`mlops serve ended with ${code}`)));
	});
	return {
		url,
		async stop() {
			child.kill('SIGTERM');
			await exited;
		},
	};
}
