import { randomBytes } from 'node:crypto';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { MlopsError } from '../domain/errors.js';
import type { Store } from '../store/contract.js';
import { builtListener } from './builtListener.js';
import { createCalls } from './calls.js';
import { startLog, type LogNumbers, type ServerLog } from './log/start.js';
import { isLoopback } from './loopback.js';
import type { Failed, FromListener, ListenerData, ToListener } from './messages.js';
import { createTotals } from './metrics/counters.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import { readTable } from './readTable.js';
import { startRolloutWatch } from './rollouts/watch.js';
import type { ServeTable } from './table.js';

/** How often the store is looked at. */
const LOOK_MS = 500;
/** A listener that ended by itself is started again after this long. */
const AGAIN_MS = 500;
/** More listeners than this help nobody who does not ask for them. */
const MOST_LISTENERS = 8;
/** Requests that are being answered get this long when the server stops. */
const STOP_MS = 20_000;

export interface Server {
	port: number;
	/** Where it can be asked, for example `http://127.0.0.1:8080`. */
	address: string;
	/** Answers what was asked, keeps the log, ends. */
	stop(): Promise<void>;
	/** Resolves when it has ended, whoever ended it. */
	ended: Promise<void>;
}

interface Listener {
	worker: Worker;
	failed: Failed[];
	usedBytes: number;
	seq: number;
}

/** What the main thread knows of itself, for metrics and calls. */
export interface MainState {
	store: Store;
	options: ServeOptions;
	table: ServeTable;
	startedAt: number;
	listeners: ReadonlyMap<number, Listener>;
	restarts: number;
	storeAway: boolean;
	totals: ReturnType<typeof createTotals>;
	/** Absent where nothing is logged. */
	log?: LogNumbers;
}

/**
 * Starts a model server on a store: this thread looks after the store, listeners in threads of their own answer.
 * @throws `serve.port_taken`, `input.invalid` where keys are off on an address that others reach, what reading the store throws
 */
export async function startServer(store: Store, options: ServeOptions): Promise<Server> {
	if (!options.keys && !isLoopback(options.host))
		throw new MlopsError('input.invalid', `Without API keys the server may listen on this machine's own address alone.`, {
			found: options.host,
			expected: '127.0.0.1, ::1 or localhost',
			remedy: 'Ask for keys ("mlops key make"), or bind to 127.0.0.1.',
		});
	await refuseTaken(options, store.id);
	const shared = process.platform === 'linux';
	const count = shared ? (options.listeners ?? Math.min(MOST_LISTENERS, availableParallelism())) : 1;
	const seen = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
	const listeners = new Map<number, Listener>();
	const totals = createTotals();
	const keeper = options.log === 'off' ? undefined : keepLog(store, options.log === 'durable', listeners);
	const state: MainState = {
		store,
		options,
		table: await readTable(store, options.models),
		startedAt: Date.now(),
		listeners,
		restarts: 0,
		storeAway: false,
		totals,
		get log() {
			return keeper?.numbers();
		},
	};
	new Float64Array(seen)[0] = state.table.seenAt;
	const calls = createCalls(state);
	let numbers = 0;
	let port = options.port;
	let stopping: Promise<void> | undefined;
	let stopWatch = async (): Promise<void> => {};
	const { promise: ended, resolve: end } = Promise.withResolvers<void>();

	async function startListener(): Promise<void> {
		const number = numbers++;
		const workerData: ListenerData = {
			options: { ...options, port },
			storeId: store.id,
			index: port === options.port ? 0 : 1,
			port,
			shared,
			counters: totals.add(number),
			seen,
			table: state.table,
		};
		const log = keeper?.connect();
		if (log) workerData.log = log;
		const worker = new Worker(builtListener(), {
			workerData,
			name: `mlops-listener-${number}`,
			...(log ? { transferList: [log.port] } : {}),
		});
		const listener: Listener = { worker, failed: [], usedBytes: 0, seq: 0 };
		const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
		worker.on('message', (message: FromListener) => {
			if (message.kind === 'call') void reply(worker, message.id, message.method, message.params);
			else if (message.kind === 'slot') totals.announced(number, message.slot, message.labels);
			else if (message.kind === 'applied')
				Object.assign(listener, { failed: message.failed, usedBytes: message.usedBytes, seq: message.seq });
			else if (message.kind === 'refused') reject(MlopsError.fromJSON(message.error));
			else if (message.kind === 'listening') {
				port = message.port;
				resolve();
			}
		});
		worker.on('error', (error) => reject(error));
		worker.on('exit', () => {
			totals.end(number);
			listeners.delete(number);
			reject(new MlopsError('internal', 'A listener of the server ended before it listened.'));
			if (!stopping) void again();
		});
		listeners.set(number, listener);
		await listening;
	}

	/** A listener that died (out of memory, say) is replaced; the others answer meanwhile. */
	async function again(): Promise<void> {
		state.restarts++;
		await sleep(AGAIN_MS);
		if (!stopping) await startListener().catch(() => {});
	}

	async function reply(worker: Worker, id: number, method: string, params: unknown): Promise<void> {
		let message: ToListener;
		try {
			message = { kind: 'reply', id, value: await calls(method, params) };
		} catch (thrown) {
			message = { kind: 'reply', id, error: MlopsError.from(thrown).toJSON() };
		}
		worker.postMessage(message);
	}

	/** Serves what the store holds now. */
	async function refresh(): Promise<void> {
		try {
			const next = await readTable(store, options.models, state.table);
			new Float64Array(seen)[0] = next.seenAt;
			state.storeAway = false;
			const changed = next.models !== state.table.models;
			state.table = next;
			const behind = [...listeners.values()].some(({ failed }) => failed.length > 0);
			if (changed || behind)
				for (const { worker } of listeners.values()) worker.postMessage({ kind: 'table', table: next } satisfies ToListener);
		} catch {
			// What is in memory goes on being served; readiness and metrics say since when the store is away.
			state.storeAway = true;
		}
	}

	async function look(): Promise<void> {
		while (!stopping) {
			await sleep(LOOK_MS);
			await refresh();
		}
	}

	async function stop(): Promise<void> {
		await stopWatch();
		await Promise.all(
			[...listeners.values()].map(async ({ worker }) => {
				const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
				worker.postMessage({ kind: 'stop' } satisfies ToListener);
				await Promise.race([gone, sleep(STOP_MS, undefined, { ref: false })]);
				await worker.terminate();
			}),
		);
		await keeper?.close();
		end();
	}

	try {
		// The first one finds the port, the others share it.
		await startListener();
		await Promise.all(Array.from({ length: count - 1 }, startListener));
	} catch (error) {
		stopping = stop();
		await stopping;
		throw error;
	}
	void look();
	stopWatch = startRolloutWatch({
		store,
		server: `${process.pid}-${randomBytes(6).toString('hex')}`,
		sums: () => totals.sums(),
		failed: () => [...listeners.values()].flatMap(({ failed }) => failed),
		changed: refresh,
	});
	const scheme = options.tlsCert ? 'https' : 'http';
	const host = options.host.includes(':') ? `[${options.host}]` : options.host;
	return { port, address: `${scheme}://${host}:${port}`, stop: async () => await (stopping ??= stop()), ended };
}

/**
 * The log's thread; one that ended by itself is started again, and the listeners hear of it. What they had handed over and not heard of is
 * counted as lost.
 */
function keepLog(store: Store, durable: boolean, listeners: ReadonlyMap<number, Listener>) {
	const before: LogNumbers = { offered: 0, dropped: 0, unwritten: 0, waitingBytes: 0 };
	let log: ServerLog;
	let closing = false;
	const begin = (): void => {
		log = startLog(store, { durable });
		log.lost.catch(async () => {
			if (closing) return;
			Object.assign(before, sumOf(before, log.numbers()));
			await sleep(AGAIN_MS);
			if (closing) return;
			begin();
			for (const { worker } of listeners.values()) {
				const connection = log.connect();
				worker.postMessage({ kind: 'log', log: connection } satisfies ToListener, [connection.port]);
			}
		});
	};
	begin();
	return {
		connect: () => log.connect(),
		numbers: () => sumOf(before, log.numbers()),
		async close() {
			closing = true;
			await log.close();
		},
	};
}

const sumOf = (one: LogNumbers, other: LogNumbers): LogNumbers => ({
	offered: one.offered + other.offered,
	dropped: one.dropped + other.dropped,
	unwritten: one.unwritten + other.unwritten,
	waitingBytes: other.waitingBytes,
});

/**
 * Servers of one store may share a port, so that a new one takes over without a gap. Anything else that answers there is another program,
 * although Linux would let both listen.
 */
async function refuseTaken({ host, port, tlsCert }: ServeOptions, storeId: string): Promise<void> {
	if (port === 0) return;
	const at = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
	const open = await new Promise<boolean>((resolve) => {
		const socket = connect({ host: at, port, timeout: 1_000 }, () => done(true));
		const done = (answer: boolean): void => {
			socket.destroy();
			resolve(answer);
		};
		socket.on('error', () => done(false)).on('timeout', () => done(false));
	});
	if (!open) return;
	if ((await storeServedAt(at, port, tlsCert !== undefined)) === storeId) return;
	throw new MlopsError('serve.port_taken', `Port ${port} is taken by another program.`, {
		remedy: 'Choose another port, or stop the other program.',
	});
}

/** The store of the model server that answers there; undefined where something else does. */
async function storeServedAt(host: string, port: number, tls: boolean): Promise<unknown> {
	return await new Promise((resolve) => {
		const done = (response: IncomingMessage): void => {
			let text = '';
			response
				.setEncoding('utf8')
				.on('data', (chunk: string) => (text = `${text}${chunk}`.slice(0, 1_000)))
				.on('end', () => {
					try {
						resolve((JSON.parse(text) as { store?: unknown }).store);
					} catch {
						resolve(undefined);
					}
				});
		};
		const options = { host, port, path: '/health/live', timeout: 2_000 };
		// Whose certificate it is does not matter here: nothing is sent, and only the store's own server knows its id.
		const request = tls ? httpsGet({ ...options, rejectUnauthorized: false }, done) : httpGet(options, done);
		request.on('timeout', () => request.destroy()).on('error', () => resolve(undefined));
	});
}
