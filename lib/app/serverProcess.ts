import { realpathSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { MlopsError } from '../domain/errors.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import type { StoreRef } from '../domain/storeRef.js';
import { startServerChild, type ServerChild } from './serverChild.js';

/** What a user of a server hears of it. */
export interface ServerNews {
	/** `trouble` is what a person should know; `said` is what the server writes to its log. */
	kind: 'said' | 'trouble';
	text: string;
}

/** Who uses a server. */
export interface ServerUser {
	/** For sentences to another one who would use it otherwise. */
	name: string;
	hear(news: ServerNews): void;
}

/** A server that runs as long as somebody uses it. */
export interface ServerUse {
	readonly port: number;
	/** Where it answers, as seen from this machine. */
	readonly url: string;
	/** How often it had to be started anew. */
	restarts(): number;
	/** The process that answers now, if one does. */
	pid(): number | undefined;
	/**
	 * Ends this use. The last one ends the server, which first answers what it was asked; `lingerMs` later, if nobody used it meanwhile.
	 * Resolves when it is gone, or at once where it lingers or others use it.
	 */
	close(lingerMs?: number): Promise<void>;
}

interface Running {
	storeKey: string;
	ref: StoreRef;
	options: ServeOptions;
	users: Set<ServerUser>;
	/** None while it is started anew. */
	child: ServerChild | undefined;
	port: number;
	restarts: number;
	/** Unexpected ends, or failed starts, since it last ran for a while. */
	inARow: number;
	/** Ends it when nobody came, or starts it anew. */
	timer: NodeJS.Timeout | undefined;
}

/** Servers of this process by port. */
const servers = new Map<number, Running>();

const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;
/** One that ran this long begins the backoff anew. */
const STEADY_MS = 60_000;
/** Two processes listen on one port where the system lets them; elsewhere the old one goes first. */
const CAN_OVERLAP = process.platform === 'linux';

/** One change at a time: a close and the use that follows it must not overtake each other. */
let line: Promise<unknown> = Promise.resolve();
function inLine<T>(work: () => Promise<T>): Promise<T> {
	const done = line.then(work);
	line = done.catch(() => {});
	return done;
}

/**
 * Uses the model server of a store at a port; starts it, as a process beside this one, where none runs. All who name the same store and
 * port share it, if they want the same of it. Where it was left a moment ago with other settings, the new process listens before the old
 * one goes (on Linux; elsewhere there is a gap of about a second, which is said). A connection that waits to be accepted in the instant in
 * which the old one stops listening is reset by Linux, unless its setting net.ipv4.tcp_migrate_req is 1. One that ends is started anew,
 * with longer and longer waits.
 * @throws `serve.port_taken`; `input.invalid` where others use it with other settings, or where the server refuses the settings;
 * `compute.task_died`
 */
export async function useServer(ref: StoreRef, options: ServeOptions, user: ServerUser): Promise<ServerUse> {
	return await inLine(async () => {
		const storeKey = keyOf(ref);
		let running = options.port === 0 ? undefined : servers.get(options.port);
		if (running && running.storeKey !== storeKey) {
			if (running.users.size > 0) throw otherStore(options.port, [...running.users][0].name);
			await end(running);
			running = undefined;
		}
		if (running) await join(running, options, user);
		else running = await begin(storeKey, ref, options, user);
		return useOf(running, user);
	});
}

function useOf(running: Running, user: ServerUser): ServerUse {
	const { host, tlsCert } = running.options;
	return {
		port: running.port,
		url: `${tlsCert === undefined ? 'http' : 'https'}://${reachable(host)}:${running.port}`,
		restarts: () => running.restarts,
		pid: () => running.child?.pid,
		close: async (lingerMs = 0) => {
			if (!running.users.delete(user) || running.users.size > 0) return;
			const leave = async () =>
				await inLine(async () => {
					if (running.users.size === 0) await end(running);
				});
			clearTimeout(running.timer);
			if (lingerMs === 0) return await leave();
			// It goes with this process, which need not wait for that.
			running.timer = setTimeout(() => void leave(), lingerMs).unref();
			running.child?.hold(false);
		},
	};
}

async function begin(storeKey: string, ref: StoreRef, options: ServeOptions, user: ServerUser): Promise<Running> {
	const running: Running = {
		storeKey,
		ref,
		options,
		users: new Set([user]),
		child: undefined,
		port: options.port,
		restarts: 0,
		inARow: 0,
		timer: undefined,
	};
	await start(running);
	servers.set(running.port, running);
	return running;
}

/** One more user of a server that runs, lingers, or is about to be started anew. */
async function join(running: Running, options: ServeOptions, user: ServerUser): Promise<void> {
	if (running.users.size > 0) {
		const [other] = running.users;
		const differing = (Object.keys({ ...running.options, ...options }) as Array<keyof ServeOptions>).filter(
			(key) => !isDeepStrictEqual(running.options[key], options[key]),
		);
		if (differing.length > 0) throw otherSettings(options.port, other.name, differing);
		running.users.add(user);
		return;
	}
	clearTimeout(running.timer);
	running.timer = undefined;
	running.users.add(user);
	running.child?.hold(true);
	if (running.child && isDeepStrictEqual(running.options, options)) return;
	const before = running.child;
	running.options = options;
	try {
		if (before && !CAN_OVERLAP) {
			running.child = undefined;
			await before.stop();
			tell(running, 'trouble', 'The model server was ended and started with its new settings: for a moment nobody answered.');
		}
		await start(running);
		if (CAN_OVERLAP) void before?.stop();
	} catch (thrown) {
		await end(running);
		throw thrown;
	}
}

async function start(running: Running): Promise<void> {
	// One that was given a free port keeps it.
	const options = { ...running.options, port: running.port };
	const child = await startServerChild(running.ref, options, (text) => tell(running, 'said', text));
	running.child = child;
	running.port = child.port;
	const since = performance.now();
	void child.ended.then((how) => {
		if (running.child !== child) return;
		running.child = undefined;
		if (performance.now() - since > STEADY_MS) running.inARow = 0;
		if (running.users.size === 0) return;
		startLater(running, `The model server ended (${how})`);
	});
}

function startLater(running: Running, what: string): void {
	const wait = BACKOFF_MS[Math.min(running.inARow++, BACKOFF_MS.length - 1)];
	running.restarts++;
	tell(running, 'trouble', `${what}. It is started anew in ${wait / 1000} s (the ${ordinal(running.restarts)} time).`);
	running.timer = setTimeout(
		() =>
			void inLine(async () => {
				if (running.users.size === 0 || running.child) return;
				await start(running).catch((thrown: unknown) => {
					startLater(running, `The model server could not be started. ${MlopsError.from(thrown).message.replace(/\.$/, '')}`);
				});
			}),
		wait,
	);
}

async function end(running: Running): Promise<void> {
	clearTimeout(running.timer);
	running.users.clear();
	if (servers.get(running.port) === running) servers.delete(running.port);
	const { child } = running;
	running.child = undefined;
	child?.hold(true);
	await child?.stop();
}

function tell({ users }: Running, kind: ServerNews['kind'], text: string): void {
	for (const user of users) user.hear({ kind, text });
}

/** What tells stores apart, whatever path leads to them. */
function keyOf(ref: StoreRef): string {
	if (ref.kind === 'shared') return JSON.stringify(ref);
	try {
		return realpathSync(ref.home);
	} catch {
		return ref.home;
	}
}

/** An address that this machine itself reaches the server by. */
function reachable(host: string): string {
	if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
	return host.includes(':') ? `[${host}]` : host;
}

const ordinal = (n: number): string => {
	const ending = n % 100 >= 11 && n % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
	return `${n}${ending}`;
};

const otherStore = (port: number, user: string): MlopsError =>
	new MlopsError('serve.port_taken', `Port ${port} is used by the model server of another store, for ${user}.`, {
		remedy: 'Choose another port.',
	});

const otherSettings = (port: number, user: string, differing: readonly string[]): MlopsError =>
	new MlopsError(
		'input.invalid',
		`The model server at port ${port} runs with other settings (${differing.join(', ')}), for ${user}. ` +
			'Whoever shares it must want the same.',
		{ remedy: 'Choose the same settings in both places, or another port.' },
	);
