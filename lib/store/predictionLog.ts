import { setImmediate as breathe } from 'node:timers/promises';
import { MlopsError } from '../domain/errors.js';
import { columnText, wellFormed } from '../domain/text.js';
import type { PredictionLogEntry, Store } from './contract.js';
import type { SegmentLog } from './log/contract.js';
import { createGaps, gapText } from './log/gaps.js';
import { answerText, instant, readEntries, type EntryRange } from './log/lines.js';
import { readOldEntries } from './log/oldTable.js';
import type { Database } from './sql/contract.js';
import type { LogTables } from './sql/migrations.js';

/** Lines written at once, so that the calling thread is free in between. */
const PIECE = 1000;
/** Characters of a piece: handing them over takes a few milliseconds. */
const PIECE_CHARACTERS = 1 << 20;
/** The longest that entries are made ready in one go. */
const TURN_MS = 10;

/** One call on its way: its entries from `at` on are still to be written. */
interface Call {
	entries: readonly PredictionLogEntry[];
	at: number;
	resolve(): void;
	reject(error: unknown): void;
}

/**
 * Writes what is handed to it in the order in which it came, a piece at a time: entries become text only when their turn has come, so that
 * a long call leaves little behind. Calls that arrive while a write is on its way share the next one, so many small calls cost few syncs.
 * What could not be written is counted, and said in the log as soon as it works again.
 */
function createQueue(log: SegmentLog) {
	const gaps = createGaps();
	let calls: Call[] = [];
	let draining: Promise<void> | undefined;

	/** The next lines, of as many calls as have room, and how many are whose. */
	function nextPiece(): { lines: string[]; taken: Map<Call, number> } {
		const lines: string[] = [];
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
				const line = answerText(call.entries[at++]);
				size += line.length;
				lines.push(line);
			}
			taken.set(call, at - call.at);
			if (at < call.entries.length) break;
		}
		return { lines, taken };
	}

	async function writePiece(): Promise<void> {
		const told = gaps.take();
		const { lines, taken } = nextPiece();
		let failure: unknown;
		try {
			await log.append('answers', Buffer.from(gapText(told) + lines.join('')), { durable: true });
		} catch (error) {
			failure = error;
			for (const gap of told) gaps.note(gap);
		}
		for (const [call, count] of taken) {
			if (failure === undefined) call.at += count;
			else {
				const why = MlopsError.from(failure).message;
				for (const { model, digest, at } of call.entries.slice(call.at))
					gaps.note({ model: wellFormed(model), digest: wellFormed(digest), rows: 1, since: at, until: at, why });
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
		note: gaps.note,
		add: (entries: readonly PredictionLogEntry[]): Promise<void> =>
			new Promise((resolve, reject) => {
				calls.push({ entries, at: 0, resolve, reject });
				draining ??= drain();
			}),
		async end(): Promise<void> {
			while (draining) await draining;
			if (gaps.size > 0) await writePiece();
		},
	};
}

/** The prediction log: written to segments, read from those and from the table that was there before. */
export function createPredictionLog(
	log: SegmentLog,
	old: Database<LogTables>,
): Pick<Store, 'logPredictions' | 'noteUnlogged' | 'predictions'> & { settled(): Promise<void> } {
	const queue = createQueue(log);
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

	return {
		async logPredictions(entries) {
			if (entries.length === 0) return;
			const checked = checking.then(async () => await check(entries));
			const written = checked.then(async () => await queue.add(entries));
			checking = checked.catch(() => {});
			await written;
		},
		noteUnlogged({ model, digest, rows, why }) {
			const at = new Date().toISOString();
			queue.note({ model: wellFormed(model), digest: wellFormed(digest), rows, since: at, until: at, why: columnText(why) });
		},
		async predictions({ model, since, until, limit = Number.POSITIVE_INFINITY }) {
			const range: EntryRange = {
				model,
				since: since === undefined ? undefined : instant(since),
				until: until === undefined ? undefined : instant(until),
				limit,
			};
			const found = [...(await readOldEntries(old, range)), ...(await readEntries(log, range))];
			return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(0, limit);
		},
		async settled() {
			await checking;
			// One more turn: what was checked just now is handed over.
			await breathe();
			await queue.end();
		},
	};
}
