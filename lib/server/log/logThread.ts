import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { MlopsError } from '../../domain/errors.js';
import { diskFiles } from '../../store/files.js';
import { assertHome } from '../../store/home.js';
import type { Journal } from '../../store/log/contract.js';
import { createGaps, gapOf, gapText } from '../../store/log/gaps.js';
import { wholeCharacters } from '../../store/log/lines.js';
import { createSegmentLog } from '../../store/log/segments.js';
import { THREAD, type Batch, type Confirmed, type FromLog, type LogThreadData, type ToLog } from './logMessages.js';

/** How often what is not written is tried again, and how often is looked after what others left. */
const AGAIN_MS = 1_000;
const LOOK_MS = 60_000;

/**
 * Entry of the log's thread: writes what listeners hand over, seals, removes what is too old. It never opens the store's database; what
 * belongs into the audit chain it tells the main thread.
 */
function keepLog(main: NonNullable<typeof parentPort>, { home, retention, durable, counters: block }: LogThreadData): void {
	const counters = new Float64Array(block);
	const journal = createMessenger(main);
	const log = createSegmentLog({ home, files: diskFiles, journal, retention, assertHome });
	const gaps = createGaps();
	let open = 0;
	let closing = false;

	/** Who runs the server hears when writing begins to fail, and when it is over. */
	function failing(failure: MlopsError | undefined): void {
		const missing = counters[THREAD.unwritten].toLocaleString('en');
		if (failure && counters[THREAD.since] === 0) {
			counters[THREAD.since] = Date.now();
			const remedy = failure.details.remedy ? ` ${failure.details.remedy}` : '';
			process.stderr.write(`The log of answers cannot be written; answers go on and are missing in it: ${failure.message}${remedy}\n`);
		} else if (!failure && counters[THREAD.since] > 0) {
			counters[THREAD.since] = 0;
			process.stderr.write(`The log of answers is written again; ${missing} are missing since the server started.\n`);
		}
	}

	/** What was not written is said in the log as soon as that can be written. */
	async function tell(): Promise<void> {
		const told = gaps.take();
		if (told.length === 0) return;
		try {
			await log.append('answers', Buffer.from(gapText(told)), { durable });
			failing(undefined);
		} catch (thrown) {
			for (const gap of told) gaps.note(gap);
			failing(MlopsError.from(thrown));
		}
	}

	async function write(port: MessagePort, { seq, lines, gaps: dropped }: Batch): Promise<void> {
		for (const gap of dropped) gaps.note(gap);
		let confirmed: Confirmed = { seq };
		try {
			await log.append('answers', Buffer.from(wholeCharacters(lines)), { durable });
			failing(undefined);
			if (gaps.size > 0) await tell();
		} catch (thrown) {
			const failure = MlopsError.from(thrown);
			const left = lines.split('\n').slice(0, -1);
			for (const line of left) gaps.note(gapOf(line, failure.message));
			counters[THREAD.unwritten] += left.length;
			failing(failure);
			confirmed = { seq, failure: failure.toJSON() };
		}
		port.postMessage(confirmed);
	}

	function connect(port: MessagePort): void {
		open++;
		port.on('message', (batch: Batch) => void write(port, batch));
		port.on('close', () => {
			open--;
			if (closing && open === 0) void end();
		});
	}

	async function end(): Promise<void> {
		clearInterval(again);
		clearInterval(looking);
		await tell();
		await log.settle();
		main.postMessage({ kind: 'closed' } satisfies FromLog);
		main.close();
	}

	const again = setInterval(() => void tell(), AGAIN_MS);
	const looking = setInterval(() => void log.tidy(), LOOK_MS);
	main.on('message', (message: ToLog) => {
		if (message.kind === 'connect') connect(message.port);
		else if (message.kind === 'noted') journal.noted(message.id, message.error && MlopsError.fromJSON(message.error));
		else {
			closing = true;
			if (open === 0) void end();
		}
	});
}

/** The journal, kept by the main thread. */
function createMessenger(main: NonNullable<typeof parentPort>): Journal & { noted(id: number, error?: Error): void } {
	const waiting = new Map<number, { resolve(): void; reject(error: Error): void }>();
	let last = 0;
	const ask = async (message: (id: number) => FromLog): Promise<void> =>
		await new Promise((resolve, reject) => {
			waiting.set(++last, { resolve, reject });
			main.postMessage(message(last));
		});
	return {
		sealed: async (segment) => await ask((id) => ({ kind: 'sealed', id, segment })),
		removed: async (segments, why) => await ask((id) => ({ kind: 'removed', id, segments, why })),
		noted(id, error) {
			const asked = waiting.get(id);
			waiting.delete(id);
			if (error) asked?.reject(error);
			else asked?.resolve();
		},
	};
}

if (parentPort) keepLog(parentPort, workerData as LogThreadData);
