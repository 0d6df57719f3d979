import type { Worker } from 'node:worker_threads';
import { temporaryPath } from '../files.js';

/** What DuckDB may hold in memory for the log, at most: lines of usual length take a few megabytes, the longest a multiple of a segment. */
const MEMORY = '1GiB';
/** The thread, and what DuckDB holds there, ends after so long without work. */
const IDLE_MS = 5_000;

/** Rows of a result: texts, numbers, booleans and nulls alone. */
export type Rows = unknown[][];

interface Answer {
	id: number;
	rows?: Rows;
	failure?: string;
}

/**
 * What the thread runs, as text: it must start from built and from unbuilt sources. The native library is loaded there too, so that the
 * thread which asks, n8n's for example, does not stand still meanwhile.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const run = async ({ id, statements }) => {
	const { DuckDBInstance } = require(workerData.library);
	const instance = await DuckDBInstance.create(':memory:', {
		threads: '1', memory_limit: workerData.memory, temp_directory: workerData.spill, preserve_insertion_order: 'true',
		autoinstall_known_extensions: 'false', autoload_known_extensions: 'false',
	});
	const connection = await instance.connect();
	let failure;
	try {
		await connection.run("SET TimeZone = 'UTC'");
		for (const statement of statements.slice(0, -1)) await connection.run(statement);
		const result = await connection.stream(statements.at(-1));
		for (;;) {
			const chunk = await result.fetchChunk();
			if (!chunk || chunk.rowCount === 0) break;
			parentPort.postMessage({ id, rows: chunk.getRows() });
		}
	} catch (error) {
		failure = String(error && error.message);
	}
	connection.closeSync();
	instance.closeSync();
	parentPort.postMessage({ id, failure });
};
let before = Promise.resolve();
parentPort.on('message', (order) => {
	const failed = (error) => parentPort.postMessage({ id: order.id, failure: String(error && error.message) });
	before = before.then(() => run(order)).catch(failed);
});
`;

interface Waiting {
	rows: Rows;
	promise: Promise<Rows>;
	resolve(rows: Rows): void;
	reject(error: Error): void;
}

/** Runs statements of DuckDB in a thread of their own, one list after the other; the rows of the last statement come back. */
export interface DuckThread {
	/** @throws an error with DuckDB's words */
	run(statements: readonly string[]): Promise<Rows>;
	close(): Promise<void>;
}

/** @param temporaries the store's folder for temporary files */
export function createDuckThread(temporaries: string): DuckThread {
	// Of its own: sessions of DuckDB that spill into one folder write over each other's files. DuckDB makes it, and takes it away.
	const spill = temporaryPath(temporaries, 'spill');
	const waiting = new Map<number, Waiting>();
	let starting: Promise<Worker> | undefined;
	let active: Worker | undefined;
	let idle: NodeJS.Timeout | undefined;
	let last = 0;

	async function start(): Promise<Worker> {
		const { Worker: Thread } = await import('node:worker_threads');
		const worker = new Thread(THREAD, {
			eval: true,
			name: 'mlops-log',
			workerData: { library: require.resolve('@duckdb/node-api'), memory: MEMORY, spill },
		});
		active = worker;
		const gone = (error: Error): void => {
			// One that was ended for having nothing to do has nobody waiting; who waits now waits for another.
			if (active !== worker) return;
			active = undefined;
			starting = undefined;
			for (const { reject } of waiting.values()) reject(error);
			waiting.clear();
		};
		worker.on('message', ({ id, rows, failure }: Answer) => {
			const call = waiting.get(id);
			if (rows) {
				for (const row of rows) call?.rows.push(row);
				return;
			}
			waiting.delete(id);
			if (waiting.size === 0) rest(worker);
			if (failure === undefined) call?.resolve(call.rows);
			else call?.reject(new Error(failure));
		});
		worker.on('error', (error) => gone(error as Error));
		worker.on('exit', () => gone(new Error('The thread that reads and seals the log ended.')));
		return worker;
	}

	function rest(worker: Worker): void {
		worker.unref();
		idle = setTimeout(() => void end(), IDLE_MS).unref();
	}

	async function end(): Promise<void> {
		clearTimeout(idle);
		const worker = active;
		active = undefined;
		starting = undefined;
		await worker?.terminate();
	}

	return {
		async run(statements) {
			clearTimeout(idle);
			const call = Promise.withResolvers<Rows>();
			const id = ++last;
			// Before anything is awaited: a thread that has something to do is not ended.
			waiting.set(id, { rows: [], ...call });
			try {
				const worker = await (starting ??= start());
				worker.ref();
				worker.postMessage({ id, statements });
			} catch (error) {
				waiting.delete(id);
				throw error;
			}
			return await call.promise;
		},
		async close() {
			// The native library is not to be ended in the middle of its work.
			while (waiting.size > 0) await Promise.allSettled([...waiting.values()].map(({ promise }) => promise));
			await end();
		},
	};
}
