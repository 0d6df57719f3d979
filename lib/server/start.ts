import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../domain/errors.js';
import type { Store } from '../store/contract.js';
import { isReadOnly } from '../store/files.js';
import { announceServer } from '../app/runningServers.js';
import { startApprovalWatch } from './approvals/approvalWatch.js';
import { createCalls } from './calls.js';
import type { Certificate } from './certificate.js';
import { followCertificate } from './followCertificate.js';
import { followStore } from './followStore.js';
import { createListeners, type Listener } from './listeners.js';
import { keepLog } from './log/keep.js';
import type { LogNumbers } from './log/startLog.js';
import { isLoopback } from './loopback.js';
import { createOwnLog, type OwnLog } from './ownLog.js';
import { refuseTaken } from './portTaken.js';
import { createTotals } from './metrics/counters.js';
import type { ServeOptions } from '../domain/serveOptions.js';
import { readTable } from './readTable.js';
import { startMonitorWatch } from './monitors/monitorWatch.js';
import { startRolloutWatch } from './rollouts/rolloutWatch.js';
import type { ServeTable } from './serveTable.js';

/** How often the store is looked at. */
const LOOK_MS = 500;
/** More listeners than this help nobody who does not ask for them. */
const MOST_LISTENERS = 8;

export interface Server {
	port: number;
	/** Where it can be asked, for example `http://127.0.0.1:8080`. */
	address: string;
	/** Answers what was asked, keeps the log, ends. */
	stop(): Promise<void>;
	/** Resolves when it has ended, whoever ended it. */
	ended: Promise<void>;
}

/** What the main thread knows of itself, for metrics and calls. */
export interface MainState {
	store: Store;
	options: ServeOptions;
	table: ServeTable;
	startedAt: number;
	listeners: ReadonlyMap<number, Listener>;
	/** How many listeners were started again. */
	restarts(): number;
	storeAway: boolean;
	/** Absent where the server speaks http. */
	certificate(): Certificate | undefined;
	totals: ReturnType<typeof createTotals>;
	/** Absent where nothing is logged. */
	log(): LogNumbers | undefined;
	/** What whoever runs the server reads. */
	ownLog: OwnLog;
}

/** @throws `input.invalid` where keys are off on an address that others reach */
function refuseUnkeyed(options: ServeOptions): void {
	if (!options.keys && !isLoopback(options.host))
		throw new MlopsError('input.invalid', `Without API keys the server may listen on this machine's own address alone.`, {
			found: options.host,
			expected: '127.0.0.1, ::1 or localhost',
			remedy: 'Ask for keys ("mlops key make"), or bind to 127.0.0.1.',
		});
}

function addressOf({ tlsCert, host }: ServeOptions, port: number): string {
	return `${tlsCert ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What cannot be done with a store that can be read alone; health and metrics say of the log what became of it. */
const READ_ALONE =
	'The store can be read here, and not written to: models answer, but answers and truths are not kept, no guard of a rollout is judged ' +
	'(its callers get the stable version), and nothing can be changed.';

/** How many threads answer. */
function listenersOf({ listeners }: ServeOptions, shared: boolean, say: (sentence: string) => void): number {
	const count = shared ? (listeners ?? Math.min(MOST_LISTENERS, availableParallelism())) : 1;
	if (listeners !== undefined && listeners > count) say(`This system lets one listener alone have a port: there is one, not ${listeners}.`);
	return count;
}

/**
 * Starts a model server on a store: this thread looks after the store, listeners in threads of their own answer.
 * @throws `serve.port_taken`, `input.invalid` where keys are off on an address that others reach, what reading the store throws
 */
export async function startServer(store: Store, options: ServeOptions): Promise<Server> {
	refuseUnkeyed(options);
	await refuseTaken(options, store.id);
	const table = await readTable(store, options.models);
	const ownLog = createOwnLog();
	if (store.ref.kind === 'folder' && (await isReadOnly(store.home))) ownLog.say(READ_ALONE);
	const shared = process.platform === 'linux';
	const count = listenersOf(options, shared, ownLog.say);
	const seen = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
	const totals = createTotals();
	const certificate = await followCertificate(
		options,
		(next) => listeners.tell({ kind: 'certificate', certificate: next }),
		(sentence) => process.stderr.write(`${sentence}\n`),
	);
	const keeper = options.log === 'off' ? undefined : keepLog(store, options.log === 'durable', () => listeners.reconnect(), ownLog.say);
	let port = options.port;
	const listeners = createListeners({
		data: () => {
			const { table } = state;
			return { options: { ...options, port }, storeId: store.id, shared, seen: seen.buffer, table, certificate: certificate.now() };
		},
		totals,
		keeper,
		call: async (method, params) => await calls(method, params),
		bound: (found) => {
			port = found;
		},
		say: ownLog.say,
	});
	const state: MainState = {
		store,
		options,
		table,
		startedAt: Date.now(),
		listeners: listeners.all,
		restarts: listeners.restarts,
		storeAway: false,
		certificate: certificate.now,
		totals,
		log: () => keeper?.numbers(),
		ownLog,
	};
	const ending = (): boolean => stopping !== undefined;
	const follow = followStore(state, seen, (table) => listeners.tell({ kind: 'table', table }), ending);
	const calls = createCalls(state);
	let stopping: Promise<void> | undefined;
	/** End what runs beside the listeners. */
	const stops: Array<() => Promise<void>> = [];
	const { promise: ended, resolve: hasEnded } = Promise.withResolvers<void>();

	async function look(): Promise<void> {
		while (!stopping) {
			await sleep(LOOK_MS);
			await follow.refresh();
		}
	}

	async function stop(): Promise<void> {
		await Promise.all(stops.splice(0).map(async (end) => await end()));
		await certificate.stop();
		await listeners.stop();
		await keeper?.close();
		hasEnded();
	}

	try {
		// The first one finds the port, the others share it.
		await listeners.start();
		await Promise.all(Array.from({ length: count - 1 }, listeners.start));
	} catch (error) {
		stopping = stop();
		await stopping;
		throw error;
	}
	void look();
	const server = `${process.pid}-${randomBytes(6).toString('hex')}`;
	const failed = () => [...listeners.all.values()].flatMap((listener) => listener.failed);
	stops.push(startRolloutWatch({ store, server, sums: () => totals.sums(), failed, changed: follow.refresh, judged: follow.judged }));
	stops.push(startApprovalWatch(store, server));
	if (options.monitors) stops.push(startMonitorWatch({ store, server }));
	const address = addressOf(options, port);
	stops.push(await announceServer(store, options.publicUrl ?? address));
	return { port, address, stop: async () => await (stopping ??= stop()), ended };
}
