// Programs that put load on a server: wrk, or autocannon where that is not installed; at a fixed rate vegeta, or one of our own.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { runCaptured } from '../../../scripts/processes.mts';
import { home } from './peers.mts';
import { attack, hasVegeta } from './vegeta.mts';

export interface Load {
	requests: number;
	/** Of these, how many were no success, and how many connections broke. */
	failed: number;
	perSecond: number;
	/** Latencies in milliseconds. */
	p50: number;
	p99: number;
	p999: number;
}

export interface Target {
	url: string;
	headers: Record<string, string>;
	/** Asked one after the other, over and over. */
	bodies: readonly string[];
}

const has = (program: string) => spawnSync(program, ['-v']).error === undefined;
const hasWrk = has('wrk');
/** What the load comes from, for people. */
export const loader = hasWrk ? 'wrk' : 'autocannon';

/** What a load that does not wait comes from, for people. */
export const pacer = hasVegeta ? 'vegeta' : 'a program of ours';

/** As many requests as the server answers, over some open connections. */
export const flood = async (target: Target, seconds: number, connections: number): Promise<Load> =>
	await (hasWrk ? wrk(target, seconds, connections) : autocannon(target, seconds, connections));

/** wrk's own threads must not take the server's core: one makes tens of thousands of requests. */
async function wrk({ url, headers, bodies }: Target, seconds: number, connections: number): Promise<Load> {
	const script = path.join(home, 'data/load.lua');
	const text = (value: string) => JSON.stringify(value).replaceAll('\\/', '/');
	fs.writeFileSync(
		script,
		[
			'local bodies = {',
			...bodies.map((body) => `\t${text(body)},`),
			'}',
			'local headers = {',
			...Object.entries(headers).map(([name, value]) => `\t[${text(name)}] = ${text(value)},`),
			'}',
			'local requests, at, bad = {}, 0, 0',
			'function init() for i, body in ipairs(bodies) do requests[i] = wrk.format("POST", nil, headers, body) end end',
			'function request() at = at % #requests + 1 return requests[at] end',
			'function done(summary, latency)',
			'\tlocal e = summary.errors',
			'\tio.write(string.format("\\nRESULT %d %d %d %d %d %d %d\\n", summary.requests, summary.duration,',
			'\t\tlatency:percentile(50), latency:percentile(99), latency:percentile(99.9), e.status, e.connect + e.read + e.write + e.timeout))',
			'end',
		].join('\n'),
	);
	const said = await runCaptured('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', '-s', script, url]);
	const numbers = /RESULT ([\d ]+)/.exec(said)?.[1].split(' ').map(Number);
	if (!numbers) throw new Error(`wrk gave no result:\n${said}`);
	const [requests, micros, p50, p99, p999, refused, broken] = numbers;
	return { requests, failed: refused + broken, perSecond: requests / (micros / 1e6), p50: p50 / 1000, p99: p99 / 1000, p999: p999 / 1000 };
}

interface AutocannonResult {
	requests: { total: number };
	latency: { p50: number; p99: number; p99_9: number };
	duration: number;
	non2xx: number;
	errors: number;
}

async function autocannon({ url, headers, bodies }: Target, seconds: number, connections: number): Promise<Load> {
	const file = path.join(home, 'data/load.json');
	const requests = bodies.map((body) => ({ method: 'POST', headers, body }));
	fs.writeFileSync(file, JSON.stringify({ url, connections, duration: seconds, requests }));
	const result = JSON.parse(await runCaptured(process.execPath, [path.join(import.meta.dirname, 'flood.mts'), file])) as AutocannonResult;
	const { total } = result.requests;
	const { p50, p99, p99_9: p999 } = result.latency;
	return { requests: total, failed: result.non2xx + result.errors, perSecond: total / result.duration, p50, p99, p999 };
}

/** Connections of a load that does not wait: a request that is due finds one that is free. */
const PACED_CONNECTIONS = 64;
const WARM_SECONDS = 3;

/** A share of the most that a server and the sender reach together, sent at a rate that does not wait for answers. @param most by `flood` */
export async function atShare(target: Target, seconds: number, share: number, most: number): Promise<Load> {
	if (hasVegeta) {
		await attack(target, WARM_SECONDS, 0);
		const { perSecond } = await attack(target, seconds, 0);
		return await attack(target, seconds, share * perSecond);
	}
	return await atRate(target, seconds, share * most);
}

/** A rate that does not wait for answers. */
export async function atRate(target: Target, seconds: number, rate: number): Promise<Load> {
	if (hasVegeta) return await attack(target, seconds, rate);
	const file = path.join(home, 'data/load.json');
	fs.writeFileSync(file, JSON.stringify({ ...target, seconds, connections: PACED_CONNECTIONS, rate }));
	return JSON.parse(await runCaptured(process.execPath, [path.join(import.meta.dirname, 'pace.mts'), file])) as Load;
}
