/**
 * Counters that listeners write and the main thread reads, in shared memory: each listener has a block of its own, so that no two threads
 * write one number and none ever waits. A slot belongs to one set of labels.
 */

/** What a slot counts. `door` is empty for what no door was asked. */
export interface Labels {
	model: string;
	version: string;
	arm: string;
	door: string;
	/** Code of the failures that are counted here (`AT.errors`), and nothing else is. */
	error?: string;
}

/** Upper ends of the latency buckets, in seconds; the last one is open. */
export const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Statuses that are counted one by one; others count as 400 where the caller is to blame, else as 500. */
export const STATUSES = [200, 400, 401, 403, 404, 405, 408, 409, 410, 413, 414, 415, 422, 429, 431, 503, 500] as const;

/** Places within a slot. */
export const AT = {
	rows: 0,
	rowErrors: 1,
	warned: 2,
	seconds: 3,
	/** Of the first output of each answer: their sum and that of their squares. */
	score: 4,
	score2: 5,
	/** Pairs of a shadow's answers with those that people got: how many, how many agree, and the sum of their absolute differences. */
	pairs: 6,
	agreeing: 7,
	difference: 8,
	/** Answers that a shadow owed and did not give, since there was no time. */
	skipped: 9,
	errors: 10,
	buckets: 11,
	statuses: 11 + BUCKETS.length + 1,
} as const;
export const SLOT = AT.statuses + STATUSES.length;

/** Slots of a listener. What has no room any more is counted together in the last one, without labels. */
const SLOTS = 2048;
export const blockBytes = SLOTS * SLOT * Float64Array.BYTES_PER_ELEMENT;

/** A listener's side. `announce` tells the main thread what a slot counts. */
export function createCounters(shared: SharedArrayBuffer, announce: (slot: number, labels: Labels) => void) {
	const block = new Float64Array(shared);
	const slots = new Map<string, Float64Array>();
	let used = 0;

	function slot(labels: Labels): Float64Array {
		const key = `${labels.door}\0${labels.arm}\0${labels.version}\0${labels.model}\0${labels.error ?? ''}`;
		const known = slots.get(key);
		if (known) return known;
		if (used >= SLOTS - 1) return block.subarray((SLOTS - 1) * SLOT);
		const made = block.subarray(used * SLOT, (used + 1) * SLOT);
		announce(used++, labels);
		slots.set(key, made);
		return made;
	}
	return { slot };
}
export type Counters = ReturnType<typeof createCounters>;

const placeOf = (status: number): number => STATUSES.indexOf(status as (typeof STATUSES)[number]);

/** Counts one request that took `seconds`. */
export function countRequest(slot: Float64Array, status: number, seconds: number): void {
	let at = placeOf(status);
	// Whoever is woken up for 500 would look for a fault of the server's.
	if (at < 0) at = placeOf(status >= 400 && status < 500 ? 400 : 500);
	slot[AT.statuses + at]++;
	slot[AT.seconds] += seconds;
	let bucket = 0;
	while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]) bucket++;
	slot[AT.buckets + bucket]++;
}

/** The main thread's side: the sums over all listeners, by their labels. */
export function createTotals() {
	const blocks = new Map<number, { block: Float64Array; labels: Labels[] }>();
	/** What listeners that are gone had counted: a counter never falls. */
	const gone = new Map<string, { labels: Labels; sums: Float64Array }>();

	const addTo = (into: typeof gone, { block, labels }: { block: Float64Array; labels: Labels[] }): void => {
		const add = (from: number, of: Labels): void => {
			const key = JSON.stringify([of.model, of.version, of.arm, of.door, of.error]);
			let entry = into.get(key);
			if (!entry) into.set(key, (entry = { labels: of, sums: new Float64Array(SLOT) }));
			for (let j = 0; j < SLOT; j++) entry.sums[j] += block[from * SLOT + j];
		};
		for (const [slot, of] of labels.entries()) add(slot, of);
		add(SLOTS - 1, { model: '', version: '', arm: '', door: '' });
	};
	return {
		/** A listener's new block. */
		add(listener: number): SharedArrayBuffer {
			const shared = new SharedArrayBuffer(blockBytes);
			blocks.set(listener, { block: new Float64Array(shared), labels: [] });
			return shared;
		},
		announced(listener: number, slot: number, labels: Labels): void {
			const known = blocks.get(listener);
			if (known) known.labels[slot] = labels;
		},
		/** Keeps what a listener that ended had counted. */
		end(listener: number): void {
			const known = blocks.get(listener);
			if (known) addTo(gone, known);
			blocks.delete(listener);
		},
		sums(): Array<{ labels: Labels; sums: Float64Array }> {
			const all: typeof gone = new Map([...gone].map(([key, { labels, sums }]) => [key, { labels, sums: sums.slice() }]));
			for (const block of blocks.values()) addTo(all, block);
			return [...all.values()].filter(({ sums }) => sums.some((n) => n !== 0));
		},
	};
}
export type Totals = ReturnType<typeof createTotals>;
