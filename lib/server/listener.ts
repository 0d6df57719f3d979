import process from 'node:process';
import type { Server as TlsServer } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiled, useCompiled } from '../compute/compiledCode.js';
import { MlopsError } from '../domain/errors.js';
import { createIdSource } from '../domain/answerId.js';
import { createApp } from './app.js';
import { atOnce, prepared } from './applyTable.js';
import { createCheck } from './guard.js';
import { THREAD } from './log/logMessages.js';
import { createSink } from './log/sink.js';
import type { Failed, FromListener, ListenerData, ToListener } from './listenerMessages.js';
import { createCounters } from './metrics/counters.js';
import { createOwnLog, type FromInside } from './ownLog.js';
import { createPackages } from './packages.js';
import { monotonic } from './rollouts/followed.js';
import { createServing } from './serving.js';
import type { ServedModel, ServeTable } from './serveTable.js';

const KEEP_MS = 10_000;

/** When the store was seen last (ms since 1970); how long ago that was is no matter of a clock that somebody sets. */
function seenBy(block: SharedArrayBuffer): () => number {
	const from = new Float64Array(block);
	return () => Date.now() - (monotonic() - from[0]);
}

/**
 * Entry of a listener, a thread of its own: answers over HTTP with what it has in memory. It never opens the store; what it needs of it,
 * it asks the main thread for.
 */
async function listen(port: NonNullable<typeof parentPort>): Promise<void> {
	const { options, storeId, shared, counters: block, seen, table: first, log: connection, certificate } = workerData as ListenerData;
	const tell = (message: FromListener): void => port.postMessage(message);
	const { call, replied } = createCalling(tell);
	const packages = createPackages(
		options.memory * 2 ** 20,
		async (digest) => (await call('package', { digest })) as string,
		() => applied(failing),
	);
	const counters = createCounters(block, (slot, labels) => tell({ kind: 'slot', slot, labels }));
	const nextId = createIdSource();
	const { maxRows, model: main } = options;
	const log = connection && {
		sink: createSink(connection),
		durable: options.log === 'durable',
		thread: new Float64Array(connection.thread),
	};
	let failing: Failed[] = [];
	const applied = (failed: Failed[]): void => {
		failing = failed;
		tell({ kind: 'applied', failed, usedBytes: packages.usedBytes });
	};
	// The main thread then sends its table again and again until all can be loaded.
	const unloadable = (model: string, version: number, why: string): void => {
		if (!failing.some((one) => one.model === model && one.version === version)) applied([...failing, { model, version, why }]);
	};
	const { serving, use } = createServing({ packages, counters, log, nextId, main, maxRows, call, unloadable });
	const seenAt = seenBy(seen);
	let table = first;
	let inUse: ServedModel[] = [];
	const check = createCheck({ options, table: () => table, seenAt });
	const ownLog = createOwnLog();
	const app = createApp({
		serving,
		options,
		storeId,
		check,
		counters,
		nextId,
		ownLog,
		seenAt,
		unloggedSince: () => log?.thread[THREAD.since] ?? 0,
		certificate,
	});

	async function apply(next: ServeTable): Promise<void> {
		const { models, failed } = await prepared(packages, next.models, inUse);
		inUse = models;
		// A newer table may have come meanwhile: it is prepared after this one.
		use(next === table ? models : ahead());
		applied(failed);
	}
	let applying: Promise<void> = Promise.resolve();

	const ahead = (): ServedModel[] => atOnce(table.models, inUse, (digest) => digest !== undefined && packages.has(digest));

	/** Keys that were withdrawn are so at once, and rollouts that ended, however long a model takes to load. */
	function take(next: ServeTable): void {
		table = next;
		use(ahead());
		applying = applying.then(async () => await apply(next));
	}

	port.on('message', (message: ToListener) => {
		if (message.kind === 'table') {
			take(message.table);
		} else if (message.kind === 'reply') {
			replied(message);
		} else if (message.kind === 'log') {
			if (log) Object.assign(log, { sink: createSink(message.log), thread: new Float64Array(message.log.thread) });
		} else if (message.kind === 'certificate') {
			const { cert, key } = message.certificate;
			(app.server as unknown as TlsServer).setSecureContext({ cert, key });
		} else {
			void end();
		}
	});

	async function end(): Promise<void> {
		await app.close();
		await log?.sink.close();
		port.close();
	}

	await apply(first);
	await app.listen({ host: options.host, port: options.port, backlog: 4096, ...(shared ? { reusePort: true } : {}) });
	const [bound] = app.addresses();
	tell({ kind: 'listening', port: typeof bound === 'string' ? 0 : bound.port });
}

/** Asking the main thread. */
function createCalling(tell: (message: FromListener) => void) {
	const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
	let calls = 0;
	return {
		call: (method: string, params: unknown): Promise<unknown> =>
			new Promise((resolve, reject) => {
				waiting.set(++calls, { resolve, reject });
				tell({ kind: 'call', id: calls, method, params });
			}),
		replied({ id, value, error, inside = [] }: Extract<ToListener, { kind: 'reply' }>): void {
			const asked = waiting.get(id);
			waiting.delete(id);
			if (error) asked?.reject(Object.assign(MlopsError.fromJSON(error), { inside } satisfies FromInside));
			else asked?.resolve(value);
		},
	};
}

if (parentPort) {
	const port = parentPort;
	useCompiled();
	// Once the first answers are out, which load the rest.
	setTimeout(keepCompiled, KEEP_MS).unref();
	listen(port).catch((thrown: unknown) => {
		port.postMessage({ kind: 'refused', error: listenError(thrown).toJSON() } satisfies FromListener);
		// Ends this thread alone; what it had opened already would keep it waiting.
		setImmediate(() => process.exit(0));
	});
}

/** Why the server cannot listen, in words. */
function listenError(thrown: unknown): MlopsError {
	const { host, port } = (workerData as ListenerData).options;
	switch ((thrown as { code?: unknown }).code) {
		case 'EADDRINUSE':
			return new MlopsError('serve.port_taken', `Port ${port} is taken by another program.`, {
				cause: thrown,
				remedy: 'Choose another port, or stop the other program.',
			});
		case 'EACCES':
			return new MlopsError('serve.port_taken', `This user may not listen on port ${port}.`, {
				cause: thrown,
				remedy: 'Choose a port above 1023.',
			});
		case 'EADDRNOTAVAIL':
		case 'ENOTFOUND':
			return new MlopsError('input.invalid', `This machine has no address ${host}.`, {
				cause: thrown,
				expected: '127.0.0.1, 0.0.0.0, :: or an address of this machine',
			});
		default:
			return MlopsError.from(thrown);
	}
}
