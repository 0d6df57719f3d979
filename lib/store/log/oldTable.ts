import { setImmediate as breathe } from 'node:timers/promises';
import type { Selectable } from 'kysely';
import type { PredictionLogEntry } from '../contract.js';
import type { Database } from '../sql/contract.js';
import type { LogTables } from '../sql/migrations.js';
import type { EntryRange } from './lines.js';

/** Rows read at once, so that the calling thread is free in between. */
const PIECE = 1000;

type Row = Selectable<LogTables['prediction']>;

const entryOf = (row: Row): PredictionLogEntry => ({
	at: row.at,
	model: row.model,
	digest: row.digest,
	requestId: row.request_id,
	input: JSON.parse(row.input) as Record<string, unknown>,
	prediction: JSON.parse(row.prediction) as unknown,
	score: JSON.parse(row.score) as number[],
	...(row.alias === null ? {} : { alias: row.alias }),
	...(row.error === null ? {} : { error: row.error }),
	...(row.warnings === null ? {} : { warnings: JSON.parse(row.warnings) as unknown[] }),
});

/** What versions of before there were segments wrote into a table of the log's database. It is read for ever, and not written any more. */
export async function readOldEntries(log: Database<LogTables>, { model, ...range }: EntryRange): Promise<PredictionLogEntry[]> {
	if (model === undefined) return (await rowsOf(log, range)).map(entryOf);
	const found: Row[] = [];
	for (const version of await versionsOf(log, model)) for (const row of await rowsOf(log, range, version)) found.push(row);
	found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id));
	return found.slice(0, range.limit).map(entryOf);
}

/** The logged models that a filter means: one version, or all versions of a bare name ('A' follows '@'). */
async function versionsOf(log: Database<LogTables>, model: string): Promise<string[]> {
	const found = [model];
	for (let after = `${model}@`; ; ) {
		const next = await log.read
			.selectFrom('prediction')
			.select('model')
			.where('model', '>', after)
			.where('model', '<', `${model}A`)
			.orderBy('model')
			.limit(1)
			.executeTakeFirst();
		if (!next) return found;
		found.push(next.model);
		after = next.model;
	}
}

/** Rows in order of time, a piece at a time along an index, of one model or of all. */
async function rowsOf(log: Database<LogTables>, { since, until, limit }: Omit<EntryRange, 'model'>, model?: string): Promise<Row[]> {
	let query = log.read.selectFrom('prediction').selectAll().orderBy('at').orderBy('id');
	if (model !== undefined) query = query.where('model', '=', model);
	if (until !== undefined) query = query.where('at', '<', until);
	const found: Row[] = [];
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
