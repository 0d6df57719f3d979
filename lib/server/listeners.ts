import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { MlopsError } from '../domain/errors.js';
import { builtListener } from './builtListener.js';
import type { LogKeeper } from './log/keep.js';
import type { Failed, FromListener, ListenerData, ToListener } from './listenerMessages.js';
import type { Totals } from './metrics/counters.js';
import { insideOf } from './ownLog.js';
import { lineText } from '../domain/text.js';

/** A listener that ended by itself is started again after this long. */
const AGAIN_MS = 500;
/** Requests that are being answered get this long when the server stops. */
const STOP_MS = 20_000;

export interface Listener {
	worker: Worker;
	/** Versions that it cannot load. */
	failed: Failed[];
	/** Memory that its models take, estimated. */
	usedBytes: number;
}

export interface ListenerParts {
	/** What a listener that starts now is given. */
	data(): Omit<ListenerData, 'counters' | 'log'>;
	totals: Totals;
	keeper: LogKeeper | undefined;
	/** Does what a listener asks the main thread for. */
	call(method: string, params: unknown): Promise<unknown>;
	/** The port that a listener got. */
	bound(port: number): void;
	/** Tells whoever runs the server. */
	say(sentence: string): void;
}

/** What a listener cannot load now; what it could before is told. */
function noteFailed(listener: Listener, { failed, usedBytes }: Pick<Listener, 'failed' | 'usedBytes'>, say: ListenerParts['say']): void {
	for (const { model, version, why } of failed)
		if (!listener.failed.some((before) => before.model === model && before.version === version && before.why === why))
			say(lineText(`Version ${version} of "${model}" cannot be loaded: ${why}`));
	Object.assign(listener, { failed, usedBytes });
}

/** The threads that answer. One that dies (out of memory, say) is replaced; the others answer meanwhile. */
export function createListeners({ data, totals, keeper, call, bound, say }: ListenerParts) {
	const all = new Map<number, Listener>();
	let numbers = 0;
	let restarts = 0;
	let stopping = false;

	async function start(): Promise<void> {
		const number = numbers++;
		const log = keeper?.connect();
		const worker = new Worker(builtListener(), {
			workerData: { ...data(), counters: totals.add(number), ...(log ? { log } : {}) } satisfies ListenerData,
			name: `mlops-listener-${number}`,
			...(log ? { transferList: [log.port] } : {}),
		});
		const listener: Listener = { worker, failed: [], usedBytes: 0 };
		const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
		worker.on('message', (message: FromListener) => {
			if (message.kind === 'call') void reply(worker, message.id, message.method, message.params);
			else if (message.kind === 'slot') totals.announced(number, message.slot, message.labels);
			else if (message.kind === 'applied') noteFailed(listener, message, say);
			else if (message.kind === 'refused') reject(MlopsError.fromJSON(message.error));
			else if (message.kind === 'listening') {
				bound(message.port);
				resolve();
			}
		});
		worker.on('error', (error) => {
			say(`A listener ended by itself, and is started again: ${MlopsError.from(error).message}`);
			reject(error);
		});
		worker.on('exit', () => {
			totals.end(number);
			all.delete(number);
			reject(new MlopsError('internal', 'A listener of the server ended before it listened.'));
			if (!stopping) void again();
		});
		all.set(number, listener);
		await listening;
	}

	async function again(): Promise<void> {
		restarts++;
		await sleep(AGAIN_MS);
		if (!stopping) await start().catch(() => {});
	}

	async function reply(worker: Worker, id: number, method: string, params: unknown): Promise<void> {
		let message: ToListener;
		try {
			message = { kind: 'reply', id, value: await call(method, params) };
		} catch (thrown) {
			message = { kind: 'reply', id, error: MlopsError.from(thrown).toJSON(), inside: insideOf(thrown) };
		}
		worker.postMessage(message);
	}

	return {
		all: all as ReadonlyMap<number, Listener>,
		restarts: () => restarts,
		/** Resolves when it listens. @throws `serve.port_taken`, `input.invalid` */
		start,
		tell(message: ToListener): void {
			for (const { worker } of all.values()) worker.postMessage(message);
		},
		/** Connects them with a log's thread that was started again. */
		reconnect(): void {
			for (const { worker } of all.values()) {
				const log = keeper!.connect();
				worker.postMessage({ kind: 'log', log } satisfies ToListener, [log.port]);
			}
		},
		/** What was asked is answered first. */
		async stop(): Promise<void> {
			stopping = true;
			await Promise.all(
				[...all.values()].map(async ({ worker }) => {
					const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
					worker.postMessage({ kind: 'stop' } satisfies ToListener);
					await Promise.race([gone, sleep(STOP_MS, undefined, { ref: false })]);
					await worker.terminate();
				}),
			);
		},
	};
}
