import { setImmediate as breathe } from 'node:timers/promises';
import type { Selectable } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import type { PredictionLogEntry, Store } from './contract.js';
import type { LogTables } from './migrations.js';
import type { Database } from './sqlite.js';

/** Rows written in one transaction, or read at once, so that the calling thread is free in between. */
const PIECE = 1000;

type StoredRow = Selectable<LogTables['prediction']>;
type Row = Omit<StoredRow, 'id'>;
interface Range { since: string | undefined; until: string | undefined; limit: number }

const rowOf = (entry: PredictionLogEntry): Row => ({
	at: instant(entry.at), model: entry.model, digest: entry.digest, request_id: entry.requestId,
	input: JSON.stringify(entry.input), prediction: JSON.stringify(entry.prediction ?? null), score: JSON.stringify(entry.score),
	alias: entry.alias ?? null, error: entry.error ?? null, warnings: entry.warnings?.length ? JSON.stringify(entry.warnings) : null,
});

const entryOf = (row: Row): PredictionLogEntry => ({
	at: row.at, model: row.model, digest: row.digest, requestId: row.request_id,
	input: JSON.parse(row.input) as Record<string, unknown>, prediction: JSON.parse(row.prediction) as unknown, score: JSON.parse(row.score) as number[],
	...(row.alias === null ? {} : { alias: row.alias }), ...(row.error === null ? {} : { error: row.error }),
	...(row.warnings === null ? {} : { warnings: JSON.parse(row.warnings) as unknown[] }),
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
		for (let start = 0; start < rows.length; start += PIECE) {
			await database.write(async (db) => {
				// The statement is built once: building costs more than inserting.
				const insert = db.insertInto('prediction').values(rows[0]!).compile();
				for (const row of rows.slice(start, start + PIECE)) await db.executeQuery({ ...insert, parameters: Object.values(row) });
			});
			await breathe();
		}
	}

	/** The logged models that a filter means: one version, or all versions of a bare name ('A' follows '@'). */
	async function versionsOf(model: string): Promise<string[]> {
		const found = [model];
		for (let after = `${model}@`; ;) {
			const next = await database.read.selectFrom('prediction').select('model').where('model', '>', after).where('model', '<', `${model}A`).orderBy('model').limit(1).executeTakeFirst();
			if (!next) return found;
			found.push(next.model);
			after = next.model;
		}
	}

	/** Rows in order of time, a piece at a time along an index, of one model or of all. */
	async function read({ since, until, limit }: Range, model?: string): Promise<StoredRow[]> {
		let query = database.read.selectFrom('prediction').selectAll().orderBy('at').orderBy('id');
		if (model !== undefined) query = query.where('model', '=', model);
		if (until !== undefined) query = query.where('at', '<', until);
		const found: StoredRow[] = [];
		while (found.length < limit) {
			const last = found.at(-1);
			const from = last?.at ?? since;
			let piece = from === undefined ? query : query.where('at', '>=', from);
			if (last) piece = piece.where((e) => e.or([e('at', '>', last.at), e('id', '>', last.id)]));
			const size = Math.min(PIECE, limit - found.length);
			const rows = await piece.limit(size).execute();
			for (const row of rows) found.push(row);
			if (rows.length < size) break;
			await breathe();
		}
		return found;
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
			const range: Range = {
				since: since === undefined ? undefined : instant(since), until: until === undefined ? undefined : instant(until),
				limit: limit ?? Number.POSITIVE_INFINITY,
			};
			if (model === undefined) return (await read(range)).map(entryOf);
			const found: StoredRow[] = [];
			for (const version of await versionsOf(model)) for (const row of await read(range, version)) found.push(row);
			found.sort((a, b) => a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id);
			return found.slice(0, range.limit).map(entryOf);
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
