import { spawn } from 'node:child_process';
import readline from 'node:readline';

/** A process that answers a line with a line. */
export interface Partner {
	/** @throws Error where it ended */
	ask(what: object): Promise<unknown>;
	close(): void;
}

export function partner(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Partner {
	const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...(env ? { env } : {}) });
	const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	return {
		async ask(what) {
			child.stdin.write(`${JSON.stringify(what)}\n`);
			const line = await lines.next();
			if (line.done) throw new Error(`${command} ended`);
			return JSON.parse(line.value);
		},
		close: () => void child.stdin.end(),
	};
}
