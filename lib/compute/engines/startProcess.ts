import { spawn } from 'node:child_process';
import { childEnvironment } from '../childEnvironment.js';
import type { Runner } from './posted.js';

/** Starts a program that runs a posted job, with our environment but for what would say where the store is: the reference alone does. */
export function startProcess(file: string, args: readonly string[]): Runner {
	const { MLOPS_HOME: _home, MLOPS_ENGINE: _engine, ...env } = childEnvironment();
	const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
	return {
		ended: new Promise((resolve) => {
			child.once('exit', (exitCode, signalCode) => resolve({ exitCode, signalCode }));
			child.once('error', ({ message }) => resolve({ notStarted: message }));
		}),
		kill: () => {
			child.kill('SIGKILL');
		},
	};
}
