import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { dist } from './build/paths.mts';
import { environmentOf } from './node24.mjs';
import { startGroup } from './processes.mts';

/** Where the console is looked for first; the model servers of templates have ports of their own. */
export const CONSOLE_PORT = 5690;

export interface ConsoleHost {
	/** Address of the console's first page. */
	url: string;
	pid: number;
}

const SECONDS = 60;

/**
 * Starts a model server beside n8n, over the same store, on this computer alone: it serves the console, answers for the models and looks
 * after rollouts and monitors. What it says goes to `server.log` in the user folder. It ends with this process.
 */
export async function startConsole(userFolder: string, port: number): Promise<ConsoleHost> {
	const log = path.join(userFolder, 'server.log');
	const output = fs.openSync(log, 'w');
	const child = startGroup(
		process.execPath,
		['--disable-warning=ExperimentalWarning', path.join(dist, 'lib/cli/mlops.js'), 'serve', '--no-keys', '--port', String(port)],
		{ env: { ...environmentOf(process.execPath), N8N_USER_FOLDER: userFolder }, stdio: ['ignore', output, output, 'ipc'] },
	);
	fs.closeSync(output);
	const address = await new Promise<string>((resolve, reject) => {
		const fail = (why: string) => reject(new Error(`The model server did not start (${why}). Its log: ${log}`));
		const timer = setTimeout(() => fail(`no answer within ${SECONDS} s`), SECONDS * 1000);
		child.on('message', (said: { ready?: { address: string } }) => {
			clearTimeout(timer);
			if (said.ready) resolve(said.ready.address);
		});
		child.once('exit', (code, signal) => fail(`it ended: ${signal ?? code}`));
		child.once('error', ({ message }) => fail(message));
	});
	child.unref();
	child.channel?.unref();
	return { url: `${address.replace('//127.0.0.1:', '//localhost:')}/console/`, pid: child.pid! };
}
