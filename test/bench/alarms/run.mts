// npm run simulate:alarms -- [--json] [--write] [--years 1000] [--first 1] [--repeats 50] [--threads 2] [--setting large,small]
//   [--only years|delays] [--of a.json,b.json]
// Years in which nothing changes, and days until a change is seen: ours beside the defaults of Evidently and NannyML, on the same draws.
import { once } from 'node:events';
import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { pageText, writePage, type Found } from './page.mts';
import type { Job, Outcome, Setting, Shift } from './years.mts';

const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		write: { type: 'boolean', default: false },
		years: { type: 'string', default: '1000' },
		first: { type: 'string', default: '1' },
		repeats: { type: 'string', default: '50' },
		threads: { type: 'string' },
		setting: { type: 'string', default: 'large,small' },
		only: { type: 'string' },
		of: { type: 'string' },
	},
});

const SETTINGS: Record<string, Setting> = {
	large: { name: 'large', chunks: 20, rowsADay: 1000 },
	// At most 1,000 rows: Evidently then goes by p-values.
	small: { name: 'small', chunks: 5, rowsADay: 200 },
};
const SHIFTS: readonly Shift[] = [
	...[0.1, 0.25, 0.5, 1].flatMap((numbers) => [1, 5, 50].map((columns) => ({ name: `${numbers} sd`, columns, numbers }))),
	...[0.05, 0.1, 0.2].flatMap((share) => [1, 5, 50].map((columns) => ({ name: `${share * 100} %`, columns, share }))),
];
/** Days after which a change counts as never seen. */
const MOST_DAYS = 30;

const threads = Number(options.threads ?? Math.min(2, availableParallelism()));
const settings = options.setting.split(',').map((name) => {
	if (!Object.hasOwn(SETTINGS, name)) throw new Error(`There is no setting "${name}": ${Object.keys(SETTINGS).join(', ')}`);
	return SETTINGS[name];
});
const say = (text: string) => process.stderr.write(`${text}\n`);

/** Runs jobs over the threads; outcomes in the order of the jobs. */
async function run(jobs: readonly Job[], what: string): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	let next = 0;
	let done = 0;
	const started = performance.now();
	const one = async (): Promise<void> => {
		const worker = new Worker(new URL('./years.mts', import.meta.url));
		try {
			while (next < jobs.length) {
				const at = next++;
				const answer = once(worker, 'message');
				worker.postMessage(jobs[at]);
				[outcomes[at]] = (await answer) as [Outcome];
				if (++done % 50 === 0) say(`${what}: ${done} of ${jobs.length}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
			}
		} finally {
			await worker.terminate();
		}
	};
	await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, one));
	return outcomes;
}

async function simulated(setting: Setting): Promise<Found> {
	const found: Found = { years: [], delays: [] };
	if (options.only !== 'delays') {
		const jobs = Array.from(
			{ length: Number(options.years) },
			(_, i): Job => ({ kind: 'year', setting, seed: Number(options.first) + i, days: 365 }),
		);
		const outcomes = (await run(jobs, `years, ${setting.name}`)) as Array<Outcome & { kind: 'year' }>;
		found.years.push({ setting, years: outcomes.map((o) => o.of) });
	}
	if (options.only !== 'years') {
		const repeats = Number(options.repeats);
		const seeds = Array.from({ length: repeats }, (_, i) => i);
		const jobs = SHIFTS.flatMap((shift, s) =>
			seeds.map((i): Job => ({ kind: 'delay', setting, seed: 1_000_001 + s * 1000 + i, shift, most: MOST_DAYS })),
		);
		const outcomes = (await run(jobs, `delays, ${setting.name}`)) as Array<Outcome & { kind: 'delay' }>;
		for (const [s, shift] of SHIFTS.entries())
			found.delays.push({ setting, shift, days: outcomes.slice(s * repeats, (s + 1) * repeats).map((o) => o.of) });
	}
	return found;
}

/** What earlier runs printed as JSON, their years together. */
function told(files: readonly string[]): Found {
	const found: Found = { years: [], delays: [] };
	for (const file of files) {
		const { years, delays } = JSON.parse(fs.readFileSync(file, 'utf8')) as Found;
		for (const part of years) {
			const same = found.years.find((y) => y.setting.name === part.setting.name);
			if (same) same.years.push(...part.years);
			else found.years.push(part);
		}
		found.delays.push(...delays);
	}
	return found;
}

const parts = options.of ? [told(options.of.split(','))] : [];
if (!options.of) for (const setting of settings) parts.push(await simulated(setting));
const found: Found = { years: parts.flatMap((p) => p.years), delays: parts.flatMap((p) => p.delays) };
if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
else process.stdout.write(`${pageText(found, MOST_DAYS)}\n`);
if (options.write) writePage(pageText(found, MOST_DAYS));
