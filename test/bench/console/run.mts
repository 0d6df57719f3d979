/*
 * npm run bench:console -- [--json] [--runs 100000] [--answers 10000000] [--times 200] [--page 'trainings,a monitor, window by window']
 * Asks a model server for the data of each page of the console, on a store with that many trainings and answers (made once a day, in
 * .tmp/bench-console), over HTTP, and prints the 99th percentile of the milliseconds that all the questions of a page took together; before
 * that, how long somebody waits who comes first after a start, in a browser where there is one.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { root } from '../../../scripts/build/paths.mts';
import { runToEnd } from '../../../scripts/processes.mts';
import { chromiumPath } from '../../chromiumPath.mts';
import { PAGES, type Found, type Page } from './pages.mts';
import { READER } from './seedWatched.mts';

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
/** What a page's data may take, and the first page in a browser (ms). */
const GOAL = 100;
const FIRST_GOAL = 1_000;
const FIRST = 'first page in a browser';
const NOTHING: Found = { next: { models: '', runs: '' }, runs: [], approvals: [] };

interface Result {
	case: string;
	value: number;
	unit: 'ms';
}

type Get = (path: string) => Promise<Record<string, unknown>>;

process.exitCode = await main().catch((error: unknown) => {
	say(error instanceof Error ? (error.stack ?? error.message) : String(error));
	return 1;
});

async function main(): Promise<number> {
	const names = options.page ? pagesIn(options.page) : Object.keys(PAGES);
	const home = await seeded();
	const server = await serve(home);
	const cookie = await signIn(server.url);
	const get: Get = async (asked) => {
		const response = await fetch(`${server.url}/api/v1${asked}`, { headers: { cookie } });
		const text = await response.text();
		if (!response.ok) throw new Error(`${asked}: ${response.status} ${text.slice(0, 300)}`);
		return JSON.parse(text) as Record<string, unknown>;
	};
	try {
		const results = options.page ? [] : [...(await atFirst(server.url, cookie, get))];
		const found = await whatIsThere(get);
		for (const name of names) results.push({ case: name, value: await p99Of(name, PAGES[name], get, found), unit: 'ms' });
		if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
		const slow = results.filter(({ case: name, value }) => value > (name === FIRST ? FIRST_GOAL : GOAL));
		say(slow.length ? `over the goal: ${slow.map((r) => r.case).join(', ')}` : `every page within ${GOAL} ms`);
		return 0;
	} finally {
		await server.stop();
	}
}

/** Pages that were named, separated by commas, of which a name may hold some, too. @throws Error naming what is no page */
function pagesIn(text: string): string[] {
	const parts = text.split(',').map((part) => part.trim());
	const names: string[] = [];
	for (let at = 0; at < parts.length; ) {
		let to = parts.length;
		while (to > at && !Object.hasOwn(PAGES, parts.slice(at, to).join(', '))) to--;
		if (to === at) throw new Error(`There is no page "${parts[at]}": ${Object.keys(PAGES).join('; ')}`);
		names.push(parts.slice(at, to).join(', '));
		at = to;
	}
	return names;
}

/** The cookie of a session. */
async function signIn(url: string): Promise<string> {
	const response = await fetch(`${url}/api/v1/session`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(READER),
	});
	const [cookie] = response.headers.getSetCookie();
	if (!response.ok || !cookie) throw new Error(`Nobody could sign in: ${response.status} ${await response.text()}`);
	return cookie.split(';')[0];
}

/** What somebody waits for who comes first after a start: the page in a browser, and the lists that are made of all trainings. */
async function atFirst(url: string, cookie: string, get: Get): Promise<Result[]> {
	const results: Result[] = [];
	const executablePath = chromiumPath();
	if (executablePath) {
		const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
		const took: number[] = [];
		for (let i = 0; i < 5; i++) {
			// A context of its own has nothing in its cache.
			const context = await browser.newContext();
			const [name, value] = cookie.split('=', 2);
			await context.addCookies([{ name, value, url }]);
			const page = await context.newPage();
			const from = performance.now();
			await page.goto(`${url}/console/`);
			await page.locator('.figures').first().waitFor();
			took.push(performance.now() - from);
			await context.close();
		}
		await browser.close();
		const value = Math.round(Math.max(...took));
		results.push({ case: FIRST, value, unit: 'ms' });
		say(`${FIRST.padEnd(34)} slowest of ${took.length} ${String(value).padStart(5)} ms (goal ${FIRST_GOAL})`);
	} else say(`${FIRST}: Chromium is not here`);
	for (const name of ['overview', 'models', 'trainings']) {
		const [first] = PAGES[name](0, NOTHING).slice(name === 'trainings' ? 1 : 0);
		const from = performance.now();
		await get(first);
		const value = Math.round((performance.now() - from) * 10) / 10;
		results.push({ case: `${name}, first after a start`, value, unit: 'ms' });
		say(`${`${name}, first after a start`.padEnd(34)} ${value.toFixed(1)} ms`);
	}
	const from = performance.now();
	await get('/runs/facets');
	say(`until all trainings are in memory: ${Math.round(performance.now() - from)} ms more`);
	return results;
}

async function whatIsThere(get: Get): Promise<Found> {
	const ids = async (asked: string): Promise<string[]> => ((await get(asked)).entries as Array<{ id: string }>).map(({ id }) => id);
	return {
		next: {
			models: String((await get('/models?limit=50')).next),
			runs: String((await get('/runs?limit=50&sort=metric:auc')).next),
		},
		runs: await ids('/runs?limit=200'),
		approvals: await ids('/approvals?limit=200'),
	};
}

async function p99Of(name: string, page: Page, get: Get, found: Found): Promise<number> {
	const took: number[] = [];
	// The first looks at a page make what it needs; people look again and again.
	for (let i = -5; i < times; i++) {
		const from = performance.now();
		await Promise.all(page(i + 5, found).map(get));
		if (i >= 0) took.push(performance.now() - from);
	}
	took.sort((a, b) => a - b);
	const p99 = took[Math.min(took.length - 1, Math.ceil(0.99 * took.length) - 1)];
	say(`${name.padEnd(34)} p50 ${took[Math.floor(took.length / 2)].toFixed(1).padStart(7)} ms   p99 ${p99.toFixed(1).padStart(7)} ms`);
	return Math.round(p99 * 10) / 10;
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
