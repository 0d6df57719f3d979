import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

export const program = path.resolve(__dirname, '../../dist/lib/cli/mlops.js');

export interface Ended {
	exit: number | null;
	stdout: string;
	stderr: string;
}

/** Runs the built program as a person does. `home` stands in for both the option and n8n's folder. */
export function mlops(
	args: readonly string[],
	{ home, started }: { home: string; started?: (child: ChildProcess) => void },
): Promise<Ended> {
	const { MLOPS_HOME: _home, EXECUTIONS_MODE: _mode, NODE_OPTIONS: _options, ...env } = process.env;
	const child = spawn(process.execPath, [program, ...args], { env: { ...env, MLOPS_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] });
	const text = { stdout: '', stderr: '' };
	for (const name of ['stdout', 'stderr'] as const) child[name].setEncoding('utf8').on('data', (chunk: string) => (text[name] += chunk));
	started?.(child);
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', (exit) => resolve({ exit, ...text }));
	});
}
