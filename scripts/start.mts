import { rmSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { CONSOLE_PORT, startConsole } from './console.mts';
import { accountOf, defaultUserFolder, resetUserFolder } from './n8nFolder.mts';
import { freePort, startN8n } from './n8nHost.mts';
import { followOurLines } from './n8nLog.mts';
import { interrupted } from './processes.mts';
import type { Say } from './setup.mts';

interface Running {
	url: string;
	own: boolean;
	/** Address of the console, where the model server runs. */
	console?: string;
}

/** `npm start`: runs n8n with our nodes and templates until Ctrl-C. */
export async function start(args: string[], say: Say): Promise<number> {
	const { values } = parseArgs({ args, options: { port: { type: 'string' }, reset: { type: 'boolean' } } });
	const userFolder = path.resolve(defaultUserFolder());
	const running = await alreadyRunning(userFolder);
	if (running) {
		if (values.reset || values.port) throw new Error(`n8n is running at ${running.url}: stop it there with Ctrl-C first.`);
		announce(say, { ...running, ...(await accountOf(userFolder)), userFolder });
		say('It was running already. Ctrl-C where it was started stops it.');
		return 0;
	}
	if (values.reset) {
		await resetUserFolder(userFolder);
		say(`Wiped ${userFolder}.`);
	}
	const port = await choosePort(values.port, say);
	say('Starting n8n ...');
	const n8n = await startN8n({ port, userFolder, say });
	const file = path.join(userFolder, 'running.json');
	const console = await consoleBeside(userFolder, say);
	await fs.writeFile(file, JSON.stringify({ url: n8n.url, own: n8n.own, console }));
	process.on('exit', () => rmSync(file, { force: true }));
	interrupted.exitCode = 0;
	announce(say, { ...n8n, console, userFolder });
	say('Ready. Ctrl-C stops everything.');
	// What the nodes say, approval links among it, belongs where the newcomer looks.
	const timer = setInterval(followOurLines(n8n.log, say), 500);
	const end = await n8n.ended;
	clearInterval(timer);
	say(end === 0 ? 'n8n has stopped.' : `n8n ended (${end}). Its log: ${n8n.log}`);
	return end === 0 ? 0 : 1;
}

function announce(
	say: Say,
	{ url, email, password, own, console, userFolder }: Running & { email: string; password: string; userFolder: string },
): void {
	say('');
	say(`  n8n         ${url}`);
	say(own ? `  E-mail      ${email}\n  Password    ${password}` : '  Account     the one that this n8n already has');
	if (console) say(`  Console     ${console}   models, trainings, serving, quality, incidents`);
	say(`  Data        ${userFolder}`);
	say('  Templates   on the page "Overview"; open one and press "Execute workflow"');
	say('');
}

/** The console is there where it can be: n8n and its workflows go on without it. */
async function consoleBeside(userFolder: string, say: Say): Promise<string | undefined> {
	const port = await freePort(CONSOLE_PORT).catch(() => freePort());
	try {
		return (await startConsole(userFolder, port)).url;
	} catch (error) {
		say(`There is no console: ${(error as Error).message}`);
		return undefined;
	}
}

async function choosePort(asked: string | undefined, say: Say): Promise<number> {
	if (asked !== undefined) {
		const port = Number(asked);
		if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`--port needs a number from 1 to 65535, not "${asked}".`);
		return await freePort(port).catch(() => {
			throw new Error(`Port ${port} is taken. Choose another with: npm start -- --port <number>`);
		});
	}
	const usual = Number(process.env.N8N_PORT) || 5678;
	return await freePort(usual).catch(async () => {
		const other = await freePort();
		say(`Port ${usual} is taken, so n8n listens on ${other}.`);
		return other;
	});
}

async function alreadyRunning(userFolder: string): Promise<Running | undefined> {
	const known = await fs.readFile(path.join(userFolder, 'running.json'), 'utf8').then(JSON.parse, () => undefined);
	if (!known) return undefined;
	const answered = await fetch(`${known.url}/healthz`, { signal: AbortSignal.timeout(2000) }).then(
		({ ok }) => ok,
		() => false,
	);
	return answered ? known : undefined;
}
