import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { MlopsError } from '../../domain/errors.js';
import { wouldWrite } from './assertReads.js';
import type { QueryWatch, Sink } from './contract.js';
import { queryError } from './databaseError.js';
import { interruptible } from './interruptible.js';

type Line = Array<string | null> | { columns: string[] } | { done: true } | { error: string };

/** Reads a query on a SQLite file that is opened for reading only, in a process that can be ended while no row comes. @throws MlopsError */
export async function readSqlite(file: string, query: string, watch: QueryWatch, sink: Sink): Promise<void> {
	if (!(await stat(file).catch(() => undefined))?.isFile()) {
		throw new MlopsError('data.source_unreachable', `There is no SQLite database "${basename(file)}".`, {
			found: file,
			remedy: 'Check the path as the machine that runs n8n sees it.',
		});
	}
	const child = spawn(process.execPath, ['--no-warnings', program(), file, query], { stdio: ['pipe', 'pipe', 'ignore'], env: {} });
	child.stdin?.on('error', () => {});
	const gone = new Promise<void>((resolve) => {
		child.once('close', () => resolve()).once('error', () => resolve());
	});
	try {
		await interruptible(readRows(child, sink), watch, async () => {
			child.kill('SIGKILL');
		});
	} catch (thrown) {
		throw queryError(thrown, { host: basename(file) }, query);
	} finally {
		child.kill('SIGKILL');
		await gone;
	}
}

/** In the source tree Node reads TypeScript as it is. */
function program(): string {
	const compiled = join(__dirname, 'sqliteChild.js');
	return existsSync(compiled) ? compiled : join(__dirname, 'sqliteChild.ts');
}

async function readRows(child: ChildProcess, sink: Sink): Promise<void> {
	let done = false;
	const failed = new Promise<never>((_, reject) => {
		child.once('error', reject);
	});
	failed.catch(() => {});
	const rows = async () => {
		for await (const text of linesOf(child.stdout!)) {
			const line = JSON.parse(text) as Line;
			if (Array.isArray(line)) await sink.row(line);
			else if ('columns' in line) {
				if (line.columns.length === 0) throw wouldWrite('it gives no rows');
				// Dates lie in SQLite as text, so "text" says nothing about a column there.
				sink.columns(
					line.columns,
					line.columns.map(() => false),
				);
			} else if ('error' in line) throw new Error(line.error);
			else done = true;
		}
	};
	await Promise.race([rows(), failed]);
	if (!done)
		throw new MlopsError('data.source_unreachable', 'SQLite ended before it gave all rows.', {
			remedy: 'Try again, with fewer rows or more free memory.',
		});
}

/** Node's own reader of lines also takes U+2028 for the end of one. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
	let rest = '';
	for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
		const lines = (rest + chunk).split('\n');
		rest = lines.pop()!;
		yield* lines;
	}
}
