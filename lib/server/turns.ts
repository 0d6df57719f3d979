import { overloaded } from './failures.js';

/** What takes longer goes on in turns of this length, so that nobody beside it waits for all of it. */
const TURN_MS = 10;
/** So many go on side by side; more are refused, since each makes all of them slower. */
const MOST_AT_ONCE = 16;

/**
 * Work on many rows, which would keep the thread for seconds where the model is slow: health checks and callers of single rows would get no
 * answer meanwhile, and be cut off. It goes on in short turns, one for each turn of the event loop, whoever waits longest first.
 */
export function createTurns() {
	const waiting: Array<() => void> = [];
	let going = false;
	let atOnce = 0;

	function next(): void {
		const first = waiting.shift();
		going = first !== undefined;
		if (!first) return;
		first();
		// Sockets and timers come between: an immediate that is set here belongs to the next turn of the loop.
		setImmediate(next);
	}

	const turn = (): Promise<void> =>
		new Promise((resolve) => {
			waiting.push(resolve);
			if (going) return;
			going = true;
			setImmediate(next);
		});

	/** Goes on until all is done. @throws `serve.overloaded` */
	async function goOn(go: () => boolean): Promise<void> {
		if (atOnce >= MOST_AT_ONCE) throw overloaded();
		atOnce++;
		try {
			do await turn();
			while (!go());
		} finally {
			atOnce--;
		}
	}

	return {
		/**
		 * Does work for each number below `count`, in their order. What is done within a turn needs no other: then nothing is returned.
		 * @throws `serve.overloaded` where too many go on already
		 */
		each(count: number, work: (i: number) => void): Promise<void> | undefined {
			// Most requests are about one row: they need no clock.
			if (count === 1) return void work(0);
			let i = 0;
			/** Whether all is done. */
			const go = (): boolean => {
				const until = performance.now() + TURN_MS;
				while (i < count) {
					work(i++);
					if (i < count && performance.now() > until) return false;
				}
				return true;
			};
			return go() ? undefined : goOn(go);
		},
	};
}
export type Turns = ReturnType<typeof createTurns>;

/** Work that nobody waits for, one after the other, so long in one go as a turn is. */
export function createQueue() {
	const waiting: Array<() => Promise<void>> = [];
	let going = false;

	async function go(): Promise<void> {
		const until = performance.now() + TURN_MS;
		while (waiting.length > 0 && performance.now() < until) {
			await waiting[0]();
			waiting.shift();
		}
		going = waiting.length > 0;
		if (going) setImmediate(() => void go());
	}

	return {
		/** @param work never rejects */
		add(work: () => Promise<void>): void {
			waiting.push(work);
			if (going) return;
			going = true;
			setImmediate(() => void go());
		},
		get waiting(): number {
			return waiting.length;
		},
	};
}
