// A server of the benchmark as a process: started, asked, watched, ended.
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startGroup, stopGroup } from '../../../scripts/processes.mts';
import { home, type Questions, type Side } from './peers.mts';

const START_MS = 120_000;
/** Ticks of the processor clock in a second, as Linux counts for programs. */
const TICKS = 100;

export interface Running {
	side: Side;
	url: string;
	/** From starting the program to its first right answer. */
	startSeconds: number;
	ask(body: unknown): Promise<unknown>;
	/** Resident memory of all its processes now. */
	megabytes(): number;
	/** Processor time of all its processes until now. */
	processorSeconds(): number;
	stop(): Promise<void>;
}

/** A port that is free now, with the two after it as likely free. */
async function freePort(): Promise<number> {
	const server = net.createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as net.AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Starts a server and waits until it answers the first question. @throws Error with the end of what it said where it does not */
export async function startServer(side: Side, questions: Questions): Promise<Running> {
	const port = await freePort();
	const { command, args, cwd, env } = side.start(port);
	const log = path.join(home, `data/${side.id.replaceAll(' ', '-')}.log`);
	const said = fs.openSync(log, 'w');
	const began = performance.now();
	const child = startGroup(command, args, { cwd: cwd ?? home, env: { ...process.env, ...env }, stdio: ['ignore', said, said] });
	fs.closeSync(said);
	let failed: Error | undefined;
	child.on('error', (error) => (failed = error));
	const url = `http://127.0.0.1:${port}${side.address}`;
	const ask = async (body: unknown): Promise<unknown> => {
		const headers = { 'content-type': 'application/json', ...side.headers };
		const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
		if (!answer.ok) throw new Error(`${side.id} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
		return await answer.json();
	};
	const first = side.body(questions, [0]);
	for (let last: unknown; ; await wait(5)) {
		try {
			await ask(first);
			break;
		} catch (error) {
			last = error;
		}
		const ended = failed ?? (child.exitCode === null && child.signalCode === null ? undefined : new Error('it ended'));
		if (!ended && performance.now() - began < START_MS) continue;
		await stopGroup(child, 1000);
		throw new Error(`${side.id} does not answer (${ended?.message ?? String(last)}):\n${fs.readFileSync(log, 'utf8').slice(-1000)}`);
	}
	return {
		side,
		url,
		startSeconds: (performance.now() - began) / 1000,
		ask,
		megabytes: () => sum(treeOf(child), residentBytes) / 1e6,
		processorSeconds: () => sum(treeOf(child), processorTime),
		stop: async () => await stopGroup(child),
	};
}

const sum = (pids: readonly number[], of: (pid: number) => number) => pids.reduce((total, pid) => total + of(pid), 0);

function read(file: string): string {
	try {
		return fs.readFileSync(file, 'utf8');
	} catch {
		return ''; // The process has ended meanwhile.
	}
}

/** Fields of /proc/PID/stat behind the name, which may hold blanks: the state is the first. */
const statOf = (pid: number | string): string[] =>
	read(`/proc/${pid}/stat`)
		.replace(/^.*\) /s, '')
		.split(' ');

/** A process with all that it started, by their ids. */
function treeOf({ pid }: ChildProcess): number[] {
	if (pid === undefined) return [];
	const parents = fs
		.readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map((name) => [Number(name), Number(statOf(name)[1])]);
	const found = [pid];
	for (const of of found) found.push(...parents.filter(([, parent]) => parent === of).map(([child]) => child));
	return found;
}

const residentBytes = (pid: number): number => 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);

function processorTime(pid: number): number {
	const stat = statOf(pid);
	return stat.length < 15 ? 0 : (Number(stat[11]) + Number(stat[12])) / TICKS;
}
