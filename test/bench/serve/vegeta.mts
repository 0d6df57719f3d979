// vegeta, a sender that does not wait for answers, installed by Go where that is there.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runCaptured } from '../../../scripts/processes.mts';
import type { Load, Target } from './load.mts';
import { home } from './peers.mts';

const VEGETA = 'github.com/tsenart/vegeta/v12@v12.13.0';
/**
 * It sends what is due in small bursts, as often as the system wakes it, each request over a connection that is free. Left to itself it
 * opens ever more of them after a single pause, whose opening is measured then; from twice these on a burst waits for itself.
 */
const CONNECTIONS = 32;
/** Its garbage collector would take the server's core else, some hundred times a second. */
const ENVIRONMENT = { ...process.env, GOGC: '1000' };

const vegeta = findVegeta();
/**
 * It keeps to one core: a sender that wanders takes now this one, now that one from the server, whose answers then wait for the system's
 * time slices of 3 ms.
 */
const ONE_CORE = ['taskset', '-c', String(os.cpus().length - 1)];
const [program, ...before] =
	os.cpus().length > 1 && spawnSync(ONE_CORE[0], [...ONE_CORE.slice(1), 'true']).status === 0 ? [...ONE_CORE, vegeta!] : [vegeta!];
export const hasVegeta = vegeta !== undefined;

function findVegeta(): string | undefined {
	const program = path.join(home, 'bin/vegeta');
	if (fs.existsSync(program)) return program;
	const env = { ...process.env, GOBIN: path.dirname(program) };
	const installed = spawnSync('go', ['install', VEGETA], { env, stdio: 'ignore', timeout: 300_000 }).status === 0;
	return installed && fs.existsSync(program) ? program : undefined;
}

/** @param rate requests a second; 0: as many as all connections bring about, each waiting for its answers */
export async function attack({ url, headers, bodies }: Target, seconds: number, rate: number): Promise<Load> {
	const targets = path.join(home, 'data/targets.json');
	const results = path.join(home, 'data/results.bin');
	const header = new Map(Object.entries(headers).map(([name, value]) => [name, [value]]));
	const line = (body: string): string =>
		JSON.stringify({ method: 'POST', url, header: Object.fromEntries(header), body: Buffer.from(body).toString('base64') });
	fs.writeFileSync(targets, bodies.map((body) => `${line(body)}\n`).join(''));
	const workers = [`-workers=${CONNECTIONS}`, `-max-workers=${CONNECTIONS}`];
	const how = ['-format=json', `-targets=${targets}`, `-rate=${Math.floor(rate)}`, `-duration=${seconds}s`, `-output=${results}`];
	await runCaptured(program, [...before, 'attack', ...how, ...workers], { env: ENVIRONMENT });
	const said = JSON.parse(await runCaptured(vegeta!, ['report', '-type=json', results])) as {
		requests: number;
		throughput: number;
		status_codes: Record<string, number>;
	};
	const shares = (await runCaptured(vegeta!, ['report', '-type=hdrplot', results]))
		.split('\n')
		.slice(1)
		.map((row) => row.trim().split(/\s+/).map(Number));
	const at = (share: number): number => shares.find(([, percentile]) => percentile >= share)?.[0] ?? NaN;
	const { requests, throughput: perSecond } = said;
	return { requests, failed: requests - (said.status_codes['200'] ?? 0), perSecond, p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
