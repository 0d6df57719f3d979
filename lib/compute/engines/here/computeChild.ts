import { fork, type ChildProcess } from 'node:child_process';
import { childEnvironment } from '../../childEnvironment.js';
import type { ChildMessage, JobCall, ParentMessage, RestedMessage } from '../../messages.js';
import type { Ending } from '../../processEnded.js';
import { secretsGiven } from '../../secrets.js';

/** A compute process: it runs one job at a time and keeps our process alive only while it does. */
export interface ComputeChild {
	/** How it ended, once it did. */
	ending(): Ending;
	/** Runs a job and passes on what it says. Resolves once nothing of it runs any more; rejects when the process ends before that. */
	run(call: JobCall, hear: (message: ChildMessage) => void): Promise<{ restingBytes: number }>;
	/** It has nothing to do yet, so our process need not live for it. */
	rest(): void;
	/** Asks the job to stop. */
	stop(): void;
	/** Asks it to end with the best it has. */
	keepBest(): void;
	/** Kills the process and waits until it is gone. */
	end(): Promise<void>;
}

/** Starts a compute process on a compiled file that calls `serveJobs`. */
export function startChild(entry: string): ComputeChild {
	const child = fork(entry, [], { execArgv: ['--disable-warning=ExperimentalWarning'], env: childEnvironment() });
	let notStarted: string | undefined;
	/** Somebody waits for its end, so it must keep this process alive, whatever it still has to say. */
	let awaited = false;
	child.on('error', ({ message }) => {
		if (child.pid === undefined) notStarted = message;
	});
	const send = (message: ParentMessage): void => {
		if (child.connected) child.send(message, () => {});
	};
	return {
		ending: () => ({ exitCode: child.exitCode, signalCode: child.signalCode, ...(notStarted === undefined ? {} : { notStarted }) }),
		run: (call, hear) =>
			new Promise((resolve, reject) => {
				hold(child, true);
				const heard = (message: ChildMessage | RestedMessage): void => {
					if (message.type !== 'rested') return hear(message);
					leave();
					if (!awaited) hold(child, false);
					resolve({ restingBytes: message.bytes });
				};
				const ended = (): void => {
					leave();
					reject(new Error('The compute process ended.'));
				};
				const leave = (): void => {
					child.off('message', heard).off('exit', ended).off('error', ended);
				};
				child.on('message', heard).on('exit', ended).on('error', ended);
				if (isAlive(child)) send({ type: 'run', call, secrets: secretsGiven() });
				// One that could not be started says so by an error yet to come, unless it has.
				else if (child.pid !== undefined || notStarted !== undefined) ended();
			}),
		rest: () => hold(child, false),
		stop: () => send({ type: 'stop' }),
		keepBest: () => send({ type: 'keepBest' }),
		end: async () =>
			await new Promise((resolve) => {
				if (!isAlive(child)) return resolve();
				awaited = true;
				hold(child, true);
				child.once('exit', () => resolve());
				child.kill('SIGKILL');
			}),
	};
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null && child.pid !== undefined;

function hold(child: ChildProcess, busy: boolean): void {
	if (busy) {
		child.ref();
		child.channel?.ref();
	} else {
		child.unref();
		child.channel?.unref();
	}
}
