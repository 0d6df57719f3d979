import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../compute/childEnvironment.js';
import { MlopsError, type MlopsErrorJson } from '../domain/errors.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import type { StoreRef } from '../domain/storeRef.js';
import { lineText } from '../domain/text.js';
import { optionFlag } from '../domain/ui.js';

/** A model server in a process of its own, which answers. */
export interface ServerChild {
	pid: number;
	port: number;
	/** Resolves when it is gone, with how it ended in words. */
	ended: Promise<string>;
	/** Whether it keeps this process alive. */
	hold(alive: boolean): void;
	/** Lets it answer what it was asked, and resolves when it is gone. */
	stop(): Promise<void>;
}

/** What the server says to its parent. */
interface FromServer {
	ready?: { port: number };
	failed?: MlopsErrorJson;
}

/** A model that is large takes its time to load; one that says nothing for so long will never. */
const START_MS = 60_000;
/** How long what it was asked before may take when it is to end. */
const STOP_MS = 40_000;

/**
 * Starts `mlops serve` on a store and waits until it answers. It ends with this process, however that ends.
 * @param say is given each line that it writes
 * @throws what the server threw: `serve.port_taken`, `input.invalid`, `store.*`; `compute.task_died` where it said nothing
 */
export async function startServerChild(ref: StoreRef, options: ServeOptions, say: (line: string) => void): Promise<ServerChild> {
	const child = fork(program(), ['serve', '--store', JSON.stringify(ref), ...argumentsFor(options)], {
		execArgv: ['--disable-warning=ExperimentalWarning'],
		env: childEnvironment(),
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
	const lines: string[] = [];
	createInterface({ input: child.stderr! }).on('line', (line) => {
		const text = lineText(line);
		if (lines.push(text) > 5) lines.shift();
		say(text);
	});
	const ended = new Promise<string>((resolve) => {
		child.once('exit', (code, signal) => resolve(signal ? `it was killed by ${signal}` : `exit code ${code ?? 'unknown'}`));
		child.once('error', ({ message }) => {
			if (child.pid === undefined) resolve(`it could not be started: ${message}`);
		});
	});
	const port = await readyPort(child, ended, lines);
	return {
		pid: child.pid!,
		port,
		ended,
		hold: (alive) => {
			for (const handle of [child, child.channel, child.stderr as Socket]) {
				if (alive) handle?.ref();
				else handle?.unref();
			}
		},
		stop: async () => await stop(child, ended),
	};
}

async function readyPort(child: ChildProcess, ended: Promise<string>, lines: readonly string[]): Promise<number> {
	let timer: NodeJS.Timeout | undefined;
	try {
		return await new Promise<number>((resolve, reject) => {
			child.on('message', ({ ready, failed }: FromServer) => {
				if (ready) resolve(ready.port);
				if (failed) reject(MlopsError.fromJSON(failed));
			});
			void ended.then((how) => reject(notStarted(`${how}${lines.length ? `; it said: ${lines.join(' ')}` : ''}`)));
			timer = setTimeout(() => reject(notStarted(`it did not answer within ${START_MS / 1000} seconds`)), START_MS);
		});
	} catch (thrown) {
		child.kill('SIGKILL');
		await ended;
		throw thrown;
	} finally {
		clearTimeout(timer);
	}
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
	if (child.connected) child.send({ stop: true }, () => {});
	else child.kill('SIGTERM');
	const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
	await ended;
	clearTimeout(timer);
}

const notStarted = (why: string): MlopsError =>
	new MlopsError('compute.task_died', `The model server did not start: ${why}.`, {
		remedy: 'Look for free memory and process slots on the machine, and run "mlops doctor".',
	});

/** `<root>/dist/lib/cli/mlops.js`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function program(): string {
	const beside = join(__dirname, '..', 'cli', 'mlops.js');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', 'dist', 'lib', 'cli', 'mlops.js');
}

/** Options as they are typed behind `mlops serve`. */
function argumentsFor(options: ServeOptions): string[] {
	return Object.entries(options).flatMap(([key, value]: [string, unknown]) => {
		const flag = optionFlag(key);
		if (value === undefined) return [];
		if (typeof value === 'boolean') return [`--${value ? '' : 'no-'}${flag}`];
		return (Array.isArray(value) ? value : [value]).map((one) => `--${flag}=${String(one)}`);
	});
}
