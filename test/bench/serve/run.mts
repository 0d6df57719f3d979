/*
 * npm run bench:serve -- [--json] [--case one-row,hundred-rows] [--peer mlserver,kserve,mlflow,echo] [--seconds 5] [--runs 3]
 *                        [--connections 8] [--soak [--minutes 5]]
 * Puts the same load on our model server and on its peers, in turn, all with the same LightGBM model of 200 trees, and prints ratios of
 * the medians. --peer echo, the bare server of Node, needs under three minutes. Latencies are those of callers that wait for their answers
 * (closed loop), and once of such that do not. --soak holds 1,000 connections open for some minutes instead, 3 million requests at most,
 * and prints the memory meanwhile.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root } from '../../../scripts/build/paths.mts';
import { runCaptured, runToEnd } from '../../../scripts/processes.mts';
import { atRate, atShare, flood, loader, pacer, type Load, type Target } from './load.mts';
import { echo, home, install, PEERS, questions, sideOf, type Side } from './peers.mts';
import { startServer, type Running } from './servers.mts';
import { soak } from './soak.mts';

const CASES: Record<string, number> = { 'one-row': 1, 'hundred-rows': 100 };
/** Different bodies that are asked one after the other. */
const BODIES = 200;
/** Answers of all sides agree to this. */
const TOLERANCE = 1e-6;
/** The share of the highest load at which latency is asked for. */
const SHARE = 0.7;
const INSIDE = 'MLOPS_BENCH_NAMESPACE';

const { values: options } = parseArgs({
	options: {
		json: { type: 'boolean', default: false },
		case: { type: 'string', default: Object.keys(CASES).join(',') },
		peer: { type: 'string', default: PEERS.join(',') },
		seconds: { type: 'string', default: '5' },
		runs: { type: 'string', default: '3' },
		connections: { type: 'string', default: '8' },
		soak: { type: 'boolean', default: false },
		minutes: { type: 'string', default: '5' },
	},
});
const say = (text: string) => process.stderr.write(`${text}\n`);
const chosen = (text: string, known: readonly string[], what: string) => {
	const ids = text.split(',');
	const unknown = ids.find((id) => !known.includes(id));
	if (unknown !== undefined) throw new Error(`There is no ${what} "${unknown}": ${known.join(', ')}`);
	return ids;
};
const cases = chosen(options.case, Object.keys(CASES), 'case');
const peers = options.soak ? [] : chosen(options.peer, PEERS, 'peer');
const [seconds, runs, connections] = [options.seconds, options.runs, options.connections].map(Number);

const pythons = install(peers);
const asked = questions();
process.exitCode = await (process.env[INSIDE] ? inside() : enclosed()).catch((error: unknown) => {
	say(error instanceof Error ? error.message : String(error));
	return 1;
});

/**
 * All servers live in a network of their own that ends with this program: some listen on every address, whatever they are told. Where the
 * system has no such thing, these are left out.
 */
async function enclosed(): Promise<number> {
	const ways = [[], ['--map-root-user']].map((way) => [...way, '--net', '--pid', '--fork', '--kill-child', '--mount-proc']);
	const way = ways.find((flags) => spawnSync('unshare', [...flags, 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' }).status === 0);
	if (!way) return await inside();
	const args = [...way, process.execPath, import.meta.filename, ...process.argv.slice(2)];
	return await runToEnd('unshare', args, { cwd: root, env: { ...process.env, [INSIDE]: 'yes' } });
}

async function inside(): Promise<number> {
	if (process.env[INSIDE]) spawnSync('ip', ['link', 'set', 'lo', 'up']);
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-bench-'));
	process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
	const made = await runCaptured(process.execPath, [path.join(import.meta.dirname, 'ours.mts'), folder, path.join(home, 'data')]);
	const { key, treesMicroseconds } = JSON.parse(made) as { key: string; treesMicroseconds: number };
	const server = (id: string, ...more: string[]) => ourSide(id, folder, key, more);
	const plain = server('ours', '--log', 'off');
	if (options.soak) {
		await soak(await startServer(plain, asked), (numbers) => targetOf(plain, numbers), Number(options.minutes), say);
		return 0;
	}
	const sides = [
		plain,
		server('ours with its log', '--log', 'on'),
		server('ours with two listeners', '--log', 'off', '--listeners', '2'),
		...peers.flatMap((id) => sideHere(id) ?? []),
	];
	const running: Running[] = [];
	for (const side of sides) {
		try {
			running.push(await startServer(side, asked));
		} catch (error) {
			if (side === plain) throw error;
			say(`${side.id} is left out: ${(error as Error).message}`);
		}
	}
	say(`Load by ${loader}, ${connections} connections, ${seconds} s, ${runs} times in turn; LightGBM ${asked.lightgbm}, 200 trees.`);
	for (const { side, startSeconds } of running) say(`${side.id} ${side.version}: first answer after ${startSeconds.toFixed(2)} s`);
	for (const each of running) await compare(each);
	const report = [];
	for (const name of cases) report.push(...(await measure(name, running, treesMicroseconds)));
	for (const each of running) await each.stop();
	if (options.json) process.stdout.write(`${JSON.stringify(report, null, '\t')}\n`);
	return 0;
}

/** A peer that is installed and can be started here. */
function sideHere(id: string): Side | undefined {
	if (id === echo.id) return echo;
	if (id === 'kserve' && !process.env[INSIDE])
		return void say('kserve is left out: it listens on all networks, and this system gives it none of its own.');
	const binary = pythons.get(id);
	return binary === undefined ? undefined : sideOf(id, binary);
}

/** Our server: one process, with keys, the recipe and all checks; one listener unless more are asked for. */
function ourSide(id: string, folder: string, key: string, more: readonly string[]): Side {
	const listeners = more.includes('--listeners') ? [] : ['--listeners', '1'];
	const program = path.join(root, 'dist/lib/cli/mlops.js');
	return {
		id,
		version: (JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version,
		address: '/v1/models/trees/predict',
		headers: { authorization: `Bearer ${key}` },
		start: (port) => ({
			command: process.execPath,
			args: [program, 'serve', '--home', folder, '--port', String(port), ...listeners, ...more],
		}),
		body: echo.body,
		read: (answer) => {
			const { answers = [answer] } = answer as { answers?: unknown[] };
			return (answers as Array<{ probabilities: { good: number } }>).map(({ probabilities }) => probabilities.good);
		},
	};
}

/** @throws Error where a server's answers are not LightGBM's own */
async function compare({ side, ask }: Running): Promise<void> {
	if (side === echo) return;
	const numbers = asked.rows.map((_, i) => i);
	const answers = side.read(await ask(side.body(asked, numbers)));
	const worst = Math.max(...numbers.map((i) => Math.abs(answers[i] - asked.answers[i])));
	if (answers.length !== numbers.length || !(worst <= TOLERANCE))
		throw new Error(`${side.id} answers otherwise than LightGBM: by ${worst}`);
	say(`${side.id}: ${numbers.length} answers as LightGBM's, the farthest off by ${worst.toExponential(1)}`);
}

function targetOf({ headers, body }: Side, rows: number): Omit<Target, 'url'> {
	const bodies = Array.from({ length: BODIES }, (_, k) => {
		const numbers = Array.from({ length: rows }, (_, i) => (k * rows + i) % asked.rows.length);
		return JSON.stringify(body(asked, numbers));
	});
	return { headers: { 'content-type': 'application/json', ...headers }, bodies };
}

interface Seen {
	running: Running;
	target: Target;
	loads: Load[];
	/** Processor time a request, in microseconds. */
	processor: number[];
	megabytes: number;
}

async function measure(name: string, running: readonly Running[], treesMicroseconds: number): Promise<unknown[]> {
	const rows = CASES[name];
	say(`\n${name}`);
	const all = running.map(
		(each): Seen => ({ running: each, target: { url: each.url, ...targetOf(each.side, rows) }, loads: [], processor: [], megabytes: 0 }),
	);
	for (const { target } of all) await flood(target, Math.min(2, seconds), connections);
	for (let run = 0; run < runs; run++)
		for (const seen of all) {
			const before = seen.running.processorSeconds();
			const load = await flood(seen.target, seconds, connections);
			if (load.failed > 0) throw new Error(`${seen.running.side.id}: ${load.failed} answers were no success`);
			seen.processor.push(((seen.running.processorSeconds() - before) * 1e6) / load.requests);
			seen.loads.push(load);
			seen.megabytes = Math.max(seen.megabytes, seen.running.megabytes());
		}
	for (const seen of all) tell(seen);
	const [ours] = all;
	tellShares(all);
	const highest = median(ours.loads.map((l) => l.perSecond));
	const paced = await atShare(ours.target, seconds, SHARE, highest);
	tellPaced(ours, paced);
	// The echo at the same rate shows what of it is the machine's and the sender's.
	for (const seen of all.filter(({ running: { side } }) => side === echo))
		tellPaced(seen, await atRate(seen.target, seconds, paced.perSecond));
	const beyond = median(ours.processor) / rows - treesMicroseconds;
	say(`a row: ${beyond.toFixed(1)} us of processor time beyond the trees, which take ${treesMicroseconds.toFixed(1)} us`);
	return all.filter(({ running: { side } }) => PEERS.includes(side.id)).flatMap((peer) => compared(name, ours, peer));
}

function figures({ loads, megabytes }: Seen): Array<[unit: string, value: number]> {
	return [
		['requests/s', median(loads.map((l) => l.perSecond))],
		['ms', median(loads.map((l) => l.p99))],
		['MB', megabytes],
	];
}

function tell(seen: Seen): void {
	const { side } = seen.running;
	const of = (pick: (load: Load) => number) => median(seen.loads.map(pick)).toFixed(2);
	const [[, perSecond], , [, megabytes]] = figures(seen);
	say(
		`${side.id}: ${perSecond.toFixed(0)} requests/s, p50 ${of((l) => l.p50)} ms, p99 ${of((l) => l.p99)} ms, p99.9 ${of((l) => l.p999)} ms, ` +
			`${megabytes.toFixed(0)} MB, ${median(seen.processor).toFixed(0)} us of processor time a request`,
	);
}

function tellPaced({ running: { side } }: Seen, { perSecond, p50, p99, p999 }: Load): void {
	say(
		`${side.id} at ${SHARE * 100} % of ours' highest load, ${Math.round(perSecond)} requests/s that do not wait for answers ` +
			`(by ${pacer}): p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, p99.9 ${p999.toFixed(2)} ms`,
	);
}

/** What each of our servers reaches of the bare one, and what a request costs with each in processor time. */
function tellShares(all: readonly Seen[]): void {
	const bare = all.find(({ running: { side } }) => side === echo);
	const own = all.filter(({ running: { side } }) => !PEERS.includes(side.id));
	const perSecond = ({ loads }: Seen) => median(loads.map((l) => l.perSecond));
	for (const seen of bare ? own : []) {
		const [speed, work] = [perSecond(seen) / perSecond(bare!), median(seen.processor) / median(bare!.processor)];
		say(`${seen.running.side.id}: ${speed.toFixed(2)} of the echo's requests/s, ${work.toFixed(2)} of its processor time a request`);
	}
	for (const seen of own.slice(1)) {
		const share = median(seen.processor) / median(own[0].processor);
		say(`${seen.running.side.id}: ${share.toFixed(2)} of the processor time a request of ${own[0].running.side.id}`);
	}
}

function compared(name: string, ours: Seen, peer: Seen): unknown[] {
	const theirs = figures(peer);
	const { id, version } = peer.running.side;
	const lines = figures(ours).map(([unit, value], k) => {
		const peerValue = theirs[k][1];
		return { case: name, peer: id, peerVersion: version, value, peerValue, ratio: value / peerValue, unit };
	});
	say(`  beside ${id}: ${lines.map(({ ratio, unit }) => `${ratio.toFixed(2)} of its ${unit}`).join(', ')}`);
	return lines;
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
