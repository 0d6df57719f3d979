import type { Worker } from 'node:worker_threads';
import type { LogLine, LogWriter } from '../contract.js';
import { LOG_COLUMNS } from '../migrations.js';

/** What the thread is told and what it answers. `code` is SQLite's (`errcode`), or the operating system's. */
interface Order {
	id: number;
	lines: readonly LogLine[];
}
interface Answer {
	id: number;
	failure?: { message: string; errcode?: number; code?: string };
}

/**
 * What the thread runs, as text: it must start from built and from unbuilt sources, and needs Node alone. Its waiting for a lock or for the
 * disk holds nobody up but itself.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
let database, insert;
const open = () => {
	if (insert) return;
	const { DatabaseSync } = require('node:sqlite');
	database = new DatabaseSync(workerData.path, { timeout: 15000 });
	database.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA trusted_schema = OFF');
	insert = database.prepare(workerData.sql);
};
parentPort.on('message', ({ id, lines }) => {
	try {
		open();
		database.exec('BEGIN IMMEDIATE');
		for (const line of lines) insert.run(...line);
		database.exec('COMMIT');
		parentPort.postMessage({ id });
	} catch (error) {
		try { if (database && database.isTransaction !== false) database.exec('ROLLBACK'); } catch {}
		parentPort.postMessage({ id, failure: { message: String(error.message), errcode: error.errcode, code: error.code } });
	}
});
`;

/**
 * node:sqlite is synchronous, and so is the disk's flush at each commit: in n8n's own thread a long log would make its pages wait. The
 * thread starts with the first line and keeps nobody alive while it has nothing to do.
 */
export function createLogWriter(path: string): LogWriter {
	const sql = `INSERT INTO prediction (${LOG_COLUMNS.join(', ')}) VALUES (${LOG_COLUMNS.map(() => '?').join(', ')})`;
	const waiting = new Map<number, { resolve(): void; reject(error: unknown): void }>();
	let starting: Promise<Worker> | undefined;
	let last = 0;

	async function start(): Promise<Worker> {
		const { Worker } = await import('node:worker_threads');
		const worker = new Worker(THREAD, {
			eval: true,
			name: 'mlops-log',
			workerData: { path, sql },
			execArgv: ['--disable-warning=ExperimentalWarning'],
		});
		const gone = (error: unknown): void => {
			starting = undefined;
			for (const { reject } of waiting.values()) reject(error);
			waiting.clear();
		};
		worker.on('message', ({ id, failure }: Answer) => {
			const call = waiting.get(id);
			waiting.delete(id);
			if (waiting.size === 0) worker.unref();
			if (failure) call?.reject(Object.assign(new Error(failure.message), failure));
			else call?.resolve();
		});
		worker.on('error', gone);
		worker.on('exit', () => gone(new Error('The thread that writes the prediction log ended.')));
		worker.unref();
		return worker;
	}

	return {
		async write(lines) {
			const worker = await (starting ??= start());
			const order: Order = { id: ++last, lines };
			await new Promise<void>((resolve, reject) => {
				waiting.set(order.id, { resolve, reject });
				worker.ref();
				worker.postMessage(order);
			});
		},
		async close() {
			const worker = await starting?.catch(() => undefined);
			starting = undefined;
			await worker?.terminate();
		},
	};
}
