import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net, { type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environmentOf } from './node24.mjs';
import { accountOf, importTemplates, linkPackage, prepareUserFolder } from './n8nFolder.mts';
import { ensureN8n, n8nCommand } from './n8nInstall.mts';
import { startGroup, stopGroup } from './processes.mts';
import type { Say } from './setup.mts';

export { ensureN8n } from './n8nInstall.mts';

export interface N8nHost {
	url: string;
	email: string;
	password: string;
	/** False where this n8n has an owner that we did not make. */
	own: boolean;
	log: string;
	pid: number;
	ended: Promise<number | string>;
	stop(): Promise<void>;
}

export interface StartOptions {
	port?: number;
	userFolder: string;
	env?: Record<string, string>;
	templates?: boolean;
	packageFolder?: string | null;
	say?: Say;
}

/** A call of n8n's REST interface; gives the `data` of the answer. */
// n8n's answers have no published types.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Call = (method: string, route: string, body?: unknown) => Promise<any>;

/** Nothing is reported anywhere, and nothing asks the newcomer questions. */
const quiet = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_UNVERIFIED_PACKAGES_ENABLED: 'true',
	NO_COLOR: '1',
};

/** The environment of an n8n on this computer alone, reached by plain http. */
export function n8nEnvironment({
	userFolder,
	port,
	brokerPort,
	env = {},
}: {
	userFolder: string;
	port: number;
	brokerPort: number;
	env?: Record<string, string>;
}): NodeJS.ProcessEnv {
	// n8n behaves otherwise when it believes itself under its own tests.
	const { NODE_ENV: _mode, JEST_WORKER_ID: _worker, ...inherited }: NodeJS.ProcessEnv = environmentOf(process.execPath);
	return {
		...inherited,
		...quiet,
		N8N_USER_FOLDER: userFolder,
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: process.env.N8N_LISTEN_ADDRESS || '127.0.0.1',
		N8N_SECURE_COOKIE: 'false',
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		...env,
	};
}

/**
 * Starts full n8n with our package linked and the templates imported, waits until it answers, and makes the owner's account
 * where there is none. `templates: false` imports nothing, `packageFolder: null` links nothing. n8n's own log goes to
 * `n8n.log` in the user folder. `stop` ends it with all its children.
 */
export async function startN8n({
	port,
	userFolder,
	env = {},
	templates = true,
	packageFolder,
	say = () => {},
}: StartOptions): Promise<N8nHost> {
	await ensureN8n(say);
	await prepareUserFolder(userFolder);
	const chosen = port ?? (await freePort());
	const environment = n8nEnvironment({ userFolder, port: chosen, brokerPort: await freePort(), env });
	if (packageFolder !== null) await linkPackage(userFolder, packageFolder);
	const left = templates ? await importTemplates(userFolder, { env: environment }) : [];
	for (const name of left) say(`The template "${name}" has a newer version; yours, which you edited or deleted, was left alone.`);
	const log = path.join(userFolder, 'n8n.log');
	const output = fs.openSync(log, 'w');
	const [program, args] = n8nCommand('start');
	const watch = ['--require', fileURLToPath(new URL('endWithParent.cjs', import.meta.url))];
	const child = startGroup(program, [...watch, ...args], { cwd: userFolder, env: environment, stdio: ['pipe', output, output] });
	child.stdin?.on('error', () => {});
	(child.stdin as Socket | null)?.unref();
	fs.closeSync(output);
	const url = `http://localhost:${chosen}`;
	const address = `http://127.0.0.1:${chosen}`;
	try {
		await untilAnswers(child, address, log);
		const refused = /Failed to load package[^]*?(?=\n\s+at )/.exec(fs.readFileSync(log, 'utf8'));
		if (refused) throw new Error(`n8n did not take the nodes. ${refused[0]}`);
		const account = await accountOf(userFolder);
		const own = await makeOwner(address, account);
		return { url, ...account, own, log, pid: child.pid!, ended: ended(child), stop: async () => await stopGroup(child) };
	} catch (error) {
		await stopGroup(child, 1000);
		throw error;
	}
}

/** Signs in and returns a `fetch` for n8n's REST interface: `call('GET', '/rest/workflows')` gives the `data` of the answer. */
export async function signIn({ url, email, password }: Pick<N8nHost, 'url' | 'email' | 'password'>): Promise<Call> {
	const base = url.replace('//localhost:', '//127.0.0.1:');
	const headers: Record<string, string> = { 'content-type': 'application/json' };
	const answer = await fetch(`${base}/rest/login`, {
		method: 'POST',
		headers,
		body: JSON.stringify({ emailOrLdapLoginId: email, password }),
	});
	if (!answer.ok) throw new Error(`n8n refused the sign-in: ${answer.status} ${await answer.text()}`);
	headers.cookie = answer.headers
		.getSetCookie()
		.map((cookie) => cookie.split(';')[0])
		.join('; ');
	return async (method, route, body) => {
		const response = await fetch(base + route, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${text.slice(0, 500)}`);
		const json = text === '' ? undefined : JSON.parse(text);
		return json?.data ?? json;
	};
}

/** A port that nobody listens on now. */
export async function freePort(port = 0): Promise<number> {
	return await new Promise<number>((resolve, reject) => {
		const server = net.createServer();
		server.on('error', reject);
		server.listen(port, '127.0.0.1', () => {
			const { port: found } = server.address() as AddressInfo;
			server.close(() => resolve(found));
		});
	});
}

async function untilAnswers(child: ChildProcess, address: string, log: string, seconds = 180): Promise<void> {
	let failure: Error | undefined;
	child.once('error', (error) => (failure = error));
	for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(250)) {
		if (failure) throw failure;
		if (child.exitCode !== null || child.signalCode !== null)
			throw new Error(`n8n ended (${child.signalCode ?? child.exitCode}) before it was ready:\n${tail(log)}`);
		if ((await answers(`${address}/healthz/readiness`)) && (await answers(`${address}/rest/settings`))) return;
	}
	throw new Error(`n8n did not answer within ${seconds} s:\n${tail(log)}`);
}

const answers = async (url: string) =>
	await fetch(url, { signal: AbortSignal.timeout(5000) }).then(
		({ ok }) => ok,
		() => false,
	);

/** Makes the owner's account; false where n8n has one already and it is not the one that we keep. */
async function makeOwner(address: string, { email, password }: { email: string; password: string }): Promise<boolean> {
	const post = async (route: string, body: unknown) =>
		await fetch(address + route, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	const made = await post('/rest/owner/setup', { email, firstName: 'Local', lastName: 'Owner', password });
	if (made.ok) return true;
	return (await post('/rest/login', { emailOrLdapLoginId: email, password })).ok;
}

const ended = async (child: ChildProcess): Promise<number | string> =>
	await new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code ?? 'unknown')));

const tail = (file: string) => fs.readFileSync(file, 'utf8').slice(-3000);
