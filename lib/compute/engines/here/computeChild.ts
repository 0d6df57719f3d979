import { fork, type ChildProcess } from 'node:child_process';
import { MlopsError } from '../../../domain/errors.js';
import { childEnvironment } from '../../childEnvironment.js';
import type { ChildMessage, JobCall, ParentMessage, RestedMessage } from '../../messages.js';
import type { Ending } from '../../processEnded.js';
import { secretsGiven } from '../../secrets.js';

/** A compute process: it runs one job at a time and keeps our process alive only while it does. */
export interface ComputeChild {
	/** How it ended, once it did. */
	readonly ending: Ending;
	/** Runs a job and passes on what it says. Resolves once nothing of it runs any more; rejects when the process ends before that. */
	run(call: JobCall, hear: (message: ChildMessage) => void): Promise<{ restingBytes: number }>;
	/** Asks the job to stop. */
	stop(): void;
	/** Kills the process and waits until it is gone. */
	end(): Promise<void>;
}

/** Starts a compute process on a compiled file that calls `serveJobs`. */
export function startChild(entry: string): ComputeChild {
	const child = fork(entry, [], { execArgv: ['--disable-warning=ExperimentalWarning'], env: childEnvironment() });
	// Where it cannot be started, or a message cannot be sent since it ended, its end says so.
	child.on('error', () => {});
	const send = (message: ParentMessage): void => {
		if (child.connected) child.send(message, () => {});
	};
	return {
		ending: child,
		run: (call, hear) =>
			new Promise((resolve, reject) => {
				hold(child, true);
				const heard = (message: ChildMessage | RestedMessage): void => {
					if (message.type !== 'rested') return hear(message);
					leave();
					hold(child, false);
					resolve({ restingBytes: message.bytes });
				};
				const ended = (): void => {
					leave();
					reject(child.pid === undefined ? notStarted() : new Error('The compute process ended.'));
				};
				const leave = (): void => {
					child.off('message', heard).off('exit', ended).off('error', ended);
				};
				child.on('message', heard).on('exit', ended).on('error', ended);
				if (isAlive(child)) send({ type: 'run', call, secrets: secretsGiven() });
				else ended();
			}),
		stop: () => send({ type: 'stop' }),
		end: async () =>
			await new Promise((resolve) => {
				if (!isAlive(child)) return resolve();
				hold(child, true);
				child.once('exit', () => resolve());
				child.kill('SIGKILL');
			}),
	};
}

const notStarted = (): MlopsError =>
	new MlopsError('compute.task_died', 'The compute process could not be started.', {
		remedy: 'Look for free memory and process slots on the machine, then run again.',
	});

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
