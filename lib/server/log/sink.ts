import type { MessagePort } from 'node:worker_threads';
import { MlopsError } from '../../domain/errors.js';
import { createGaps, gapOf } from '../../store/log/gaps.js';
import { LONG } from '../../store/log/lines.js';
import { SINK, type Batch, type Confirmed } from './logMessages.js';

/** Lines wait so long for others to go with them. */
const WAIT_MS = 5;
/** What a listener keeps of lines that are not written yet. */
const BUFFER_BYTES = 64 << 20;

const FULL = 'the log was written more slowly than the server answered';
const LOST = 'the thread that writes the log ended';

export interface SinkOptions {
	/** To the log's thread. */
	port: MessagePort;
	/** This listener's numbers (`SINK`). */
	counters: SharedArrayBuffer;
	/** Beyond so many bytes of lines that are not confirmed, lines are dropped and counted. */
	bufferBytes?: number;
}

/** Where a listener leaves the lines of its log. */
export interface Sink {
	/** Takes a whole line with its line feed. False: there was no room; the line is counted, and the log will say so. Never waits. */
	offer(line: string): boolean;
	/**
	 * Resolves when all lines so far are written (on the disk, where the log is durable).
	 * @throws `store.full`, `store.unwritable`: some of them are not, and are counted
	 */
	flushed(): Promise<void>;
	/** Hands over what is left, and waits until it is confirmed. */
	close(): Promise<void>;
}

/**
 * The listener's end of the log: lines are put together as text and handed over a few times a hundredth of a second. What is handed over
 * and not confirmed yet is bounded.
 */
export function createSink({ port, counters: block, bufferBytes = BUFFER_BYTES }: SinkOptions): Sink {
	const counters = new Float64Array(block);
	const gaps = createGaps();
	const onTheWay = new Map<number, number>();
	const waiting = new Map<number, Array<{ resolve(): void; reject(error: Error): void }>>();
	let text = '';
	let bytes = 0;
	let last = 0;
	let timer: NodeJS.Timeout | undefined;
	let soon: NodeJS.Immediate | undefined;
	let lost = false;

	function hand(): void {
		clearTimeout(timer);
		clearImmediate(soon);
		timer = undefined;
		soon = undefined;
		if (lost || (text === '' && gaps.size === 0)) return;
		const batch: Batch = { seq: ++last, lines: text, gaps: gaps.take() };
		const size = Buffer.byteLength(text);
		text = '';
		onTheWay.set(batch.seq, size);
		bytes += size;
		counters[SINK.waitingBytes] = bytes;
		port.postMessage(batch);
	}

	function settle(seq: number, error?: Error): void {
		for (const { resolve, reject } of waiting.get(seq) ?? []) {
			if (error) reject(error);
			else resolve();
		}
		waiting.delete(seq);
	}

	port.on('message', ({ seq, failure }: Confirmed) => {
		bytes -= onTheWay.get(seq) ?? 0;
		onTheWay.delete(seq);
		counters[SINK.waitingBytes] = bytes + text.length;
		settle(seq, failure && MlopsError.fromJSON(failure));
	});
	port.on('close', () => {
		lost = true;
		for (const seq of waiting.keys()) settle(seq, new MlopsError('store.unwritable', `The log cannot be written: ${LOST}.`));
	});

	function drop(line: string): false {
		counters[SINK.dropped]++;
		gaps.note(gapOf(line, line.length > LONG ? 'the line was too long' : lost ? LOST : FULL));
		timer ??= setTimeout(hand, WAIT_MS);
		return false;
	}

	return {
		offer(line) {
			counters[SINK.offered]++;
			if (lost || line.length > LONG || bytes + text.length + line.length > bufferBytes) return drop(line);
			text += line;
			timer ??= setTimeout(hand, WAIT_MS);
			return true;
		},
		flushed() {
			if (text === '' && onTheWay.size === 0 && !lost) return Promise.resolve();
			// What was offered in this turn of the thread goes together.
			if (text !== '') soon ??= setImmediate(hand);
			const seq = text === '' ? last : last + 1;
			return new Promise((resolve, reject) => {
				if (lost) reject(new MlopsError('store.unwritable', `The log cannot be written: ${LOST}.`));
				else waiting.set(seq, [...(waiting.get(seq) ?? []), { resolve, reject }]);
			});
		},
		async close() {
			hand();
			while (onTheWay.size > 0 && !lost)
				await new Promise<void>((resolve) => waiting.set(last, [...(waiting.get(last) ?? []), { resolve, reject: () => resolve() }]));
			port.close();
		},
	};
}
