import { setTimeout as sleep } from 'node:timers/promises';
import { MlopsError } from '../../domain/errors.js';
import type { Store } from '../../store/contract.js';
import { startLog, type LogNumbers, type ServerLog } from './startLog.js';

/** A thread that ended by itself is started again after this long. */
const AGAIN_MS = 500;

/**
 * The log's thread; one that ended by itself is started again, and `again` connects the listeners with it. What they had handed over and
 * not heard of is counted as lost. `say` tells whoever runs the server.
 */
export function keepLog(store: Store, durable: boolean, again: () => void, say: (sentence: string) => void) {
	const before: LogNumbers = { offered: 0, dropped: 0, unwritten: 0, waitingBytes: 0 };
	let log: ServerLog;
	let closing = false;
	const begin = (): void => {
		log = startLog(store, { durable });
		log.lost.catch(async (thrown: unknown) => {
			if (closing) return;
			say(`The log's thread is started again: ${MlopsError.from(thrown).message}`);
			Object.assign(before, sumOf(before, log.numbers()));
			await sleep(AGAIN_MS);
			if (closing) return;
			begin();
			again();
		});
	};
	begin();
	return {
		connect: () => log.connect(),
		numbers: () => sumOf(before, log.numbers()),
		async close() {
			closing = true;
			await log.close();
		},
	};
}

const sumOf = (one: LogNumbers, other: LogNumbers): LogNumbers => ({
	offered: one.offered + other.offered,
	dropped: one.dropped + other.dropped,
	unwritten: one.unwritten + other.unwritten,
	waitingBytes: other.waitingBytes,
});

export type LogKeeper = ReturnType<typeof keepLog>;
