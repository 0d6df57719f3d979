import { setImmediate as breathe } from 'node:timers/promises';
import { MlopsError } from '../domain/errors.js';
import type { PredictionLogEntry, Store } from './contract.js';
import type { LogTables } from './migrations.js';
import type { Database } from './sqlite.js';

/** Rows of one INSERT: SQLite takes at most 32,766 values. */
const ROWS_AN_INSERT = 500;
/** Rows of one transaction, so that the calling thread stays free in between. */
const ROWS_A_COMMIT = 2000;

type Row = Omit<LogTables['prediction'], 'id'>;

const rowOf = (entry: PredictionLogEntry): Row => ({
	at: instant(entry.at), model: entry.model, digest: entry.digest, request_id: entry.requestId,
	input: JSON.stringify(entry.input), prediction: JSON.stringify(entry.prediction ?? null), score: JSON.stringify(entry.score),
	alias: entry.alias ?? null, error: entry.error ?? null,
});

const entryOf = (row: Row): PredictionLogEntry => ({
	at: row.at, model: row.model, digest: row.digest, requestId: row.request_id,
	input: JSON.parse(row.input) as Record<string, unknown>, prediction: JSON.parse(row.prediction) as unknown, score: JSON.parse(row.score) as number[],
	...(row.alias === null ? {} : { alias: row.alias }), ...(row.error === null ? {} : { error: row.error }),
});

/** One spelling of a moment, so that text compares as time. */
function instant(at: string): string {
	const date = new Date(at);
	if (Number.isNaN(date.getTime())) throw new MlopsError('input.invalid', `"${at}" is no moment.`, { expected: 'a date and time such as 2026-01-31T14:03:00Z' });
	return date.toISOString();
}

/**
 * The prediction log and the progress of long work, in a database file of their own: they grow fast and may be deleted without touching the record.
 * Entries that arrive while a commit is on its way share the next one, so many small calls cost few syncs.
 */
export function createPredictionLog(database: Database<LogTables>): Pick<Store, 'logPredictions' | 'predictions' | 'setProgress' | 'progress'> & { settled(): Promise<void> } {
	let waiting: Row[] = [];
	let next: Promise<void> | undefined;
	let running: Promise<void> = Promise.resolve();

	async function write(rows: Row[]): Promise<void> {
		for (let start = 0; start < rows.length; start += ROWS_A_COMMIT) {
			const end = Math.min(start + ROWS_A_COMMIT, rows.length);
			await database.write(async (db) => {
				for (let at = start; at < end; at += ROWS_AN_INSERT) {
					await db.insertInto('prediction').values(rows.slice(at, Math.min(at + ROWS_AN_INSERT, end))).execute();
				}
			});
			await breathe();
		}
	}

	return {
		async logPredictions(entries) {
			if (entries.length === 0) return;
			const rows = entries.map(rowOf);
			for (const row of rows) waiting.push(row);
			next ??= running.catch(() => {}).then(() => {
				const batch = waiting;
				waiting = [];
				next = undefined;
				running = write(batch);
				return running;
			});
			await next;
		},
		async predictions({ model, since, until, limit }) {
			let query = database.read.selectFrom('prediction').selectAll().orderBy('at').orderBy('id');
			// `name@version` is one version; a bare name is all of them ('A' follows '@').
			if (model !== undefined) query = query.where((e) => e.or([e('model', '=', model), e.and([e('model', '>=', `${model}@`), e('model', '<', `${model}A`)])]));
			if (since !== undefined) query = query.where('at', '>=', instant(since));
			if (until !== undefined) query = query.where('at', '<', instant(until));
			if (limit !== undefined) query = query.limit(limit);
			return (await query.execute()).map(entryOf);
		},
		async setProgress(key, progress) {
			const row = { progress: JSON.stringify(progress ?? null), at: new Date().toISOString() };
			await database.write((db) => db.insertInto('progress').values({ key, ...row }).onConflict((c) => c.column('key').doUpdateSet(row)).execute());
		},
		async progress(key) {
			const row = await database.read.selectFrom('progress').select('progress').where('key', '=', key).executeTakeFirst();
			return row ? JSON.parse(row.progress) as unknown : undefined;
		},
		async settled() {
			while (next) await next.catch(() => {});
			await running.catch(() => {});
		},
	};
}
