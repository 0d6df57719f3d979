import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { useServer, type ServerNews, type ServerUse } from '../../lib/app/serverProcess.js';
import { serveOptions, type ServeOptions } from '../../lib/domain/serveOptions.js';
import type { StoreRef } from '../../lib/domain/storeRef.js';
import type { Store } from '../../lib/store/contract.js';
import { ask, fruitStore, ROW, type Got } from '../server/served.js';
import { freshFolder, removeFolders } from '../store/records.js';

const ROOT = join(__dirname, '..', '..');
let store: Store;
let ref: StoreRef;
let news: ServerNews[];
const uses: ServerUse[] = [];
beforeAll(async () => {
	({ store } = await fruitStore(1));
	ref = store.ref;
}, 60_000);
afterEach(async () => {
	await Promise.all(uses.splice(0).map(async (use) => await use.close()));
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});
beforeEach(() => {
	news = [];
});

const options = (more: Partial<ServeOptions>): ServeOptions =>
	serveOptions.parse({ keys: false, listeners: 1, log: 'off', maxDelay: 60_000, ...more });
async function use(more: Partial<ServeOptions>, name = 'workflow "A"', at: StoreRef = ref): Promise<ServerUse> {
	const made = await useServer(at, options(more), { name, hear: (one) => news.push(one) });
	uses.push(made);
	return made;
}
const troubles = (): string[] => news.filter(({ kind }) => kind === 'trouble').map(({ text }) => text);

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}
const isAlive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};
async function until(what: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await what())) await sleep(50);
}
const answers = async (url: string): Promise<boolean> =>
	await ask(`${url}/v1/models/fruit/predict`, { row: ROW }).then(
		({ status }) => status === 200,
		() => false,
	);

/** Calls the server without a pause until it is told to end; gives how many calls there were, and those that failed. */
function calls(url: string): () => Promise<{ count: number; failed: unknown[] }> {
	let on = true;
	let count = 0;
	const failed: unknown[] = [];
	const one = async (): Promise<void> => {
		while (on) {
			const answer = await ask(`${url}/v1/models/fruit/predict`, { row: ROW }, { connection: 'close' }).catch((error: unknown) => error);
			count++;
			const { status, body = answer } = answer as Partial<Got>;
			if (status !== 200) failed.push(status ?? ((body as Error).cause as { code?: unknown } | undefined)?.code);
		}
	};
	const running = Promise.all([one(), one(), one()]);
	return async () => {
		on = false;
		await running;
		return { count, failed };
	};
}

it('two with the same store and port share one server, which ends with the last of them and leaves nothing', async () => {
	const port = await freePort();
	const first = await use({ port });
	const second = await use({ port }, 'workflow "B"');
	const pid = first.pid()!;
	expect(second.pid()).toBe(pid);
	expect(first.url).toBe(`http://127.0.0.1:${port}`);
	expect(await answers(second.url)).toBe(true);
	await first.close();
	await first.close();
	expect(await answers(second.url)).toBe(true);
	await second.close();
	expect(isAlive(pid)).toBe(false);
	expect(await answers(second.url)).toBe(false);
	expect(troubles()).toEqual([]);
});

it('whoever wants it otherwise, or of another store, is refused with a sentence, and the server goes on', async () => {
	const port = await freePort();
	const { url } = await use({ port });
	await expect(use({ port, log: 'on', maxRows: 5 }, 'workflow "B"')).rejects.toMatchObject({
		code: 'input.invalid',
		message: expect.stringMatching(/other settings \(log, maxRows\), for workflow "A"/),
	});
	const other: StoreRef = { kind: 'folder', home: await freshFolder() };
	await expect(use({ port }, 'workflow "B"', other)).rejects.toMatchObject({
		code: 'serve.port_taken',
		message: expect.stringMatching(/another store, for workflow "A"/),
	});
	expect(await answers(url)).toBe(true);
});

it('publishing anew hands over without a failed call, with the same process', async () => {
	const port = await freePort();
	const first = await use({ port });
	const pid = first.pid()!;
	const stop = calls(first.url);
	for (let i = 0; i < 3; i++) {
		await uses.at(-1)!.close(5_000);
		await sleep(100);
		expect((await use({ port })).pid()).toBe(pid);
	}
	const { count, failed } = await stop();
	expect(failed).toEqual([]);
	expect(count).toBeGreaterThan(10);
});

(process.platform === 'linux' ? it : it.skip)(
	'publishing anew with other settings hands over to a new process, and somebody answers all the time',
	async () => {
		const port = await freePort();
		const first = await use({ port });
		const pid = first.pid()!;
		const stop = calls(first.url);
		await first.close(5_000);
		const second = await use({ port, maxRows: 5 });
		expect(second.pid()).not.toBe(pid);
		await until(() => !isAlive(pid));
		const { count, failed } = await stop();
		// Linux resets what waited to be accepted in the instant in which the old one stopped listening; nothing else fails.
		expect(failed.filter((how) => how !== 'ECONNRESET' && how !== 'UND_ERR_SOCKET')).toEqual([]);
		expect(failed.length).toBeLessThan(4);
		expect(count).toBeGreaterThan(10);
		expect((await ask(`${second.url}/v1/models/fruit/predict`, { rows: Array(6).fill(ROW) })).status).toBe(413);
	},
);

it('one that is left lingering ends by itself', async () => {
	const left = await use({ port: 0 });
	const pid = left.pid()!;
	await left.close(300);
	expect(await answers(left.url)).toBe(true);
	await until(() => !isAlive(pid));
	expect(troubles()).toEqual([]);
});

it('one that was killed is started again at its port, which is counted and said', async () => {
	const server = await use({ port: 0 });
	const pid = server.pid()!;
	process.kill(pid, 'SIGKILL');
	await until(async () => server.pid() !== undefined && server.pid() !== pid && (await answers(server.url)));
	expect(server.restarts()).toBe(1);
	expect(troubles()).toEqual([expect.stringMatching(/ended \(it was killed by SIGKILL\).*started anew in 0.5 s \(the 1st time\)/)]);
});

it('a port of another program, settings that are not safe and files that are not there are refused in words', async () => {
	const taken = createServer((socket) => socket.on('error', () => {}).end('hello')).listen(0, '127.0.0.1');
	await once(taken, 'listening');
	const { port } = taken.address() as AddressInfo;
	await expect(use({ port })).rejects.toMatchObject({ code: 'serve.port_taken', message: expect.stringContaining(`Port ${port}`) });
	taken.close();
	await expect(use({ port: 0, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringMatching(/keys/) });
	await expect(use({ port: 0, tlsCert: '/nowhere.pem', tlsKey: '/nowhere.pem' })).rejects.toMatchObject({
		code: 'input.invalid',
		message: expect.stringMatching(/certificate/),
	});
	await expect(use({ port: 0, host: '203.0.113.7', keys: true })).rejects.toMatchObject({ code: 'input.invalid' });
});

it('a script serves by one call; when it is killed, its server goes too', async () => {
	const script = `
		const { openStore, serve } = require(${JSON.stringify(join(ROOT, 'dist/lib/index.js'))});
		void openStore(${JSON.stringify(store.home)}).then(async (store) => {
			const server = await serve(store, { port: 0, keys: false, listeners: 1 });
			console.log(JSON.stringify({ url: server.url, pid: server.pid }));
			process.stdin.once('data', async () => { await server.close(); await store.close(); console.log('closed'); });
		});`;
	for (const way of ['close', 'kill'] as const) {
		const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
		const exited = once(child, 'exit');
		const [line] = (await once(child.stdout, 'data')) as [Buffer];
		const { url, pid } = JSON.parse(line.toString()) as { url: string; pid: number };
		expect(await answers(url)).toBe(true);
		if (way === 'close') child.stdin.end('now');
		else child.kill('SIGKILL');
		await until(() => !isAlive(pid));
		expect((await exited).filter((how) => how !== null)).toEqual([way === 'close' ? 0 : 'SIGKILL']);
	}
});
