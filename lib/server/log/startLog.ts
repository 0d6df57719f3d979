import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { MlopsError } from '../../domain/errors.js';
import type { Store } from '../../store/contract.js';
import { retentionSet } from '../../store/log/retention.js';
import { newBlock, SINK, THREAD, type FromLog, type LogThreadData, type ToLog } from './logMessages.js';

/** `<root>/dist/lib/server/log/logThread.js`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function builtThread(): string {
	const beside = join(__dirname, 'logThread.js');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', '..', 'dist', 'lib', 'server', 'log', 'logThread.js');
}

/** What a listener's sink is made of: the port is to be transferred. */
export interface Connection {
	port: MessagePort;
	counters: SharedArrayBuffer;
	/** The thread's own numbers (`THREAD`). */
	thread: SharedArrayBuffer;
}

/** Numbers since the log was started, of all listeners. */
export interface LogNumbers {
	/** Lines that were offered. */
	offered: number;
	/** Of those that had no room. */
	dropped: number;
	/** Of those that could not be written. */
	unwritten: number;
	/** Bytes that are handed over and not written yet. */
	waitingBytes: number;
}

export interface ServerLog {
	/** For one more listener. */
	connect(): Connection;
	numbers(): LogNumbers;
	/** Writes what is there and ends, once all listeners have closed their sinks. */
	close(): Promise<void>;
	/** Rejects where the thread ends by itself. */
	lost: Promise<never>;
}

/** Starts the thread that keeps a server's log; this thread files its audit events. */
export function startLog(store: Store, { durable }: { durable: boolean }): ServerLog {
	const counters = newBlock();
	const workerData: LogThreadData = { home: store.home, retention: retentionSet(), durable, counters };
	const worker = new Worker(builtThread(), { workerData, name: 'mlops-log' });
	const blocks: Float64Array[] = [];
	const { promise: lost, reject: lose } = Promise.withResolvers<never>();
	const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
	lost.catch(() => {});
	let closing = false;

	async function note(message: Exclude<FromLog, { kind: 'closed' }>): Promise<void> {
		const { journal } = store.log;
		let answer: ToLog = { kind: 'noted', id: message.id };
		try {
			if (message.kind === 'sealed') await journal.sealed(message.segment);
			else await journal.removed(message.segments, message.why);
		} catch (thrown) {
			answer = { ...answer, error: MlopsError.from(thrown).toJSON() };
		}
		worker.postMessage(answer);
	}

	worker.on('message', (message: FromLog) => {
		if (message.kind !== 'closed') void note(message);
	});
	worker.on('error', lose);
	worker.on('exit', () => {
		leave();
		if (!closing) lose(new MlopsError('store.unwritable', 'The thread that writes the log of the server ended.'));
	});

	return {
		connect() {
			const { port1, port2 } = new MessageChannel();
			const block = newBlock();
			blocks.push(new Float64Array(block));
			worker.postMessage({ kind: 'connect', port: port2 } satisfies ToLog, [port2]);
			return { port: port1, counters: block, thread: counters };
		},
		numbers() {
			const sum = (place: number): number => blocks.reduce((total, block) => total + block[place], 0);
			return {
				offered: sum(SINK.offered),
				dropped: sum(SINK.dropped),
				waitingBytes: sum(SINK.waitingBytes),
				unwritten: new Float64Array(counters)[THREAD.unwritten],
			};
		},
		async close() {
			closing = true;
			worker.postMessage({ kind: 'close' } satisfies ToLog);
			await gone;
		},
		lost,
	};
}
