import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

const running = new Set<ChildProcess>();

/** How this process ends at Ctrl-C: a server that a person stops has done its work, anything else was cut short. */
export const interrupted = { exitCode: 130 };

const windows = process.platform === 'win32';

/**
 * Starts a program in a process group of its own, which ends with this process however this process ends (but for
 * SIGKILL), together with all that the program started.
 */
export function startGroup(program: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
	const child = spawn(program, args, { ...options, detached: !windows });
	running.add(child);
	child.on('exit', () => running.delete(child));
	child.on('error', () => running.delete(child));
	return child;
}

/** Ends a group: politely, then after `graceMs` by force. Resolves when its leader is gone. */
export async function stopGroup(child: ChildProcess, graceMs = 10_000): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return killGroup(child, 'SIGKILL');
	const gone = new Promise((resolve) => child.once('exit', resolve));
	killGroup(child, 'SIGTERM');
	const timer = setTimeout(() => killGroup(child, 'SIGKILL'), graceMs);
	await gone;
	clearTimeout(timer);
	killGroup(child, 'SIGKILL');
}

/** Runs a program to its end with this process's own streams; returns its exit code. */
export async function runToEnd(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
	const child = startGroup(program, args, { stdio: 'inherit', ...options });
	return await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('exit', (code, signal) => resolve(signal ? 130 : (code ?? 1)));
	});
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
	if (child.pid === undefined) return;
	try {
		if (windows) child.kill(signal);
		else process.kill(-child.pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
}

process.on('exit', () => {
	for (const child of running) killGroup(child, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(signal, async () => {
		await Promise.allSettled([...running].map((child) => stopGroup(child)));
		process.exit(interrupted.exitCode);
	});
}

/** Runs a program to its end and returns what it printed; throws with the end of that when it fails. */
export async function runCaptured(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
	const child = startGroup(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
	const code = await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', resolve);
	});
	if (code !== 0) throw new Error(`${path.basename(args[0] ?? program)} ${args.slice(1).join(' ')} failed:\n${output.slice(-3000)}`);
	return output;
}
