import { setImmediate as breathe } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import { rowJson, valueJson } from '../domain/json.js';
import { columnText, wellFormed } from '../domain/text.js';
import type { PredictionLogEntry, Store } from './contract.js';
import type { Backend, LogLine, LogWriter } from './sql/contract.js';
import { LOG_COLUMNS, type LogTables } from './sql/migrations.js';

/** Rows written in one transaction, or read at once, so that the calling thread is free in between. */
const PIECE = 1000;
/** Characters of a piece: handing them over takes a few milliseconds. */
const PIECE_CHARACTERS = 1 << 20;
/** The longest that entries are made ready in one go. */
const TURN_MS = 10;

type StoredRow = Selectable<LogTables['prediction']>;
type Row = Omit<StoredRow, 'id'>;
interface Range {
	since: string | undefined;
	until: string | undefined;
	limit: number;
}

const rowOf = (entry: PredictionLogEntry): Row => ({
	at: instant(entry.at),
	model: wellFormed(entry.model),
	digest: wellFormed(entry.digest),
	request_id: columnText(entry.requestId),
	// What a caller sent is kept as far as JSON can hold it: a circle in one value costs that value alone.
	input: rowJson(entry.input).text,
	prediction: valueJson(entry.prediction ?? null) ?? 'null',
	score: JSON.stringify(entry.score),
	alias: entry.alias === undefined ? null : wellFormed(entry.alias),
	error: entry.error === undefined ? null : columnText(entry.error),
	warnings: entry.warnings?.length ? (valueJson(entry.warnings) ?? null) : null,
});

const lineOf = (row: Row): LogLine => LOG_COLUMNS.map((column) => row[column]);

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

/** One spelling of a moment, so that text compares as time. */
function instant(at: string): string {
	const date = new Date(at);
	if (Number.isNaN(date.getTime()))
		throw new MlopsError('input.invalid', `"${at}" is no moment.`, { expected: 'a date and time such as 2026-01-31T14:03:00Z' });
	return date.toISOString();
}

/** Answers that could not be written, of one model, until the log takes lines again. */
interface Gap {
	digest: string;
	rows: number;
	since: string;
	until: string;
	why: string;
}

/** The line that stands for a gap: an error, so that nobody takes it for an answer, with the number in `unlogged`. */
const gapRow = ([model, gap]: [string, Gap]): Row => ({
	at: gap.until,
	model,
	digest: gap.digest,
	request_id: randomUUID(),
	input: '{}',
	prediction: JSON.stringify({ unlogged: gap.rows, since: gap.since, until: gap.until }),
	score: '[]',
	alias: null,
	error:
		`${gap.rows} ${gap.rows === 1 ? 'answer' : 'answers'} from ${gap.since} to ${gap.until} could not be written to this ` +
		`log: ${gap.why}`,
	warnings: null,
});

/** One call on its way: its entries from `at` on are still to be written. */
interface Call {
	entries: readonly PredictionLogEntry[];
	at: number;
	resolve(): void;
	reject(error: unknown): void;
}

/**
 * Writes what is handed to it in the order in which it came, through a thread of its own, a piece at a time: entries become text only when
 * their turn has come, so that a long call leaves little behind. Calls that arrive while a commit is on its way share the next one, so many
 * small calls cost few syncs. What could not be written is counted, and said in the log as soon as it works again.
 */
function createQueue(writer: LogWriter, failureOf: Backend['failure']) {
	const gaps = new Map<string, Gap>();
	let calls: Call[] = [];
	let draining: Promise<void> | undefined;

	function noteGap({ at, model, digest, rows, why }: { at: string; model: string; digest: string; rows: number; why: string }): void {
		const gap = gaps.get(model);
		if (!gap) gaps.set(model, { digest, rows, since: at, until: at, why });
		else {
			gap.rows += rows;
			if (at < gap.since) gap.since = at;
			if (at > gap.until) gap.until = at;
		}
	}

	/** The next lines, of as many calls as have room, and how many are whose. */
	function nextPiece(): { lines: LogLine[]; taken: Map<Call, number> } {
		const lines: LogLine[] = [];
		const taken = new Map<Call, number>();
		const until = performance.now() + TURN_MS;
		let size = 0;
		for (const call of calls) {
			let at = call.at;
			while (
				at < call.entries.length &&
				lines.length < PIECE &&
				size < PIECE_CHARACTERS &&
				(lines.length === 0 || performance.now() < until)
			) {
				const row = rowOf(call.entries[at++]);
				size += row.input.length;
				lines.push(lineOf(row));
			}
			taken.set(call, at - call.at);
			if (at < call.entries.length) break;
		}
		return { lines, taken };
	}

	async function writePiece(): Promise<void> {
		const told = [...gaps];
		const { lines, taken } = nextPiece();
		let failure: unknown;
		try {
			await writer.write([...told.map((gap) => lineOf(gapRow(gap))), ...lines]);
			for (const [model] of told) gaps.delete(model);
		} catch (error) {
			failure = failureOf(error);
		}
		for (const [call, count] of taken) {
			if (failure === undefined) call.at += count;
			else {
				const why = MlopsError.from(failure).message;
				for (const entry of call.entries.slice(call.at))
					noteGap({ model: wellFormed(entry.model), digest: wellFormed(entry.digest), at: entry.at, rows: 1, why });
				call.at = call.entries.length;
				call.reject(failure);
			}
			if (call.at >= call.entries.length) call.resolve();
		}
		calls = calls.filter((call) => call.at < call.entries.length);
	}

	async function drain(): Promise<void> {
		while (calls.length > 0) {
			await writePiece();
			await breathe();
		}
		draining = undefined;
	}

	return {
		noteGap,
		add: (entries: readonly PredictionLogEntry[]): Promise<void> =>
			new Promise((resolve, reject) => {
				calls.push({ entries, at: 0, resolve, reject });
				draining ??= drain();
			}),
		async end(): Promise<void> {
			while (draining) await draining;
			if (gaps.size > 0) await writePiece();
			await writer.close();
		},
	};
}

/**
 * The prediction log and the progress of long work, in tables of their own: they grow fast and may be deleted without touching the record.
 */
export function createPredictionLog({
	log,
	logWriter,
	failure,
}: Pick<Backend, 'log' | 'logWriter' | 'failure'>): Pick<
	Store,
	'logPredictions' | 'noteUnlogged' | 'predictions' | 'setProgress' | 'progress'
> & { settled(): Promise<void> } {
	const queue = createQueue(logWriter, failure);
	/** Calls are checked one after the other, so that they are written in the order in which they came. */
	let checking: Promise<unknown> = Promise.resolve();

	/** Refuses a call as a whole, before anything of it is written. */
	async function check(entries: readonly PredictionLogEntry[]): Promise<void> {
		let resumed = performance.now();
		for (const { at } of entries) {
			instant(at);
			if (performance.now() - resumed < TURN_MS) continue;
			await breathe();
			resumed = performance.now();
		}
	}

	/** The logged models that a filter means: one version, or all versions of a bare name ('A' follows '@'). */
	async function versionsOf(model: string): Promise<string[]> {
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
	async function read({ since, until, limit }: Range, model?: string): Promise<StoredRow[]> {
		let query = log.read.selectFrom('prediction').selectAll().orderBy('at').orderBy('id');
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
			const checked = checking.then(async () => await check(entries));
			const written = checked.then(async () => await queue.add(entries));
			checking = checked.catch(() => {});
			await written;
		},
		noteUnlogged({ model, digest, rows, why }) {
			queue.noteGap({ model: wellFormed(model), digest: wellFormed(digest), rows, why: columnText(why), at: new Date().toISOString() });
		},
		async predictions({ model, since, until, limit }) {
			const range: Range = {
				since: since === undefined ? undefined : instant(since),
				until: until === undefined ? undefined : instant(until),
				limit: limit ?? Number.POSITIVE_INFINITY,
			};
			if (model === undefined) return (await read(range)).map(entryOf);
			const found: StoredRow[] = [];
			for (const version of await versionsOf(model)) for (const row of await read(range, version)) found.push(row);
			found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id - b.id));
			return found.slice(0, range.limit).map(entryOf);
		},
		async setProgress(key, progress) {
			const row = { progress: JSON.stringify(progress ?? null), at: new Date().toISOString() };
			await log.write((db) =>
				db
					.insertInto('progress')
					.values({ key, ...row })
					.onConflict((c) => c.column('key').doUpdateSet(row))
					.execute(),
			);
		},
		async progress(key) {
			const row = await log.read.selectFrom('progress').select('progress').where('key', '=', key).executeTakeFirst();
			return row ? (JSON.parse(row.progress) as unknown) : undefined;
		},
		async settled() {
			await checking;
			// One more turn: what was checked just now is handed over.
			await breathe();
			await queue.end();
		},
	};
}
