/**
 * Runs one query on a SQLite file in a process of its own and writes its rows to the standard output, one JSON array a line: first
 * `{"columns": [...]}`, then the rows, then `{"done": true}` or `{"error": "..."}`. SQLite searches without ever looking up, so only the
 * end of the process stops it; this one ends itself when whoever started it is gone, which closes its standard input.
 * It imports nothing of ours, so that it can also be started from its source.
 */
import { writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const LINES = 1 << 16;

function write(text: string): void {
	const bytes = Buffer.from(text);
	for (let at = 0, n = bytes.length; at < n; ) {
		try {
			at += writeSync(1, bytes, at);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
		}
	}
}

/** Bytes as hexadecimal digits; everything else as it is written. */
function cell(value: unknown): string | null {
	if (value === null || value === undefined) return null;
	return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

function run(file: string, query: string): void {
	const database = new DatabaseSync(file, { readOnly: true });
	try {
		const statement = database.prepare(query);
		statement.setReadBigInts(true);
		statement.setReturnArrays(true);
		write(`${JSON.stringify({ columns: statement.columns().map((c) => c.name) })}\n`);
		let lines = '';
		for (const row of statement.iterate()) {
			lines += `${JSON.stringify((row as unknown as unknown[]).map(cell))}\n`;
			if (lines.length < LINES) continue;
			write(lines);
			lines = '';
		}
		write(`${lines}{"done":true}\n`);
	} finally {
		database.close();
	}
}

if (isMainThread) {
	const [, program, file, query] = process.argv;
	process.stdin
		.on('data', () => {})
		.on('error', () => {})
		.on('close', () => process.kill(process.pid, 'SIGKILL'));
	new Worker(program, { workerData: { file, query } }).on('exit', () => process.exit(0));
} else {
	const { file, query } = workerData as { file: string; query: string };
	try {
		run(file, query);
	} catch (error) {
		write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
	}
}
